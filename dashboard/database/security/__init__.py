"""Row-level policies, proofs of identity, and checks before the server starts."""

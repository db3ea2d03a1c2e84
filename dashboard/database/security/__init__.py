"""Row-level policies, identity, and the checks before a server starts."""

"""The schemas ``registry`` and ``review``, their roles, and the contract with the registry."""

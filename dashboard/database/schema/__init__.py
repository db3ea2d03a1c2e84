"""The schemas ``registry`` and ``review``, the database roles, and the contract with the
registry.
"""

"""The database: the schemas ``registry`` and ``review``, their policies, and transactions."""

from dashboard.database.connection import Transaction, acting_as, administering, connect_to, serving

__all__ = ["Transaction", "acting_as", "administering", "connect_to", "serving"]

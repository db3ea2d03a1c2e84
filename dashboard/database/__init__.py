"""The two schemas, their row-level policies, and the only ways to open a transaction."""

from dashboard.database.connection import Transaction, acting_as, administering, connect_to, serving

__all__ = ["Transaction", "acting_as", "administering", "connect_to", "serving"]

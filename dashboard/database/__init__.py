"""The two schemas, their row-level policies, and the one door to a connection."""

from dashboard.database.connection import Transaction, acting_as, administering, connect_to, serving

__all__ = ["Transaction", "acting_as", "administering", "connect_to", "serving"]

"""Signing in one transaction, for tests of the signed content."""

from contextlib import nullcontext

from dashboard.queries.advice import signing
from dashboard.queries.meeting import holding


def sign(connection, draft, seen, today, latest=None):
    """Sign the draft in the transaction of this connection."""
    return signing.sign(lambda: nullcontext(connection), draft, seen, today, latest)


def no_change(connection, item_id, content, seen, today):
    """Decide in the transaction of this connection that all goes on as it is."""
    return holding.no_change(lambda: nullcontext(connection), item_id, content, seen, today)

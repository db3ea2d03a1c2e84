"""Making the counts for medical leads anew, and saying how old they are.

No page does it: the server's background and the command ``summarise`` do, as nobody.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import Connection, text

from dashboard.database import acting_as

RENEWED_AFTER = timedelta(hours=1)
"""Counts are made anew when they are older than this."""

SITES_AT_A_TIME = 10
"""So many sites are counted in one transaction: a fraction of a second each."""


@dataclass(frozen=True)
class Freshness:
    """How old the counts are that the reader may see.

    ``oldest`` and ``newest`` are when the first and the last of these sites were counted,
    ``as_of`` the earliest day that their counts stand for; none if none was counted yet.
    ``waiting`` is how many sites were never counted.
    """

    oldest: datetime | None
    newest: datetime | None
    as_of: date | None
    counted: int
    waiting: int


def freshness(connection: Connection, sites: tuple[int, ...] | None = None) -> Freshness:
    """How old the counts of these sites are, or of all that the acting lead watches."""
    row = connection.execute(
        text("""
            SELECT min(counted_at), max(counted_at), min(as_of), count(counted_at),
                   count(*) - count(counted_at)
            FROM review.site_counted
            WHERE CAST(:sites AS bigint[]) IS NULL OR site_id = ANY (CAST(:sites AS bigint[]))
        """),
        {"sites": None if sites is None else list(sites)},
    ).one()
    return Freshness(*row)


def count_some_sites(as_of: date, older_than: timedelta = RENEWED_AFTER) -> int:
    """Count some of the sites whose counts are older than that; how many were counted.

    In one transaction, as nobody. Sites that another process has in hand are left alone.
    """
    with acting_as(None) as connection:
        # A site of tens of thousands takes longer than a page may.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        return connection.execute(
            text("SELECT review.count_sites(:as_of, :most, :older_than)"),
            {"as_of": as_of, "most": SITES_AT_A_TIME, "older_than": older_than},
        ).scalar_one()


def count_all_sites(as_of: date) -> int:
    """Count every site once, however new its counts are; how many."""
    # Those counted since then are not due.
    started = monotonic()
    counted = 0
    while some := count_some_sites(as_of, timedelta(seconds=monotonic() - started)):
        counted += some
    return counted

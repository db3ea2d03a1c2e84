"""Making the counts for medical leads anew, and saying how old they are.

No page does it: the server's background and the command ``summarise`` do, as nobody
(``dashboard.web.counting``).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import Connection, text

from dashboard.clinical.rules import Tier, reasons, tier_of
from dashboard.database import acting_as
from dashboard.queries.episode_facts import facts_of

RENEWED_AFTER = timedelta(hours=1)
"""Counts are made anew when they are older than this."""

SITES_AT_A_TIME = 10
"""So many sites are counted in one transaction: a fraction of a second each."""

LEASE = timedelta(minutes=10)
"""For so long the others leave a nurse alone whom somebody counts."""


@dataclass(frozen=True)
class Done:
    """How many were counted."""

    sites: int = 0
    nurses: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.sites + other.sites, self.nurses + other.nurses)


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


def count_some(as_of: date, older_than: timedelta = RENEWED_AFTER) -> Done | None:
    """Count some of the sites whose counts are older than that, or a nurse; None if nothing is.

    What another process has in hand is left alone.
    """
    if sites := count_some_sites(as_of, older_than):
        return Done(sites=sites)
    if nurses := count_a_nurse(as_of, older_than):
        return Done(nurses=nurses)
    return None


def count_all(as_of: date) -> Done:
    """Count every site and nurse once, however new their counts are."""
    # Those counted since then are not due.
    started = monotonic()
    done = Done()
    while some := count_some(as_of, timedelta(seconds=monotonic() - started)):
        done += some
    return done


def count_some_sites(as_of: date, older_than: timedelta = RENEWED_AFTER) -> int:
    """Count some of the sites whose counts are older than that; how many were counted.

    In one transaction, as nobody.
    """
    with acting_as(None) as connection:
        # A site of tens of thousands takes longer than a page may.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        return connection.execute(
            text("SELECT review.count_sites(:as_of, :most, :older_than)"),
            {"as_of": as_of, "most": SITES_AT_A_TIME, "older_than": older_than},
        ).scalar_one()


def count_a_nurse(as_of: date, older_than: timedelta = RENEWED_AFTER) -> int:
    """Count the open episodes of one nurse by site and tier; 0 where none is due.

    They are read as the nurse, for the rules need their facts; counts alone are kept.
    """
    with acting_as(None) as connection:
        nurse = connection.execute(
            text("SELECT review.claim_nurse(:older_than, :lease)"),
            {"older_than": older_than, "lease": LEASE},
        ).scalar_one()
    if nurse is None:
        return 0
    with acting_as(nurse) as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        found = _tiers(connection, nurse, as_of)
        connection.execute(
            text("SELECT review.store_tiers(:as_of, :sites, :tiers, :episodes)"),
            {
                "as_of": as_of,
                "sites": [site for site, _tier in found],
                "tiers": [int(tier) for _site, tier in found],
                "episodes": list(found.values()),
            },
        )
    return 1


def _tiers(connection: Connection, nurse: int, as_of: date) -> Counter[tuple[int, Tier]]:
    episodes = connection.execute(_OPEN_EPISODES, {"nurse": nurse, "as_of": as_of}).all()
    return Counter(
        (episode.site_id, tier_of(reasons(facts, as_of)))
        for episode, facts in zip(episodes, facts_of(connection, episodes, as_of), strict=True)
    )


# Of the nurse's own, without those of a colleague who is covered.
_OPEN_EPISODES = text("""
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.closed_on, e.status, e.site_id,
           p.birth_date
    FROM registry.episode e JOIN registry.patient p ON p.id = e.patient_id
    WHERE e.nurse_id = :nurse AND e.enrolled_on <= :as_of
      AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > :as_of)
""")

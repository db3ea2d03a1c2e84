"""Renewal of the counts that medical leads see.

The server's background task (``dashboard.web.server.counting``) and the command ``summarise`` renew
the counts, with nobody signed in. Pages only read them.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Connection, RowMapping, TextClause, text

from dashboard.clinical.caseload.rules import Tier, reasons, tier_of
from dashboard.clinical.sites.indicators import WAITS
from dashboard.clinical.sites.protection import (
    Cell,
    Population,
    count_in_steps,
    indicators_in_steps,
    waits_in_steps,
)
from dashboard.clinical.sites.site_view import WORK
from dashboard.database import acting_as, serving
from dashboard.database.security.identity import CLAIM, Proof
from dashboard.queries.caseload.episode_facts import facts_of

RENEWED_AFTER = timedelta(hours=1)
"""Age at which the counts of a site or of a nurse are made again."""

SITES_AT_A_TIME = 10
"""Largest number of sites counted in one transaction. Each takes a fraction of a second."""


@dataclass(frozen=True)
class Done:
    """The numbers of what was counted.

    ``sites`` and ``nurses`` are the numbers of sites and nurses that were counted. ``protected`` is
    the number of sites whose counts were rounded and published.
    """

    sites: int = 0
    nurses: int = 0
    protected: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(
            self.sites + other.sites,
            self.nurses + other.nurses,
            self.protected + other.protected,
        )


def count_some(as_of: date, older_than: timedelta = RENEWED_AFTER) -> Done | None:
    """Do one step of the renewal of counts, and return what was done; None if nothing is due.

    A step counts the cases of some sites, publishes the counts of an area, or counts the episodes
    of a nurse. Counts are due if they are older than ``older_than``, were never made, or were
    marked as due (``make_counts_due``). Counts that another process is renewing are left to that
    process.
    """
    if sites := count_some_sites(as_of, older_than):
        return Done(sites=sites)
    if protected := protect_an_area(older_than):
        return Done(protected=protected)
    if nurses := count_a_nurse(as_of, older_than):
        return Done(nurses=nurses)
    return None


def count_all(as_of: date) -> Done:
    """Renew the counts of every site and nurse once, whatever their age; return what was done."""
    # Counts that were made after this time are not made again.
    started = monotonic()
    done = Done()
    while some := count_some(as_of, timedelta(seconds=monotonic() - started)):
        done += some
    return done


def count_some_sites(as_of: date, older_than: timedelta = RENEWED_AFTER) -> int:
    """Count at most ``SITES_AT_A_TIME`` sites whose counts are due; return the number of these
    sites.

    Counts are due as in ``count_some``. This is one transaction, with nobody signed in.
    """
    with serving() as connection:
        # There is no time limit, because a site can have tens of thousands of patients.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        counted: int = connection.execute(
            text("SELECT review.count_sites(:as_of, :most, :older_than)"),
            {"as_of": as_of, "most": SITES_AT_A_TIME, "older_than": older_than},
        ).scalar_one()
    return counted


def protect_an_area(older_than: timedelta = RENEWED_AFTER) -> int:
    """Round the exact counts of an area and publish them; return the number of its sites.

    An area is one department, or all sites if they are few. It is ready if no site in it has counts
    older than ``older_than``, and at least one was counted since the last rounding. Return 0 if no
    area is ready. This is one transaction, with nobody signed in.
    """
    with serving() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        sites = connection.execute(
            text("SELECT review.claim_area(:older_than)"), {"older_than": older_than}
        ).scalar_one()
        if sites is None:
            return 0
        secret = _secret(connection)
        months = _months_in_steps(connection, sites, secret)
        stored = {
            "sites": sites,
            "months": months,
            "waits": _waits_in_steps(connection, sites, secret),
            "work": _work_in_steps(connection, sites, secret, months),
        }
        connection.execute(
            text("SELECT review.store_counts(:sites, :months, :waits, :work)"),
            {
                name: one if name == "sites" else json.dumps(one, default=str)
                for name, one in stored.items()
            },
        )
    return len(sites)


Row = dict[str, Any]

_KEYS = ("kind", "severity", "site_id", "nurse_id", "month")


def _secret(connection: Connection) -> bytes:
    secret: str = connection.execute(text("SELECT review.secret_of_counts()")).scalar_one()
    return secret.encode()


_MONTHS = text("SELECT * FROM review.exact_months_of(:sites)")
_WAITS = text("SELECT * FROM review.exact_waits_of(:sites)")
_WORKS = text("SELECT * FROM review.exact_works_of(:sites)")


def _exact(connection: Connection, query: TextClause, sites: list[int]) -> Sequence[RowMapping]:
    return connection.execute(query, {"sites": sites}).mappings().all()


def _months_in_steps(connection: Connection, sites: list[int], secret: bytes) -> list[Row]:
    exact: dict[date, dict[Cell, Mapping[str, int]]] = {}
    for row in _exact(connection, _MONTHS, sites):
        exact.setdefault(row["month"], {})[_cell(row)] = {
            name: number for name, number in row.items() if name not in _KEYS
        }
    return [
        {**_keys(cell), "month": month, **numbers}
        for month, cells in indicators_in_steps(exact, secret).items()
        for cell, numbers in cells.items()
    ]


def _waits_in_steps(connection: Connection, sites: list[int], secret: bytes) -> list[Row]:
    exact: dict[str, dict[date, dict[Cell, dict[int, int]]]] = {wait: {} for wait in WAITS}
    for row in _exact(connection, _WAITS, sites):
        cells = exact[row["wait"]].setdefault(row["month"], {})
        cells.setdefault(_cell(row), {})[row["days"]] = row["cases"]
    return [
        {**_keys(cell), "wait": wait, "month": month, "days": days, "cases": cases}
        for wait, months in exact.items()
        for month, cells in waits_in_steps(months, secret, wait).items()
        for cell, by_days in cells.items()
        for days, cases in by_days.items()
    ]


_OPEN, *_OTHER_WORK = WORK
_WORK = [Population((name,), snapshot=True) for name in _OTHER_WORK]


def _work_in_steps(
    connection: Connection, sites: list[int], secret: bytes, months: list[Row]
) -> list[Row]:
    """Return the rounded amounts of open work of each nurse at each site.

    Open work is, for example, an answer that is awaited. The number of open episodes is the active
    caseload of the last month, which is already rounded: rounding a number twice in different ways
    would reveal more about it.
    """
    exact = {
        Cell(row["site_id"], row["nurse_id"]): {name: row[name] for name in WORK}
        for row in _exact(connection, _WORKS, sites)
    }
    found = count_in_steps({date.min: exact}, secret, _WORK).get(date.min, {})
    open_: Counter[tuple[int, int]] = Counter()
    last = connection.execute(
        text("SELECT date_trunc('month', max(as_of))::date FROM review.site_counted")
    ).scalar_one()
    for row in months:
        if row["month"] == last:
            open_[row["site_id"], row["nurse_id"]] += row.get("active_caseload", 0)
    return [
        {
            "site_id": cell.site,
            "nurse_id": cell.nurse,
            **dict.fromkeys(_OTHER_WORK, 0),
            **found.get(cell, {}),
            _OPEN: open_[cell.site, cell.nurse],
        }
        for cell in exact
    ]


def _cell(row: RowMapping) -> Cell:
    return Cell(row["site_id"], row["nurse_id"], row["kind"], row["severity"])


def _keys(cell: Cell) -> Row:
    return {
        "site_id": cell.site,
        "nurse_id": cell.nurse,
        "kind": cell.kind,
        "severity": cell.severity,
    }


def count_a_nurse(as_of: date, older_than: timedelta = RENEWED_AFTER) -> int:
    """Count the open episodes of one nurse by site and tier, and store the rounded counts.

    The rules need the facts of the episodes, which are read with the rights of this nurse. Return
    1, or 0 if no nurse is due.
    """
    with serving() as connection:
        claimed = connection.execute(
            text("SELECT nurse, claim FROM review.claim_nurse(:older_than, :lease)"),
            {"older_than": older_than, "lease": CLAIM},
        ).one_or_none()
        if claimed is None:
            return 0
        secret = _secret(connection)
    nurse, claim = claimed
    with acting_as(nurse, by=Proof(claim=claim)) as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        found = _tiers_in_steps(count_tiers(connection, nurse, as_of), nurse, secret)
    with serving(nurse) as connection:
        connection.execute(
            text("SELECT review.store_tiers_in_steps(:as_of, :sites, :tiers, :episodes)"),
            {
                "as_of": as_of,
                "sites": [site for site, _tier in found],
                "tiers": [int(tier) for _site, tier in found],
                "episodes": list(found.values()),
            },
        )
    return 1


def _tiers_in_steps(
    exact: Mapping[tuple[int, Tier], int], nurse: int, secret: bytes
) -> dict[tuple[int, Tier], int]:
    cells = {
        Cell(site, nurse, str(int(tier))): {"episodes": number}
        for (site, tier), number in exact.items()
    }
    steps = count_in_steps({date.min: cells}, secret, [Population(("episodes",), snapshot=True)])
    # Every tier of a site with open episodes has a row, even if its rounded count is 0. A site
    # whose rounded counts are all 0 can therefore be told from a site that was not counted.
    found = {(site, tier): 0 for site in {site for site, _tier in exact} for tier in Tier}
    return found | {
        (cell.site, Tier(int(cell.kind))): numbers["episodes"]
        for cell, numbers in steps.get(date.min, {}).items()
    }


def count_tiers(connection: Connection, nurse: int, as_of: date) -> Counter[tuple[int, Tier]]:
    """Return the exact number of open episodes of this nurse by site and tier.

    ``nurse`` is the id of the nurse with whose rights ``connection`` reads.
    """
    episodes = connection.execute(_OPEN_EPISODES, {"nurse": nurse, "as_of": as_of}).all()
    return Counter(
        (episode.site_id, tier_of(reasons(facts, as_of)))
        for episode, facts in zip(episodes, facts_of(connection, episodes, as_of), strict=True)
    )


# Only the nurse's own episodes are counted, not those of colleagues whom the nurse covers.
_OPEN_EPISODES = text("""
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.closed_on, e.status, e.site_id,
           p.birth_date
    FROM registry.episode e JOIN registry.patient p ON p.id = e.patient_id
    WHERE e.nurse_id = :nurse AND e.enrolled_on <= :as_of
      AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > :as_of)
""")

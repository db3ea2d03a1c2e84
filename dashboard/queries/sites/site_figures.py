"""The figures of the sites that a medical lead watches. Small counts are hidden.

Row security shows a lead only the sites that the lead watches, and shows other users nothing. The
counts are multiples of a step (``clinical.sites.protection``). Exact counts are never read here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection, text

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.people import folded, in_order
from dashboard.clinical.sites.comparison import Figure, Period, Question, Sums, figure_of
from dashboard.clinical.sites.forecast import KINDS, STARTS_ON, Counts, Experiment, experiment_of
from dashboard.clinical.sites.indicators import INDICATORS, WAITS, Selection
from dashboard.clinical.sites.site_view import WORK, Nurse, OneSite, Site, View, Work
from dashboard.clinical.sites.suppression import NOTHING, Shown, Tally, shown
from dashboard.clinical.sites.waiting import Waiting, waiting_of
from dashboard.database.audit.access_log import log_access
from dashboard.queries.sites.indicators import counts


def watched_sites(connection: Connection) -> list[Site]:
    """Return the sites of the medical lead who is signed in, by department and name.

    A lead to whom no site is assigned watches all sites.
    """
    rows = connection.execute(
        text("""
            SELECT id, name, department FROM registry.site s
            WHERE NOT EXISTS (SELECT FROM registry.practitioner_site
                              WHERE practitioner_id = review.acting_practitioner())
               OR id IN (SELECT site_id FROM registry.practitioner_site
                         WHERE practitioner_id = review.acting_practitioner())
        """)
    )
    found = [Site(*row) for row in rows]
    return sorted(found, key=lambda site: (site.department, folded(site.name), site.id))


def nurses_at_work(connection: Connection) -> list[Nurse]:
    """Return the nurses with patients at the sites of the medical lead who is signed in, by
    name.
    """
    rows = connection.execute(
        text("""
            SELECT id, family_name, given_name FROM registry.practitioner
            WHERE id IN (SELECT nurse_id FROM review.site_work)
        """)
    )
    return sorted((Nurse(*row) for row in rows), key=in_order)


def figures(
    connection: Connection,
    view: View,
    sites: Sequence[Site],
    today: date,
    indicators: Sequence[str] | None = None,
) -> dict[str, Figure]:
    """Return the figures of each of ``indicators``, in this order, with small counts hidden.

    By default, the figures of all indicators are returned.
    """
    asked_for = list(INDICATORS if indicators is None else indicators)
    ids = [site.id for site in sites]
    chosen_sites = frozenset(view.sites) & frozenset(ids) or frozenset(ids)
    asked = Question(view.period, ids, chosen_sites, today)
    sums = _sums(connection, view, chosen_sites, asked_for)
    return {
        one: figure_of(one, sums[one], asked, snapshot=INDICATORS[one].snapshot)
        for one in asked_for
    }


def _sums(
    connection: Connection, view: View, chosen: frozenset[int], indicators: Sequence[str]
) -> dict[str, Sums]:
    """Return the sums of each indicator: by site, by month, and in total for the period before."""
    now, then = view.selection(view.period), view.selection(view.period.before())
    some = tuple(sorted(chosen)) if view.sites else None
    by_site = counts(connection, now, ("site_id",), indicators)
    by_month = counts(connection, replace(now, sites=some), ("month",), indicators)
    before = counts(connection, replace(then, sites=some), (), indicators)
    sites: dict[str, dict[int, Tally]] = {one: {} for one in indicators}
    months: dict[str, dict[date, Tally]] = {one: {} for one in indicators}
    for indicator, site, tally in _tallies(by_site, "site_id"):
        sites[indicator][cast(int, site)] = tally
    for indicator, month, tally in _tallies(by_month, "month"):
        months[indicator][cast(date, month)] = tally
    earlier = {indicator: tally for indicator, _, tally in _tallies(before, None)}
    return {one: Sums(sites[one], months[one], earlier.get(one, NOTHING)) for one in indicators}


def _tallies(frame: pd.DataFrame, by: str | None) -> Iterable[tuple[str, Any, Tally]]:
    keys = frame[by] if by else [None] * len(frame)
    for indicator, key, eligible, measured, numerator in zip(
        frame.indicator, keys, frame.eligible, frame.measured, frame.numerator, strict=True
    ):
        yield indicator, key, Tally(int(eligible), int(measured), int(numerator))


def one_site(connection: Connection, view: View, sites: Sequence[Site], today: date) -> OneSite:
    """Return the data of the page of one site. ``view`` must have exactly one site."""
    [site] = view.sites
    found = figures(connection, view, sites, today)
    waits = waiting_times(connection, view, sites)
    work = open_work(connection, sites)[site]
    tiers, tiers_at = caseload_by_tier(connection, site)
    return OneSite(
        id=site,
        figures=found,
        waits=waits,
        work=work,
        nurses=caseloads(connection, site, view.period, work),
        months=view.period.length,
        tiers=tiers,
        tiers_at=tiers_at,
        per_full_time=caseload_per_full_time(connection),
    )


def waiting_times(
    connection: Connection, view: View, sites: Sequence[Site]
) -> dict[str, tuple[Waiting, Waiting]]:
    """Return for each kind of wait the waiting times at one site, and at all of ``sites``.

    ``view`` must have exactly one site.
    """
    [site] = view.sites
    asked = {
        "kind": view.kind,
        "severity": view.severity,
        "nurse": view.nurse,
        "since": view.period.since,
        "until": view.period.until,
        "site": site,
        "sites": [one.id for one in sites],
    }
    everybody = view.everybody
    here = _days(connection, _DAYS_HERE.format(_of(everybody)), asked)
    every = _days(connection, _DAYS_OF_EVERY, asked) if everybody else {}
    every = every or _days(connection, _DAYS_OF_ALL.format(_of(everybody)), asked)
    return {
        wait: (waiting_of(here.get(wait, {})), waiting_of(every.get(wait, {}))) for wait in WAITS
    }


def _of(everybody: bool) -> str:
    """Return the SQL condition for the kind, the severity and the nurse that were chosen.

    It is empty if ``everybody`` is true, because nothing was chosen.
    """
    return "" if everybody else _CHOSEN


def _days(
    connection: Connection, query: str, asked: Mapping[str, Any]
) -> dict[str, dict[int, int]]:
    """Return how many cases waited how many days: for each kind of wait, the cases by number of
    days.
    """
    found: dict[str, dict[int, int]] = {}
    for wait, days, cases in connection.execute(text(query), asked):
        found.setdefault(wait, {})[days] = cases
    return found


_CHOSEN = """
    AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    AND (CAST(:severity AS text) IS NULL OR severity = :severity)
    AND (CAST(:nurse AS bigint) IS NULL OR nurse_id = :nurse)
"""

_DAYS_HERE = """
    SELECT wait, days, sum(cases) FROM review.site_wait
    WHERE site_id = :site AND month BETWEEN :since AND :until {} GROUP BY wait, days
"""

# Row security shows the sums over all sites only to leads who watch all sites. For other leads,
# this query returns no rows.
_DAYS_OF_EVERY = """
    SELECT wait, days, sum(cases) FROM review.every_wait
    WHERE month BETWEEN :since AND :until GROUP BY wait, days HAVING sum(cases) > 0
"""

_DAYS_OF_ALL = """
    SELECT wait, days, sum(cases) FROM review.site_wait
    WHERE site_id = ANY (CAST(:sites AS bigint[])) AND month BETWEEN :since AND :until {}
    GROUP BY wait, days
"""


def open_work(connection: Connection, sites: Sequence[Site]) -> dict[int, Work]:
    """Return for each site its open work, and the number of open episodes of each of its nurses."""
    rows = connection.execute(
        text(f"SELECT site_id, nurse_id, {', '.join(WORK)} FROM review.site_work")
    ).all()
    ids = [site.id for site in sites]
    by_site = {name: dict.fromkeys(ids, 0) for name in WORK}
    by_nurse: dict[int, dict[int, int]] = {site: {} for site in ids}
    for site, nurse, *numbers in rows:
        if site not in by_nurse:
            continue
        by_nurse[site][nurse] = numbers[0]
        for name, number in zip(WORK, numbers, strict=True):
            by_site[name][site] += number
    return {
        site: Work(
            open_episodes=shown(by_site["open_episodes"][site]),
            by_nurse={nurse: shown(number) for nurse, number in by_nurse[site].items()},
            open_work={name: shown(by_site[name][site]) for name in WORK[1:]},
        )
        for site in ids
    }


def caseload_by_tier(
    connection: Connection, site: int
) -> tuple[dict[Tier, Shown], datetime | None]:
    """Return the number of open episodes of a site by tier, and the time of its oldest count.

    If the site has no counts and not every nurse was counted yet, return an empty mapping and None.
    Episodes without a nurse are not counted.
    """
    rows = connection.execute(
        text("""
            SELECT t.tier, sum(t.episodes), min(c.counted_at)
            FROM review.nurse_tier t JOIN review.nurse_counted c ON c.nurse_id = t.nurse_id
            WHERE t.site_id = :site GROUP BY t.tier
        """),
        {"site": site},
    ).all()
    oldest = (
        min(at for _tier, _episodes, at in rows)
        if rows
        else connection.execute(text("SELECT review.every_nurse_counted_at()")).scalar_one()
    )
    if oldest is None:
        return {}, None
    found = {tier: episodes for tier, episodes, _at in rows}
    return {tier: shown(found.get(tier, 0)) for tier in Tier}, oldest


def caseloads(
    connection: Connection, site: int, period: Period, work: Work
) -> list[tuple[int, Shown, Shown]]:
    """Return for each nurse of a site the id, the open episodes and the enrolments in ``period``.

    The nurses are sorted by id.
    """
    frame = counts(
        connection,
        Selection(since=period.since, until=period.until, sites=(site,)),
        ("nurse_id",),
        ["enrolment"],
    )
    began = {nurse: shown(tally.numerator) for _, nurse, tally in _tallies(frame, "nurse_id")}
    none = shown(0)
    return [
        (one, work.by_nurse.get(one, none), began.get(one, none))
        for one in sorted({*work.by_nurse, *began})
    ]


def caseload_per_full_time(connection: Connection) -> dict[int, float]:
    """Return for each nurse the number of open episodes per full-time post, over all sites of the
    lead.

    A nurse who works half-time has twice the number. Nurses are left out if the registry does not
    know their working time or has 0, or if the count is hidden.
    """
    return {
        row.nurse_id: count / float(row.full_time)
        for row in connection.execute(_FULL_TIME)
        if (count := shown(row.open_episodes).value) is not None
    }


# A registry need not have the column ``full_time``. If it is missing, ``full_time`` inside LATERAL
# is the NULL column of ``absent``.
_FULL_TIME = text("""
    SELECT w.nurse_id, p.full_time, sum(w.open_episodes) AS open_episodes
    FROM review.site_work w
    JOIN (SELECT practitioner.*
          FROM (SELECT NULL::numeric AS full_time) AS absent,
               LATERAL (SELECT id, full_time FROM registry.practitioner) AS practitioner
         ) p ON p.id = w.nurse_id
    WHERE p.full_time > 0
    GROUP BY w.nurse_id, p.full_time
""")


def experiment(connection: Connection, until: date) -> Experiment:
    """Return the results of the experiment up to the month of ``until``, summed over the lead's
    sites.
    """
    frame = counts(
        connection,
        Selection(since=STARTS_ON, until=until),
        ("month",),
        [*(f"sequences_{kind}" for kind in KINDS), "enrolment"],
    )
    found: dict[date, dict[str, int]] = {}
    for indicator, month, tally in _tallies(frame, "month"):
        found.setdefault(month, {})[indicator] = tally.numerator
    months = [
        Counts(
            month,
            {kind: of.get(f"sequences_{kind}", 0) for kind in KINDS},
            of.get("enrolment", 0),
        )
        for month, of in sorted(found.items())
    ]
    return experiment_of(months, until)


def log_export(connection: Connection, view: View, shown: str, kind: str) -> None:
    """Record in the access log that a medical lead exports figures, with the filters of ``view``.

    ``shown`` is the name of the part of the page that is exported, and ``kind`` the kind of file.
    """
    log_access(
        connection,
        "sites_exported",
        view=shown,
        kind=kind,
        since=view.period.since,
        until=view.period.until,
        sites=list(view.sites),
        nurse=view.nurse,
        sequences=view.kind,
        severity=view.severity,
    )

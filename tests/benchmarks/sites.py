"""The queries of the page of the sites, for a lead who watches all of them, and the counting."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from unittest.mock import patch

from psycopg import Cursor

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.forecast import later, month_of
from dashboard.clinical.sites.site_view import Site, View
from dashboard.components.sites.overview_table import IN_OVERVIEW
from dashboard.components.sites.sites_view import IN_MULTIPLES
from dashboard.database import acting_as, administering
from dashboard.queries.sites import site_figures
from dashboard.queries.sites.counting import Done, count_some
from dashboard.queries.sites.counts_age import freshness
from tests.benchmarks.timing import milliseconds, p95, report, summary

RUNS = 20
SITES_OF_THE_EXPERIMENT = 12

NOT_COUNTED = timedelta(days=3650)
"""The age up to which counts are kept: counting a million patients takes many minutes."""


def count_what_is_not(patients: int, day: date) -> None:
    """Count the sites and nurses that never were, and say how long each kind took."""
    total = Done()
    seconds = {"sites": 0.0, "nurses": 0.0, "protected": 0.0}
    started = time.perf_counter()
    while done := count_some(day, NOT_COUNTED):
        took = time.perf_counter() - started
        [what] = [name for name in seconds if getattr(done, name)]
        seconds[what] += took
        total += done
        started = time.perf_counter()
    for what, name in (
        ("sites", "sites"),
        ("nurses", "nurses"),
        ("sites in steps", "protected"),
    ):
        if number := getattr(total, name):
            report(
                f"counting {number:,} {what} of {patients:,} patients anew",
                f"{seconds[name]:.0f} s",
                "at most an hour, for it is done every hour",
                reached=seconds[name] <= 3600,
            )


def measure_leads(owner_url: str, patients: int, day: date) -> None:
    """Measure the page of a lead of all sites, and of one with as many as the experiment has."""
    everywhere, somewhere = _leads(owner_url)
    measure_sites(everywhere, patients, day)
    measure_sites(somewhere, patients, day)


def measure_sites(lead: int, patients: int, day: date) -> None:
    """Measure each view of the page from the first query up to drawing, which is left out.

    The time of the database is reported separately; the rest is suppression and limits.
    """
    with acting_as(lead) as connection:
        sites = site_figures.watched_sites(connection)
    until = later(month_of(day), -1)
    year = Period(later(until, -11), until)
    some = tuple(site.id for site in sites[:3])
    for name, view in _views(sites, year, some, day).items():
        whole, of_database = _timed(lambda view=view: _as_the_page(lead, view))
        report(
            f"{name}, {len(sites):,} sites, {patients:,} patients: queries",
            summary(of_database),
            "p95 at most 300 ms",
            reached=p95(of_database) <= 300,
        )
        report("  and all that is made of them", summary(whole), "", reached=p95(whole) <= 300)


def _timed(do: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each run, and those of them spent in the database."""
    waited: list[float] = []
    execute = Cursor.execute

    def timed(cursor: Cursor, *arguments: object, **options: object) -> Cursor:
        started = time.perf_counter()
        try:
            return execute(cursor, *arguments, **options)
        finally:
            waited[-1] += (time.perf_counter() - started) * 1000

    def run() -> None:
        waited.append(0.0)
        do()

    with patch.object(Cursor, "execute", timed):
        whole = milliseconds(run, RUNS)
    return whole, waited[-RUNS:]


def _leads(owner_url: str) -> tuple[int, int]:
    """Return a lead of all sites, and one of the first twelve, who is made if necessary."""
    with administering(owner_url) as connection:
        lead = (
            "SELECT min(id) FROM registry.practitioner p WHERE role = 'lead' AND active"
            " AND {} EXISTS (SELECT FROM registry.practitioner_site WHERE practitioner_id = p.id)"
        )
        everywhere = connection.exec_driver_sql(lead.format("NOT")).scalar_one()
        somewhere = connection.exec_driver_sql(lead.format("")).scalar_one()
        if somewhere is None:
            somewhere = connection.exec_driver_sql(
                "INSERT INTO registry.practitioner (id, role, family_name, given_name, active)"
                " SELECT max(id) + 1, 'lead', 'Lead', 'Claude', true FROM registry.practitioner"
                " RETURNING id"
            ).scalar_one()
            connection.exec_driver_sql(
                "INSERT INTO registry.practitioner_site SELECT %s, id FROM registry.site"
                f" ORDER BY id LIMIT {SITES_OF_THE_EXPERIMENT}",
                (somewhere,),
            )
    return everywhere, somewhere


View_ = Callable[..., object]


def _views(sites: list[Site], year: Period, some: tuple[int, ...], day: date) -> dict[str, View_]:
    everything = View(year)
    filtered = View(year, some, kind="classique", severity="moderate")
    return {
        "sites: overview": lambda c: site_figures.figures(c, everything, sites, day, IN_OVERVIEW),
        "sites: overview, filtered": lambda c: site_figures.figures(
            c, filtered, sites, day, IN_OVERVIEW
        ),
        "sites: all of them": lambda c: site_figures.figures(
            c, everything, sites, day, IN_MULTIPLES
        ),
        "sites: one": lambda c: site_figures.one_site(c, View(year, some[:1]), sites, day),
        "sites: forecast": lambda c: site_figures.experiment(c, year.until),
    }


def _as_the_page(lead: int, view: View_) -> None:
    with acting_as(lead) as connection:
        site_figures.watched_sites(connection)
        site_figures.nurses_at_work(connection)
        freshness(connection)
    with acting_as(lead) as connection:
        view(connection)

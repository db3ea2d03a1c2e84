"""What the page of the sites asks for, as a lead who watches all of them, and counting them."""

import time
from collections.abc import Callable
from datetime import date, timedelta

from dashboard.clinical.comparison import Period
from dashboard.clinical.forecast import later, month_of
from dashboard.clinical.site_view import Site, View
from dashboard.components.overview_table import IN_OVERVIEW
from dashboard.components.sites_view import IN_MULTIPLES
from dashboard.database import acting_as, administering
from dashboard.queries import sites as ask
from dashboard.queries.counting import count_some, freshness
from tests.benchmarks.timing import milliseconds, p95, report, summary

RUNS = 20

NOT_COUNTED = timedelta(days=3650)
"""What is counted already stays: at a million patients it takes many minutes."""


def count_what_is_not(patients: int, day: date) -> None:
    """Count the sites and nurses that never were, and say how long each kind took."""
    sites = nurses = 0
    seconds = {"sites": 0.0, "nurses": 0.0}
    started = time.perf_counter()
    while done := count_some(day, NOT_COUNTED):
        took = time.perf_counter() - started
        seconds["sites" if done.sites else "nurses"] += took
        sites, nurses = sites + done.sites, nurses + done.nurses
        started = time.perf_counter()
    for what, number in (("sites", sites), ("nurses", nurses)):
        if number:
            report(
                f"counting {number:,} {what} of {patients:,} patients anew",
                f"{seconds[what]:.0f} s",
                "at most an hour, for it is done every hour",
                reached=seconds[what] <= 3600,
            )


def lead_of_all(owner_url: str) -> int:
    """A lead with no site of their own, who watches all; made if there is none."""
    with administering(owner_url) as connection:
        return connection.exec_driver_sql(
            "SELECT id FROM registry.practitioner p WHERE role = 'lead' AND active AND NOT EXISTS"
            " (SELECT FROM registry.practitioner_site WHERE practitioner_id = p.id)"
            " ORDER BY id LIMIT 1"
        ).scalar_one()


def measure_sites(lead: int, patients: int, day: date) -> None:
    """Each view of the page, from the first query to what is drawn; nothing is drawn."""
    with acting_as(lead) as connection:
        sites = ask.watched_sites(connection)
    until = later(month_of(day), -1)
    year = Period(later(until, -11), until)
    some = tuple(site.id for site in sites[:3])
    for name, view in _views(sites, year, some, day).items():
        took = milliseconds(lambda view=view: _as_the_page(lead, view), RUNS)
        report(
            f"{name}, {len(sites):,} sites, {patients:,} patients",
            summary(took),
            "p95 at most 300 ms",
            reached=p95(took) <= 300,
        )


View_ = Callable[..., object]


def _views(sites: list[Site], year: Period, some: tuple[int, ...], day: date) -> dict[str, View_]:
    everything = View(year)
    filtered = View(year, some, kind="classique", severity="moderate")
    return {
        "sites: overview": lambda c: ask.figures(c, everything, sites, day, IN_OVERVIEW),
        "sites: overview, filtered": lambda c: ask.figures(c, filtered, sites, day, IN_OVERVIEW),
        "sites: all of them": lambda c: ask.figures(c, everything, sites, day, IN_MULTIPLES),
        "sites: one": lambda c: ask.one_site(c, View(year, some[:1]), sites, day),
        "sites: forecast": lambda c: ask.experiment(c, year.until),
    }


def _as_the_page(lead: int, view: View_) -> None:
    with acting_as(lead) as connection:
        ask.watched_sites(connection)
        ask.nurses_at_work(connection)
        freshness(connection)
    with acting_as(lead) as connection:
        view(connection)

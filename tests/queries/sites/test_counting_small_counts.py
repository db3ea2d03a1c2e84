"""No count of fewer than eleven comes out of all that a lead can reach, on a demonstration.

``python -m tools.protection_report`` prints the same of the whole demonstration.
"""

import csv
import io
import re
from datetime import date

import pytest

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.forecast import later
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.protection import POPULATIONS, STEP
from dashboard.clinical.sites.site_view import View
from dashboard.clinical.sites.suppression import LEAST
from dashboard.components.sites.overview_table import IN_OVERVIEW
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.demo.fill import fill
from dashboard.exports.site_table import figures_table
from dashboard.queries.sites import site_figures
from dashboard.queries.sites.counting import count_all
from tests.conftest import create_database, drop_database
from tests.support.small_counts_attack import recovered
from tools.protection_report import DAY, attacked, registries, tally

UNTIL = date(2026, 10, 1)
ADDRESSES = [
    {"months": months, **chosen}
    for months in (3, 6, 12, 24, 36)
    for chosen in ({}, {"severity": "severe"}, {"kind": "leger"}, {"nurse": 0}, {"site": 0})
]


@pytest.fixture(scope="module")
def demonstration(server, prepared):
    """Yield a counted demonstration of 120 patients: the exact counts, and those of the leads."""
    create_database(server, "small_counts", template=prepared)
    owner_url = address_of(server, database="small_counts")
    with administering(owner_url) as connection:
        fill(connection, patients=120, seed=3, as_of=DAY)
        # The same steps on every run.
        connection.exec_driver_sql("INSERT INTO review.count_secret VALUES ('steps', 'of a test')")
    connect_to(app_address_of(server, "small_counts"))
    count_all(DAY)
    with administering(owner_url) as connection:
        lead = connection.exec_driver_sql(
            "SELECT id FROM registry.practitioner p WHERE role = 'lead' AND NOT EXISTS"
            " (SELECT FROM registry.practitioner_site WHERE practitioner_id = p.id)"
        ).scalar_one()
        yield (*registries(connection), lead)
    drop_database(server, "small_counts")


@pytest.mark.thorough
def test_the_attack_recovers_no_small_count(demonstration):
    exact, shown, _lead = demonstration
    *lines, total = attacked(exact, shown, 1, most_unknowns=0, more=10)
    print(*lines, total, sep="\n")
    said = re.fullmatch(r"Small counts solved: ([\d,]+); recovered to within ± 2: (\d+)", total)
    assert said[2] == "0"
    assert int(said[1].replace(",", "")) >= len(POPULATIONS)


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_every_address_and_export_is_added_up_from_the_cells_that_were_attacked(
    demonstration, address
):
    """Check it so that addresses and exports reveal nothing beyond the attacked cells."""
    _exact, shown, lead = demonstration
    with acting_as(lead) as connection:
        watched = site_figures.watched_sites(connection)
        nurses = site_figures.nurses_at_work(connection)
        site = watched[address["site"]].id if "site" in address else None
        nurse = nurses[address["nurse"]].id if "nurse" in address else None
        view = View(
            Period(later(UNTIL, 1 - address["months"]), UNTIL),
            (site,) if site else (),
            nurse,
            address.get("kind"),
            address.get("severity"),
        )
        found = site_figures.figures(connection, view, watched, DAY, IN_OVERVIEW)

    def chosen(cell, at=site):
        return (
            (at is None or cell.site == at)
            and (nurse is None or cell.nurse == nurse)
            and (view.kind is None or cell.kind == view.kind)
            and (view.severity is None or cell.severity == view.severity)
        )

    made = figures_table(found.values(), {})
    for row in csv.DictReader(io.StringIO(made.decode("utf-8-sig")), delimiter=";"):
        indicator = INDICATORS[row["figure"]]
        months = [date.fromisoformat(row["month"])] if row["month"] else view.period.months
        at = int(row["site_id"]) if row["site_id"] else site
        expected = tally(shown, indicator, months, lambda cell, at=at: chosen(cell, at))
        for column in ("eligible", "measured", "numerator"):
            number = getattr(expected, column)
            assert number % STEP == 0
            assert row[column] == (str(number) if number >= LEAST else ""), row


def test_a_range_of_five_is_recovered_and_one_of_six_is_not():
    assert recovered((3, 7))
    assert not recovered((3, 8))

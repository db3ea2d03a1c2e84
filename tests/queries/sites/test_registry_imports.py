"""The imports that medical leads see."""

from datetime import date

from dashboard.clinical.registry_imports import Arrived
from dashboard.database import acting_as, administering
from dashboard.database.loading.import_history import record_import
from dashboard.queries.sites.registry_imports import SHOWN, latest_imports
from dashboard.vocabulary import ImportOutcome


def imported(database, *days):
    for day in days:
        with administering(database.owner_url) as connection:
            record_import(
                connection, day, "files", ImportOutcome.LOADED, [Arrived("flag", added=1)]
            )


def test_leads_alone_see_the_imports(database):
    imported(database, date(2026, 11, 28))
    for role, seen in (("lead", 1), ("nurse", 0), ("psychiatrist", 0), ("gp", 0)):
        with acting_as(database.practitioner(role)) as connection:
            assert len(latest_imports(connection)) == seen


def test_the_latest_are_shown_newest_first(database):
    days = [date(2026, 11, day) for day in range(1, SHOWN + 3)]
    imported(database, *days)
    with acting_as(database.practitioner("lead")) as connection:
        assert [one.as_of for one in latest_imports(connection)] == days[::-1][:SHOWN]

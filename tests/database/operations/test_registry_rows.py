"""The sentences about rows of a registry that are wrong, and the examples that they name."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database.operations.registry_rows import EXAMPLES, _examples, odd_registry_rows


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (0, ""),
        (2, "2: 1, 2"),
        (EXAMPLES, "5: 1, 2, 3, 4, 5"),
        (EXAMPLES + 1, "6: 1, 2, 3, 4, 5, …"),
    ],
)
def test_the_first_are_named_and_the_others_counted(as_owner, rows, said):
    assert _examples(as_owner, f"SELECT generate_series(1, {rows})") == said


# At any time, one of the two zones has another day than Paris.
@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
@pytest.mark.parametrize(("closed_in_days", "open_twice"), [(0, False), (1, True)])
def test_episode_is_open_until_its_closing_day_in_paris(database, zone, closed_in_days, open_twice):
    case = database.team().case(today() - timedelta(weeks=4))
    case.team.case(
        today() - timedelta(weeks=2),
        patient_id=case.patient,
        status="closed",
        closed_on=today() + timedelta(days=closed_in_days),
    )
    with database.owner().connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL TIME ZONE '{zone}'")
        said = [one for one in odd_registry_rows(connection) if "more than one open" in one]
    assert bool(said) is open_twice

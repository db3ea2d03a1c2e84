"""The rows of the data set for evaluators: days that end a record, and infinite days."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database.date_loaders import EARLIEST, LATEST
from dashboard.database.operations.evaluation_rows import enrolled_episodes, rows_of

ENROLLED = today() - timedelta(days=100)
CLOSED = ENROLLED + timedelta(days=30)


@pytest.mark.parametrize(
    ("status", "closed_day", "days"), [("closed", 30, [10]), ("active", None, [10, 60])]
)
def test_record_ends_on_its_closing_day_only_if_the_episode_is_closed(
    database, status, closed_day, days
):
    case = database.team().case(ENROLLED, status=status, closed_on=CLOSED)
    for day in (10, 60):
        database.assessment(case.patient, "phq9", ENROLLED + timedelta(days=day), 12)
    with database.owner().connect() as connection:
        (episode,) = enrolled_episodes(connection, today())
        scores = rows_of(connection, "scores", {case.episode: episode.horizon})
        assert (episode.facts["closed_day"], [row["day"] for row in scores]) == (closed_day, days)


FIRST, LAST = ((day - ENROLLED).days for day in (EARLIEST, LATEST))


@pytest.fixture
def case(database):
    """Return a case whose days in the registry are infinite, except that of the enrolment."""
    case = database.team().case(ENROLLED)
    with database.owner().begin() as connection:
        for statement in (
            "UPDATE registry.patient SET birth_date = '-infinity'",
            "UPDATE registry.episode SET referred_on = '-infinity', consented_on = 'infinity'",
            "INSERT INTO registry.care_sequence (id, episode_id, kind, number, starts_on, ends_on)"
            f" VALUES (1, {case.episode}, 'classique', 1, '-infinity', 'infinity')",
            "INSERT INTO registry.medication"
            " (id, patient_id, atc_code, name, as_needed, started_on, stopped_on) VALUES"
            f" (1, {case.patient}, 'N06AB06', 'sertraline', false, '-infinity', 'infinity')",
            "INSERT INTO registry.psychosocial_care (id, patient_id, kind, started_on, ended_on)"
            f" VALUES (1, {case.patient}, 'psychologist', '-infinity', 'infinity')",
        ):
            connection.exec_driver_sql(statement)
    return case


def test_infinite_days_of_an_episode_are_limited(database, case):
    with database.owner().connect() as connection:
        (episode,) = enrolled_episodes(connection, today())
    assert episode.age == ENROLLED.year - EARLIEST.year
    assert (episode.facts["referred_day"], episode.facts["consented_day"]) == (FIRST, LAST)


def test_episode_without_a_finite_enrolment_is_left_out(database, case):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("UPDATE registry.episode SET enrolled_on = '-infinity'")
        assert enrolled_episodes(connection, today()) == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("sequences", {"starts_day": FIRST, "ends_day": LAST}),
        ("medications", {"starts_day": FIRST, "ends_day": None}),
        ("psychosocial_care", {"starts_day": FIRST, "ends_day": None}),
        ("waits", {"referral_to_enrolment": -FIRST}),
    ],
)
def test_infinite_days_of_rows_are_limited(database, case, table, expected):
    with database.owner().connect() as connection:
        (row,) = rows_of(connection, table, {case.episode: 91})
    assert {name: row[name] for name in expected} == expected

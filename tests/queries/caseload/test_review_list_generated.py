"""The review list against a second reading of docs/review_list.md, on generated registries.

By default the same registries on every run. ``GENERATED_REGISTRIES=5000`` tries that many
others. The last two tests read long lists, of 25 registries each:

    GENERATED_REGISTRIES=2800 python -m pytest tests/queries/caseload/test_review_list_generated.py
    -k long

reads lists of together 10,000 episodes, and one of a hundred on every day of a year.
"""

import pprint
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.database import acting_as
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from tests.oracles.plain_reading import PARIS, PlainRow, plain_review_list
from tests.support.factories import Database
from tests.support.generated_registries import (
    DAYS_OF_THE_LIST,
    PRACTITIONERS,
    WANTED,
    Registry,
    bases,
    gathered,
    generated_registry,
    insert,
    of,
    placed,
    seeds,
    smallest,
    with_later_facts,
)

pytestmark = pytest.mark.thorough

# Most often one who has patients.
somebody = st.sampled_from([1, 1, 1, 3, 5, *PRACTITIONERS])
distances = st.sampled_from([-1, 1, -7, 7, -28, 28, -84])


@of(150)
@given(seeds, somebody, distances)
def test_it_says_what_a_plain_reading_of_the_rules_says(database, seed, practitioner, distance):
    rows, as_of = generated_registry(seed)
    days = [as_of, as_of + timedelta(days=distance)]
    if disagreement(database, rows, practitioner, days):
        rows = smallest(rows, lambda fewer: disagreement(database, fewer, practitioner, days))
        told = pprint.pformat(disagreement(database, rows, practitioner, days), width=140)
        pytest.fail(f"seed {seed}, practitioner {practitioner}\n{told}", pytrace=False)


@of(50)
@given(seeds, somebody)
def test_every_open_episode_is_on_it_once_in_a_total_order(database, seed, practitioner):
    rows, as_of = generated_registry(seed)
    base = insert_somewhere(database, rows)
    listed = read(base + practitioner, as_of)
    assert sorted(row.episode_id - base for row in listed) == sorted(
        episode["id"]
        for episode in rows["episode"]
        if is_open(episode, as_of) and practitioner in those_who_see(episode, rows)
    )
    assert [row.rank for row in listed] == [*range(1, 1 + len(listed))]
    assert [row.tier for row in listed] == sorted(row.tier for row in listed)
    assert read(base + practitioner, as_of) == listed


@of(60)
@given(seeds, st.sampled_from([1, 1, 1, 2]))
def test_no_fact_dated_after_the_day_changes_it(database, seed, practitioner):
    rows, as_of = generated_registry(seed)
    before = insert_somewhere(database, rows)
    after = insert_somewhere(database, with_later_facts(rows, as_of, seed))
    listed = read(after + practitioner, as_of)
    assert moved(listed, before - after) == read(before + practitioner, as_of)


@of(40)
@given(seeds, somebody)
def test_a_case_gives_the_reasons_that_the_list_gives(database, seed, practitioner):
    rows, as_of = generated_registry(seed)
    with acting_as(insert_somewhere(database, rows) + practitioner) as connection:
        listed = review_list(connection, as_of)
        for row in listed.itertuples():
            case = open_case(connection, row.episode_id, as_of)
            assert case is not None
            assert case.reasons == row.why


REGISTRIES = int(WANTED or 75)
DAYS_APART = 1 if WANTED else 3
A_LIST = 25
"""How many registries make a long list, of some ninety episodes."""


@pytest.mark.parametrize("first", range(0, REGISTRIES, A_LIST))
def test_a_long_list_says_what_a_plain_reading_says(database, first):
    rows = gathered(range(first, first + A_LIST))
    assert disagreement(database, rows, 1, DAYS_OF_THE_LIST) is None


@pytest.mark.thorough
def test_a_long_list_says_what_a_plain_reading_says_throughout_a_year(database):
    rows = gathered(range(max(6, REGISTRIES // 100)))
    # Prime to the seven days of a week: each weekday comes as often.
    year = [date(2025, 1, 1) + timedelta(days=number) for number in range(0, 365, DAYS_APART)]
    assert disagreement(database, rows, 1, year) is None


def disagreement(
    database: Database, rows: Registry, practitioner: int, days: list[date]
) -> dict[str, Any] | None:
    """Return the first day on which the two readings differ, with both lists and the rows."""
    base = insert_somewhere(database, rows)
    there = placed(rows, base, today())
    for day in days:
        expected = plain_review_list(there, base + practitioner, day, today=today())
        found = read(base + practitioner, day)
        if found != expected:
            rows_that_are = {name: of_table for name, of_table in there.items() if of_table}
            return {"day": day, "list": found, "plain reading": expected, "rows": rows_that_are}
    return None


def insert_somewhere(database: Database, rows: Registry) -> int:
    """Insert a registry at ids that no other has; what was added to each id."""
    base = next(bases)
    insert(database.owner(), placed(rows, base, today()))
    return base


def today() -> date:
    """Return the day on which the database evaluates cover."""
    return datetime.now(PARIS).date()


def read(practitioner_id: int, as_of: date) -> list[PlainRow]:
    """Return the list as the application reads it, in the types of the plain reading."""
    with acting_as(practitioner_id) as connection:
        listed = review_list(connection, as_of)
    columns = ["episode_id", "patient_id", "rank", "tier", "need", "lateness", "reasons"]
    return [PlainRow(*row) for row in listed[columns].itertuples(index=False, name=None)]


def moved(listed: list[PlainRow], by: int) -> list[PlainRow]:
    return [
        replace(row, episode_id=row.episode_id + by, patient_id=row.patient_id + by)
        for row in listed
    ]


def is_open(episode: dict[str, Any], day: date) -> bool:
    still_open = episode["status"] != "closed"
    closes_later = episode["closed_on"] is not None and episode["closed_on"] > day
    return episode["enrolled_on"] <= day and (still_open or closes_later)


def those_who_see(episode: dict[str, Any], rows: Registry) -> set[int]:
    """Return the people who care for the patient and those who cover one of them today."""
    team = {episode["psychiatrist_id"], episode["nurse_id"], episode["gp_id"]}
    today_among = [row for row in rows["cover"] if row["starts_on"] <= 0 <= row["ends_on"]]
    return team | {row["covering_id"] for row in today_among if row["covered_id"] in team}

"""The review list against a second reading of RULES.md, on generated registries.

By default the same registries on every run. ``GENERATED_REGISTRIES=5000`` tries that many
others.
"""

import itertools
import os
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.database import acting_as
from dashboard.queries.review_list import review_list
from tests.building import Database
from tests.generated_registries import (
    PRACTITIONERS,
    Registry,
    insert,
    later_facts,
    placed,
    registries,
)
from tests.plain_reading import PARIS, PlainRow, plain_review_list

WANTED = os.environ.get("GENERATED_REGISTRIES")

generated = settings(
    max_examples=int(WANTED or 200),
    derandomize=WANTED is None,
    deadline=None,
    # One database serves a whole test: each registry has ids of its own in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# The practitioners of a generated registry, most often one who has patients.
somebody = st.sampled_from([1, 1, 1, 3, 5, *PRACTITIONERS])

_bases = itertools.count(1_000_000, 1_000_000)


@generated
@given(registries(), somebody, st.sampled_from([0, -1, 1, -7, 7, -28, 28, -84]))
def test_it_says_what_a_plain_reading_of_the_rules_says(
    database, generated_registry, practitioner, days
):
    rows, as_of = generated_registry
    base = insert_somewhere(database, rows)
    for day in (as_of, as_of + timedelta(days=days)):
        expected = plain_review_list(
            placed(rows, base, today()), base + practitioner, day, today=today()
        )
        assert read(base + practitioner, day) == expected


@generated
@given(registries(), somebody)
def test_every_open_episode_is_on_it_once_in_a_total_order(
    database, generated_registry, practitioner
):
    rows, as_of = generated_registry
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


@generated
@given(st.data(), registries())
def test_no_fact_dated_after_the_day_changes_it(database, data, generated_registry):
    rows, as_of = generated_registry
    later = data.draw(later_facts(rows, as_of))
    before, after = insert_somewhere(database, rows), insert_somewhere(database, later)
    for practitioner in (1, 2):
        assert moved(read(after + practitioner, as_of), before - after) == read(
            before + practitioner, as_of
        )


def insert_somewhere(database: Database, rows: Registry) -> int:
    """Insert a registry at ids that no other has; what was added to each id."""
    base = next(_bases)
    insert(database.owner(), placed(rows, base, today()))
    return base


def today() -> date:
    """The day on which the database looks at cover."""
    from datetime import datetime

    return datetime.now(PARIS).date()


def read(practitioner_id: int, as_of: date) -> list[PlainRow]:
    """The list as the application reads it, in the words of the plain reading."""
    with acting_as(practitioner_id) as connection:
        listed = review_list(connection, as_of)
    return [
        PlainRow(row.episode_id, row.patient_id, row.rank, row.tier, list(row.reasons))
        for row in listed.itertuples()
    ]


def moved(listed: list[PlainRow], by: int) -> list[PlainRow]:
    return [
        PlainRow(row.episode_id + by, row.patient_id + by, row.rank, row.tier, row.reasons)
        for row in listed
    ]


def is_open(episode: dict[str, Any], day: date) -> bool:
    still_open = episode["status"] != "closed"
    closes_later = episode["closed_on"] is not None and episode["closed_on"] > day
    return episode["enrolled_on"] <= day and (still_open or closes_later)


def those_who_see(episode: dict[str, Any], rows: Registry) -> set[int]:
    """Those who care for the patient and those who stand in for one of them today."""
    team = {episode["psychiatrist_id"], episode["nurse_id"], episode["gp_id"]}
    today_among = [row for row in rows["cover"] if row["starts_on"] <= 0 <= row["ends_on"]]
    return team | {row["covering_id"] for row in today_among if row["covered_id"] in team}

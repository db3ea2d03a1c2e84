"""The indicators counted in SQL against a plain reading of them, on generated registries.

By default the same registries on every run. ``GENERATED_REGISTRIES=5000`` tries that many
others.
"""

import pprint
from datetime import date, timedelta

import pytest
from hypothesis import given
from sqlalchemy import text

from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.queries.sites.counting import count_all
from tests.oracles.plain_indicators import Counts, plain_counts
from tests.support.factories import Database
from tests.support.generated_registries import (
    Registry,
    bases,
    generated_registry,
    insert,
    of,
    placed,
    seeds,
    smallest,
    with_what_indicators_turn_on,
)


@of(40)
@given(seeds)
def test_it_counts_what_a_plain_reading_counts(database, seed):
    rows, day = with_what_indicators_turn_on(*generated_registry(seed), seed)
    if disagreement(database, rows, day):
        rows = smallest(rows, lambda fewer: bool(disagreement(database, fewer, day)))
        told = pprint.pformat(disagreement(database, rows, day), width=140)
        pytest.fail(f"seed {seed}, on {day}\n{told}", pytrace=False)


def test_every_indicator_is_somewhere_yes_and_somewhere_no():
    """Else the agreement would say nothing about it."""
    seen = {id_: [0, 0, 0] for id_ in INDICATORS}
    for seed in range(60):
        rows, day = with_what_indicators_turn_on(*generated_registry(seed), seed)
        for (indicator, *_whose), numbers in plain_counts(rows, day).items():
            seen[indicator] = [a + b for a, b in zip(seen[indicator], numbers, strict=True)]
    for indicator in INDICATORS.values():
        eligible, measured, numerator = seen[indicator.id]
        assert numerator > 0, indicator.id
        if indicator.kind == "rate":
            assert numerator < measured, indicator.id
        assert (measured < eligible) == indicator.scores, indicator.id


@pytest.mark.thorough
@of(8)
@given(seeds)
def test_what_is_counted_anew_is_what_the_records_say(database, seed):
    """Check that counts updated after more has happened equal those of a first count."""
    rows, day = with_what_indicators_turn_on(*generated_registry(seed), seed)
    before = rows | {name: [] for name in HAPPEN_LATER}
    base = insert_somewhere(database, before)
    count_all(day)
    after = {name: of_table if name in HAPPEN_LATER else [] for name, of_table in rows.items()}
    insert(database.owner(), placed(after, base, day))
    later = day + timedelta(days=40)
    count_all(later)
    assert kept(database, base) == finest(counted(database, base, later))


HAPPEN_LATER = (
    *("assessment", "contact", "medication"),
    *("case_review", "recommendation", "answer", "settlement"),
)


def disagreement(database: Database, rows: Registry, day: date) -> dict[str, object]:
    """Return the counts that differ between the two readings, and the rows."""
    base = insert_somewhere(database, rows)
    there = placed(rows, base, day)
    expected, found = plain_counts(there, day), counted(database, base, day)
    if found == expected:
        return {}
    keys = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    of_all = [key for key in keys if key[1] == key[2] == "all"] or keys
    return {
        "counts": {key: (found.get(key), expected.get(key)) for key in of_all},
        "rows": {name: of_table for name, of_table in there.items() if of_table},
    }


def insert_somewhere(database: Database, rows: Registry) -> int:
    """Insert a registry at ids that no other has; what was added to each id."""
    base = next(bases)
    insert(database.owner(), placed(rows, base, date(2025, 1, 1)))
    return base


def counted(database: Database, base: int, day: date) -> Counts:
    """Return the counts of the sites of a registry, by indicator."""
    return _read(database, "review.counts_of_sites(:sites, :day)", base, day)


def kept(database: Database, base: int) -> Counts:
    """Return the stored exact counts of these sites."""
    return _read(database, "review.exact_month WHERE site_id = ANY (:sites)", base)


def _read(database: Database, where: str, base: int, day: date | None = None) -> Counts:
    with database.owner().connect() as connection:
        rows = connection.execute(
            text(f"SELECT * FROM {where}"), {"sites": [base + 1, base + 2], "day": day}
        ).mappings()
        return {
            (indicator.id, *(row[name] for name in WHOSE)): numbers
            for row in rows
            for indicator in INDICATORS.values()
            if (numbers := _numbers(row, indicator.columns))[0]
        }


WHOSE = ("kind", "severity", "site_id", "nurse_id", "month")


def _numbers(row, columns: tuple[str, ...]) -> tuple[int, int, int]:
    numerator = row[columns[0]]
    eligible = row[columns[1]] if len(columns) > 1 else numerator
    return eligible, row[columns[2]] if len(columns) > 2 else eligible, numerator


def finest(found: Counts) -> Counts:
    """Return the counts of one kind and one severity."""
    return {key: numbers for key, numbers in found.items() if "all" not in key[1:3]}

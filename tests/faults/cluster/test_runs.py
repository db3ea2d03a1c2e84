"""The plan of the runs and their figures: no program is started."""

from datetime import date

import pytest

from tests.faults.cluster.database_faults import Outcome
from tests.faults.cluster.figures import figures
from tests.faults.cluster.runs import KINDS, SHORT, late_in, planned, short


def test_every_kind_has_its_share():
    whole = sum(kind.share for kind in KINDS)
    runs = planned(whole)
    assert sorted(one.number for one in runs) == list(range(1, whole + 1))
    assert {kind.name: kind.share for kind in KINDS} == {
        kind.name: sum(one.kind == kind for one in runs) for kind in KINDS
    }


def test_few_runs_are_of_every_kind():
    assert {one.kind for one in planned(len(KINDS))} == set(KINDS)


def test_more_runs_begin_with_the_same_ones():
    few, many = ({one.number: one for one in planned(runs)} for runs in (20, 60))
    assert few.items() <= many.items()


def test_a_short_pass_has_one_run_of_the_main_kinds():
    assert sorted(one.kind.name for one in short()) == sorted(SHORT)


@pytest.mark.parametrize(
    ("outcome", "patience", "late"),
    [
        (Outcome("a", write_seconds=14.9), 1, []),
        (Outcome("a", write_seconds=15.1), 1, ["writes work after 15.1 s"]),
        (Outcome("a", write_seconds=29.9), 2, []),
        (Outcome("a", write_seconds=30.1), 2, ["writes work after 30.1 s"]),
        (Outcome("a", back_seconds=5.1), 1, ["a page is back after 5.1 s"]),
        (Outcome("a", back_seconds=5.1), 2, []),
        (Outcome("a", typing_lost_seconds=2.1), 2, ["2.1 s of typing are lost"]),
    ],
)
def test_waits_are_held_against_what_is_promised(outcome, patience, late):
    assert list(late_in(outcome, KINDS[0], ttl=10, patience=patience)) == late


def test_losses_are_counted_by_what_was_lost():
    said = {
        "kind": "a",
        "write_seconds": 11.0,
        "typing_lost_seconds": None,
        "back_seconds": None,
        "reader_errors": 0,
        "wrong": [],
    }
    results = [
        said,
        said | {"write_seconds": 12.346, "wrong": ["a signed review is lost: x"]},
        said | {"kind": "b", "reader_errors": 2, "wrong": ["signed twice: y", "never arrived: z"]},
    ]
    came = figures(results, 1, date(2026, 11, 29))
    assert (came["runs"], came["survived"], came["reader_errors"]) == (3, 1, 2)
    counted = ("reviews_lost", "reviews_doubled", "answers_lost", "letters_lost")
    assert [came[name] for name in counted] == [1, 1, 0, 1]
    assert came["kinds"]["a"]["worst_write_seconds"] == 12.35

"""The lines of a case that stand, and those that a review has to settle."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from dashboard.clinical.advice.standing_advice import (
    NotOpen,
    can_withdraw,
    check_can_withdraw,
    standing_advice,
    unsettled_advice,
)
from dashboard.clinical.case.case_file import Settlement
from dashboard.clinical.settlements import SettlementKind
from tests.support import chart_cases
from tests.support.case_files import case
from tests.support.export_records import line

FIRST = chart_cases.review(date(2026, 10, 12), "unanswered", "done")
OPEN, DONE = FIRST.recommendations


def settled(kind, **values):
    """Return a later review that settles the open line of the first."""
    later = chart_cases.review(date(2026, 11, 2))
    made = Settlement(
        UUID(int=5), OPEN.id, later.id, SettlementKind(kind), None, later.signed_at, **values
    )
    return replace(later, settlements=(made,))


def test_a_line_stands_until_a_review_ends_it():
    assert [one.line for one in standing_advice(case(reviews=(FIRST,)))] == [OPEN, DONE]
    ended = case(reviews=(FIRST, settled("withdrawn")))
    assert OPEN not in [one.line for one in standing_advice(ended)]


def test_a_line_that_is_kept_has_the_due_date_last_given_and_the_time_it_was_sent():
    later = settled("kept", due_on=date(2026, 12, 1))
    kept = standing_advice(case(reviews=(FIRST, later)))
    assert [(one.line, one.due_on, one.sent_at) for one in kept if one.line == OPEN] == [
        (OPEN, date(2026, 12, 1), later.signed_at)
    ]


def test_an_answered_line_has_not_to_be_settled():
    assert [one.line for one in unsettled_advice(case(reviews=(FIRST,)))] == [OPEN]


def test_neither_the_lines_nor_the_settlements_of_an_amended_review_count():
    later = settled("withdrawn")
    told = case(reviews=(FIRST, later))
    assert [one.line for one in standing_advice(told, amended=later.id)] == [OPEN, DONE]
    assert standing_advice(case(reviews=(FIRST,)), amended=FIRST.id) == ()


@pytest.mark.parametrize(("of", "can"), [(OPEN, True), (DONE, False)])
def test_only_a_line_that_is_open_can_be_withdrawn_between_reviews(of, can):
    assert can_withdraw(of) is can


def test_withdrawing_a_settled_line_is_refused():
    with pytest.raises(NotOpen):
        check_can_withdraw(line(1))


def test_a_line_is_older_than_the_review_that_keeps_it():
    (kept,) = unsettled_advice(case(reviews=(FIRST, settled("kept"))))
    assert kept.sent_at - FIRST.signed_at == timedelta(days=21)

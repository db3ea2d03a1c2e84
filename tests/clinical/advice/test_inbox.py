"""The inbox of a nurse or a GP: open lines, overdue lines, and their order."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from dashboard.clinical.advice.inbox import (
    Received,
    in_order,
    is_open,
    is_overdue,
    open_lines,
    parted,
)
from tests.support.case_files import COMPLETE
from tests.support.export_records import line, record

TODAY = date(2026, 11, 24)
OPEN = line(1, answers=(), due_on=TODAY)
DONE = line(2)
REVIEW = record(lines=(OPEN, DONE)).review


def received(episode_id, *lines, closed=False, days=0):
    signed_at = record().review.signed_at + timedelta(days=days)
    review = record(lines=lines, signed_at=signed_at).review
    return Received(episode_id, COMPLETE.identity, closed, (review,))


@pytest.mark.parametrize(
    ("line", "closed", "opened"), [(OPEN, False, True), (DONE, False, False), (OPEN, True, False)]
)
def test_a_line_is_open_until_it_is_settled_or_the_episode_closed(line, closed, opened):
    assert is_open(REVIEW, line, closed=closed) is opened


def test_the_open_lines_of_an_episode():
    assert open_lines(received(1, OPEN, DONE)) == [OPEN]
    assert open_lines(received(1, OPEN, DONE, closed=True)) == []


@pytest.mark.parametrize(
    ("due_on", "overdue"), [(TODAY, False), (TODAY - timedelta(days=1), True), (None, False)]
)
def test_a_line_is_overdue_from_the_day_after_it_was_due(due_on, overdue):
    assert is_overdue(line(1, answers=(), due_on=due_on), TODAY) is overdue


def test_the_longest_overdue_is_first_then_the_newest_and_the_settled_last():
    late, later = (
        received(number, line(1, answers=(), due_on=TODAY - timedelta(days=days)))
        for number, days in ((1, 9), (2, 3))
    )
    older, newer = (received(number, OPEN, days=days) for number, days in ((3, 0), (4, 5)))
    settled = received(5, DONE, days=9)
    wanted = [late, later, newer, older, settled]
    assert in_order(wanted[::-1], TODAY) == wanted


def test_reviews_that_are_chosen_are_parted_from_the_rest():
    one = received(1, OPEN)
    within, rest = parted([one], {one.reviews[0].id})
    assert (within, rest) == ([one], [])
    assert parted([one], {UUID(int=77)}) == ([], [one])

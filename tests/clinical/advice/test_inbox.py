"""The inbox of a nurse or a GP: open lines, overdue lines, and their order."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from dashboard.clinical.advice.inbox import (
    SOON,
    Part,
    Received,
    in_parts,
    is_open,
    is_overdue,
    part_of,
)
from dashboard.clinical.settlements import LineCourse, LineFact
from dashboard.vocabulary import Role
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


@pytest.mark.parametrize(
    ("due_on", "overdue"), [(TODAY, False), (TODAY - timedelta(days=1), True), (None, False)]
)
def test_a_line_is_overdue_from_the_day_after_it_was_due(due_on, overdue):
    assert is_overdue(line(1, answers=(), due_on=due_on), TODAY) is overdue


YESTERDAY = TODAY - timedelta(days=1)
IN_A_WEEK = TODAY + SOON

PARTS = [
    # the kind of the line, its due date, its part
    ("other", YESTERDAY, Part.OVERDUE),
    ("safety", YESTERDAY, Part.OVERDUE),
    ("safety", TODAY, Part.SAFETY),
    ("safety", None, Part.SAFETY),
    ("other", TODAY, Part.THIS_WEEK),
    ("other", IN_A_WEEK, Part.THIS_WEEK),
    ("other", IN_A_WEEK + timedelta(days=1), Part.LATER),
    ("other", None, Part.LATER),
]


@pytest.mark.parametrize(("kind", "due_on", "part"), PARTS)
def test_an_open_line_stands_in_the_first_part_that_holds(kind, due_on, part):
    assert part_of(line(1, answers=(), kind=kind, due_on=due_on), TODAY) is part


def positions(parts):
    return {part: [one.line.position for one in lines] for part, lines in parts.items()}


def test_the_earliest_due_comes_first_and_lines_without_a_day_last():
    days = {1: None, 2: TODAY + timedelta(days=20), 3: TODAY + timedelta(days=9)}
    lines = (line(number, answers=(), due_on=due_on) for number, due_on in days.items())
    assert positions(in_parts([received(1, *lines)], TODAY)) == {Part.LATER: [3, 2, 1]}


def test_safety_comes_first_among_what_is_overdue():
    late, later = (
        line(number, answers=(), kind=kind, due_on=TODAY - timedelta(days=days))
        for number, kind, days in ((1, "other", 9), (2, "safety", 1))
    )
    assert positions(in_parts([received(1, late, later)], TODAY)) == {Part.OVERDUE: [2, 1]}


TO_THE_GP = replace(received(1, OPEN), undelivered=frozenset({(REVIEW.id, Role.GP)}))

UNDELIVERED = [
    # the line, whether its owner has not received it
    (line(1, answers=()), True),
    (line(1, answers=(), due_on=YESTERDAY), True),
    (line(1, answers=(), kind="safety"), True),
    (line(1, answers=(), owner_role="nurse"), False),
    (replace(DONE, answers=(replace(DONE.answers[0], outcome="acknowledged"),)), False),
]


@pytest.mark.parametrize(("line", "undelivered"), UNDELIVERED)
def test_a_line_that_its_owner_has_not_received_is_neither_overdue_nor_unanswered(
    line, undelivered
):
    [(part, [one])] = in_parts(
        [replace(TO_THE_GP, reviews=received(1, line).reviews)], TODAY
    ).items()
    assert (part is Part.NOT_DELIVERED) is undelivered
    assert (one.state == "not_delivered") is undelivered


def test_a_line_of_safety_without_a_day_comes_before_those_with_one_the_oldest_first():
    undated, dated = (
        line(number, answers=(), kind="safety", due_on=due_on)
        for number, due_on in ((1, None), (2, TODAY))
    )
    older = line(3, answers=(), kind="safety", due_on=None)
    inbox = [received(1, dated, undated), received(2, older, days=-9)]
    assert positions(in_parts(inbox, TODAY)) == {Part.SAFETY: [3, 1, 2]}


def test_lines_that_nobody_has_to_answer_are_listed_only_on_request():
    inbox = [received(1, OPEN, DONE), received(2, OPEN, closed=True)]
    assert positions(in_parts(inbox, TODAY)) == {Part.THIS_WEEK: [1]}
    shown = in_parts(inbox, TODAY, with_ended=True)
    assert positions(shown) == {Part.THIS_WEEK: [1], Part.ENDED: [2, 1]}


def test_a_line_that_a_later_review_keeps_is_shown_once_among_all_lines():
    signed, later = record().review.signed_at, uuid4()
    given = LineFact(OPEN.id, uuid4(), TODAY)
    kept = replace(OPEN, course=LineCourse(given, signed, later, signed, TODAY))
    first = record(lines=(kept,)).review
    second = replace(record(lines=()).review, id=later, kept=(kept,))
    inbox = [Received(1, COMPLETE.identity, False, (second, first))]
    assert positions(in_parts(inbox, TODAY, with_ended=True)) == {Part.THIS_WEEK: [1]}

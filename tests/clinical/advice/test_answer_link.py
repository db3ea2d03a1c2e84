"""The questions to a GP behind a link, and the gaps in the answers."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from dashboard.clinical.advice.answer_link import AskedByLink, LinkClosed, lacking
from dashboard.clinical.settlements import LineCourse, LineEnd, LineFact
from tests.support.export_records import SIGNED, line

COURSE = LineCourse(LineFact(UUID(int=1), UUID(int=2)), SIGNED, UUID(int=2), SIGNED, None)
MINE = line(1, answers=())
NURSES = line(2, answers=(), owner_role="nurse")
REPLACED = line(3, answers=(), course=replace(COURSE, end=LineEnd.REPLACED))
SETTLED = line(4)
READ = line(5, answers=(replace(SETTLED.answers[0], outcome="acknowledged"),))
ASKED = AskedByLink(
    UUID(int=2), "fr", "L. C.", 43, None, date(2026, 11, 2), (MINE, NURSES, REPLACED, SETTLED)
)


def test_the_gp_answers_only_their_own_lines_that_stand_and_are_not_settled():
    assert ASKED.awaited == (MINE,)


def test_a_line_that_was_only_acknowledged_still_awaits_an_answer():
    assert replace(ASKED, lines=(READ,)).awaited == (READ,)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "outcome"),
        ({MINE.id: ("", "")}, "outcome"),
        ({MINE.id: ("perhaps", "")}, "outcome"),
        ({MINE.id: ("declined", "  ")}, "reason"),
        ({MINE.id: ("declined", "Grossesse")}, None),
        ({MINE.id: ("done", "")}, None),
    ],
)
def test_an_answer_needs_an_outcome_and_a_declined_line_a_reason(given, missing):
    assert lacking(ASKED, given) == ({} if missing is None else {MINE.id: missing})


def test_an_answer_from_an_old_page_to_a_line_that_no_longer_awaits_one_is_told():
    assert ASKED.answered_in_vain({REPLACED.id: ("done", "")}) == (REPLACED,)
    assert ASKED.answered_in_vain({SETTLED.id: ("declined", "")}) == (SETTLED,)
    assert ASKED.answered_in_vain({REPLACED.id: ("", ""), MINE.id: ("done", "")}) == ()


def test_a_closed_link_says_why():
    assert LinkClosed("expired").why == "expired"

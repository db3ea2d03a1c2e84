"""The settlement of earlier advice in words."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from dashboard.clinical.case.case_file import Answer
from dashboard.clinical.settlements import LineCourse, LineEnd, LineFact
from dashboard.words.advice.settlements import (
    earlier_in_words,
    end_in_words,
    kept_from_in_words,
    kept_in_words,
    not_wanted_in_words,
    origin_in_words,
    unanswered_in_words,
)
from tests.support.export_records import earlier, line

GIVEN = datetime(2026, 10, 11, 23, tzinfo=UTC)
"""One in the morning of the 12th in Paris."""

LATER = datetime(2026, 11, 2, 13, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
COURSE = LineCourse(LineFact(UUID(int=101), FIRST), GIVEN, FIRST, GIVEN, None)


def with_course(**changed):
    return line(2, answers=(), course=replace(COURSE, **changed))


def test_a_line_without_a_course_has_nothing_to_say():
    bare = line(2, course=None)
    assert (origin_in_words(bare), kept_in_words(bare), end_in_words(bare)) == ("", "", "")


def test_a_kept_line_is_named_by_its_number_and_the_day_in_paris():
    kept = with_course()
    assert origin_in_words(kept) == "no. 2 of the review of 12 Oct 2026"
    assert kept_from_in_words(kept) == "kept: no. 2 of the review of 12 Oct 2026"


def test_only_a_line_that_another_review_sent_again_is_kept():
    assert kept_in_words(with_course()) == ""
    kept = with_course(sent_by=SECOND, sent_at=LATER)
    assert kept_in_words(kept) == "kept by the review of 2 Nov 2026"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"end": None}, ""),
        ({"end": LineEnd.SETTLED}, ""),
        ({"end": LineEnd.SUPERSEDED}, ""),
        ({"end": LineEnd.WITHDRAWN}, "withdrawn"),
        (
            {"end": LineEnd.WITHDRAWN, "ended_at": LATER, "reason": "Grossesse"},
            "withdrawn on 2 Nov 2026: Grossesse",
        ),
        ({"end": LineEnd.REPLACED, "ended_at": LATER}, "replaced by the review of 2 Nov 2026"),
    ],
)
def test_a_line_that_ended_says_how_when_and_why(changed, said):
    assert end_in_words(with_course(**changed)) == said


def test_a_replaced_line_names_the_one_in_its_place():
    replaced = with_course(end=LineEnd.REPLACED, ended_at=LATER)
    said = end_in_words(replace(replaced, replacement=line(3)))
    assert said.startswith("replaced by the review of 2 Nov 2026: 3. Increase sertraline to 100")


@pytest.mark.parametrize(
    ("settled", "said"),
    [
        (earlier(1, "kept"), "kept"),
        (earlier(1, "kept", due_on=date(2026, 12, 1)), "kept, by 1 Dec 2026"),
        (earlier(1, "withdrawn"), "withdrawn"),
        (earlier(1, "withdrawn", reason="Grossesse"), "withdrawn: Grossesse"),
        (earlier(1, "replaced"), "replaced"),
        (earlier(1, "replaced", replaced_by=line(4)), "replaced by recommendation 4"),
    ],
)
def test_an_earlier_line_is_followed_by_its_settlement(settled, said):
    words = earlier_in_words(settled)
    assert words.startswith("Increase sertraline to 100")
    assert words.endswith(f"(no. 1 of the review of 12 Oct 2026): {said}")


def test_an_answer_that_is_not_wanted_was_not_recorded():
    assert "the answer was not recorded" in not_wanted_in_words()


READ = Answer(UUID(int=3), None, "acknowledged", None, datetime(2026, 10, 14, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("answers", "read_since_sent", "said"),
    [
        ((READ,), False, "no answer since 2 Nov"),
        ((READ,), True, ""),
        ((), True, ""),
    ],
    ids=["read before it was kept", "read since", "never answered"],
)
def test_a_kept_line_with_earlier_answers_says_since_when_it_waits(answers, read_since_sent, said):
    kept = replace(
        with_course(sent_by=SECOND, sent_at=LATER),
        answers=answers,
        read_since_sent=read_since_sent,
    )
    assert unanswered_in_words(kept, date(2026, 11, 24)) == said


def test_a_line_that_has_waited_for_long_says_so_with_the_year():
    kept = replace(
        with_course(sent_by=SECOND, sent_at=LATER), answers=(READ,), read_since_sent=False
    )
    assert unanswered_in_words(kept, date(2027, 11, 24)) == "no answer since 2 Nov 2026"

"""Every line of advice has exactly one state, whatever reviews, answers and settlements say."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice.follow_up import AWAITED, STATES, state_of
from dashboard.clinical.advice.inbox import Received, is_open, left_lines, lines_of
from dashboard.clinical.case.case_file import Answer, CaseReview, Recommendation
from dashboard.clinical.settlements import (
    SETTLING_OUTCOMES,
    LineFact,
    SettlementFact,
    SignedFact,
    line_courses,
    standing_lines,
)
from dashboard.queries.case.case_rows import answered_since
from dashboard.queries.case.standing_lines import lines_of_reviews
from dashboard.vocabulary import SettlementKind
from tests.support.case_files import COMPLETE
from tests.support.inboxes import open_lines

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
ANSWERS = ("acknowledged", *SETTLING_OUTCOMES)


def at(hours):
    return START + timedelta(hours=hours)


@st.composite
def histories(draw):
    """Return reviews, some of which amend an earlier one, with their lines.

    Settlements and answers are of any line by any review, in any order.
    """
    hours = draw(st.lists(st.integers(0, 60), min_size=1, max_size=5))
    reviews = []
    for number, hour in enumerate(hours, start=1):
        free = [one.id for one in reviews if one.id not in {two.supersedes for two in reviews}]
        amends = draw(st.none() | st.sampled_from(free)) if free else None
        outcome = draw(st.sampled_from(["reviewed", "no_change"]))
        reviews.append(SignedFact(UUID(int=number), at(hour), outcome, amends))
    lines = [
        LineFact(UUID(int=100 + place), review.id, draw(st.none() | st.just(date(2026, 9, 3))))
        for place, review in enumerate(
            draw(st.lists(st.sampled_from(reviews), min_size=1, max_size=6))
        )
    ]
    answers = draw(
        st.lists(
            st.tuples(st.sampled_from(lines), st.integers(0, 80), st.sampled_from(ANSWERS)),
            max_size=6,
        )
    )
    settlements = [
        _settlement(draw, line, review, lines)
        for line, review in draw(
            st.lists(
                st.tuples(st.sampled_from(lines), st.none() | st.sampled_from(reviews)),
                max_size=6,
                unique_by=lambda pair: (pair[0].id, pair[1] and pair[1].id),
            )
        )
    ]
    return reviews, lines, answers, settlements


def _settlement(draw, line, review, lines):
    if review is None:
        hour = draw(st.integers(0, 80))
        return SettlementFact(line.id, None, SettlementKind.WITHDRAWN, settled_at=at(hour))
    kind = draw(st.sampled_from(SettlementKind))
    by = draw(st.sampled_from(lines)).id if kind is SettlementKind.REPLACED else None
    return SettlementFact(line.id, review.id, kind, None, by, "", review.signed_at)


def advice_of(history):
    """Return the reviews with their lines as a page gets them, and the courses of the lines."""
    reviews, facts, answers, settlements = history
    given_to = {
        fact.id: tuple(
            Answer(UUID(int=number), None, outcome, "parce que", at(hour))
            for number, (line, hour, outcome) in enumerate(
                sorted(answers, key=lambda one: one[1]), start=1000
            )
            if line.id == fact.id
        )
        for fact in facts
    }
    settled = [
        LineFact(fact.id, fact.review_id, fact.due_on, _settled_at(given_to[fact.id]))
        for fact in facts
    ]
    courses = {one.line.id: one for one in line_courses(reviews, settled, settlements)}
    lines = lines_of_reviews(
        {number: _line(course, given_to[number]) for number, course in courses.items()}
    )
    amended_by = {one.supersedes: one.id for one in reviews if one.supersedes is not None}
    shown = [_review(one, amended_by.get(one.id), lines.get(one.id)) for one in reviews]
    standing = standing_lines(reviews, settled, settlements)
    return shown, {one.line.id for one in standing}


def _settled_at(answers):
    return min((one.answered_at for one in answers if one.outcome != "acknowledged"), default=None)


def _line(course, answers):
    return Recommendation(
        id=course.line.id,
        position=1,
        kind="other",
        action=None,
        atc_code=None,
        drug_name=None,
        daily_dose_mg=None,
        titration=None,
        detail="Revoir le sommeil",
        alternative=None,
        owner_role="nurse",
        due_on=course.line.due_on,
        answers=answers,
        course=course,
        read_since_sent=answered_since(course.sent_at, answers),
    )


def _review(fact, superseded_by, lines):
    return CaseReview(
        id=fact.id,
        psychiatrist=None,
        outcome=fact.outcome,
        summary="Synthèse",
        next_review_on=None,
        signed_at=fact.signed_at,
        signed_on=fact.signed_at.date(),
        supersedes=fact.supersedes,
        superseded_by=superseded_by,
        recommendations=lines.own if lines else (),
        seen={},
        kept=lines.kept if lines else (),
        ended=lines.ended if lines else (),
    )


@given(histories())
def test_a_line_has_exactly_one_state(history):
    shown, standing = advice_of(history)
    for review in shown:
        for line in review.recommendations:
            state = state_of(line, None, date(2026, 9, 10))
            assert state in (*STATES, "superseded")
            assert (state in AWAITED) == line.is_open
            assert line.is_open == (line.id in standing and not line.is_settled)


@given(histories())
def test_an_open_line_is_shown_once_and_a_line_that_does_not_stand_is_not_open(history):
    shown, standing = advice_of(history)
    opened = open_lines(Received(1, COMPLETE.identity, closed=False, reviews=tuple(shown)))
    settled = {line.id for one in shown for line in one.recommendations if line.is_settled}
    assert sorted(line.id for line in opened) == sorted(standing - settled)


@given(histories())
def test_a_line_is_either_with_its_own_review_or_has_left_it(history):
    shown, _standing = advice_of(history)
    for review in shown:
        own = [line.id for line in lines_of(review) if line not in review.kept]
        left = [line.id for line in left_lines(review)]
        assert sorted([*own, *left]) == sorted(line.id for line in review.recommendations)
        assert not any(is_open(review, line) for line in left_lines(review) if not line.stands)

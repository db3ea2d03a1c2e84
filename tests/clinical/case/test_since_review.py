"""The changes since the last review: facts after its day, up to the day of the case."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Answer, CaseReview, Recommendation
from dashboard.clinical.case.since_review import (
    DrugChange,
    DrugEvent,
    ItemChange,
    ScoreChange,
    SideEffect,
    since_review,
)
from dashboard.clinical.delivery import Delivery
from tests.support.case_files import COMPLETE, SERTRALINE, TODAY, contact, form

REVIEWED = date(2026, 11, 12)
SIGNED_AT = datetime(2026, 11, 12, 14, tzinfo=PARIS)
LATER = REVIEWED + timedelta(days=5)


def review(signed_at=SIGNED_AT, number=1, **values):
    return CaseReview(
        id=UUID(int=number),
        psychiatrist=None,
        outcome="change_advised",
        summary="",
        next_review_on=None,
        signed_at=signed_at,
        signed_on=signed_at.date(),
        supersedes=None,
        superseded_by=values.pop("superseded_by", None),
        recommendations=values.pop("recommendations", ()),
        seen={},
        **values,
    )


def case(**values):
    bare = {"assessments": (), "contacts": (), "treatments": (), "reviews": (review(),)}
    return replace(COMPLETE, **(bare | values))


def drug(started_on, stopped_on=None, dose=50, number=1, **values):
    return replace(
        SERTRALINE,
        id=number,
        started_on=started_on,
        stopped_on=stopped_on,
        daily_dose_mg=None if dose is None else Decimal(dose),
        **values,
    )


def test_there_is_nothing_to_say_before_the_first_review():
    assert since_review(case(reviews=())) is None


def test_a_case_without_changes_says_so():
    changes = since_review(case())
    assert changes is not None
    assert not changes


def test_a_superseded_review_is_not_the_last():
    first = review(superseded_by=UUID(int=2))
    second = review(SIGNED_AT - timedelta(days=3), 2)
    assert since_review(case(reviews=(second, first))).day == REVIEWED - timedelta(days=3)


@pytest.mark.parametrize(
    ("taken_on", "expected"),
    [
        (REVIEWED, ()),
        (REVIEWED + timedelta(days=1), (ScoreChange("phq9", 18, 12),)),
        (TODAY, (ScoreChange("phq9", 18, 12),)),
        (TODAY + timedelta(days=1), ()),
    ],
)
def test_a_score_counts_after_the_day_of_the_review_and_until_today(taken_on, expected):
    forms = (form("phq9", REVIEWED - timedelta(days=20), 18), form("phq9", taken_on, 12))
    assert since_review(case(assessments=forms)).scores == expected


@pytest.mark.parametrize(("age", "is_dated"), [(56, False), (57, True)])
def test_a_score_that_was_old_at_the_review_has_its_day(age, is_dated):
    on = REVIEWED - timedelta(days=age)
    (change,) = since_review(
        case(assessments=(form("gad7", on, 12), form("gad7", LATER, 14)))
    ).scores
    assert change == ScoreChange("gad7", 12, 14, on if is_dated else None)


def test_a_first_score_has_none_before():
    changes = since_review(case(assessments=(form("gad7", LATER, 9),)))
    assert changes.scores == (ScoreChange("gad7", None, 9),)


def test_an_invalid_score_is_no_score():
    assert since_review(case(assessments=(form("phq9", LATER, 99),))).scores == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, 2, ItemChange(0, 2)),
        (2, 0, ItemChange(2, 0)),
        (1, 1, None),
        (None, 1, ItemChange(None, 1)),
        (1, None, None),
        (1, 7, None),
    ],
)
def test_item_9_is_said_where_it_has_changed(before, after, expected):
    def answered(on, item9):
        return form("phq9", on, items=(*(1,) * 8, item9))

    forms = (answered(REVIEWED - timedelta(days=20), before), answered(LATER, after))
    assert since_review(case(assessments=forms)).item9 == expected


BEFORE = date(2026, 9, 10)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([drug(BEFORE)], []),
        ([drug(LATER)], [DrugChange(DrugEvent.STARTED, "sertraline", LATER, None, Decimal(50))]),
        (
            [drug(BEFORE, LATER)],
            [DrugChange(DrugEvent.STOPPED, "sertraline", LATER, Decimal(50))],
        ),
        (
            [drug(BEFORE, LATER), drug(LATER, dose=100, number=2)],
            [DrugChange(DrugEvent.DOSE_CHANGED, "sertraline", LATER, Decimal(50), Decimal(100))],
        ),
        ([drug(BEFORE, LATER), drug(LATER, number=2)], []),
        ([drug(BEFORE, LATER), drug(LATER, dose=None, number=2)], []),
        (
            [drug(LATER, LATER + timedelta(days=2))],
            [DrugChange(DrugEvent.TRIED, "sertraline", LATER, None, Decimal(50))],
        ),
        ([drug(BEFORE, REVIEWED)], []),
        ([drug(TODAY + timedelta(days=1))], []),
        ([drug(BEFORE, TODAY + timedelta(days=1))], []),
    ],
)
def test_a_drug_is_compared_between_the_review_and_today(rows, expected):
    assert list(since_review(case(treatments=tuple(rows))).drugs) == expected


def test_side_effects_are_those_of_treatments_started_since():
    rows = (
        drug(BEFORE, side_effects="céphalées"),
        drug(LATER, number=2, side_effects="nausées", atc_code="N06AX11", name="mirtazapine"),
    )
    assert since_review(case(treatments=rows)).side_effects == (
        SideEffect("mirtazapine", "nausées"),
    )


def test_missed_contacts_are_counted():
    contacts = (
        contact(REVIEWED, attended=False),
        contact(LATER, attended=False),
        contact(LATER),
        contact(TODAY + timedelta(days=1), attended=False),
    )
    assert since_review(case(contacts=contacts)).missed_contacts == 1


def line(*answers):
    return Recommendation(
        id=UUID(int=9),
        position=1,
        kind="other",
        action=None,
        atc_code=None,
        drug_name=None,
        daily_dose_mg=None,
        titration=None,
        detail="Appeler",
        alternative=None,
        owner_role="nurse",
        due_on=None,
        answers=answers,
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((("acknowledged", -1),), {}),
        ((("acknowledged", -1), ("done", 2)), {"done": 1}),
        ((("acknowledged", 1), ("done", 2)), {"done": 1}),
    ],
)
def test_a_line_answered_since_the_signature_counts_by_its_latest_answer(given, expected):
    answers = [
        Answer(UUID(int=3), None, outcome, None, SIGNED_AT + timedelta(hours=hours))
        for outcome, hours in given
    ]
    signed = review(recommendations=(line(*answers),))
    assert since_review(case(reviews=(signed,))).answers == expected


@pytest.mark.parametrize(("settled_at", "expected"), [(None, 1), (SIGNED_AT, 0)])
def test_failed_deliveries_are_counted_until_somebody_has_seen_to_them(settled_at, expected):
    failed = Delivery(
        UUID(int=4), None, "gp", "mail", 0, "failed", 1, SIGNED_AT, settled_at=settled_at
    )
    signed = review(deliveries=(failed,))
    assert since_review(case(reviews=(signed,))).failed_deliveries == expected

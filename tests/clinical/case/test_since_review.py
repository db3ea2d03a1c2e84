"""The changes since the last review: facts after its day, up to the day of the case."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import (
    Answer,
    CaseReview,
    Condition,
    Flag,
    PsychosocialCare,
    Question,
    Recommendation,
    SafetyPlan,
    Sequence,
    Settlement,
)
from dashboard.clinical.case.since_review import (
    ItemChange,
    ScoreChange,
    SideEffect,
    Spell,
    since_review,
)
from dashboard.clinical.delivery import Delivery
from dashboard.clinical.people import Person
from dashboard.vocabulary import SettlementKind
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


BEFORE = date(2026, 9, 10)


def drug(started_on, stopped_on=None, number=1, **values):
    return replace(SERTRALINE, id=number, started_on=started_on, stopped_on=stopped_on, **values)


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
        (1, -1, None),
        (0, 4, ItemChange(0, 4)),
    ],
)
def test_item_9_is_said_where_it_has_changed(before, after, expected):
    def answered(on, item9):
        return form("phq9", on, items=(*(1,) * 8, item9))

    forms = (answered(REVIEWED - timedelta(days=20), before), answered(LATER, after))
    assert since_review(case(assessments=forms)).item9 == expected


def phq9(on, item9):
    return form("phq9", on, items=(*(1,) * 8, item9))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0, (2, 0), ItemChange(0, 0, 2)),
        (1, (3, 2), ItemChange(1, 2, 3)),
        (None, (2, 0), ItemChange(None, 0, 2)),
        (2, (1, 2), None),
        (0, (1, 2), ItemChange(0, 2)),
        (2, (2, 0), ItemChange(2, 0)),
    ],
)
def test_the_highest_item_9_since_the_review_is_not_hidden_by_the_latest(before, after, expected):
    forms = [phq9(REVIEWED - timedelta(days=20), before)]
    forms += [phq9(LATER + timedelta(days=n), one) for n, one in enumerate(after)]
    assert since_review(case(assessments=tuple(forms))).item9 == expected


def cssrs(on, *yes, answered=range(1, 7), number=1):
    items = tuple(int(one in yes) if one in answered else None for one in range(1, 7))
    return form("cssrs", on, items=items, number=number)


GRAVE = cssrs(LATER, 1, 2, 3, 4, 5, number=1)
MILD = cssrs(LATER + timedelta(days=1), 1, 2, 3, number=2)
NONE_YES = cssrs(LATER + timedelta(days=2), number=3)
EMPTY = cssrs(LATER + timedelta(days=3), answered=(), number=4)


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        ((cssrs(REVIEWED, 1),), ()),
        ((GRAVE,), (GRAVE,)),
        ((GRAVE, MILD), (GRAVE, MILD)),
        ((GRAVE, MILD, NONE_YES, EMPTY), (GRAVE, NONE_YES)),
        ((NONE_YES,), (NONE_YES,)),
        ((EMPTY,), (EMPTY,)),
    ],
)
def test_the_gravest_and_the_latest_c_ssrs_are_said(forms, expected):
    assert since_review(case(assessments=forms)).screenings == expected


def flag(raised_at, cleared_at=None, kind="safety"):
    return Flag(1, kind, None, raised_at, None, None, cleared_at)


SECOND = timedelta(seconds=1)
LATER_AT = datetime(2026, 11, 17, 9, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("raised_at", "cleared_at", "expected"),
    [
        (SIGNED_AT, None, ()),
        (SIGNED_AT + SECOND, None, (Spell("safety", REVIEWED),)),
        (SIGNED_AT - SECOND, LATER_AT, (Spell("safety", None, LATER),)),
        (SIGNED_AT + SECOND, LATER_AT, (Spell("safety", REVIEWED, LATER),)),
        (SIGNED_AT - SECOND, SIGNED_AT, ()),
    ],
)
def test_a_flag_counts_from_the_instant_of_the_signature(raised_at, cleared_at, expected):
    assert since_review(case(flags=(flag(raised_at, cleared_at),))).flags == expected


def test_safety_flags_come_before_others():
    flags = (flag(LATER_AT, kind="discussion"), flag(LATER_AT + SECOND))
    assert [one.name for one in since_review(case(flags=flags)).flags] == ["safety", "discussion"]


@pytest.mark.parametrize(
    ("onset_on", "resolved_on", "expected"),
    [
        (REVIEWED, None, ()),
        (LATER, None, (Spell("Grossesse", LATER),)),
        (None, LATER, (Spell("Grossesse", None, LATER),)),
        (LATER, TODAY, (Spell("Grossesse", LATER, TODAY),)),
        (None, None, ()),
        (None, TODAY + timedelta(days=1), ()),
    ],
)
def test_a_condition_is_said_that_began_or_ended(onset_on, resolved_on, expected):
    conditions = (Condition(1, "Z33", "Grossesse", onset_on, resolved_on),)
    assert since_review(case(conditions=conditions)).conditions == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"assessments": (NONE_YES,)},
        {"assessments": (form("phq9", LATER),)},
        {"assessments": (form("whoqol", LATER, 75),)},
        {"flags": (flag(LATER_AT),)},
        {"conditions": (Condition(1, "I45.8", "QT long", LATER, None),)},
        {"contacts": (contact(LATER),)},
        {"psychosocial": (PsychosocialCare(1, "psychologist", LATER, None, None, None),)},
        {"psychosocial": (PsychosocialCare(1, "psychologist", REVIEWED, LATER, None, None),)},
        {
            "questions": (
                Question(UUID(int=5), None, "Et après ?", LATER_AT, LATER_AT, UUID(int=8)),
            )
        },
        {"safety_plans": (SafetyPlan(1, REVIEWED, LATER),)},
        {"sequences": (Sequence("classique", 2, LATER, date(2027, 1, 1)),)},
        {
            "withdrawals": (
                Settlement(
                    UUID(int=6), UUID(int=7), None, SettlementKind.WITHDRAWN, None, LATER_AT
                ),
            )
        },
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_new_fact_alone_is_a_change(changed):
    assert since_review(case(**changed))


def test_side_effects_are_those_of_treatments_started_since():
    rows = (
        drug(BEFORE, side_effects="céphalées"),
        drug(LATER, number=2, side_effects="nausées", atc_code="N06AX11", name="mirtazapine"),
    )
    assert since_review(case(treatments=rows)).side_effects == (
        SideEffect("mirtazapine", "nausées"),
    )


def test_kept_and_missed_contacts_are_counted():
    contacts = (
        contact(REVIEWED, attended=False),
        contact(LATER, attended=False),
        contact(LATER),
        contact(TODAY + timedelta(days=1), attended=False),
    )
    changes = since_review(case(contacts=contacts))
    assert (changes.contacts, changes.missed_contacts) == (1, 1)


@pytest.mark.parametrize("purpose", ["scheduling", "message"])
def test_an_appointment_or_a_message_is_no_contact(purpose):
    contacts = (contact(LATER, attended=False), contact(LATER))
    assert not since_review(case(contacts=tuple(replace(one, purpose=purpose) for one in contacts)))


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
        ((("nurse", "acknowledged", -1),), {}),
        ((("nurse", "acknowledged", -1), ("nurse", "done", 2)), {"done": 1}),
        ((("nurse", "acknowledged", 1), ("nurse", "done", 2)), {"done": 1}),
        ((("gp", "declined", 1), ("nurse", "acknowledged", 2)), {"declined": 1}),
        ((("gp", "declined", -1), ("nurse", "acknowledged", 2)), {}),
        ((("nurse", "done", 1), ("nurse", "acknowledged", 2)), {"acknowledged": 1}),
    ],
)
def test_a_line_answered_since_the_signature_counts_by_the_answer_that_counts(given, expected):
    people = {"nurse": Person(2, "Lopez", "Inès"), "gp": Person(3, "Kouassi", "Jean")}
    answers = [
        Answer(UUID(int=3), people[role], outcome, None, SIGNED_AT + timedelta(hours=hours))
        for role, outcome, hours in given
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


def test_failed_deliveries_of_an_amended_review_do_not_count():
    failed = Delivery(UUID(int=4), None, "gp", "mail", 0, "failed", 1, SIGNED_AT)
    later = review()
    amended = review(number=5, superseded_by=later.id, deliveries=(failed,))
    assert since_review(case(reviews=(amended, later))).failed_deliveries == 0

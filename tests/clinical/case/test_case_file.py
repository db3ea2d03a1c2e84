"""The data of the case page on a form, a sequence, a recommendation."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Answer, Flag, Recommendation, Sequence
from dashboard.clinical.people import Person
from tests.support.case_files import TODAY, case, form

DAY = date(2026, 11, 18)
AT_NOON = datetime(2026, 11, 18, 12, tzinfo=PARIS)
PHQ9 = (2, 2, 2, 1, 1, 1, 0, 0, 1)

# instrument, total, items → plotted value, whether the point is solid, oddities
FORMS = [
    ("phq9", 10, PHQ9, 10, True, ()),
    ("phq9", None, PHQ9, 10, True, ()),
    ("phq9", 0, (0,) * 9, 0, True, ()),
    ("phq9", 10, None, 10, False, ()),
    ("phq9", 0, None, 0, False, ()),
    ("phq9", 10, (), 10, False, ()),
    ("phq9", 10, (None,) * 8 + (1,), 10, False, ()),
    ("phq9", None, (1,) * 8 + (None,), 9, False, ()),
    ("phq9", 12, PHQ9, 12, True, ("total_disagrees",)),
    ("phq9", 12, (3,) * 8 + (None,), 12, False, ()),
    ("phq9", 28, None, 28, False, ("out_of_range",)),
    ("phq9", -1, None, -1, False, ("out_of_range",)),
    ("phq9", 28, PHQ9, 28, False, ("out_of_range", "total_disagrees")),
    ("phq9", None, None, None, False, ("no_score",)),
    ("phq9", None, (1,) * 6 + (None,) * 3, None, False, ("no_score",)),
    ("phq9", None, (1,) * 10, None, False, ("bad_items",)),
    ("phq9", 12, (1,) * 10, 12, False, ("bad_items",)),
    ("phq9", 12, (1,) * 5, 12, False, ("bad_items",)),
    ("phq9", None, (1,) * 8, 9, False, ("bad_items",)),
    ("phq9", None, (1,) * 8 + (4,), 9, False, ("bad_items",)),
    ("phq9", None, (1,) * 8 + (-1,), 9, False, ("bad_items",)),
    ("phq9", 30, (1,) * 10, 30, False, ("out_of_range", "bad_items")),
    ("gad7", 22, None, 22, False, ("out_of_range",)),
    ("madrs", None, (6,) * 10, 60, True, ()),
    ("whoqol", 75, (1, 2, 3), 75, False, ("unknown_instrument",)),
    ("whoqol", None, None, None, False, ("unknown_instrument",)),
]


@pytest.mark.parametrize(("instrument", "total", "items", "plotted", "solid", "oddities"), FORMS)
def test_a_form_is_drawn_as_it_is_and_what_is_odd_is_said(
    instrument, total, items, plotted, solid, oddities
):
    drawn = form(instrument, DAY, total, items)
    assert drawn.plotted == plotted
    assert drawn.solid is solid
    assert drawn.oddities == oddities


@pytest.mark.parametrize(
    ("value", "corrected"),
    [
        ("instrument", "gad7"),
        ("taken_on", TODAY),
        ("total", 11),
        ("items", (*PHQ9[:8], 3)),
        ("items", None),
    ],
)
def test_a_corrected_form_has_another_version(value, corrected):
    one = form("phq9", DAY, 10, PHQ9)
    assert replace(one, **{value: corrected}).version != one.version


@pytest.mark.parametrize(
    ("value", "changed", "is_another"),
    [("kind", "safety", True), ("cleared_at", AT_NOON, True), ("note", "[…]", False)],
)
def test_a_flag_of_another_kind_or_a_cleared_one_has_another_version(value, changed, is_another):
    one = Flag(1, "discussion", None, AT_NOON, "Voir Mme Durand", None, None)
    assert (replace(one, **{value: changed}).version != one.version) is is_another


def test_a_form_has_the_name_of_its_questionnaire_or_else_its_code():
    assert form("phq9", DAY, 4).label == "PHQ-9"
    assert form("whoqol", DAY, 4).label == "whoqol"


def test_the_scores_of_a_questionnaire_are_its_forms_with_a_valid_score():
    forms = (
        form("phq9", date(2026, 9, 1), 0, number=1),
        form("phq9", date(2026, 10, 1), 28, number=2),
        form("gad7", date(2026, 10, 1), 7, number=3),
        form("phq9", date(2026, 11, 1), 9, number=4),
    )
    opened = case(assessments=forms)
    assert [one.id for one in opened.scores_of("phq9")] == [1, 4]
    assert [one.id for one in opened.scores_of("whoqol")] == []


@pytest.mark.parametrize(
    ("title", "sequences", "number"),
    [
        ("none", [], None),
        ("begun today", [(1, TODAY)], 1),
        ("begins tomorrow", [(1, date(2026, 11, 25))], None),
        ("the latest start", [(1, date(2026, 9, 1)), (2, date(2026, 11, 1))], 2),
        ("the next has not begun", [(1, date(2026, 9, 1)), (2, date(2026, 12, 1))], 1),
        ("not in order", [(2, date(2026, 11, 1)), (1, date(2026, 9, 1))], 2),
        ("two on one day: the later entry", [(1, date(2026, 9, 1)), (2, date(2026, 9, 1))], 2),
    ],
)
def test_the_current_sequence_is_the_one_that_started_last(title, sequences, number):
    opened = case(
        sequences=tuple(
            Sequence("classique", which, start, date(2027, 1, 31)) for which, start in sequences
        )
    )
    current = opened.current_sequence
    assert (current.number if current else None) == number


@pytest.mark.parametrize(
    ("enrolled_on", "weeks"),
    [
        (TODAY, 0),
        (date(2026, 11, 18), 0),
        (date(2026, 11, 17), 1),
        (date(2026, 11, 11), 1),
        (date(2026, 11, 10), 2),
    ],
)
def test_weeks_in_care_are_whole_weeks(enrolled_on, weeks):
    assert case(enrolled_on=enrolled_on).weeks_in_care == weeks


def test_the_latest_answer_says_what_became_of_a_recommendation():
    assert advice().state == "unanswered"
    assert advice("acknowledged").state == "acknowledged"
    assert advice("acknowledged", "declined").state == "declined"


NURSE, GP = Person(2, "Lopez", "Inès"), Person(3, "Kouassi", "Jean")


@pytest.mark.parametrize(
    ("title", "said", "decided"),
    [
        ("no answer", [], None),
        ("read only", [(NURSE, "acknowledged")], None),
        ("the latest that settles", [(NURSE, "done"), (GP, "declined")], "declined"),
        ("read by somebody else since", [(GP, "declined"), (NURSE, "acknowledged")], "declined"),
        ("undone by its author", [(NURSE, "done"), (NURSE, "acknowledged")], None),
        ("undone, so that an earlier one of somebody else counts",
         [(GP, "declined"), (NURSE, "done"), (NURSE, "acknowledged")], "declined"),
        ("given again after it was undone",
         [(NURSE, "done"), (NURSE, "acknowledged"), (NURSE, "modified")], "modified"),
    ],
)  # fmt: skip
def test_the_decision_is_the_latest_that_its_author_has_not_taken_back(title, said, decided):
    answers = tuple(
        Answer(UUID(int=number), who, outcome, None, datetime(2026, 11, number, tzinfo=PARIS))
        for number, (who, outcome) in enumerate(said, 1)
    )
    line = replace(advice(), answers=answers)
    assert (line.decision.outcome if line.decision else None) == decided
    assert line.is_settled is (decided is not None)
    assert line.state == (decided or (said[-1][1] if said else "unanswered"))


def advice(*outcomes: str) -> Recommendation:
    answers = tuple(
        Answer(UUID(int=number), None, outcome, None, datetime(2026, 11, number, tzinfo=PARIS))
        for number, outcome in enumerate(outcomes, 1)
    )
    return Recommendation(
        id=UUID(int=0),
        position=1,
        kind="medication",
        action="increase",
        atc_code="N06AB06",
        drug_name="sertraline",
        daily_dose_mg=Decimal(100),
        titration=None,
        detail="",
        alternative=None,
        owner_role="gp",
        due_on=None,
        answers=answers,
    )

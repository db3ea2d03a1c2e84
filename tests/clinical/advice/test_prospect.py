"""The course that a draft would set."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.prospect import MOST_DAYS, prospect_of
from dashboard.clinical.caseload.need import Need, Needed
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import RiskLevel
from tests.support.chart_cases import case, sertraline, week, whole

CASE = case(treatments=[sertraline(50, week(0))], assessments=[whole("phq9", week(10), 15)])
TODAY = CASE.as_of
INCREASE = DraftLine(
    "a", action="increase", drug_name="sertraline", atc_code="N06AB06", dose="150 mg/j"
)


def steps(line, of=CASE):
    """Return the days from now and the doses of each drug, by its name."""
    prospect = prospect_of(of, DraftReview(lines=(line,)))
    return {
        drug.name: [((step.starts_on - TODAY).days, step.dose) for step in drug.steps]
        for drug in (prospect.drugs if prospect else ())
    }


@pytest.mark.parametrize(
    ("titration", "expected"),
    [
        ("50 mg tous les 7 jours", [(0, 100), (7, 150)]),
        ("by 50 mg every 2 weeks", [(0, 100), (14, 150)]),
        ("par paliers de 25 mg/7 j", [(0, 75), (7, 100), (14, 125), (21, 150)]),
        ("80 mg par 10 jours", [(0, 130), (10, 150)]),
        ("selon tolérance", [(0, 150)]),
        ("75 mg pendant 7 jours, puis 150 mg", [(0, 150)]),
        ("75 mg le matin, contrôle à 15 jours", [(0, 150)]),
        ("25 mg/j", [(0, 150)]),
        ("0 mg tous les 7 jours", [(0, 150)]),
        ("1 mg tous les jours", [(0, 150)]),
        ("", [(0, 150)]),
    ],
)
def test_written_steps_are_followed_from_the_dose_that_is_taken(titration, expected):
    line = replace(INCREASE, titration=titration)
    assert steps(line) == {"sertraline": [(days, Decimal(dose)) for days, dose in expected]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"dose": ""}, {}),
        ({"action": None}, {}),
        ({"kind": "other"}, {}),
        ({"action": "decrease", "dose": "25"}, {"sertraline": [(0, 25)]}),
        ({"action": "stop", "dose": ""}, {"sertraline": [(0, None)]}),
        ({"action": "continue", "dose": ""}, {"sertraline": [(0, 50)]}),
        (
            {
                "action": "switch",
                "drug_name": "venlafaxine LP",
                "atc_code": "N06AX16",
                "dose": "75",
                "replaced_drug_name": "sertraline",
                "replaced_atc_code": "N06AB06",
            },
            {"sertraline": [(0, None)], "venlafaxine LP": [(0, 75)]},
        ),
    ],
)
def test_each_action_sets_its_course(values, expected):
    assert steps(replace(INCREASE, **values)) == expected


def test_a_drug_that_is_continued_at_an_unknown_dose_has_no_course():
    unknown = replace(CASE, treatments=(replace(CASE.treatments[0], daily_dose_mg=None),))
    assert steps(replace(INCREASE, action="continue", dose=""), unknown) == {}


@pytest.mark.parametrize(
    ("action", "taken", "expected"),
    [
        ("increase", {"daily_dose_mg": None}, [(0, 150)]),
        ("decrease", {"name": "mirtazapine", "atc_code": "N06AX11"}, [(0, 150)]),
        ("start", {"name": "mirtazapine", "atc_code": "N06AX11"}, [(0, 50), (7, 100), (14, 150)]),
        ("start", {"daily_dose_mg": None}, [(0, 150)]),
    ],
)
def test_steps_are_drawn_only_from_a_known_dose(action, taken, expected):
    of = replace(CASE, treatments=(replace(CASE.treatments[0], **taken),))
    line = replace(INCREASE, action=action, titration="50 mg tous les 7 jours")
    assert steps(line, of) == {"sertraline": expected}


@pytest.mark.parametrize(
    ("title", "second", "expected"),
    [
        ("taken as needed besides", {"as_needed": True}, [(0, 100), (7, 150)]),
        ("nobody knows whether both rows are taken", {}, [(0, 150)]),
    ],
)
def test_a_second_row_of_the_drug_is_not_taken_for_its_dose(title, second, expected):
    taken = CASE.treatments[0]
    rows = (taken, replace(taken, id=taken.id + 1, daily_dose_mg=Decimal(12), **second))
    line = replace(INCREASE, titration="50 mg tous les 7 jours")
    assert steps(line, replace(CASE, treatments=rows)) == {"sertraline": expected}


def test_the_next_score_and_review_are_those_that_are_due():
    needed = replace(CASE, need=Needed(Need.HIGH, ()))
    by_need = prospect_of(needed, DraftReview(lines=(INCREASE,)))
    assert by_need is not None
    assert by_need.next_review_on == TODAY + timedelta(days=14)
    assert by_need.next_score_on == max(week(10) + timedelta(days=30), TODAY)

    chosen = prospect_of(CASE, DraftReview(next_review_on=TODAY + timedelta(days=56)))
    assert chosen is not None
    assert (chosen.next_review_on, chosen.until) == (TODAY + timedelta(days=56),) * 2


def test_the_next_review_is_the_one_that_the_risk_decision_of_the_draft_asks_for():
    low = replace(CASE, need=Needed(Need.LOW, ()))
    draft = DraftReview(lines=(INCREASE,), risk=RiskStatement(RiskLevel.HIGH))
    prospect = prospect_of(low, draft)
    assert prospect is not None
    assert prospect.next_review_on == TODAY + timedelta(days=14)


def test_a_course_is_shown_for_twelve_weeks_at_most():
    far = prospect_of(CASE, DraftReview(next_review_on=TODAY + timedelta(days=300)))
    assert far is not None
    assert far.until == TODAY + timedelta(days=MOST_DAYS)


def test_a_draft_that_sets_no_course_has_none():
    assert prospect_of(CASE, DraftReview("Stable")) is None

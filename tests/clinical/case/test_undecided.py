"""The earlier answers about suicidal thoughts that no risk decision has followed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dashboard.clinical.case.undecided import undecided_forms
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import RiskLevel
from tests.support import chart_cases
from tests.support.case_files import TODAY, case, form


def days_ago(days):
    return TODAY - timedelta(days=days)


def phq9(ago, answer):
    return form("phq9", days_ago(ago), items=(1,) * 8 + (answer,), number=ago)


def cssrs(ago, *yes):
    items = tuple(int(number in yes) for number in range(1, 7))
    return form("cssrs", days_ago(ago), items=items, number=ago)


def reviewed(ago, level, superseded=False):
    signed = chart_cases.review(days_ago(ago), superseded=superseded)
    return replace(signed, id=UUID(int=ago), risk=RiskStatement(level))


NO_ANSWER = form("cssrs", days_ago(2), items=(-1,) * 6, number=2)


@pytest.mark.parametrize(
    ("title", "instrument", "forms", "reviews", "found_ago"),
    [
        ("the latest alone", "phq9", [phq9(2, 3)], [], []),
        ("a later 0", "phq9", [phq9(8, 3), phq9(2, 0)], [], [8]),
        ("a later lower answer", "phq9", [phq9(8, 3), phq9(2, 1)], [], [8]),
        ("a later higher answer says it", "phq9", [phq9(8, 1), phq9(2, 2)], [], []),
        ("a later form without an answer", "phq9", [phq9(8, 1), phq9(2, None)], [], [8]),
        ("an answer below 0 is none", "phq9", [phq9(8, -1), phq9(2, None)], [], []),
        ("the highest, and the later of two",
         "phq9", [phq9(9, 2), phq9(8, 2), phq9(7, 1), phq9(2, 0)], [], [8]),
        ("a decision before it", "phq9", [phq9(8, 3), phq9(2, 0)], [(9, "low")], [8]),
        ("a decision of its day", "phq9", [phq9(8, 3), phq9(2, 0)], [(8, "low")], []),
        ("a decision left open", "phq9", [phq9(8, 3), phq9(2, 0)], [(5, "not_assessed")], [8]),
        ("a questionnaire that does not ask",
         "gad7", [form("gad7", days_ago(8), 15), form("gad7", days_ago(2), 3)], [], []),
        ("a C-SSRS before one without a yes", "cssrs", [cssrs(8, 4, 5), cssrs(2)], [], [8]),
        ("one before one without an answer is the latest",
         "cssrs", [cssrs(8, 4, 5), NO_ANSWER], [], []),
        ("without question 4, 5 or 6", "cssrs", [cssrs(8, 1, 2, 3), cssrs(2)], [], []),
        ("each with a question that no later one has",
         "cssrs", [cssrs(9, 4), cssrs(8, 4, 5), cssrs(7, 6), cssrs(2, 6)], [], [8]),
        ("a C-SSRS that was decided on", "cssrs", [cssrs(8, 6), cssrs(2)], [(6, "high")], []),
        ("none of them", "cssrs", [], [], []),
    ],
)  # fmt: skip
def test_they_are_the_graver_ones_before_the_latest(title, instrument, forms, reviews, found_ago):
    made = tuple(reviewed(ago, RiskLevel(level)) for ago, level in reviews)
    found = undecided_forms(case(assessments=tuple(forms), reviews=made), instrument)
    assert [one.id for one in found] == found_ago


@pytest.mark.parametrize(
    ("superseded", "amended", "found"), [(False, None, 0), (True, None, 1), (False, 5, 1)]
)
def test_the_decision_of_an_amended_review_does_not_count(superseded, amended, found):
    told = case(
        assessments=(phq9(8, 3), phq9(2, 0)),
        reviews=(reviewed(5, RiskLevel.LOW, superseded),),
    )
    assert len(undecided_forms(told, "phq9", amended and UUID(int=amended))) == found

"""Answers by item and date."""

from dashboard.clinical.case.item_answers import LATEST_FORMS, item_answers
from tests.support.chart_cases import case, form, week

COMPLETE, PARTIAL = (1, 2, 0, 0, 0, 0, 0, 0, 3), (1, None)


def test_each_item_has_its_answers_by_date_and_an_unknown_one_is_none():
    forms = [
        form("phq9", week(1), 6, COMPLETE),
        form("phq9", week(2), None, PARTIAL),
        form("phq9", week(3), 12),
    ]
    (table,) = item_answers(case(assessments=forms))
    assert table.days == (week(1), week(2), week(3))
    assert table.answers[0] == (1, 1, None)
    assert table.answers[1] == (2, None, None)
    assert table.answers[8] == (3, None, None)


def test_the_latest_forms_are_shown_and_a_questionnaire_without_items_is_not():
    many = [form("phq9", week(number), 6, COMPLETE) for number in range(LATEST_FORMS + 2)]
    (table,) = item_answers(case(assessments=[*many, form("gad7", week(1), 5)]))
    assert table.instrument == "phq9"
    assert table.days[0] == week(2)

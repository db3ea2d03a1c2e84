"""The filters of the review list."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clinical.people import Person
from dashboard.components.caseload import review_table
from tests.clinical.caseload.test_review_list import row
from tests.support.chart_cases import TODAY


def page(rows, today):
    from dashboard.components.caseload.review_table import review_table

    review_table(rows, today, lambda _episode, _order: None)


ROW = row(1, psychiatrist=10)


@pytest.mark.parametrize(
    ("nurse", "name"),
    [(None, "sans IDE"), (Person(3, "Roux", "Paul"), "Roux Paul")],
    ids=["no nurse", "a nurse of the same family name"],
)
def test_each_nurse_has_a_filter_with_a_name_that_no_other_has(monkeypatch, nurse, name):
    monkeypatch.setattr(review_table, "review_rows", lambda *_rows, **_looks: None)
    rows = [ROW, replace(row(2, psychiatrist=10), nurse=nurse)]
    tab = AppTest.from_function(page, args=(rows, TODAY)).run()
    assert not tab.exception
    assert tab.multiselect(key="nurse").options == ["Roux Nadia", name]

"""The filters of the review list."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from dashboard.components.caseload import review_table
from tests.clinical.caseload.test_review_list import row
from tests.support.chart_cases import TODAY


def page(rows, today):
    from dashboard.components.caseload.review_table import review_table

    review_table(rows, today, lambda _episode, _order: None)


def test_patients_without_a_nurse_have_a_filter_in_words(monkeypatch):
    monkeypatch.setattr(review_table, "review_rows", lambda *_rows, **_looks: None)
    rows = [row(1, psychiatrist=10), replace(row(2, psychiatrist=10), nurse=None)]
    tab = AppTest.from_function(page, args=(rows, TODAY)).run()
    assert not tab.exception
    assert tab.multiselect(key="nurse").options == ["Roux", "sans IDE"]

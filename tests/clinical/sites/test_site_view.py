"""The filters that a medical lead has chosen."""

from datetime import date

import pytest

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.indicators import Selection
from dashboard.clinical.sites.site_view import View

YEAR = Period(date(2025, 12, 1), date(2026, 11, 1))


@pytest.mark.parametrize(
    ("chosen", "everybody"),
    [
        ({}, True),
        ({"sites": (1, 2)}, True),
        ({"nurse": 4}, False),
        ({"kind": "leger"}, False),
        ({"severity": "severe"}, False),
    ],
)
def test_a_nurse_or_a_filter_leaves_patients_out_and_a_site_does_not(chosen, everybody):
    assert View(YEAR, **chosen).everybody is everybody


def test_the_same_is_counted_over_another_period():
    view = View(YEAR, (1,), nurse=4, kind="leger", severity="severe")
    assert view.selection(YEAR.before()) == Selection(
        since=date(2024, 12, 1), until=date(2025, 11, 1), nurse=4, kind="leger", severity="severe"
    )

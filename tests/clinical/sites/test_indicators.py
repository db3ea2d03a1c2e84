"""The indicators, each defined once."""

import pytest

from dashboard.clinical.sites.indicators import ADVICE_PARTS, FLOW, INDICATORS


@pytest.mark.parametrize(
    ("indicator", "columns"),
    [
        ("active_caseload", ("active_caseload",)),
        ("early_contact", ("early_contact", "early_contact_eligible")),
        ("response", ("response", "response_eligible", "response_measured")),
    ],
)
def test_an_indicator_has_as_many_columns_as_numbers_that_differ(indicator, columns):
    assert INDICATORS[indicator].columns == columns


def test_no_column_counts_for_two_indicators():
    columns = [column for one in INDICATORS.values() for column in one.columns]
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda one: one.id)
def test_only_a_rate_can_depend_on_a_score_and_each_names_its_source(indicator):
    assert indicator.kind == "rate" or not indicator.scores
    assert indicator.source


def test_the_parts_of_the_advice_and_the_flow_are_indicators():
    assert {INDICATORS[one].group for one in ADVICE_PARTS} == {"advice"}
    assert [INDICATORS[one].kind for one in FLOW] == ["count"] * len(FLOW)

"""The indicators, each defined once."""

import pytest

from dashboard.clinical.sites.indicators import (
    ADVICE_PARTS,
    FLOW,
    IN_READING_ORDER,
    INDICATORS,
    NEW_YORK_TARGETS,
)


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


def test_similar_indicators_are_read_beside_each_other():
    assert sorted(IN_READING_ORDER) == sorted(INDICATORS)
    groups = [INDICATORS[one].group for one in IN_READING_ORDER]
    assert list(dict.fromkeys(groups)) == [
        group for place, group in enumerate(groups) if not place or groups[place - 1] != group
    ]
    place = IN_READING_ORDER.index
    assert place("unimproved_reviewed_with_advice") == place("unimproved_reviewed") + 1


def test_new_york_s_targets_are_80_60_and_80_percent_of_rates():
    """Metrics 5, 6 and 8 of 2025."""
    assert NEW_YORK_TARGETS == {
        "contact_and_score": 0.8,
        "improved_70": 0.6,
        "unimproved_reviewed_with_advice": 0.8,
    }
    assert {INDICATORS[one].kind for one in NEW_YORK_TARGETS} == {"rate"}

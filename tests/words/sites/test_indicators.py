"""The names of indicators, and figures, in words."""

import pytest

from dashboard.clinical.sites.indicators import INDICATORS, NEW_YORK_TARGETS, SEVERITIES, WAITS
from dashboard.words.sites.indicators import (
    euros,
    formula,
    group_name,
    indicator_name,
    percent,
    points,
    reference_in_words,
    severity_name,
    unit_name,
    wait_name,
)


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda one: one.id)
def test_an_indicator_has_a_name_a_formula_a_unit_and_a_group(indicator):
    assert indicator_name(indicator.id)[0].isupper()
    assert formula(indicator.id).endswith(".")
    assert unit_name(indicator.unit)
    assert group_name(indicator.group)


@pytest.mark.parametrize("indicator", NEW_YORK_TARGETS)
def test_a_target_of_new_york_is_never_said_to_be_a_goal_of_sesame(indicator):
    said = reference_in_words(indicator)
    assert "New York State Office of Mental Health for its own programme" in said
    assert "no goal of SÉSAME. There, " in said


def test_no_two_indicators_have_the_same_name_or_formula():
    assert len({indicator_name(one) for one in INDICATORS}) == len(INDICATORS)
    assert len({formula(one) for one in INDICATORS}) == len(INDICATORS)


def test_every_wait_and_severity_has_a_name():
    assert {wait_name(one) for one in WAITS} >= {"Referral to enrolment"}
    assert [severity_name(one) for one in SEVERITIES][-1] == "no baseline"


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (None, "–"),
        (0, "0\N{NO-BREAK SPACE}%"),
        (0.456, "46\N{NO-BREAK SPACE}%"),
        (1, "100\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_rate_is_in_whole_points(rate, said):
    assert percent(rate) == said


@pytest.mark.parametrize(
    ("change", "said"), [(None, "–"), (0.031, "+3"), (-0.04, "−4"), (0.004, "0"), (-0.004, "0")]
)
def test_a_change_has_a_sign(change, said):
    assert points(change) == said


def test_an_amount_is_in_whole_euros():
    assert euros(2_617_026.4) == "2,617,026 €"

"""The head of a case."""

from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clinical.case.case_file import Sequence
from dashboard.clinical.caseload.rules import RULES, Reason
from dashboard.components.case.case_header import sequence_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import case

ENROLLED, CLOSED = date(2025, 1, 7), date(2025, 9, 2)
REASONS = tuple(
    Reason(RULES[rule], RULES[rule].tier, CLOSED, facts)
    for rule, facts in (
        ("suicidal_ideation", {"before": None, "latest": 2, "day": CLOSED}),
        ("no_contact", {"last": CLOSED, "days": 448}),
    )
)


@pytest.mark.parametrize(
    ("ends_on", "said"),
    [
        (date(2026, 12, 12), "classic 4/4, ends 12 Dec"),
        (date(2025, 12, 12), "classic 4/4, ends 12 Dec 2025"),
    ],
)
def test_a_sequence_that_ended_long_ago_does_not_look_as_if_it_ended_soon(ends_on, said):
    shown = case(sequences=(Sequence("classique", 4, date(2025, 9, 13), ends_on),))
    with speaking("en"):
        assert sequence_in_words(shown) == said


def page(shown):
    from dashboard.components.case.case_header import case_header
    from dashboard.locale import speaking

    with speaking("en"):
        case_header(shown, [], lambda _episode: None)


def said_of(shown):
    tab = AppTest.from_function(page, args=(shown,)).run()
    assert not tab.exception
    return unescape(" ".join(one.value for one in (*tab.markdown, *tab.caption)))


def test_a_closed_episode_has_no_reasons_but_those_of_safety_and_no_weeks_after_its_closing():
    closed = case(ENROLLED, status="closed", closed_on=CLOSED, reasons=REASONS)
    said = said_of(closed)
    for shown in ("episode closed", "Suicidal thoughts", "34 weeks"):
        assert shown in said
    assert "No contact" not in said


def test_a_closed_episode_without_reasons_is_not_on_track():
    assert "On track" not in said_of(case(ENROLLED, status="closed", closed_on=CLOSED))


def test_an_open_episode_has_all_of_its_reasons():
    said = said_of(replace(case(ENROLLED, reasons=REASONS), closed_on=None))
    assert "Suicidal thoughts" in said
    assert "No contact" in said


def test_the_drug_of_a_reason_is_not_read_as_markdown():
    rule = RULES["benzodiazepine_long"]
    reason = Reason(rule, rule.tier, CLOSED, {"drug": "zopiclone *x*", "weeks": 13})
    assert "Zopiclone *x* for 13 weeks" in said_of(case(ENROLLED, reasons=(reason,)))
    tab = AppTest.from_function(page, args=(case(ENROLLED, reasons=(reason,)),)).run()
    assert [one for one in tab.markdown if "*x*" in one.value] == []

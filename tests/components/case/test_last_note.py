"""The note of the latest contact."""

from dataclasses import replace
from datetime import date

from dashboard.components.case.last_note import last_note_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import SOMEBODY, TODAY, contact


def test_the_note_is_named_as_the_last_with_its_contact():
    noted = replace(contact(date(2026, 9, 17)), note="Dort mieux.", practitioner=SOMEBODY)
    with speaking("en"):
        said = last_note_in_words(noted, TODAY)
    assert said == f"Last note (phone on 17 Sep, {SOMEBODY.family_name}): Dort mieux."


def test_a_note_of_long_ago_is_dated_with_its_year():
    noted = replace(contact(date(2025, 12, 17)), note="Dort mieux.", practitioner=None)
    with speaking("en"):
        said = last_note_in_words(noted, TODAY)
    assert said == "Last note (phone on 17 Dec 2025): Dort mieux."

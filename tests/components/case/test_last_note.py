"""The note of the latest contact."""

from dataclasses import replace
from datetime import date

from dashboard.components.case.last_note import last_note_in_words
from dashboard.locale import speaking
from tests.support.chart_cases import SOMEBODY, contact


def test_the_note_is_named_as_the_last_with_its_contact():
    noted = replace(contact(date(2026, 9, 17)), note="Dort mieux.", practitioner=SOMEBODY)
    with speaking("en"):
        said = last_note_in_words(noted)
    assert said == f"Last note (phone on 17 Sep, {SOMEBODY.family_name}): Dort mieux."

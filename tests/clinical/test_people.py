"""The identity of a patient, whole and presented."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.clinical.people import Person, folded, in_order
from tests.support.case_files import COMPLETE

WHOLE = COMPLETE.identity
PRESENTED = replace(WHOLE, birth_date=None, age=43)


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 5, 1), 42), (date(2026, 5, 2), 43), (date(2026, 11, 24), 43)]
)
def test_an_age_is_in_completed_years(day, age):
    assert WHOLE.age_on(day) == age


def test_a_presented_patient_has_the_age_of_the_file_on_any_day():
    assert PRESENTED.age_on(date(2036, 1, 1)) == 43


def test_an_identity_without_a_birth_date_is_presented():
    assert PRESENTED.is_presented
    assert not WHOLE.is_presented


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Aït Ouali", "ait ouali"),
        ("LEFÈVRE", "lefevre"),
        ("Œuvrard", "oeuvrard"),
        ("Weiß", "weiss"),
    ],
)
def test_a_folded_text_has_neither_capitals_nor_accents(text, bare):
    assert folded(text) == bare


def test_people_are_in_the_order_of_the_alphabet_whatever_their_accents():
    people = [
        Person(1, "Arnaud", "Ibrahim"),
        Person(2, "Aït Ouali", "Laura"),
        Person(3, "Aït Ouali", "Éric"),
        Person(4, "Zola", "Anne"),
        Person(5, "Étienne", "Luc"),
    ]
    assert [one.id for one in sorted(people, key=in_order)] == [3, 2, 1, 5, 4]

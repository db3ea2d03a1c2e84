"""Whether emergency access can be asked for, and which cases lie outside one's own."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.clinical.access.emergency import Wish, is_outside, problem_of
from dashboard.clinical.people import Person
from tests.support.case_files import COMPLETE

WISH = Wish(7, "Lefèvre", date(1983, 5, 2), "on_call", "Appelée cette nuit")


@pytest.mark.parametrize(
    ("changed", "lacks"),
    [
        ({}, None),
        ({"case_number": None}, "patient"),
        ({"family_name": "  "}, "patient"),
        ({"birth_date": None}, "patient"),
        ({"reason": None}, "reason"),
        ({"reason": "curiosity"}, "reason"),
        ({"explanation": " 123456789 "}, "explanation"),
        ({"explanation": "1234567890"}, None),
    ],
)
def test_a_wish_names_the_patient_a_reason_and_an_explanation(changed, lacks):
    assert problem_of(replace(WISH, **changed)) == lacks


@pytest.mark.parametrize(
    ("practitioner", "covered", "outside"),
    [
        (3, None, False),
        (2, None, False),
        (9, None, True),
        (9, Person(3, "Moreau", "Claude"), False),
    ],
)
def test_a_case_is_outside_for_who_neither_treats_nor_covers(practitioner, covered, outside):
    assert is_outside(replace(COMPLETE, covered=covered), practitioner) is outside

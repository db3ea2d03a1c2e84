"""Patients and practitioners, from the rows that hold them."""

from datetime import date
from types import SimpleNamespace

import pytest

from dashboard.clinical.people import Identity, Person
from dashboard.queries.people import identity_of, identity_without_numbers, person_of

BORN = date(1983, 5, 2)
ROW = SimpleNamespace(
    patient_id=7,
    family_name="Lefèvre",
    given_name="Camille",
    birth_date=BORN,
    sex="female",
    ins="283057801234567",
    phone="0612345678",
)


def test_a_patient_is_told_by_their_traits():
    numbers = ("283057801234567", "0612345678")
    assert identity_of(ROW) == Identity(7, "Lefèvre", "Camille", BORN, "female", *numbers)


def test_a_list_reads_no_numbers():
    found = identity_without_numbers(ROW)
    assert found == Identity(7, "Lefèvre", "Camille", BORN, "female", None, None)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ((1, "Roux", "Claude"), Person(1, "Roux", "Claude")),
        ((1, "Roux", None), Person(1, "Roux", "")),
        ((1, None, None), None),
        ((None, None, None), None),
    ],
)
def test_a_practitioner_is_there_where_the_row_joins_one(row, found):
    assert person_of(*row) == found

"""The identity of a patient, whole and presented."""

from dataclasses import replace
from datetime import date

import pytest

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

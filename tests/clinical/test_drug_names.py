"""Drugs by the name that a psychiatrist writes."""

import pytest

from dashboard.clinical.drug_names import DRUG_NAMES, atc_code_of


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sertraline", "N06AB06"),
        ("  Sertraline ", "N06AB06"),
        ("quetiapine", "N05AH04"),
        ("QUÉTIAPINE", "N05AH04"),
        ("venlafaxine", "N06AX16"),
        ("venlafaxine  LP", "N06AX16"),
        ("millepertuis", None),
        ("", None),
    ],
)
def test_a_name_has_its_code_whatever_its_accents_and_capitals(name, code):
    assert atc_code_of(name) == code


def test_the_patients_own_treatment_is_known_too():
    assert atc_code_of("Deroxat", {"Déroxat": "N06AB05"}) == "N06AB05"


def test_a_name_of_the_list_wins_over_one_of_the_patient():
    assert atc_code_of("sertraline", {"sertraline": "X"}) == "N06AB06"


def test_every_name_that_is_offered_has_a_code():
    assert [name for name in DRUG_NAMES if atc_code_of(name) is None] == []

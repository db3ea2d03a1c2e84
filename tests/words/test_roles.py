"""The names of roles."""

import pytest

from dashboard.locale import speaking
from dashboard.vocabulary import Role
from dashboard.words.roles import role_name


@pytest.mark.parametrize(
    ("role", "english", "french"),
    [
        (Role.PSYCHIATRIST, "psychiatrist", "psychiatre"),
        (Role.GP, "GP", "médecin traitant"),
    ],
)
def test_a_role_has_a_name_in_both_languages(role, english, french):
    assert role_name(role) == english
    with speaking("fr"):
        assert role_name(role) == french


@pytest.mark.parametrize("role", Role)
def test_no_role_is_shown_by_its_code_in_french(role):
    with speaking("fr"):
        assert role_name(role) != str(role)


def test_an_unknown_role_is_shown_as_it_is_stored():
    assert role_name("midwife") == "midwife"

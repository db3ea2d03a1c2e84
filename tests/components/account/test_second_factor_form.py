"""The state of a person's second factor, in words."""

from dashboard.components.account.second_factor_form import state_in_words
from dashboard.locale import speaking


def test_a_person_without_a_password_is_not_told_of_a_password_or_a_code():
    said = "You sign in at your identity provider: no code is asked for here."
    with speaking("en"):
        assert state_in_words(False, 0, False, has_password=False) == said
        assert state_in_words(False, 0, True, has_password=False) == said
        assert state_in_words(True, 8, True, has_password=False) == f"{said} 8 recovery codes left."

"""Rows of the access log in words."""

import pytest

from dashboard.locale import speaking
from dashboard.words.access.accesses import action_name, why_name


def test_an_action_has_a_name_in_both_languages():
    assert action_name("emergency_opened") == "asked for emergency access"
    with speaking("fr"):
        assert action_name("case_opened") == "a ouvert le dossier"


def test_an_action_without_a_name_is_shown_by_its_code():
    assert action_name("a_new_action") == "a_new_action"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("care", "of the patient's team"),
        ("cover", "covers a colleague of the team"),
        ("emergency", "emergency access"),
        ("haste", ""),
        (None, ""),
    ],
)
def test_why_it_was_allowed(why, said):
    assert why_name(why) == said

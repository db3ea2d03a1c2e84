"""French typography is done by code: no text of the program depends on its author's care."""

import re

import pytest

from dashboard.locale import _, speaking
from dashboard.locale.formats import labelled
from dashboard.locale.typography import french
from tools.messages import catalogue

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Fait : oui", f"Fait{NBSP}: oui"),
        ("un ; deux", f"un{NBSP}; deux"),
        ("Qui ? Moi !", f"Qui{NBSP}? Moi{NBSP}!"),
        ("95 % et 12 €", f"95{NBSP}% et 12{NBSP}€"),
        ("« oui »", f"«{NBSP}oui{NBSP}»"),
        ("l'avis d'{name}", "l’avis d’{name}"),
        ("12:30, :material/check:", "12:30, :material/check:"),
    ],
)
def test_french_texts_get_french_typography(written, shown):
    assert french(written) == shown
    assert french(shown) == shown


def test_the_french_catalogue_is_in_french_type():
    odd = [
        form
        for message in catalogue("fr")
        if message.id
        for form in (message.string if isinstance(message.string, tuple) else (message.string,))
        if re.search(r"\w'| (?::(?:\s|$)|[;!?%€»])|« ", form)
    ]
    assert odd == []


def test_what_somebody_typed_is_left_as_it_was_typed():
    with speaking("fr"):
        assert "l'essai ?" in _("Deferred: {reason}", reason="l'essai ?")


@pytest.mark.parametrize(("language", "shown"), [("fr", f"Avis{NBSP}: un"), ("en", "Avis: un")])
def test_a_label_and_its_value(language, shown):
    with speaking(language):
        assert labelled("Avis", "un") == shown

"""French and English say the same things, and all of them."""

import re

import pytest

from dashboard.locale import LANGUAGES, _, ngettext, pgettext, speaking
from tools.messages import catalogue, texts, untranslated


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_lacks_a_translation(language):
    translated = catalogue(language)
    lacking = [
        text.id for text in texts() if text.id and translated.get(text.id, text.context) is None
    ]
    assert lacking == []
    assert [text.id for text in untranslated(translated)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders(language):
    def names(text):
        return set(re.findall(r"\{(\w+)\}", text))

    for text in catalogue(language):
        originals = text.id if isinstance(text.id, tuple | list) else (text.id,)
        translations = text.string if isinstance(text.string, tuple | list) else (text.string,)
        for original, translation in zip(originals, translations, strict=True):
            assert names(translation) == names(original), original


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("fr", 0, "0 patient"),
        ("fr", 1, "1 patient"),
        ("fr", 2, "2 patients"),
        ("en", 0, "0 patients"),
        ("en", 1, "1 patient"),
        ("en", 2, "2 patients"),
    ],
)
def test_each_language_counts_in_its_own_way(language, number, said):
    with speaking(language):
        assert ngettext("{n} patient", "{n} patients", number) == said


def test_one_english_word_can_have_two_french_ones():
    with speaking("fr"):
        assert pgettext("practitioner", "unknown") == "inconnu"
        assert _("unknown") == "inconnue"

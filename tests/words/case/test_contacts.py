"""Words for contacts."""

import pytest

from dashboard.locale import speaking
from dashboard.words.case.contacts import contact_kind_name


@pytest.mark.parametrize(
    ("language", "kind", "words"),
    [
        ("fr", "clinic", "au cabinet"),
        ("en", "clinic", "at the practice"),
        ("en", "phone", "phone"),
        ("en", "letter", "letter"),
    ],
)
def test_a_contact_is_named_by_its_kind_and_an_unknown_kind_as_stored(language, kind, words):
    with speaking(language):
        assert contact_kind_name(kind) == words

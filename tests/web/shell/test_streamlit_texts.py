"""The texts of Streamlit's own elements in the reader's language."""

import pytest

from dashboard.web.shell.streamlit_texts import texts_of_streamlit


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("fr", "No results", "Aucun résultat"),
        ("fr", "Press Enter to submit form", "Entrée pour envoyer"),
        ("en", "Press Enter to submit form", "Press Enter to send"),
        ("en", "Entrée pour envoyer", "Press Enter to send"),
        (
            "en",
            "The page that you have requested does not seem to exist. Running the app's main page.",
            "There is no page at this address. Your start page is shown instead.",
        ),
        ("fr", "dd", "jj"),
        ("fr", "Download as PNG", "Télécharger en PNG"),
        ("fr", "Show/hide columns", "Afficher ou masquer des colonnes"),
        # The browser's language decides in which words the parts of a date are.
        ("en", "jour,", "day,"),
    ],
)
def test_a_text_is_said_in_the_readers_language(language, text, said):
    assert texts_of_streamlit(language)[text] == said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_in_the_readers_language_stays(language):
    texts = texts_of_streamlit(language)
    assert not set(texts) & set(texts.values())

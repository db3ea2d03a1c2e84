"""Translations of the texts of Streamlit's own elements, which Streamlit has only in English.

The names of the parts of a date, such as "month", are in the language of the browser instead.
"""

from collections.abc import Mapping
from functools import cache

from dashboard.locale import LANGUAGES, _, speaking


def texts_of_streamlit(language: str) -> Mapping[str, str]:
    """Return the translations of Streamlit's texts into ``language``, by the text to replace.

    The name of a part of a date ends with a comma, because the label of the field follows it. The
    colon stands between the name of a button and the name of its table or chart.
    """
    return _by_text(language)


@cache
def _by_text(language: str) -> Mapping[str, str]:
    with speaking(language):
        wanted, reworded = _texts(), _reworded()
    found: dict[str, str] = {}
    for other in LANGUAGES:
        with speaking(other):
            found |= dict(zip(_texts(), wanted, strict=True))
            found |= dict(zip(_reworded().values(), reworded.values(), strict=True))
    found |= reworded
    return {text: said for text, said in found.items() if text != said}


def _reworded() -> dict[str, str]:
    """Return the texts that are replaced in English too, by Streamlit's text."""
    return {
        "Press Enter to submit form": _("Press Enter to send"),
        "Press Ctrl+Enter to submit form": _("Press Ctrl+Enter to send"),
        "Press ⌘+Enter to submit form": _("Press ⌘+Enter to send"),
        "The page that you have requested does not seem to exist. Running the app's main page.": _(
            "There is no page at this address. Your start page is shown instead."
        ),
    }


def _texts() -> tuple[str, ...]:
    return (
        _("Press Enter to apply"),
        _("Press Ctrl+Enter to apply"),
        _("Press ⌘+Enter to apply"),
        _("No results"),
        _("Page not found"),
        _("Clear all"),
        _("Clear value"),
        _("Clear entry"),
        _("Clear date"),
        _("Choose date"),
        _("Selected values"),
        _("Show password"),
        _("Hide password"),
        _("Previous page"),
        _("Next page"),
        _("Scroll tabs left"),
        _("Scroll tabs right"),
        _("Scrollable table"),
        _("Close"),
        _("Open"),
        _("Fullscreen"),
        _("Close fullscreen"),
        _("Search"),
        _("Show/hide columns"),
        _("Show data"),
        _("Show chart"),
        _("Download as CSV"),
        _("Download as PNG"),
        _("Copy Vega-Lite spec"),
        _("Copied!"),
        _(":"),
        _("Copy to clipboard"),
        _("Connection error"),
        _("day,"),
        _("month,"),
        _("year,"),
        _("dd"),
        _("yyyy"),
    )

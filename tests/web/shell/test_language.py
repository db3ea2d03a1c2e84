"""Which language a reader sees."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.web.shell import language

CASES = [
    ("nothing is known", None, None, None, "fr"),
    ("the browser's", None, None, "en-GB", "en"),
    ("the browser's, of another region", None, None, "fr-BE", "fr"),
    ("one that is not spoken here", None, None, "de-DE", "fr"),
    ("remembered by the browser", None, "en", "fr-FR", "en"),
    ("a cookie that was tampered with", None, "xx; path=/", "en-US", "en"),
    ("chosen now", "fr", "en", "en-US", "fr"),
]


@pytest.mark.parametrize(
    ("title", "chosen", "cookie", "locale", "spoken"), CASES, ids=[row[0] for row in CASES]
)
def test_which_language(monkeypatch, title, chosen, cookie, locale, spoken):
    monkeypatch.setattr(language, "remembered_language", lambda: cookie)
    tab = AppTest.from_string(
        "import streamlit as st\n"
        "from dashboard.locale import language\n"
        "from dashboard.web.shell.language import listen\n"
        "listen()\n"
        "st.write(language())"
    )
    if chosen:
        tab.session_state["language"] = chosen
    if locale:
        tab.context["locale"] = locale
    assert tab.run().markdown[0].value == spoken

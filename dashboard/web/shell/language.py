"""The language of the person at the browser: the one they chose, else the browser's, else
French.
"""

import streamlit as st

from dashboard.locale import LANGUAGES, ask_language_of

COOKIE = "language"
"""Name of the cookie with the chosen language. Over https, the name begins with ``__Host-``.

A script of the page writes this cookie, so the cookie is not ``HttpOnly``.
"""

_CHOICE = "language"


def language_of_reader() -> str:
    """Return ``fr`` or ``en``, the language of the person who looks at the page."""
    candidates = (
        chosen_language(),
        remembered_language(),
        st.context.locale,
    )
    return next((code for code in map(_code, candidates) if code), LANGUAGES[0])


def choose_language(code: str) -> None:
    """Use the language ``code`` in this session."""
    st.session_state[_CHOICE] = code


def chosen_language() -> str | None:
    """Return the language that was chosen in this session; None if none was chosen."""
    return st.session_state.get(_CHOICE)


def remembered_language() -> str | None:
    """Return the language in the cookie of an earlier visit; None without the cookie."""
    cookies = st.context.cookies
    return cookies.get(f"__Host-{COOKIE}") or cookies.get(COOKIE)


def listen() -> None:
    """Register ``language_of_reader`` as the function that says in which language texts are
    shown.
    """
    ask_language_of(language_of_reader)


def _code(candidate: object) -> str | None:
    """Return the supported language of this code (``fr`` for ``fr-FR``), or None."""
    code = candidate[:2].lower() if isinstance(candidate, str) else ""
    return code if code in LANGUAGES else None

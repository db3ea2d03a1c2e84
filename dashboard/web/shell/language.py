"""Which language a reader sees: the one chosen, else the browser's, else French."""

import streamlit as st

from dashboard.locale import LANGUAGES, ask_language_of

COOKIE = "language"
"""Where the browser remembers the choice, with ``__Host-`` before it over https. It is no
secret, and scripts write it."""

_CHOICE = "language"


def language_of_reader() -> str:
    """``fr`` or ``en``, for the person behind this run of the page."""
    candidates = (
        chosen_language(),
        remembered_language(),
        st.context.locale,
    )
    return next((code for code in map(_code, candidates) if code), LANGUAGES[0])


def choose_language(code: str) -> None:
    """Speak this language to this person from now on."""
    st.session_state[_CHOICE] = code


def chosen_language() -> str | None:
    """The language chosen in this session, to be remembered by the browser."""
    return st.session_state.get(_CHOICE)


def remembered_language() -> str | None:
    """The language that this browser remembers from an earlier visit."""
    cookies = st.context.cookies
    return cookies.get(f"__Host-{COOKIE}") or cookies.get(COOKIE)


def listen() -> None:
    """Let the texts ask for the reader's language."""
    ask_language_of(language_of_reader)


def _code(candidate: object) -> str | None:
    """The language that this names: ``fr-FR`` is French, what we do not speak is nothing."""
    code = candidate[:2].lower() if isinstance(candidate, str) else ""
    return code if code in LANGUAGES else None

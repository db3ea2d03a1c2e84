"""The form for a new password."""

from collections.abc import Callable

import streamlit as st

from dashboard.locale import _


def password_form(
    send: Callable[[], None],
    problem: str | None,
    *,
    new_key: str,
    again_key: str,
    old_key: str = "",
) -> None:
    """Draw the form for a new password. Its button calls ``send``, which reads the fields by their
    keys.

    ``old_key`` is the key of the field for the present password, or an empty text if the form does
    not ask for the present password. ``problem`` is the reason why the last attempt was refused, or
    None if it was not refused.
    """
    with st.form("new_password", clear_on_submit=True):
        if old_key:
            _field(_("Present password"), old_key, "current-password")
        _field(_("New password"), new_key, "new-password")
        _field(_("New password, once more"), again_key, "new-password")
        st.caption(_("At least 12 characters. Four words that only you put together do well."))
        name = _("Change the password") if old_key else _("Choose a password")
        st.form_submit_button(name, type="primary", on_click=send)
    if problem is not None:
        st.error(problem_in_words(problem))


def problem_in_words(reason: str) -> str:
    """Return in words the reason why a new password was refused."""
    return {
        "old": _("The present password is not right."),
        "waits": _(
            "After several failures, nothing is checked for a while. Wait: from half a minute to a "
            "quarter of an hour."
        ),
        "differ": _("The two new passwords differ."),
        "short": _("The password needs at least 12 characters."),
        "long": _("The password is too long: at most 72 letters, fewer with accents."),
        "space": _("The password must not begin or end with a space."),
        "control": _("The password has characters that cannot be typed everywhere."),
        "before": _("This password was in use before. Choose another."),
        "stolen": _("This password was stolen somewhere and published. Choose another."),
        "easy": _(
            "This password is too easy to guess: it needs more than names, well-known words, "
            "numbers and keys in a row."
        ),
    }[reason]


def _field(label: str, key: str, autocomplete: str) -> None:
    st.text_input(label, key=key, type="password", max_chars=200, autocomplete=autocomplete)

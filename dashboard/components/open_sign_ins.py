"""Where somebody is signed in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import streamlit as st

from dashboard.components.plain import legible
from dashboard.locale import _
from dashboard.locale.formats import moment


class SignIn(Protocol):
    """One of a person's sign-ins that are live."""

    @property
    def created_at(self) -> datetime: ...
    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def address(self) -> str | None: ...
    @property
    def is_this_one(self) -> bool: ...


def open_sign_ins(sign_ins: Sequence[SignIn]) -> None:
    """Draw them, the latest first."""
    st.subheader(_("Where you are signed in"), anchor=False)
    for one in sign_ins:
        st.text(_line(one))
    st.caption(
        _(
            "A page that nobody uses closes itself after 15 minutes, any after 4 hours; what was "
            "typed is kept. “Sign out everywhere” is in your menu."
        )
    )


def _line(one: SignIn) -> str:
    parts = [
        _("since {time}", time=moment(one.created_at)),
        _("last used {time}", time=moment(one.last_seen_at)),
        legible(one.address or ""),
        _("this browser") if one.is_this_one else "",
    ]
    return " · ".join(part for part in parts if part)

"""The list of a person's sign-ins that have not ended."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import streamlit as st

from dashboard.components.account.second_factor_form import code_field
from dashboard.components.elements.escaping import legible
from dashboard.locale import _
from dashboard.locale.formats import moment


class SignIn(Protocol):
    """A sign-in of a person that has not ended."""

    @property
    def id(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def address(self) -> str | None: ...
    @property
    def is_this_one(self) -> bool: ...


def open_sign_ins(
    sign_ins: Sequence[SignIn],
    end: Callable[[UUID], None],
    problem: str | None,
    *,
    proof_key: str | None,
    proof_is_password: bool,
) -> None:
    """Draw a person's sign-ins and the form that ends one of them.

    The current sign-in cannot be ended here. ``end`` is called with the id of the chosen sign-in.
    It reads the password or the code from the field with the key ``proof_key``. If ``proof_key`` is
    None, the form asks for neither, because the person has neither. ``problem`` is the reason why
    the last attempt was refused, or None if it was not refused.
    """
    st.header(_("Where you are signed in"), anchor=False)
    for one in sign_ins:
        st.text(_line(one))
    st.caption(
        _(
            "A page that nobody uses closes itself after 15 minutes, any after 4 hours; what was "
            "typed is kept. “Sign out everywhere” is in your menu."
        )
    )
    others = {one.id: _line(one) for one in sign_ins if not one.is_this_one}
    if others:
        part = st.expander(_("End a sign-in"), on_change="rerun", key="ending")
        if part.open:
            with part:
                _ending(others, end, proof_key, proof_is_password)
    if problem is not None:
        st.error(_("That was refused. Nothing was changed."))


def _ending(
    others: dict[UUID, str],
    end: Callable[[UUID], None],
    proof_key: str | None,
    proof_is_password: bool,
) -> None:
    chosen = st.selectbox(
        _("Which one"), list(others), format_func=others.__getitem__, key="ending_chosen"
    )
    with st.form("ending_form", clear_on_submit=True):
        if proof_key is not None and proof_is_password:
            st.text_input(
                _("Password"), key=proof_key, type="password", autocomplete="current-password"
            )
        elif proof_key is not None:
            code_field(proof_key, _("Code of the app in use, or a recovery code"))
        st.form_submit_button(_("End it"), on_click=end, args=(chosen,))


def _line(one: SignIn) -> str:
    parts = [
        _("since {time}", time=moment(one.created_at)),
        _("last used {time}", time=moment(one.last_seen_at)),
        legible(one.address or ""),
        _("this browser") if one.is_this_one else "",
    ]
    return " · ".join(part for part in parts if part)

"""The help page.

For the care team, it explains the marks of the chart and the keyboard shortcuts. For psychiatrists
and nurses, it also explains the tiers and the need on the review list. For a medical lead, it
explains the lead's own pages.
"""

from collections.abc import Iterable

import streamlit as st

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.rules import Tier
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.keyboard import keyboard
from dashboard.locale import _
from dashboard.vocabulary import PAIR, Role
from dashboard.words.caseload.places import NEED_SHAPES, need_name
from dashboard.words.caseload.reasons import tier_meaning, tier_name
from dashboard.words.newcomers import (
    case_keys,
    chart_marks,
    interval_in_words,
    lead_pages,
    list_keys,
    need_meaning,
)


def help_page(role: str) -> None:
    """Draw the help about the pages of the role ``role``, in two columns."""
    left, right = st.columns(2, gap="large")
    if role == Role.LEAD:
        programme, *others = lead_pages()
        with left:
            _parts([programme])
        with right:
            _parts(others)
        return
    with left:
        if role in PAIR:
            _list_help()
        st.header(_("The keys of a case"), anchor=False)
        _pairs(case_keys())
        st.caption(_("No key acts while you type in a field; Esc leaves the field."))
        keyboard((), key="help_keys")
    with right:
        st.header(_("The marks of the chart"), anchor=False)
        for name, marks in chart_marks():
            st.markdown(f"**{plain(name)}**")
            _pairs(marks)


def _list_help() -> None:
    """Draw the tiers, the levels of the need, and the keyboard shortcuts of the review list."""
    st.header(_("The tiers of the list"), anchor=False)
    st.text(_("A patient stands in the first tier that has a reason, and each row says why."))
    tiers()
    st.header(_("The need"), anchor=False)
    st.text(_("How ill the patient is, as far as known. It orders the patients of a tier."))
    for need in reversed(Need):
        name = plain(f"{NEED_SHAPES[need]} {need_name(need)}")
        said = f"{interval_in_words(need)} · {need_meaning(need)}"
        st.markdown(f"**{name}** · {plain(said)}")
    st.header(_("The keys of the list"), anchor=False)
    _pairs(list_keys())


def _parts(parts: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> None:
    for name, pairs in parts:
        st.header(name, anchor=False)
        _pairs(pairs)


def tiers() -> None:
    """Draw each tier of the review list with its meaning."""
    for tier in Tier:
        name = plain(f"{int(tier)} {tier_name(tier)}")
        st.markdown(f":{TIER_COLOURS[tier]}-badge[{name}] {plain(tier_meaning(tier))}")


def _pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Draw signs with their meanings, one sign on each line."""
    with st.container(gap="xxsmall"):
        for sign, meaning in pairs:
            st.markdown(f"**{plain(sign)}** · {plain(meaning)}")

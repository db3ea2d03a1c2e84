"""The help page.

It explains the tiers and the need on the review list, the marks of the chart, and the keyboard
shortcuts.
"""

from collections.abc import Iterable

import streamlit as st

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.rules import Tier
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.keyboard import keyboard
from dashboard.locale import _
from dashboard.words.caseload.places import NEED_SHAPES, need_name
from dashboard.words.caseload.reasons import tier_meaning, tier_name
from dashboard.words.newcomers import (
    case_keys,
    chart_marks,
    interval_in_words,
    list_keys,
    need_meaning,
)


def help_page() -> None:
    """Draw the help in two columns.

    The review list is explained on the left. The chart and the keyboard shortcuts are explained on
    the right.
    """
    left, right = st.columns(2, gap="large")
    with left:
        st.header(_("The tiers of the list"), anchor=False)
        st.text(_("A patient stands in the first tier that has a reason, and each row says why."))
        tiers()
        st.header(_("The need"), anchor=False)
        st.text(_("How ill the patient is, as far as known. It orders the patients of a tier."))
        for need in reversed(Need):
            name = plain(f"{NEED_SHAPES[need]} {need_name(need)}")
            said = f"{need_meaning(need)} ({interval_in_words(need)})"
            st.markdown(f"**{name}** · {plain(said)}")
    with right:
        st.header(_("The marks of the chart"), anchor=False)
        _pairs(chart_marks())
        st.header(_("The keys of the list"), anchor=False)
        _pairs(list_keys())
        st.header(_("The keys of a case"), anchor=False)
        _pairs(case_keys())
        st.caption(_("No key acts while you type in a field; Esc leaves the field."))
        keyboard((), key="help_keys")


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

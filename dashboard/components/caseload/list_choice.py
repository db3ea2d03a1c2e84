"""The choice of the list to show: the reader's own list, or the list of a covered colleague."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from dashboard.clinical.access.cover import Cover
from dashboard.clinical.caseload.rules import Tier
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import choice, plain
from dashboard.locale import _
from dashboard.words.access.cover import list_name
from dashboard.words.caseload.reasons import tier_name

_KEY = "list"
_WRITTEN = "list_in_address"


def list_choice(
    practitioner_id: int,
    role: str,
    covers: Sequence[Cover],
    urgent: Mapping[int, Mapping[Tier, int]] = MappingProxyType({}),
) -> int:
    """Draw the choice of the list if the reader covers a colleague. Return the id of the
    practitioner whose list is chosen.

    The id is also written to the address of the page, so that the page can be bookmarked and
    reloaded. ``urgent`` contains the numbers of urgent patients, by colleague id and tier.
    """
    if not covers:
        return practitioner_id
    names = {
        one.covered.id: " · ".join(
            (choice(list_name(one, role)), *_counted(urgent.get(one.covered.id)))
        )
        for one in covers
    }
    lists = [practitioner_id, *names]
    _from_address(lists, practitioner_id)
    chosen = st.segmented_control(
        _("List"),
        lists,
        required=True,
        format_func=lambda one: names.get(one) or choice(_("My list")),
        key=_KEY,
        label_visibility="collapsed",
        persist_state="session",
    )
    # The control is ``required``, so it always has a choice. The test for None is for the type
    # checker.
    whose = practitioner_id if chosen is None else chosen
    _to_address(whose, practitioner_id)
    return whose


def _counted(urgent: Mapping[Tier, int] | None) -> Iterator[str]:
    """Yield the name and the number of patients of each tier that has urgent patients.

    The texts have the colours of the tiers.
    """
    for tier, count in (urgent or {}).items():
        if count:
            yield f":{TIER_COLOURS[tier]}[**{plain(f'{tier_name(tier)} {count}')}**]"


def _from_address(lists: Sequence[int], own: int) -> None:
    """Choose the list that the address of the page names, if the reader opened the page by a link.

    Otherwise keep the present choice.
    """
    named = st.query_params.get(_KEY)
    if named is not None and named != st.session_state.get(_WRITTEN):
        st.session_state[_KEY] = next((one for one in lists if str(one) == named), own)
    elif st.session_state.get(_KEY) not in lists:
        st.session_state[_KEY] = own


def _to_address(chosen: int, own: int) -> None:
    written = None if chosen == own else str(chosen)
    if written is not None and written != st.query_params.get(_KEY):
        st.query_params[_KEY] = written
    elif written is None and _KEY in st.query_params:
        del st.query_params[_KEY]
    st.session_state[_WRITTEN] = written

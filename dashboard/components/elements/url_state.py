"""Choices that are kept in the address of the page, so that a view can be bookmarked and shared.

The address holds the id or the word of each choice. It is read when a choice is drawn for the first
time in a session; after that, the session keeps the choice. Values that are not among the reader's
own options are ignored.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.components.elements.escaping import choice


def one_of(
    label: str, names: Mapping[Any, str], key: str, *, usual: Any = None, placeholder: str = ""
) -> Any:
    """Draw a select box and return the chosen option, or None if nothing is chosen.

    ``names`` maps each option to its label. ``usual`` is the default option, which is not written
    to the address.
    """
    _begin(key, list(names), usual)
    # ``index=None`` lets the user clear the choice.
    clearing: dict[str, Any] = {"index": None} if usual is None else {}
    chosen = st.selectbox(
        label,
        list(names),
        **clearing,
        format_func=lambda one: names.get(one, str(one)),
        placeholder=placeholder or label,
        label_visibility="collapsed",
        key=key,
        persist_state="session",
    )
    _write(key, [] if chosen == usual or chosen is None else [chosen])
    return chosen


def several_of(label: str, names: Mapping[Any, str], key: str) -> list[Any]:
    """Draw a choice of several options and return the chosen options. An empty choice means all
    options.
    """
    _begin_several(key, list(names))
    chosen = st.multiselect(
        label,
        list(names),
        format_func=lambda one: names.get(one, str(one)),
        placeholder=label,
        label_visibility="collapsed",
        # Hide Streamlit's option that selects everything. The option is in English only, and an
        # empty choice already means all options.
        select_all=False,
        key=key,
        persist_state="session",
    )
    _write(key, chosen)
    return chosen


def pills(label: str, names: Mapping[Any, str], key: str) -> list[Any]:
    """Draw a few options side by side and return those that are chosen. The user can choose
    several.

    An empty choice means all options.
    """
    _begin_several(key, list(names))
    chosen = st.pills(
        label,
        list(names),
        selection_mode="multi",
        format_func=lambda one: choice(names[one]),
        label_visibility="collapsed",
        key=key,
        persist_state="session",
    )
    _write(key, chosen)
    return chosen


def segment(label: str, names: Mapping[str, str], key: str, usual: str) -> str:
    """Draw a few options side by side and return the chosen option. Exactly one option is
    chosen.
    """
    _begin(key, list(names), usual)
    chosen = st.segmented_control(
        label,
        list(names),
        required=True,
        format_func=lambda one: choice(names[one]),
        label_visibility="collapsed",
        key=key,
        persist_state="session",
    )
    # The control is ``required``, so it always has a choice. The test for None is for the type
    # checker.
    of_few = usual if chosen is None else chosen
    _write(key, [] if of_few == usual else [of_few])
    return of_few


def _begin(key: str, options: Sequence[Any], usual: Any) -> None:
    if key not in st.session_state:
        named = st.query_params.get(key)
        st.session_state[key] = next((one for one in options if str(one) == named), usual)
    elif st.session_state[key] not in options:
        st.session_state[key] = usual


def _begin_several(key: str, options: Sequence[Any]) -> None:
    if key not in st.session_state:
        named = st.query_params.get_all(key)
        st.session_state[key] = [one for one in options if str(one) in named]
    else:
        # An option that no longer exists, such as a nurse who has left the list, is removed from
        # the choice.
        kept = [one for one in st.session_state[key] if one in options]
        if kept != st.session_state[key]:
            st.session_state[key] = kept


def _write(key: str, chosen: Sequence[Any]) -> None:
    named = [str(one) for one in chosen]
    if named == st.query_params.get_all(key):
        return
    if named:
        st.query_params[key] = named
    else:
        del st.query_params[key]

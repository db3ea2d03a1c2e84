"""Reruns of named fragments from the callbacks of widgets."""

from collections.abc import Sequence

import streamlit as st
from streamlit.errors import StreamlitAPIException

_UNKNOWN = "rerun-unknown-fragment-key"


def rerun_fragments(keys: Sequence[str]) -> None:
    """Rerun the fragments that have these keys. Call this from the callback of a widget.

    If a key belongs to no fragment, rerun none of them. This can happen when a typed text arrives
    while its page is being replaced. The run that calls the callback then draws the whole page.
    """
    try:
        st.rerun(list(keys))
    except StreamlitAPIException as error:
        if error.error_id != _UNKNOWN:
            raise

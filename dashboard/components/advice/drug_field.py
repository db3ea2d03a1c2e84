"""A field in which a drug is chosen by its name.

The list shows the names that match what is typed, whatever its accents and capitals; Enter
takes the first of them. A name that is not listed can be written too, as the last choice,
which is never taken unless it is chosen. A fragment that was typed and not chosen is no drug.

Whoever draws the field asks first what was chosen (``newly_chosen``), keeps it, and then
draws (``drug_field``), all in one fragment.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.clinical.stored_json import storable
from dashboard.locale import _


def drug_field(label: str, chosen: str, names: Sequence[str], *, key: str) -> None:
    """Draw the field. ``chosen`` is the drug that stands in it, ``names`` those of the list."""
    st.session_state[_drawn(key)] = _number(key)
    _FIELD(
        key=key,
        data={
            "label": label,
            "chosen": chosen,
            "names": list(names),
            "placeholder": _("type and choose"),
            "matches": _("Drugs that match"),
            # The browser puts in the text.
            "unlisted": _("Write “{text}”: not in the list, not checked"),
        },
        on_choice_change=_nothing,
    )


def newly_chosen(key: str, longest: int) -> str | None:
    """Return the drug that was chosen since the field was last drawn, if one was."""
    choice = _choice(key)
    # What a browser brings into a new session was chosen before it.
    if choice is None or _drawn(key) not in st.session_state:
        return None
    if _number(key) == st.session_state[_drawn(key)]:
        return None
    return storable(str(choice.get("name", ""))).strip()[:longest]


def _drawn(key: str) -> str:
    return f"{key}/drawn"


def _number(key: str) -> str | None:
    """Which choice of which field in which browser it is."""
    choice = _choice(key)
    return None if choice is None else str(choice.get("number"))


def _choice(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("choice") if state else None
    return value if isinstance(value, dict) else None


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the state; the next run reads it."""


_HTML = """
<label for="drug"></label>
<input id="drug" type="text" role="combobox" aria-autocomplete="list" aria-expanded="false"
  aria-controls="names" autocomplete="off" spellcheck="false">
<ul id="names" role="listbox" hidden></ul>
"""

_FIELD = st.components.v2.component(
    "case_review_drug_field",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)

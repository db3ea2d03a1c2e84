"""A field in which the user chooses a drug by its name.

The list shows the names that match the typed text, without regard to accents and capitals. The
Enter key chooses the marked name, which is the first match until an arrow key marks another. A
typed name that is not in the list is offered as the last choice. A typed text that was not chosen
counts only if it is the full name of a drug in the list. If the user empties the field, no drug is
chosen.

In one fragment, the caller reads the last choice (``newly_chosen``), saves it, and draws the field
(``drug_field``).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.clinical.stored_json import storable
from dashboard.locale import _


def drug_field(
    label: str,
    chosen: str,
    names: Sequence[str],
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw the field. ``chosen`` is the drug that the field shows. ``names`` are the drugs that it
    offers.

    ``on_change`` is called after a choice, before the page runs again.
    """
    st.session_state[_drawn(key)] = _number(key)
    _FIELD(
        key=key,
        data={
            "label": label,
            "chosen": chosen,
            "names": list(names),
            "placeholder": _("type and choose"),
            "matches": _("Drugs that match"),
            # The browser replaces "{text}" with the typed text.
            "unlisted": _("Write “{text}”: not in the list, not checked"),
        },
        on_choice_change=on_change or _nothing,
    )


def newly_chosen(key: str, longest: int) -> str | None:
    """Return the drug that was chosen since the field was last drawn, or None if none was chosen.

    The name of the drug is cut to ``longest`` characters. It is empty if the user has emptied the
    field.
    """
    choice = _choice(key)
    # When the field is first drawn in a session, the browser may still have a choice from an
    # earlier session. Such a choice is not new.
    if choice is None or _drawn(key) not in st.session_state:
        return None
    if _number(key) == st.session_state[_drawn(key)]:
        return None
    return storable(str(choice.get("name", ""))).strip()[:longest]


def _drawn(key: str) -> str:
    return f"{key}/drawn"


def _number(key: str) -> str | None:
    """Return the identifier of the last choice in this field, or None if there is no choice.

    No two choices have the same identifier, even in different fields and browsers.
    """
    choice = _choice(key)
    return None if choice is None else str(choice.get("number"))


def _choice(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("choice") if state else None
    return value if isinstance(value, dict) else None


def _nothing() -> None:
    """Do nothing. Streamlit passes on the choice only if there is a callback. The next run reads
    the choice.
    """


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

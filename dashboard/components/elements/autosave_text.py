"""A text field that sends its content while the user types, so that a reload loses no text.

The field sends its text after a second without typing, at least every 1.5 seconds, and when it
loses focus. The browser keeps the text, for its author alone, until the server has acknowledged it.
The server never overwrites unsaved text. A click outside the form waits until the text is saved, at
most 3 seconds.

The caller reads the typed text (``newly_typed``), saves it, confirms that it is saved (``kept``),
and then draws the field (``live_text``). The text of a field with ``held=True`` is saved only when
the user submits it (``held_text``).

Draw the fields of a form and its buttons in one fragment. Streamlit loses a click in one fragment
if a text from another fragment arrives together with the click.

On a shared screen, a text that identifies the patient is not sent to the browser. The field then
shows a masked text and is read-only. The masked text is never returned as input. A text that is
being typed stays visible until the field loses focus.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import PARIS
from dashboard.clinical.deidentification import Mask, withheld
from dashboard.clinical.stored_json import storable
from dashboard.locale import _

AUTHOR = "shown_to"
"""Name of the session state with the id of the practitioner for whom the page is drawn.

It is part of the name under which the browser keeps a text, so that another person who signs in on
the same tab is not shown the text.
"""


def live_text(
    label: str,
    text: str,
    *,
    key: str,
    longest: int,
    rows: int = 1,
    placeholder: str = "",
    error: str | None = None,
    decimal: bool = False,
    held: bool = False,
    mask: Mask = withheld,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw the text field. Its height grows with its text. If ``rows`` is 1, the text is a single
    line.

    - ``text``: the saved text.
    - ``key``: the key of the widget and of the copy in the browser. Never use it for another text.
    - ``longest``: the maximum length of the text in characters.
    - ``error``: the error message about the text.
    - ``decimal``: true if the text is a number.
    - ``held``: true if the text is saved only when the user submits it.
    - ``mask``: removes identifying parts of the text while the screen is shared. By default it
      removes the whole text.
    - ``on_change``: called after a typed text has arrived, before the page runs again.
    """
    shown = "" if held else mask(text)
    acknowledged = _received(key) if held else _kept(key)
    result = _FIELD(
        key=key,
        data={
            "label": label,
            "text": shown,
            "withheld": not held and shown != text,
            "why_withheld": _("Tells who the patient is: kept as written, hidden for now."),
            "rows": rows,
            "longest": longest,
            "placeholder": placeholder,
            "error": error,
            "decimal": decimal,
            "held": held,
            "store": f"{st.session_state.get(AUTHOR)}/{key}",
            "acknowledged": acknowledged.get("number"),
            "saved": _("saved at {time}", time=acknowledged.get("clock", "")),
            "unsaved": _("Not saved yet. It stays in this browser and is sent again."),
        },
        # Do not name the state "value": Streamlit calls no callback for a state of this name that
        # holds an object.
        on_typed_change=on_change or _nothing,
    )
    # When the field is first drawn in a session, the browser may still have a text from an earlier
    # session. Such a text is not new. If it is unsaved, the browser sends it again.
    brought = result.get("typed")
    st.session_state.setdefault(
        f"{key}/begun", _number(brought) if isinstance(brought, dict) else None
    )


def form_of_texts(key: str) -> DeltaGenerator:
    """Return the container for the fields and the buttons of a form.

    A click in the container arrives together with the typed texts of its fields.
    """
    return st.container(key=f"form/{key}")


def newly_typed(key: str, longest: int) -> str | None:
    """Return the typed text of the field ``key`` that is not saved yet, or None if there is none.

    The text is cut to ``longest`` characters.
    """
    typed = _typed(key)
    if typed is None or f"{key}/begun" not in st.session_state:
        return None
    if _number(typed) in (st.session_state[f"{key}/begun"], _kept(key).get("number")):
        return None
    return storable(str(typed.get("text", "")))[:longest]


def held_text(key: str, longest: int) -> str:
    """Return the text of the field ``key``, which is saved only when it is submitted.

    The text is cut to ``longest`` characters. It is empty if nothing was typed.
    """
    typed = _typed(key)
    return storable(str(typed.get("text", "")))[:longest] if typed else ""


def kept(key: str, at: datetime) -> None:
    """Store that the typed text was saved at ``at``, so that the field shows this time."""
    typed = _typed(key)
    if typed is not None:
        clock = at.astimezone(PARIS).strftime("%H:%M")
        st.session_state[f"{key}/kept"] = {"number": _number(typed), "clock": clock}


def _typed(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("typed") if state else None
    return value if isinstance(value, dict) else None


def _kept(key: str) -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.get(f"{key}/kept", {})
    return kept


def _received(key: str) -> dict[str, Any]:
    typed = _typed(key)
    return {} if typed is None else {"number": _number(typed)}


def _number(typed: dict[str, Any]) -> list[Any]:
    """Return the browser's id and the keystroke number of a typed text.

    Together they identify one keystroke of one field.
    """
    return [typed.get("origin"), typed.get("stroke")]


def _nothing() -> None:
    """Do nothing. Streamlit passes on the typed text only if there is a callback. The next run
    reads the text.
    """


_HTML = """
<label for="text"><span class="label"></span><span class="saved"></span></label>
<textarea id="text" aria-describedby="error status"></textarea>
<div class="error" id="error"></div>
<div class="status" id="status" role="status"></div>
"""

_FIELD = st.components.v2.component(
    "case_review_live_text",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)

"""A text field that hands over what is typed while it is typed.

Streamlit sends the content of its own text fields when they are left; a reload before that
loses it. This field sends after a second of rest, at least every second and a half, when it
is left and when the page is hidden. What the server has not acknowledged stays in the
browser, through a lost connection, a restart of the server and a reload, and is sent again
until it is; where that is of no use, the page is drawn anew. A field that is being typed in
is never overwritten. A click that may lead away from it waits until its text is kept.

Whoever draws the field asks first what was typed (``newly_typed``), keeps it, says so
(``kept``), and then draws (``live_text``). Where nothing keeps a text before it is sent, the
field is ``held``: the browser keeps it until then, and it is never sent back. All of it
belongs into one fragment: Streamlit loses a click that comes at once with a text from another
one.

On a shared screen a text that tells who the patient is is not sent: its field shows the text
without that and cannot be written in. What is being typed stays under the hands of whoever
types until the field is left. What is shown in place of a text is never handed over.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import PARIS
from dashboard.clinical.deidentification import Mask, withheld
from dashboard.clinical.stored_json import storable
from dashboard.locale import _


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
) -> None:
    """Draw the field. It grows with its text; with one row it holds a single line.

    ``text`` is what is known to be its text now. ``key`` also names what is kept in the
    browser, so it must name one text for good. ``error`` says what is wrong with the text.
    ``decimal`` is for a number, ``held`` for a text that nothing is kept of yet. ``mask``
    takes from the text what a shared screen must not show; without one it is left out whole.
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
            "store": key,
            "acknowledged": acknowledged.get("number"),
            "saved": _("saved at {time}", time=acknowledged.get("clock", "")),
            "unsaved": _("Not saved yet. It stays in this browser and is sent again."),
        },
        on_value_change=_nothing,
    )
    # What a browser brings into a new session was typed before it: the field itself knows
    # whether that was ever acknowledged, and sends it again if not.
    brought = result.get("value")
    st.session_state.setdefault(
        f"{key}/begun", _number(brought) if isinstance(brought, dict) else None
    )


def form_of_texts(key: str) -> DeltaGenerator:
    """The container of a form: what is clicked within it arrives together with its texts."""
    return st.container(key=f"form/{key}")


def newly_typed(key: str, longest: int) -> str | None:
    """What has been typed into a field and not been kept yet, if anything."""
    typed = _typed(key)
    if typed is None or f"{key}/begun" not in st.session_state:
        return None
    if _number(typed) in (st.session_state[f"{key}/begun"], _kept(key).get("number")):
        return None
    return storable(str(typed.get("text", "")))[:longest]


def held_text(key: str, longest: int) -> str:
    """What stands in a field that is held."""
    typed = _typed(key)
    return storable(str(typed.get("text", "")))[:longest] if typed else ""


def kept(key: str, at: datetime) -> None:
    """Note that what was typed has been saved, so that the field can say so."""
    typed = _typed(key)
    if typed is not None:
        clock = at.astimezone(PARIS).strftime("%H:%M")
        st.session_state[f"{key}/kept"] = {"number": _number(typed), "clock": clock}


def _typed(key: str) -> dict[str, Any] | None:
    state = st.session_state.get(key)
    value = state.get("value") if state else None
    return value if isinstance(value, dict) else None


def _kept(key: str) -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.get(f"{key}/kept", {})
    return kept


def _received(key: str) -> dict[str, Any]:
    typed = _typed(key)
    return {} if typed is None else {"number": _number(typed)}


def _number(typed: dict[str, Any]) -> list[Any]:
    """Which keystroke of which field in which browser."""
    return [typed.get("origin"), typed.get("stroke")]


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the state; the next run reads it."""


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

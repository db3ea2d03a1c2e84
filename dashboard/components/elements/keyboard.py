"""Keyboard shortcuts of a page. Each key does what a button, a field or a tab of the page does.

No key acts while a field, a list, a menu or a dialog has the focus. A key that is held down acts
once. Escape leaves a field. A button lists the keys. The key ``?`` lists them too, unless the page
gives ``?`` another meaning. The reader can switch the keys off, and the browser remembers this
choice (WCAG 2.2, 2.1.4).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import streamlit as st

from dashboard.locale import _


class Effect(StrEnum):
    """The effect of a key on its target."""

    CLICK = "click"
    FOCUS = "focus"
    PREVIOUS_TAB = "previous_tab"
    NEXT_TAB = "next_tab"


@dataclass(frozen=True)
class Shortcut:
    """A keyboard shortcut: a key, its meaning in words, and the widgets that it may act on.

    ``key`` is the name of the key in the browser's event, such as ``j``, ``[`` or ``/``. The prefix
    ``Ctrl+`` means that the Control key is held. ``targets`` are Streamlit keys of widgets or
    containers. The shortcut acts on the first target that is on the page and enabled.
    """

    key: str
    meaning: str
    targets: tuple[str, ...]
    effect: Effect = Effect.CLICK


def keyboard(shortcuts: Sequence[Shortcut], *, key: str, listed: bool = True) -> None:
    """Make the keys of ``shortcuts`` act on the page, and draw the button that lists the keys.

    If ``listed`` is false, no button is drawn. The reader can then find the keys on the help page
    and switch them off there.
    """
    _KEYBOARD(
        key=key,
        data={
            "shortcuts": [asdict(shortcut) for shortcut in shortcuts],
            "title": _("Keys"),
            "escape": _("leave the field"),
            "names": {"Enter": _("Enter"), "Esc": _("Esc")},
            "list": _("show these keys"),
            "switch": _("The keys act on this computer"),
            "close": _("Close"),
            "listed": listed,
        },
        width="content",
    )


_HTML = """
<button id="open" type="button" aria-haspopup="dialog"><span></span> <kbd>?</kbd></button>
<dialog aria-labelledby="title">
  <h2 id="title"></h2>
  <dl></dl>
  <label><input type="checkbox"><span></span></label>
  <button id="close" type="button"></button>
</dialog>
"""

_KEYBOARD = st.components.v2.component(
    "case_review_keyboard",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)

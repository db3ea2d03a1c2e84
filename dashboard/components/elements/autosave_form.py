"""The state of a form that is saved while it is filled in, separate from its drawing.

The state is kept in the session between two runs of Streamlit. Each run takes what was typed and
chosen, saves it, carries out what was clicked, and only then draws.

When the next click arrives, Streamlit may end a run, and a callback too, at any use of ``st``, the
session state included. The rest of the callback is then lost. So the methods that buttons call do
not touch Streamlit. They note a wish, which the next run carries out. A choice is found by
comparing each widget with the value that it showed, which can be repeated.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from dashboard.clinical.advice.drafts import NotYours

Saved = TypeVar("Saved")

_log = logging.getLogger(__name__)


class SaveState(StrEnum):
    """The state of saving a form.

    ``DIRTY``: to be saved in the next run. ``FAILED``: to be retried in the next run. ``REFUSED``:
    the person may no longer write it; it is retried all the same, because cover or a transfer may
    give the right back.
    """

    SAVED = "saved"
    DIRTY = "dirty"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Inputs:
    """The input sent by the browser, by the keys of widgets.

    ``typed`` returns a text that was typed and not confirmed, cut to a length; None if there is
    none. ``value`` returns the value of a widget, or else the default. ``confirm`` notes when the
    text of a field was saved.
    """

    typed: Callable[[str, int], str | None]
    value: Callable[[str, Any], Any]
    confirm: Callable[[str, datetime], None]


@dataclass(kw_only=True)
class AutosaveForm(ABC):
    """The part that all such forms share.

    ``shown`` is the value that each widget showed last, ``wish`` the action that was clicked,
    ``trouble`` the code of the last error.
    """

    shown: dict[str, Any] = field(default_factory=dict)
    state: SaveState = SaveState.SAVED
    wish: str | None = None
    trouble: str | None = None

    @property
    @abstractmethod
    def id(self) -> UUID:
        """The id of the content, by which widgets of another draft have other keys."""

    @abstractmethod
    def texts(self) -> dict[str, int]:
        """Return the names of the text fields, each with its maximum length in characters."""

    @property
    def is_unsaved(self) -> bool:
        """Whether the form has content that the database does not have."""
        return self.state is not SaveState.SAVED

    def key(self, name: str) -> str:
        """Return the key of the widget of a field."""
        return f"{self.id}/{name}"

    def typed(self, inputs: Inputs) -> dict[str, str]:
        """Return the texts that were typed and not confirmed, by field."""
        found = {
            name: inputs.typed(self.key(name), longest) for name, longest in self.texts().items()
        }
        return {name: text for name, text in found.items() if text is not None}

    def chosen(self, inputs: Inputs) -> dict[str, Any]:
        """Return the values of the widgets that differ from the value they showed."""
        found = {name: inputs.value(self.key(name), shown) for name, shown in self.shown.items()}
        return {name: value for name, value in found.items() if value != self.shown[name]}

    def attempt(self, save: Callable[[], Saved], what: str) -> Saved | None:
        """Save; return what was saved, or None if it was refused or failed.

        In both cases the typed text stays on the screen, and the next run tries again. ``what``
        names the object in the log.
        """
        try:
            saved = save()
        except NotYours:
            self.state, self.trouble = SaveState.REFUSED, "not_yours"
        except Exception as error:
            # Only the type is logged, because a database error's message may contain what was
            # typed.
            _log.error("%s could not be saved: %s", what, type(error).__name__)
            self.state = SaveState.FAILED
        else:
            self.state = SaveState.SAVED
            return saved
        return None

    def confirm(self, typed: dict[str, str], at: datetime | None, inputs: Inputs) -> None:
        """Tell the fields of these texts that they were saved, unless saving failed."""
        if self.is_unsaved or at is None:
            return
        for name in typed:
            inputs.confirm(self.key(name), at)

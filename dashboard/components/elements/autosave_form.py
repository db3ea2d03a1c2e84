"""The state of a form that is saved while it is filled in, apart from what draws it.

Between two runs of Streamlit the state stands in the session. Each run takes up what was typed
and chosen, saves it, grants what was clicked, and only then draws.

Streamlit may end a run, and a callback too, at any use of ``st``, the session state included,
when the next click arrives; what the callback was about to do is then lost. So the methods that
buttons call touch nothing of Streamlit's. They note a wish, which the next run grants; what was
chosen is found by comparing each widget with what it showed, as often as need be.
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
    """How far what the form says has come.

    ``dirty``: to be saved in the next run. ``failed``: to be tried again in the next run.
    ``refused``: the person may not write it any more; it is tried again all the same, for cover
    or a transfer may give the right back.
    """

    SAVED = "saved"
    DIRTY = "dirty"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Inputs:
    """What the browser has sent, by the keys of widgets.

    ``typed`` returns a text that was typed and not confirmed, cut to a length; None if none was.
    ``value`` returns what a widget holds, or else the default. ``confirm`` notes when the text of
    a field was saved.
    """

    typed: Callable[[str, int], str | None]
    value: Callable[[str, Any], Any]
    confirm: Callable[[str, datetime], None]


@dataclass(kw_only=True)
class AutosaveForm(ABC):
    """The part that all such forms share.

    ``shown`` is what each widget has last shown, ``wish`` what was clicked, ``trouble`` the code
    of what went wrong last.
    """

    shown: dict[str, Any] = field(default_factory=dict)
    state: SaveState = SaveState.SAVED
    wish: str | None = None
    trouble: str | None = None

    @property
    @abstractmethod
    def id(self) -> UUID:
        """The id of what is written: another draft has other widgets."""

    @abstractmethod
    def texts(self) -> dict[str, int]:
        """Return the fields that are typed, each with the longest text that it takes."""

    @property
    def is_unsaved(self) -> bool:
        """Whether something stands here that the database has not."""
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
        """Return the values of the widgets that hold something else than they showed."""
        found = {name: inputs.value(self.key(name), shown) for name, shown in self.shown.items()}
        return {name: value for name, value in found.items() if value != self.shown[name]}

    def attempt(self, save: Callable[[], Saved], what: str) -> Saved | None:
        """Save; return what was saved, or None where it was refused or failed.

        Whatever the reason, what was typed stays on the screen and is saved at the next
        occasion. ``what`` names the thing in the log.
        """
        try:
            saved = save()
        except NotYours:
            self.state, self.trouble = SaveState.REFUSED, "not_yours"
        except Exception as error:
            # The message of a database's error would show in the log what was typed.
            _log.error("%s could not be saved: %s", what, type(error).__name__)
            self.state = SaveState.FAILED
        else:
            self.state = SaveState.SAVED
            return saved
        return None

    def confirm(self, typed: dict[str, str], at: datetime | None, inputs: Inputs) -> None:
        """Tell the fields of these texts that they were saved, unless they were not."""
        if self.is_unsaved or at is None:
            return
        for name in typed:
            inputs.confirm(self.key(name), at)

"""The state of a form that is saved while it is filled in. Other modules draw the form.

Each run takes the typed and chosen values, saves them, carries out the clicked action, and only
then draws the form. Between two runs, the state is kept in the session.

When the next click arrives, Streamlit may end a callback at any use of ``st``, including the
session state. So the methods that buttons call do not use Streamlit. If an action needs the typed
values, the method only stores the action, and the next run carries it out.

A widget has a new choice if its value differs from the value that the previous run gave to it. This
comparison gives the same result when a run is repeated.
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

    ``DIRTY`` means that the next run saves the form. ``FAILED`` means that saving failed and that
    the next run tries again. ``REFUSED`` means that the user no longer has the right to write. The
    next run tries again even then, because the user may get the right back through a cover or a
    transfer.
    """

    SAVED = "saved"
    DIRTY = "dirty"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Inputs:
    """Functions for the input that the browser has sent. Each function takes a widget key.

    ``typed`` returns a typed text that is not saved yet, or None if there is none. Its second
    argument is the maximum length of the text. ``value`` returns the value of a widget, or a
    default if the widget has no value. ``confirm`` stores the time at which the text of a field was
    saved.
    """

    typed: Callable[[str, int], str | None]
    value: Callable[[str, Any], Any]
    confirm: Callable[[str, datetime], None]


@dataclass(kw_only=True)
class AutosaveForm(ABC):
    """The common part of the forms that are saved while they are filled in.

    ``shown`` maps the name of each field that was drawn with ``form_widgets.widget`` to the value
    that its widget showed last. ``wish`` is the clicked action, None if there is none. ``trouble``
    is the code of the error that the form explains, None if there is none. If a save fails,
    ``attempt`` only sets ``state``; if it is refused, ``attempt`` sets ``trouble`` too.
    """

    shown: dict[str, Any] = field(default_factory=dict)
    state: SaveState = SaveState.SAVED
    wish: str | None = None
    trouble: str | None = None

    @property
    @abstractmethod
    def id(self) -> UUID:
        """The id of the content of the form.

        The id is part of the widget keys, so that the widgets of another draft have other keys.
        """

    @abstractmethod
    def texts(self) -> dict[str, int]:
        """Return the names of the text fields, each with its maximum length in characters."""

    @property
    def is_unsaved(self) -> bool:
        """Whether the form has content that the database does not have."""
        return self.state is not SaveState.SAVED

    def key(self, name: str) -> str:
        """Return the key of the widget of the field ``name``."""
        return f"{self.id}/{name}"

    def typed(self, inputs: Inputs) -> dict[str, str]:
        """Return the typed texts that are not saved yet, by field name."""
        found = {
            name: inputs.typed(self.key(name), longest) for name, longest in self.texts().items()
        }
        return {name: text for name, text in found.items() if text is not None}

    def chosen(self, inputs: Inputs) -> dict[str, Any]:
        """Return the values that the user has chosen in the widgets since the last run, by field
        name.
        """
        found = {name: inputs.value(self.key(name), shown) for name, shown in self.shown.items()}
        return {name: value for name, value in found.items() if value != self.shown[name]}

    def attempt(self, save: Callable[[], Saved], what: str) -> Saved | None:
        """Call ``save`` and return the saved object. Return None if saving was refused or failed.

        After a refusal or a failure, the typed text stays on the screen, and the next run tries
        again. Once the object is saved, the error of a refusal is cleared. ``what`` is the name of
        the object in the log.
        """
        try:
            saved = save()
        except NotYours:
            self.state, self.trouble = SaveState.REFUSED, "not_yours"
        except Exception as error:
            # Log only the type of the error, because the message of a database error may contain
            # the typed text.
            _log.error("%s could not be saved: %s", what, type(error).__name__)
            self.state = SaveState.FAILED
        else:
            self.state = SaveState.SAVED
            if self.trouble == "not_yours":
                self.trouble = None
            return saved
        return None

    def confirm(self, typed: dict[str, str], at: datetime | None, inputs: Inputs) -> None:
        """Tell the text fields in ``typed`` that their texts were saved at the time ``at``.

        Do nothing if the form is unsaved or if ``at`` is None.
        """
        if self.is_unsaved or at is None:
            return
        for name in typed:
            inputs.confirm(self.key(name), at)

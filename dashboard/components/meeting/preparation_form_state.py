"""The state of the form with which a nurse prepares a patient.

It contains the saved preparation and the clicked action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.meeting.agenda import MeetingStarted, NotOnAgenda, Preparation
from dashboard.components.elements.autosave_form import AutosaveForm, Inputs, SaveState

LONGEST_QUESTION = 1000


@dataclass(frozen=True)
class PreparationActions:
    """The actions of the form. Each action is one transaction.

    ``save`` takes the changed fields. ``go_on`` shows the next patient to prepare. If there is no
    next patient, ``go_on`` does nothing.
    """

    save: Callable[..., Preparation]
    make_ready: Callable[[], Preparation]
    withdraw: Callable[[], Preparation]
    take_off: Callable[[str], object]
    put_back: Callable[[], object]
    go_on: Callable[[], None]
    open_case: Callable[[], None]


class Wish(StrEnum):
    """The actions that a click can request. The next run of the page carries out the action."""

    READY = "ready"
    NEXT = "next"
    WITHDRAW = "withdraw"
    TAKE_OFF = "take_off"
    PUT_BACK = "put_back"


@dataclass(kw_only=True)
class PreparationFormState(AutosaveForm):
    """The state of the form between two runs: the saved preparation and the clicked action.

    ``reason`` is the reason for taking the patient off the agenda, or None if the user types the
    reason. ``asked`` is true if a reason was required but not given.
    """

    saved: Preparation
    reason: str | None = None
    asked: bool = False

    @property
    def id(self) -> UUID:
        """The id of the preparation."""
        return self.saved.id

    def texts(self) -> dict[str, int]:
        """Return the names of the text fields, each with its maximum length in characters."""
        return {"question": LONGEST_QUESTION, "tried": LONGEST_QUESTION}

    def take_up(self, inputs: Inputs, save: Callable[..., Preparation]) -> bool:
        """Save the values that were typed or chosen since the last run.

        Return whether the list of patients beside the form must be redrawn.
        """
        typed, chosen = self.typed(inputs), self.chosen(inputs)
        changed: dict[str, Any] = {**typed, **chosen}
        if not changed:
            return False
        before = self.saved
        saved = self.attempt(lambda: save(**changed), "A preparation")
        if saved is None:
            if self.state is SaveState.FAILED:
                self.trouble = "not_saved"
            return False
        self.saved, self.trouble = saved, None
        self.shown.update(chosen)
        self.confirm(typed, saved.saved_at, inputs)
        return saved.saved_at is not None and _listed(before) != _listed(saved)

    def wish_for(self, wish: Wish, reason: str | None = None) -> None:
        """Store the clicked action.

        The next run saves the typed values and then carries out the action.
        """
        self.wish, self.reason, self.trouble = wish, reason, None

    def grant_wish(self, actions: PreparationActions, typed_reason: str) -> bool:
        """Carry out the clicked action. Return whether the page must be redrawn.

        If the form still has unsaved changes, the action is dropped.
        """
        wish, self.wish = self.wish, None
        if wish is None or self.is_unsaved:
            return False
        try:
            return self._grant(Wish(wish), actions, typed_reason)
        except MeetingStarted:
            self.trouble = "started"
        except NotOnAgenda:
            self.trouble = "not_on_agenda"
        except NotYours:
            self.trouble = "not_yours"
        return False

    def _grant(self, wish: Wish, actions: PreparationActions, typed_reason: str) -> bool:
        if wish is Wish.READY:
            actions.make_ready()
        elif wish is Wish.WITHDRAW:
            actions.withdraw()
        elif wish is Wish.PUT_BACK:
            actions.put_back()
        elif wish is Wish.TAKE_OFF:
            reason = self.reason or typed_reason
            self.asked = not reason
            if self.asked:
                return False
            actions.take_off(reason)
        if wish in (Wish.READY, Wish.NEXT, Wish.TAKE_OFF):
            actions.go_on()
        return True


def taken_over(form: PreparationFormState | None, now: Preparation) -> PreparationFormState:
    """Return the state of the form to draw. ``now`` is the preparation that the database holds.

    Unsaved changes of the form are kept.
    """
    if form is None:
        return PreparationFormState(saved=now)
    if not form.is_unsaved:
        form.saved = now
    return form


def _listed(preparation: Preparation) -> tuple[object, ...]:
    """Return values of the preparation. If one of them changes, the list of patients beside the
    form must be redrawn.
    """
    return preparation.id, preparation.wants_discussion, bool(preparation.question.strip())

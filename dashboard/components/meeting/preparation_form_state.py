"""The state of the form that prepares a patient: what is saved of it, and what was clicked."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.meeting.agenda import MeetingStarted, Preparation
from dashboard.components.elements.autosave_form import AutosaveForm, Inputs, SaveState

LONGEST_QUESTION = 1000


@dataclass(frozen=True)
class PreparationActs:
    """What the page lets the form do; each is one transaction.

    ``save`` takes what has changed. ``go_on`` shows the next patient to prepare, or stays where
    there is none.
    """

    save: Callable[..., Preparation]
    make_ready: Callable[[], Preparation]
    withdraw: Callable[[], Preparation]
    take_off: Callable[[str], object]
    put_back: Callable[[], object]
    go_on: Callable[[], None]
    open_case: Callable[[], None]


class Wish(StrEnum):
    """What was clicked."""

    READY = "ready"
    NEXT = "next"
    WITHDRAW = "withdraw"
    TAKE_OFF = "take_off"
    PUT_BACK = "put_back"


@dataclass(kw_only=True)
class PreparationFormState(AutosaveForm):
    """The form between two runs: the preparation as it was saved, and what was clicked.

    ``reason`` is why the patient is to be taken off; None if it is typed. ``asked`` says that
    none was typed.
    """

    saved: Preparation
    reason: str | None = None
    asked: bool = False

    @property
    def id(self) -> UUID:
        """The id of the preparation."""
        return self.saved.id

    def texts(self) -> dict[str, int]:
        """Return the fields that are typed, each with the longest text that it takes."""
        return {"question": LONGEST_QUESTION, "tried": LONGEST_QUESTION}

    def take_up(self, inputs: Inputs, save: Callable[..., Preparation]) -> bool:
        """Save what was typed and ticked; return whether the list beside it must change."""
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
        """Note what was clicked; the next run grants it, once what was typed is saved."""
        self.wish, self.reason, self.trouble = wish, reason, None

    def grant_wish(self, acts: PreparationActs, typed_reason: str) -> bool:
        """Do what was clicked; return whether the page must be drawn anew."""
        wish, self.wish = self.wish, None
        if wish is None or self.is_unsaved:
            return False
        try:
            return self._grant(Wish(wish), acts, typed_reason)
        except MeetingStarted:
            self.trouble = "started"
        except NotYours:
            self.trouble = "not_yours"
        return False

    def _grant(self, wish: Wish, acts: PreparationActs, typed_reason: str) -> bool:
        if wish is Wish.READY:
            acts.make_ready()
        elif wish is Wish.WITHDRAW:
            acts.withdraw()
        elif wish is Wish.PUT_BACK:
            acts.put_back()
        elif wish is Wish.TAKE_OFF:
            reason = self.reason or typed_reason
            self.asked = not reason
            if self.asked:
                return False
            acts.take_off(reason)
        if wish in (Wish.READY, Wish.NEXT, Wish.TAKE_OFF):
            acts.go_on()
        return True


def taken_over(form: PreparationFormState | None, now: Preparation) -> PreparationFormState:
    """Return the form to go on with; ``now`` is the preparation as the database has it.

    What is not saved yet stays as it is.
    """
    if form is None:
        return PreparationFormState(saved=now)
    if not form.is_unsaved:
        form.saved = now
    return form


def _listed(preparation: Preparation) -> tuple[object, ...]:
    """Return what the list shows of it."""
    return preparation.id, preparation.wants_discussion, bool(preparation.question.strip())

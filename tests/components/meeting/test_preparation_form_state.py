"""The form that prepares a patient, between its runs."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.meeting.agenda import MeetingStarted, NotOnAgenda, Preparation
from dashboard.components.elements.autosave_form import Inputs, SaveState
from dashboard.components.meeting.preparation_form_state import (
    PreparationActions,
    PreparationFormState,
    Wish,
    taken_over,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING_YET = Preparation(UUID(int=1))


class Service:
    """Saves and notes what it is asked to do. It fails with ``error`` where that is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.preparation = NOTHING_YET
        self.done: list[tuple[Any, ...]] = []

    def save(self, **changed: Any) -> Preparation:
        self._do("save", *changed)
        self.preparation = replace(self.preparation, **changed, saved_at=NOON)
        return self.preparation

    def _do(self, *what: Any) -> None:
        if self.error:
            raise self.error
        self.done.append(what)

    def actions(self) -> PreparationActions:
        def act(name: str) -> Any:
            return lambda *what: self._do(name, *what)

        return PreparationActions(
            self.save,
            *(
                act(name)
                for name in ["make_ready", "withdraw", "take_off", "put_back", "go_on", "open_case"]
            ),
        )


def run(
    form: PreparationFormState,
    service: Service,
    typed: dict[str, str] | None = None,
    chosen: dict[str, Any] | None = None,
) -> tuple[bool, dict[str, datetime]]:
    """Let the form take up what was typed and ticked; return the texts that are confirmed too."""
    confirmed: dict[str, datetime] = {}
    texts = {form.key(name): text for name, text in (typed or {}).items()}
    values = {form.key(name): value for name, value in (chosen or {}).items()}
    inputs = Inputs(lambda key, _longest: texts.get(key), values.get, confirmed.__setitem__)
    return form.take_up(inputs, service.save), confirmed


@pytest.mark.parametrize(
    ("typed", "chosen", "changes_the_list"),
    [
        ({"question": "Which dose?"}, {}, True),
        ({"question": "  "}, {}, False),
        ({"tried": "Sertraline."}, {}, False),
        ({}, {"wants_discussion": True}, True),
    ],
)
def test_what_is_filled_in_is_saved_and_the_list_changes_with_what_it_shows(
    typed, chosen, changes_the_list
):
    form, service = PreparationFormState(saved=NOTHING_YET), Service()
    form.shown["wants_discussion"] = False
    listed, confirmed = run(form, service, typed, chosen)
    assert service.done == [("save", *typed, *chosen)]
    assert listed == changes_the_list
    assert confirmed == {form.key(name): NOON for name in typed}


@pytest.mark.parametrize(
    ("error", "state", "trouble"),
    [
        (RuntimeError(), SaveState.FAILED, "not_saved"),
        (NotYours(), SaveState.REFUSED, "not_yours"),
    ],
)
def test_what_cannot_be_saved_is_not_confirmed(error, state, trouble):
    form = PreparationFormState(saved=NOTHING_YET)
    assert run(form, Service(error), {"question": "Which dose?"}) == (False, {})
    assert (form.state, form.trouble) == (state, trouble)


def test_what_the_widget_of_a_saved_text_holds_is_no_choice():
    form, service = PreparationFormState(saved=NOTHING_YET), Service()
    run(form, service, {"question": "Which dose?"})
    run(form, service, chosen={"question": {"text": "Which dose?", "stroke": 3}})
    assert service.done == [("save", "question")]


def test_saving_at_last_puts_away_the_trouble():
    form = PreparationFormState(saved=NOTHING_YET, state=SaveState.FAILED, trouble="not_saved")
    run(form, Service(), {"question": "Which dose?"})
    assert (form.state, form.trouble) == (SaveState.SAVED, None)


@pytest.mark.parametrize(("state", "follows"), [(SaveState.SAVED, True), (SaveState.FAILED, False)])
def test_the_form_follows_the_database_unless_something_is_not_saved(state, follows):
    now = replace(NOTHING_YET, question="Which dose?")
    form = taken_over(PreparationFormState(saved=NOTHING_YET, state=state), now)
    assert (form.saved == now) == follows


@pytest.mark.parametrize(
    ("wish", "reason", "done"),
    [
        (Wish.READY, None, [("make_ready",), ("go_on",)]),
        (Wish.NEXT, None, [("go_on",)]),
        (Wish.WITHDRAW, None, [("withdraw",)]),
        (Wish.PUT_BACK, None, [("put_back",)]),
        (Wish.TAKE_OFF, "Stable", [("take_off", "Stable"), ("go_on",)]),
        (Wish.TAKE_OFF, None, [("take_off", "As typed"), ("go_on",)]),
    ],
)
def test_a_wish_is_granted_once(wish, reason, done):
    form, service = PreparationFormState(saved=NOTHING_YET), Service()
    form.wish_for(wish, reason)
    assert form.grant_wish(service.actions(), "As typed")
    assert not form.grant_wish(service.actions(), "As typed")
    assert service.done == done


def test_nobody_is_taken_off_without_a_reason():
    form, service = PreparationFormState(saved=NOTHING_YET), Service()
    form.wish_for(Wish.TAKE_OFF)
    assert not form.grant_wish(service.actions(), "")
    assert (service.done, form.asked) == ([], True)


def test_nothing_is_done_while_something_is_not_saved():
    form, service = PreparationFormState(saved=NOTHING_YET, state=SaveState.FAILED), Service()
    form.wish_for(Wish.READY)
    assert not form.grant_wish(service.actions(), "")
    assert service.done == []


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (MeetingStarted(), "started"),
        (NotOnAgenda(), "not_on_agenda"),
        (NotYours(), "not_yours"),
    ],
)
def test_a_wish_that_is_refused_is_explained(error, trouble):
    form = PreparationFormState(saved=NOTHING_YET)
    form.wish_for(Wish.READY)
    assert not form.grant_wish(Service(error).actions(), "")
    assert form.trouble == trouble

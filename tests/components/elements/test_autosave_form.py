"""The state that every autosaved form shares."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from dashboard.clinical.advice.drafts import NotYours
from dashboard.components.elements.autosave_form import AutosaveForm, Inputs, SaveState

ID = UUID(int=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class Form(AutosaveForm):
    """A form of one text and any number of choices."""

    @property
    def id(self) -> UUID:
        return ID

    def texts(self) -> dict[str, int]:
        return {"summary": 5}


class Browser:
    """The content of a browser: typed texts, values of widgets, texts that are confirmed."""

    def __init__(self, typed: dict[str, str] | None = None, **values: Any) -> None:
        self.typed = {f"{ID}/{name}": text for name, text in (typed or {}).items()}
        self.values = {f"{ID}/{name}": value for name, value in values.items()}
        self.confirmed: dict[str, datetime] = {}

    def inputs(self) -> Inputs:
        return Inputs(self._typed, self.values.get, self.confirmed.__setitem__)

    def _typed(self, key: str, longest: int) -> str | None:
        return self.typed[key][:longest] if key in self.typed else None


def refuse() -> None:
    raise NotYours


def break_down() -> None:
    raise RuntimeError("Camille Lefèvre is ill")


def test_a_typed_text_is_cut_to_its_length():
    assert Form().typed(Browser({"summary": "too long"}).inputs()) == {"summary": "too l"}


def test_a_text_that_was_not_typed_is_not_taken_up():
    assert Form().typed(Browser().inputs()) == {}


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ({}, {}),
        ({"level": "low"}, {}),
        ({"level": "high"}, {"level": "high"}),
        ({"level": None}, {"level": None}),
        ({"other": "high"}, {}),
    ],
)
def test_a_choice_is_a_widget_that_holds_something_else_than_it_showed(values, chosen):
    assert Form(shown={"level": "low"}).chosen(Browser(**values).inputs()) == chosen


@pytest.mark.parametrize(
    ("save", "state", "trouble"),
    [
        (lambda: "draft", SaveState.SAVED, None),
        (refuse, SaveState.REFUSED, "not_yours"),
        (break_down, SaveState.FAILED, None),
    ],
)
@pytest.mark.parametrize("before", SaveState)
def test_the_state_is_that_of_the_last_attempt(before, save, state, trouble):
    form = Form(state=before)
    form.attempt(save, "A draft")
    assert (form.state, form.trouble) == (state, trouble)


@pytest.mark.parametrize(
    ("trouble", "after"), [("not_yours", None), ("draft_changed", "draft_changed")]
)
def test_the_error_of_a_refusal_is_cleared_by_the_next_save(trouble, after):
    form = Form(state=SaveState.REFUSED, trouble=trouble)
    form.attempt(lambda: "draft", "A draft")
    assert form.trouble == after


def test_an_attempt_returns_what_was_saved():
    assert Form().attempt(lambda: "draft", "A draft") == "draft"


@pytest.mark.parametrize("save", [refuse, break_down])
def test_an_attempt_that_fails_returns_nothing(save):
    assert Form().attempt(save, "A draft") is None


def test_the_log_names_the_kind_of_failure_and_not_its_message(caplog):
    with caplog.at_level(logging.ERROR):
        Form().attempt(break_down, "A draft")
    assert caplog.messages == ["A draft could not be saved: RuntimeError"]


@pytest.mark.parametrize(
    ("state", "at", "confirmed"),
    [
        (SaveState.SAVED, NOON, {f"{ID}/summary": NOON}),
        (SaveState.SAVED, None, {}),
        (SaveState.DIRTY, NOON, {}),
        (SaveState.FAILED, NOON, {}),
        (SaveState.REFUSED, NOON, {}),
    ],
)
def test_a_text_is_confirmed_only_once_it_is_saved(state, at, confirmed):
    browser = Browser()
    Form(state=state).confirm({"summary": "seen"}, at, browser.inputs())
    assert browser.confirmed == confirmed

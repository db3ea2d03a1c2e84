"""The form of a review between its runs: saving, keeping, previewing and signing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from dashboard.calendar import now
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    Elsewhere,
    NewFlag,
    NewReview,
    NotReady,
    NotYours,
    OutcomeUnknown,
    Saved,
    SignedReview,
    SnapshotChanged,
    seen_in,
)
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.settling import owed_by, problems
from dashboard.clinical.case.case_file import Question
from dashboard.components.advice.recommendation_form_state import (
    BY_NEED,
    ON_A_DAY,
    RecommendationFormState,
    Step,
    Wish,
    review_day,
    taken_over,
    weeks_to,
)
from dashboard.components.elements.autosave_form import Inputs, SaveState
from tests.support.chart_cases import case, sertraline

CASE = case()
OWED = owed_by(CASE)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEGUN = Draft(7, UUID(int=1))
WRITTEN = replace(BEGUN, content=DraftReview(summary="Better."), saved_at=NOON)
A_FLAG = Changes(flags=(NewFlag(9, "0a", "adverse_effect", NOON),))
BREAKS = RuntimeError("Camille Lefèvre")


class Database:
    """One draft. It fails with ``error`` where that is set."""

    def __init__(self, error: Exception | None = None, elsewhere: Elsewhere | None = None) -> None:
        self.error, self.elsewhere = error, elsewhere
        self.saved: list[Draft] = []

    def save(self, draft: Draft, content: DraftReview) -> Saved:
        if self.error:
            raise self.error
        self.saved.append(replace(draft, content=content, saved_at=NOON))
        return Saved(self.saved[-1], self.elsewhere)

    def sign(self, draft: Draft, _seen: object) -> SignedReview:
        if self.error:
            raise self.error
        return SignedReview(uuid4(), 7, NOON, draft.content)


def form(draft: Draft = WRITTEN, **values: Any) -> RecommendationFormState:
    return RecommendationFormState(draft=draft, content=draft.content, **values)


def run(
    state: RecommendationFormState,
    database: Database,
    typed: dict[str, str] | None = None,
    chosen: dict[str, Any] | None = None,
    drugs: dict[str, str] | None = None,
) -> dict[str, datetime]:
    """Let the form take up what was typed and chosen; return the texts that are confirmed."""
    confirmed: dict[str, datetime] = {}

    def named(values: dict[str, Any] | None) -> dict[str, Any]:
        return {state.key(name): value for name, value in (values or {}).items()}

    inputs = Inputs(
        lambda key, _longest: named(typed).get(key), named(chosen).get, confirmed.__setitem__
    )
    state.take_up(CASE, inputs, lambda key, _longest: named(drugs).get(key), database.save)
    return confirmed


# Saving.


def test_what_is_typed_is_saved_and_confirmed():
    state, database = form(BEGUN), Database()
    assert run(state, database, {"summary": "Worse."}) == {state.key("summary"): NOON}
    assert database.saved[-1].content.summary == "Worse."


def test_a_run_without_a_change_saves_nothing():
    database = Database()
    run(form(), database)
    assert database.saved == []


def test_the_first_save_notes_what_the_case_shows():
    database = Database()
    run(form(BEGUN), database, {"summary": "Worse."})
    assert database.saved[-1].seen == seen_in(CASE)


@pytest.mark.parametrize(
    ("error", "state"), [(BREAKS, SaveState.FAILED), (NotYours(), SaveState.REFUSED)]
)
def test_what_cannot_be_saved_stays_and_is_saved_later(error, state):
    failing, database = form(BEGUN), Database(error)
    assert run(failing, database, {"summary": "Worse."}) == {}
    assert (failing.content.summary, failing.state) == ("Worse.", state)
    database.error = None
    run(failing, database)
    assert (database.saved[-1].content.summary, failing.state) == ("Worse.", SaveState.SAVED)


def test_what_another_window_wrote_is_told():
    state = form()
    run(state, Database(elsewhere=Elsewhere("changed", NOON)), {"summary": "Worse."})
    assert state.elsewhere == Elsewhere("changed", NOON)
    state.understand()
    assert state.elsewhere is None


def test_saving_puts_away_the_notice_that_the_last_review_was_signed():
    state = form(signed=SignedReview(uuid4(), 7, NOON, DraftReview()))
    run(state, Database(), {"summary": "Worse."})
    assert state.signed is None


# Choosing.


@pytest.mark.parametrize(
    ("weeks", "on"), [(2, CASE.as_of + timedelta(weeks=2)), (BY_NEED, None), (ON_A_DAY, CASE.as_of)]
)
def test_the_next_review_is_in_weeks_by_need_or_on_a_day(weeks, on):
    content = replace(WRITTEN.content, next_review_on=CASE.as_of)
    state = form(replace(WRITTEN, content=content), shown={"weeks": 1})
    run(state, Database(), chosen={"weeks": weeks})
    assert (state.next_review_in, state.content.next_review_on) == (weeks, on)


@pytest.mark.parametrize(
    ("days", "weeks"), [(None, BY_NEED), (7, 1), (56, 8), (8, ON_A_DAY), (21, ON_A_DAY)]
)
def test_a_day_is_shown_as_weeks_where_it_is_one_of_them(days, weeks):
    on = None if days is None else CASE.as_of + timedelta(days=days)
    assert weeks_to(on, CASE) == weeks


def test_a_review_in_weeks_falls_on_the_day_of_the_meeting():
    met = replace(CASE, meeting_weekday=(CASE.as_of + timedelta(days=3)).weekday())
    assert review_day(4, met) == CASE.as_of + timedelta(days=24)
    assert weeks_to(review_day(4, met), met) == 4


def test_a_drug_that_is_chosen_brings_its_code():
    state, database = form(), Database()
    state.add_line("medication", CASE.as_of)
    [line] = state.content.lines
    run(state, database, drugs={f"lines/{line.id}/drug_name": "sertraline"})
    [saved] = database.saved[-1].content.lines
    assert (saved.drug_name, saved.atc_code) == ("sertraline", "N06AB06")


def test_a_line_that_is_added_is_saved_in_the_next_run():
    state, database = form(), Database()
    state.add_line("other", CASE.as_of)
    run(state, database)
    assert [line.kind for line in database.saved[-1].content.lines] == ["other"]


def test_lines_move_and_go():
    state = form()
    for _n in range(2):
        state.add_line("other", CASE.as_of)
    first, second = state.content.lines
    state.move_up(second.id)
    state.remove(first.id)
    assert state.content.lines == (second,)


# Going on from another run.


@pytest.mark.parametrize(
    ("now", "elsewhere"),
    [
        (replace(WRITTEN, saved_at=NOON + timedelta(minutes=1)), "changed"),
        (replace(BEGUN, idempotency_key=UUID(int=2)), "discarded"),
    ],
)
def test_the_form_begins_anew_and_says_so_where_another_window_has_written(now, elsewhere):
    begun = taken_over(form(), CASE, now)
    assert begun.elsewhere is not None
    assert (begun.draft, begun.elsewhere.what) == (now, elsewhere)


@pytest.mark.parametrize("state", [one for one in SaveState if one is not SaveState.SAVED])
def test_the_form_goes_on_where_something_is_not_saved(state):
    before = form(state=state)
    assert taken_over(before, CASE, replace(WRITTEN, saved_at=None)) is before


def test_the_form_goes_on_where_nobody_else_has_written():
    before = form(stale=True)
    assert taken_over(before, CASE, WRITTEN) is before
    assert not before.stale


def test_the_form_that_follows_a_signed_one_says_that_it_was_signed():
    signed = SignedReview(uuid4(), 7, NOON, WRITTEN.content)
    begun = taken_over(form(step=Step.ENDED, signed=signed), CASE, BEGUN)
    assert (begun.step, begun.signed) == (Step.WRITING, signed)


# Previewing and signing.


def test_a_review_that_lacks_something_is_not_previewed():
    state = form(BEGUN)
    state.wish_for(Wish.PREVIEW)
    state.grant_wish(CASE, OWED, Database().save)
    assert (state.step, state.wish) == (Step.WRITING, None)
    assert state.problems(CASE.as_of, OWED)


def test_nothing_is_called_missing_before_a_preview_is_asked_for():
    assert form(BEGUN).problems(CASE.as_of, OWED) == ()


def test_a_review_without_change_is_saved_and_previewed_with_one_click():
    state, database = form(BEGUN), Database()
    state.wish_for(Wish.NO_CHANGE)
    state.grant_wish(CASE, OWED, database.save)
    assert database.saved[-1].content.outcome == "no_change"
    assert state.step is Step.PREVIEWING


def test_a_wish_puts_away_what_went_wrong_before():
    state = form(trouble="not_signed")
    state.wish_for(Wish.PREVIEW)
    assert state.trouble is None


def test_taking_changes_into_account_saves_that_and_reads_the_case_anew():
    state, database = form(changes=A_FLAG), Database()
    state.acknowledge()
    run(state, database)
    assert database.saved[-1].seen is not None
    assert (database.saved[-1].seen.flags, state.changes) == ({9}, Changes())
    assert state.stale


@pytest.mark.parametrize(
    ("error", "step", "state", "trouble"),
    [
        (None, Step.ENDED, SaveState.SAVED, None),
        (ChangedMeanwhile(A_FLAG), Step.PREVIEWING, SaveState.SAVED, None),
        (NotReady(()), Step.WRITING, SaveState.SAVED, None),
        (DraftChanged(), Step.WRITING, SaveState.DIRTY, "draft_changed"),
        (
            AlreadyAmended(NewReview(UUID(int=3), None, NOON)),
            Step.PREVIEWING,
            SaveState.SAVED,
            "amended",
        ),
        (NotYours(), Step.PREVIEWING, SaveState.SAVED, "not_yours"),
        (SnapshotChanged(), Step.PREVIEWING, SaveState.SAVED, "letters_changed"),
        (BREAKS, Step.PREVIEWING, SaveState.SAVED, "not_signed"),
        (OutcomeUnknown(), Step.PREVIEWING, SaveState.SAVED, "not_signed"),
    ],
)
def test_where_signing_leads(error, step, state, trouble):
    signing = form(step=Step.PREVIEWING)
    signing.sign(WRITTEN, CASE, Database(error).sign)
    assert (signing.step, signing.state, signing.trouble) == (step, state, trouble)


def test_changes_that_come_in_while_signing_are_shown():
    signing = form(step=Step.PREVIEWING)
    signing.sign(WRITTEN, CASE, Database(ChangedMeanwhile(A_FLAG)).sign)
    assert signing.changes == A_FLAG


def test_a_review_that_was_signed_with_another_text_is_written_on():
    signing = form(step=Step.PREVIEWING)
    other = SignedReview(uuid4(), 7, NOON, DraftReview(summary="Another text."))
    signing.sign(WRITTEN, CASE, lambda *_what: other)
    assert (signing.step, signing.trouble) == (Step.WRITING, "signed_otherwise")
    assert signing.is_unsaved


def test_a_draft_that_another_window_has_changed_is_not_discarded():
    state = form()

    def changed(_draft):
        raise DraftChanged

    state.discard(changed)
    assert (state.step, state.trouble, state.is_unsaved) == (Step.WRITING, "not_discarded", True)


def test_discarding_ends_the_draft():
    state, discarded = form(), []
    state.discard(discarded.append)
    assert (discarded, state.step) == ([WRITTEN], Step.ENDED)


ASKED = replace(
    OWED, questions=(Question(UUID(int=5), None, "Réduire ?", NOON, NOON, UUID(int=6)),)
)


@pytest.mark.parametrize("wish", [Wish.PREVIEW, Wish.NO_CHANGE])
def test_a_question_of_the_nurse_wants_an_answer_before_the_preview(wish):
    state, database = form(), Database()
    state.wish_for(wish)
    state.grant_wish(CASE, ASKED, database.save)
    asked = state.problems(CASE.as_of, ASKED)[0]
    assert (state.step, asked.field, asked.code) == (Step.WRITING, "answer", "missing")

    state.leave_unanswered()
    assert "answer" not in {one.field for one in state.problems(CASE.as_of, ASKED)}


def test_signing_with_next_goes_on_once_it_is_signed():
    state, database = form(step=Step.PREVIEWING), Database(BREAKS)
    state.sign(WRITTEN, CASE, database.sign, goes_on=True)
    assert not state.goes_on
    state.sign(WRITTEN, CASE, Database().sign, goes_on=True)
    assert (state.goes_on, state.step) == (True, Step.ENDED)


def test_the_form_is_folded_after_signing_until_somebody_writes_again():
    state = form(step=Step.PREVIEWING)
    state.sign(WRITTEN, CASE, Database().sign)
    after = taken_over(state, CASE, Draft(7, UUID(int=2)))
    assert after.is_folded
    after.unfold()
    assert not after.is_folded


def test_a_line_about_a_drug_names_the_drug_that_the_patient_takes():
    state = form()
    state.change_drug(sertraline(50, CASE.enrolled_on), CASE.as_of)
    (line,) = state.content.lines
    assert (line.drug_name, line.atc_code, line.action) == ("sertraline", "N06AB06", None)
    assert state.added == line.id


def without_change(database, state=None, owed=OWED):
    """Return a form in which "no change" was clicked, and nothing prevents signing."""
    state = state or form()
    state.wish_for(Wish.NO_CHANGE)
    state.grant_wish(CASE, owed, database.save)
    return state


@pytest.mark.parametrize("wish", Wish)
def test_a_next_review_on_a_day_that_was_not_chosen_is_asked_for_before_the_preview(wish):
    state, database = form(next_review_in=ON_A_DAY), Database()
    state.wish_for(wish)
    state.grant_wish(CASE, OWED, database.save)
    assert (state.step, state.next_review_in) == (Step.WRITING, ON_A_DAY)
    found = [one.code for one in state.problems(CASE.as_of, OWED) if one.field == "next_review_on"]
    assert found == ["missing"]


def test_no_change_can_be_undone_for_ten_seconds_and_returns_to_what_was_written():
    state = without_change(Database())
    assert state.closes_at is not None
    assert timedelta(seconds=9) < state.closes_at - now() <= timedelta(seconds=10)
    state.go_on_writing()
    assert (state.step, state.closes_at, state.content) == (Step.WRITING, None, WRITTEN.content)


@pytest.mark.parametrize(
    ("can_sign", "late", "goes_on"),
    [(True, 0, True), (False, 0, False), (True, 11, False)],
)
def test_the_countdown_goes_on_while_the_review_can_be_signed_in_time(can_sign, late, goes_on):
    state = without_change(Database())
    state.closes_at = now() - timedelta(seconds=late)
    state.keep_closing(can_sign=can_sign)
    assert (state.closes_at is not None) is goes_on


def click_again(state):
    without_change(Database(), state)
    state.go_on_writing()


def stop_the_countdown(state):
    state.keep_closing(can_sign=False)
    state.go_on_writing()


def sign_after_the_case_changed(state):
    state.sign(state.draft, CASE, Database(ChangedMeanwhile(A_FLAG)).sign)
    state.go_on_writing()


def sign_while_fields_are_missing(state):
    state.sign(state.draft, CASE, Database(NotReady(())).sign)


def sign_in_the_second_window(state):
    state.sign(state.draft, CASE, Database(DraftChanged()).sign)


@pytest.mark.parametrize(
    "happens",
    [
        click_again,
        stop_the_countdown,
        sign_after_the_case_changed,
        sign_while_fields_are_missing,
        sign_in_the_second_window,
    ],
)
def test_the_form_after_no_change_has_the_earlier_content_and_asks_for_the_risk(happens):
    owed = replace(OWED, restates_risk=True)
    state = without_change(Database(), form(BEGUN), owed)
    assert state.step is Step.PREVIEWING
    happens(state)
    assert (state.step, state.closes_at, state.content) == (Step.WRITING, None, BEGUN.content)
    assert "risk/level" in {one.field for one in problems(state.content, CASE.as_of, owed)}


def test_no_change_that_cannot_be_previewed_leaves_the_draft_as_it_was():
    late = DraftReview(next_review_on=CASE.as_of - timedelta(days=1))
    state = without_change(Database(), form(replace(BEGUN, content=late)))
    assert (state.step, state.content) == (Step.WRITING, late)
    assert "next_review_on" in {one.field for one in state.problems(CASE.as_of, OWED)}

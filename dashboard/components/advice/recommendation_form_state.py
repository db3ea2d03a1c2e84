"""The state of the form of a review: the draft, its unsaved changes, and the step of the review.

The callback of the signing button gets the draft from the preview. So a second click can only sign
the same content.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from dashboard.calendar import now
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    Elsewhere,
    NotReady,
    NotYours,
    Saved,
    Seen,
    SignedReview,
    SnapshotChanged,
    proposed_to_replace,
    seen_in,
)
from dashboard.clinical.advice.lines import (
    LONGEST_FIELD,
    LONGEST_SUMMARY,
    DraftLine,
    DraftReview,
    Problem,
    fields_of,
    moved_up,
    new_line,
    says_the_same,
    with_line,
    with_risk,
    with_settlement,
    with_value,
    without_line,
)
from dashboard.clinical.advice.settling import Owed, lacks_answer, problems, unchanged
from dashboard.clinical.advice.undoing import UNDO_FOR
from dashboard.clinical.case.case_file import CaseFile, Treatment
from dashboard.clinical.drug_names import atc_code_of
from dashboard.clinical.meeting.meeting_days import meeting_day_by
from dashboard.clinical.meeting.meetings import AlreadyDecided, MeetingItem
from dashboard.components.elements.autosave_form import AutosaveForm, Inputs, SaveState
from dashboard.locale import _
from dashboard.vocabulary import MedicationAction, Outcome, RecommendationKind, SettlementKind

WEEKS_TO_NEXT_REVIEW = (1, 2, 4, 8)

ON_A_DAY = 0
"""The value of ``next_review_in`` if the user chooses the day in the calendar instead of a number
of weeks.
"""

BY_NEED = -1
"""The value of ``next_review_in`` if no day is set. The interval then depends on the need of the
patient.
"""

Save = Callable[[Draft, DraftReview], Saved]

_log = logging.getLogger(__name__)


class Step(StrEnum):
    """The steps of a review. ``ENDED`` means that the draft was signed or discarded."""

    WRITING = "writing"
    PREVIEWING = "previewing"
    ENDED = "ended"


class Wish(StrEnum):
    """The actions that a click can request. The next run of the page carries out the action."""

    PREVIEW = "preview"
    NO_CHANGE = "no_change"


@dataclass(kw_only=True)
class RecommendationFormState(AutosaveForm):
    """The state of the form of a review between two runs of the page.

    ``draft`` is the saved draft. ``content`` also has the unsaved changes. ``trouble`` is the code
    of the reason why nothing was saved, signed or discarded.
    """

    draft: Draft
    content: DraftReview
    next_review_in: int = BY_NEED
    """The number of weeks to the next review, ``ON_A_DAY`` or ``BY_NEED``."""
    changes: Changes = field(default_factory=Changes)
    elsewhere: Elsewhere | None = None
    signed: SignedReview | None = None
    decided: MeetingItem | None = None
    """The case on the agenda, if nothing was signed because the meeting has already decided it."""
    step: Step = Step.WRITING
    checked: bool = False
    """Whether the form shows the error of each field."""
    stating_risk: bool = False
    """Whether the form shows the fields of the risk of suicide even if nothing requires them."""
    stale: bool = False
    """Whether the next run reads the case again."""
    goes_on: bool = False
    """Whether signing this review also opens the next case."""
    added: str | None = None
    """The id of the line of advice that was added last."""
    unfolded: bool = False
    """Whether the form is shown although a review was just signed."""
    wants_answer: bool = False
    """Whether the user clicked "no change" without an answer to the nurse's question."""
    closes_at: datetime | None = None
    """The time at which the review "no change" is signed, unless the user undoes the click."""
    before: DraftReview | None = None
    """The content from before the click on "no change". It is restored if the form is shown again
    before the review is signed.
    """

    @property
    def is_folded(self) -> bool:
        """Whether a review was just signed and no other review has been begun."""
        is_empty = self.draft.saved_at is None and self.draft.supersedes is None
        return self.signed is not None and not self.unfolded and is_empty

    @property
    def id(self) -> UUID:
        """The idempotency key of the draft."""
        return self.draft.idempotency_key

    def texts(self) -> dict[str, int]:
        """Return the names of the text fields, each with its maximum length in characters."""
        lines = [
            f"lines/{line.id}/{name}" for line in self.content.lines for name in fields_of(line)
        ]
        reasons = [f"settlements/{one.id}/reason" for one in self.content.settlements]
        short = dict.fromkeys([*lines, *reasons, "risk/reason", "answer"], LONGEST_FIELD)
        return {"summary": LONGEST_SUMMARY} | short

    # Methods that put typed and chosen values into the draft.

    def take_up(
        self,
        case: CaseFile,
        inputs: Inputs,
        chosen_drug: Callable[[str, int], str | None],
        save: Save,
    ) -> None:
        """Put into the draft the values that were typed or chosen since the last run.

        Save the draft if it has changed.
        """
        typed = self.typed(inputs)
        for name, text in typed.items():
            self.content = with_value(self.content, name, text)
        for name, value in self.chosen(inputs).items():
            self._choose(case, name, value)
            self.shown[name] = value
        self._take_drugs(case, chosen_drug)
        if typed or self.is_unsaved or self.content != self.draft.content:
            self._save(case, save)
            self.confirm(typed, self.draft.saved_at, inputs)

    def _take_drugs(self, case: CaseFile, chosen_drug: Callable[[str, int], str | None]) -> None:
        for line in self.content.lines:
            for of in ("", "replaced_"):
                drug = chosen_drug(self.key(f"lines/{line.id}/{of}drug_name"), LONGEST_FIELD)
                if drug is not None:
                    code = atc_code_of(drug, also=drugs_taken(case))
                    values = {f"{of}drug_name": drug, f"{of}atc_code": code}
                    self.content = with_line(self.content, line.id, **values)

    def _choose(self, case: CaseFile, name: str, value: Any) -> None:
        """Store in the draft the value ``value``, which the user chose in the widget ``name``."""
        if name == "weeks":
            self.next_review_in = value
            if value != ON_A_DAY:
                on = None if value == BY_NEED else review_day(value, case)
                self.content = replace(self.content, next_review_on=on)
        elif name == "risk/level":
            self.content = with_risk(self.content, value, case.as_of)
            self.stating_risk = True
        elif name.startswith("settlements/"):
            self._settle(name, value)
        else:
            self.content = with_value(self.content, name, value)
        if name.endswith("/action") and value == MedicationAction.SWITCH:
            self._propose_replaced(case, name.split("/")[1])

    def _settle(self, name: str, value: Any) -> None:
        """Store the settlement of a recommendation of an earlier review.

        The user has chosen ``value`` in the widget ``name``. If this is the widget of the due day,
        the recommendation is kept. If it is the widget of the new line of advice, the new line
        replaces the recommendation.
        """
        _part, recommendation_id, field_name = name.split("/")
        values = {field_name: value}
        if field_name == "due_on":
            values["kind"] = SettlementKind.KEPT
        if field_name == "replaced_by":
            values["kind"] = SettlementKind.REPLACED
        self.content = with_settlement(self.content, recommendation_id, **values)

    def _propose_replaced(self, case: CaseFile, line_id: str) -> None:
        line, drug = self.content.line(line_id), proposed_to_replace(case)
        if line is None or line.replaced_drug_name or drug is None:
            return
        if drug.atc_code != line.atc_code:
            self.content = with_line(
                self.content, line_id, replaced_drug_name=drug.name, replaced_atc_code=drug.atc_code
            )

    def _save(self, case: CaseFile, save: Save) -> None:
        draft = self.draft if self.draft.seen else replace(self.draft, seen=seen_in(case))
        saved = self.attempt(lambda: save(draft, self.content), "A draft")
        if saved is None:
            return
        if saved.elsewhere:
            self.next_review_in = weeks_to(saved.draft.content.next_review_on, case)
        self.draft, self.content = saved.draft, saved.draft.content
        self.elsewhere = saved.elsewhere or self.elsewhere
        self.signed = None

    # Methods that buttons call, and the method that carries out the clicked action.

    def wish_for(self, wish: Wish) -> None:
        """Store the clicked action.

        The next run reads the typed values and then carries out the action.
        """
        self.wish, self.trouble, self.decided = wish, None, None

    def grant_wish(self, case: CaseFile, owed: Owed, save: Save) -> None:
        """Carry out the clicked action, "preview" or "no change".

        If the nurse's question has no answer yet, "no change" only asks for the answer. Otherwise
        it turns the draft into a review without changes. Both actions then show the preview if the
        draft has no problems. If it has problems, they show the errors, and "no change" restores
        the draft.
        """
        if self.wish is None:
            return
        if self.wish == Wish.NO_CHANGE:
            self.wants_answer = lacks_answer(self.content, owed)
            if self.wants_answer:
                self.wish = None
                return
            if self.before is None:
                self.before = self.content
            self.content = unchanged(without_change(self.content), owed)
            if not self._day_not_chosen:
                self.next_review_in = weeks_to(self.content.next_review_on, case)
            self._save(case, save)
        self.checked = bool(self._problems(case.as_of, owed))
        if self.checked:
            self.go_on_writing()
        else:
            self.step = Step.PREVIEWING
            self.closes_at = now() + UNDO_FOR if self.wish == Wish.NO_CHANGE else None
        self.wish = None

    def problems(self, today: date, owed: Owed) -> tuple[Problem, ...]:
        """Return the problems of the fields.

        Unless the user has asked for a preview and the draft had problems, return at most one
        problem: the nurse's question has no answer.
        """
        if self.checked:
            return self._problems(today, owed)
        unanswered = self.wants_answer and lacks_answer(self.content, owed)
        return (Problem("answer", "missing"),) if unanswered else ()

    def _problems(self, today: date, owed: Owed) -> tuple[Problem, ...]:
        return (*problems(self.content, today, owed), *self._day_not_chosen)

    @property
    def _day_not_chosen(self) -> tuple[Problem, ...]:
        """The problem that the user has chosen "on a day" for the next review, and no day.

        The content cannot show this problem, because it has no day either if the need sets the day.
        """
        lacks_day = self.next_review_in == ON_A_DAY and self.content.next_review_on is None
        return (Problem("next_review_on", "missing"),) if lacks_day else ()

    def add_line(self, kind: str, today: date) -> None:
        """Add an empty line of advice of the kind ``kind`` at the end of the draft."""
        self._add(new_line(uuid4().hex[:8], kind, today))

    def change_drug(self, drug: Treatment | None, today: date) -> None:
        """Add a line of advice about ``drug``, which the patient takes.

        If ``drug`` is None, the line has no drug yet, and the user chooses one.
        """
        line = new_line(uuid4().hex[:8], RecommendationKind.MEDICATION, today)
        if drug is not None:
            line = replace(line, drug_name=drug.name, atc_code=drug.atc_code)
        self._add(line)

    def _add(self, line: DraftLine) -> None:
        self.added = line.id
        lines = (*self.content.lines, line)
        self.content = replace(self.content, outcome=Outcome.REVIEWED, lines=lines)

    def move_up(self, line_id: str) -> None:
        """Move a line of advice one place up."""
        self.content = moved_up(self.content, line_id)

    def remove(self, line_id: str) -> None:
        """Remove a line of advice from the draft."""
        self.content = without_line(self.content, line_id)

    def leave_unanswered(self) -> None:
        """Write into the field for the answer that this review does not answer the nurse's
        question.
        """
        self.content = replace(self.content, answer=_("Question not answered in this review."))

    def go_on(self) -> None:
        """End this form and open the next case."""
        self.step, self.goes_on = Step.ENDED, True

    def unfold(self) -> None:
        """Show the form for another review after a review was signed."""
        self.unfolded = True

    def state_risk(self) -> None:
        """Show the fields of the risk of suicide."""
        self.stating_risk = True

    def understand(self) -> None:
        """Close the notice about a change that was made in another window."""
        self.elsewhere = None

    def acknowledge(self) -> None:
        """Mark as seen the changes that were made to the case since the draft was begun."""
        seen = (self.draft.seen or Seen()) | self.changes.seen
        self.draft, self.changes = replace(self.draft, seen=seen), Changes()
        self.state, self.stale = SaveState.DIRTY, True

    def go_on_writing(self) -> None:
        """Leave the preview and show the form again.

        If the preview was opened by "no change", restore the content from before that click, also
        if its countdown was stopped.
        """
        self.step, self.closes_at = Step.WRITING, None
        if self.before is not None:
            self.content, self.before = self.before, None

    def keep_closing(self, *, can_sign: bool) -> None:
        """Stop the countdown of a review "no change" if the review can no longer be signed.

        Also stop the countdown if it ended more than ``UNDO_FOR`` ago.
        """
        if self.closes_at is not None and (not can_sign or now() > self.closes_at + UNDO_FOR):
            self.closes_at = None

    def discard(self, discard: Callable[[Draft], None]) -> None:
        """Discard the draft, unless another window has changed it."""
        try:
            discard(self.draft)
        except DraftChanged:
            self._write_again("not_discarded")
        else:
            self.step = Step.ENDED

    def sign(
        self,
        draft: Draft,
        case: CaseFile,
        sign: Callable[[Draft, Seen], SignedReview],
        *,
        goes_on: bool = False,
    ) -> None:
        """Sign the draft that the preview showed.

        If an earlier click has already signed this draft, use the result of that click. If
        ``goes_on`` is true, the next case is opened after the signing.
        """
        self.closes_at = None
        try:
            signed = sign(draft, seen_in(case) | (draft.seen or Seen()))
        except ChangedMeanwhile as told:
            self.changes = told.changes
        except NotReady:
            # The case may have changed since the screen was drawn, so that the review now needs
            # further fields. Show the form again with its errors.
            self.go_on_writing()
            self.checked, self.stale = True, True
        except DraftChanged:
            self._write_again("draft_changed")
        except SnapshotChanged:
            self.trouble = "letters_changed"
        except AlreadyAmended:
            self.trouble = "amended"
        except AlreadyDecided as told:
            self.go_on_writing()
            self.decided = told.item
        except NotYours:
            self.trouble = "not_yours"
        except Exception as error:
            _log.error("A review could not be signed: %s", type(error).__name__)
            self.trouble = "not_signed"
        else:
            if says_the_same(signed.content, draft.content):
                self.signed, self.step, self.goes_on = signed, Step.ENDED, goes_on
            else:
                self._write_again("signed_otherwise")

    def _write_again(self, trouble: str) -> None:
        self.go_on_writing()
        self.state, self.trouble = SaveState.DIRTY, trouble


def taken_over(
    form: RecommendationFormState | None, case: CaseFile, draft: Draft
) -> RecommendationFormState:
    """Return the state of the form to draw. ``draft`` is the draft that the database holds now.

    Return a new state if there is no state yet, or if the last draft was signed or discarded. Also
    return a new state if another window has changed the draft, unless this window has unsaved
    changes.
    """
    if form is None or form.step is Step.ENDED:
        form = _begun(draft, case, signed=form.signed if form else None)
    elif not _is_same(form.draft, draft) and not form.is_unsaved:
        form = _begun(draft, case, elsewhere=_elsewhere(form.draft, draft))
    form.stale = False
    return form


def _begun(draft: Draft, case: CaseFile, **values: Any) -> RecommendationFormState:
    weeks = weeks_to(draft.content.next_review_on, case)
    return RecommendationFormState(
        draft=draft, content=draft.content, next_review_in=weeks, **values
    )


def _is_same(one: Draft, other: Draft) -> bool:
    return (one.idempotency_key, one.saved_at) == (other.idempotency_key, other.saved_at)


def _elsewhere(known: Draft, now: Draft) -> Elsewhere | None:
    """Return the change that another window made to the draft.

    Return None if this window never saved its draft, or if the two drafts amend different reviews.
    """
    if known.saved_at is None or now.supersedes != known.supersedes:
        return None
    if now.saved_at is None:
        return Elsewhere("discarded")
    return Elsewhere("changed", now.saved_at)


def review_day(weeks: int, case: CaseFile) -> date:
    """Return the day of the next review: the last meeting day within ``weeks`` weeks from now.

    If that day is not after today, return the meeting day one week later. If no meeting day is
    known, return the day exactly ``weeks`` weeks from now.
    """
    due = case.as_of + timedelta(weeks=weeks)
    return meeting_day_by(due, case.as_of, case.meeting_weekday)


def weeks_to(next_review_on: date | None, case: CaseFile) -> int:
    """Return the offered number of weeks that leads to the day ``next_review_on``.

    Return ``ON_A_DAY`` if no offered number fits, and ``BY_NEED`` if ``next_review_on`` is None.
    """
    if next_review_on is None:
        return BY_NEED
    proposed = {review_day(weeks, case): weeks for weeks in WEEKS_TO_NEXT_REVIEW}
    return proposed.get(next_review_on, ON_A_DAY)


def without_change(content: DraftReview) -> DraftReview:
    """Return ``content`` with the outcome "no change".

    If ``content`` has no summary, a standard summary is used.
    """
    return replace(
        content,
        outcome=Outcome.NO_CHANGE,
        summary=content.summary.strip() or _("Seen, without change."),
    )


def drugs_taken(case: CaseFile) -> dict[str, str]:
    """Return the ATC codes of the drugs that the patient takes or has taken, by the name of the
    drug.
    """
    return {row.name: row.atc_code for row in case.treatments}

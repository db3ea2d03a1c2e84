"""The state of the form of a review: the draft, what is written since, how far signing is.

Signing is one callback with the draft as it was previewed, so that a second click signs the same
thing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

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
    proposed_to_replace,
    seen_in,
)
from dashboard.clinical.advice.lines import (
    LONGEST_FIELD,
    LONGEST_SUMMARY,
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
from dashboard.clinical.advice.settling import Owed, problems, unchanged
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.drug_names import atc_code_of
from dashboard.clinical.meeting.meetings import AlreadyDecided, MeetingItem
from dashboard.components.elements.autosave_form import AutosaveForm, Inputs, SaveState
from dashboard.locale import _
from dashboard.vocabulary import MedicationAction, Outcome, SettlementKind

WEEKS_TO_NEXT_REVIEW = (1, 2, 4, 8)

ON_A_DAY = 0
"""In the place of a number of weeks: the day is chosen in the calendar."""

BY_NEED = -1
"""In the place of a number of weeks: no day is set, and the interval of the need counts."""

Save = Callable[[Draft, DraftReview], Saved]

_log = logging.getLogger(__name__)


class Step(StrEnum):
    """How far the review is. ``ended``: the draft is gone, signed or discarded."""

    WRITING = "writing"
    PREVIEWING = "previewing"
    ENDED = "ended"


class Wish(StrEnum):
    """What was clicked."""

    PREVIEW = "preview"
    NO_CHANGE = "no_change"


@dataclass(kw_only=True)
class RecommendationFormState(AutosaveForm):
    """The form between two runs. ``draft`` is as saved, ``content`` as it stands.

    ``trouble`` is why nothing was signed. ``decided`` says that the meeting has put the case off.
    ``stating_risk`` shows the fields of the risk, though nothing asks for it. ``checked`` shows
    what is wrong with each field. ``stale`` says that the case is to be read anew.
    """

    draft: Draft
    content: DraftReview
    next_review_in: int = BY_NEED
    changes: Changes = field(default_factory=Changes)
    elsewhere: Elsewhere | None = None
    signed: SignedReview | None = None
    decided: MeetingItem | None = None
    step: Step = Step.WRITING
    checked: bool = False
    stating_risk: bool = False
    stale: bool = False

    @property
    def id(self) -> UUID:
        """The idempotency key of the draft."""
        return self.draft.idempotency_key

    def texts(self) -> dict[str, int]:
        """Return the fields that are typed, each with the longest text that it takes."""
        lines = [
            f"lines/{line.id}/{name}" for line in self.content.lines for name in fields_of(line)
        ]
        reasons = [f"settlements/{one.id}/reason" for one in self.content.settlements]
        short = dict.fromkeys([*lines, *reasons, "risk/reason"], LONGEST_FIELD)
        return {"summary": LONGEST_SUMMARY} | short

    # What was typed or chosen, on its way to the draft.

    def take_up(
        self,
        case: CaseFile,
        inputs: Inputs,
        chosen_drug: Callable[[str, int], str | None],
        save: Save,
    ) -> None:
        """Take what was typed and chosen since the last run; save the draft if it changed."""
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
        """Put what was chosen in a widget into the draft."""
        if name == "weeks":
            self.next_review_in = value
            if value != ON_A_DAY:
                on = None if value == BY_NEED else case.as_of + timedelta(weeks=value)
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
        """Keep a line that is given a day; replace one by the line that is named."""
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
            self.next_review_in = weeks_to(saved.draft.content.next_review_on, case.as_of)
        self.draft, self.content = saved.draft, saved.draft.content
        self.elsewhere = saved.elsewhere or self.elsewhere
        self.signed = None

    # What was clicked.

    def wish_for(self, wish: Wish) -> None:
        """Note what was clicked; the next run grants it, once what was typed is taken up."""
        self.wish, self.trouble, self.decided = wish, None, None

    def grant_wish(self, case: CaseFile, owed: Owed, save: Save) -> None:
        """Preview the review if nothing is missing; else say what is."""
        if self.wish is None:
            return
        if self.wish == Wish.NO_CHANGE:
            self.content = unchanged(without_change(self.content), owed)
            self.next_review_in = weeks_to(self.content.next_review_on, case.as_of)
            self._save(case, save)
        self.checked = bool(problems(self.content, case.as_of, owed))
        self.step = Step.WRITING if self.checked else Step.PREVIEWING
        self.wish = None

    def problems(self, today: date, owed: Owed) -> tuple[Problem, ...]:
        """Return what is wrong with the fields, once a preview has been asked for."""
        return tuple(problems(self.content, today, owed)) if self.checked else ()

    def add_line(self, kind: str, today: date) -> None:
        """Add an empty line of this kind at the end."""
        line = new_line(uuid4().hex[:8], kind, today)
        lines = (*self.content.lines, line)
        self.content = replace(self.content, outcome=Outcome.REVIEWED, lines=lines)

    def move_up(self, line_id: str) -> None:
        """Exchange a line with the one before it."""
        self.content = moved_up(self.content, line_id)

    def remove(self, line_id: str) -> None:
        """Remove a line."""
        self.content = without_line(self.content, line_id)

    def state_risk(self) -> None:
        """Show the fields of the risk."""
        self.stating_risk = True

    def understand(self) -> None:
        """Put away the notice of what another window did."""
        self.elsewhere = None

    def acknowledge(self) -> None:
        """Take into account what has come in since the draft was begun."""
        seen = (self.draft.seen or Seen()) | self.changes.seen
        self.draft, self.changes = replace(self.draft, seen=seen), Changes()
        self.state, self.stale = SaveState.DIRTY, True

    def go_on_writing(self) -> None:
        """Leave the preview."""
        self.step = Step.WRITING

    def discard(self, discard: Callable[[Draft], None]) -> None:
        """Give the draft up."""
        discard(self.draft)
        self.step = Step.ENDED

    def sign(
        self, draft: Draft, case: CaseFile, sign: Callable[[Draft, Seen], SignedReview]
    ) -> None:
        """Sign the draft as it was previewed. A second click gets the answer of the first."""
        try:
            signed = sign(draft, seen_in(case) | (draft.seen or Seen()))
        except ChangedMeanwhile as told:
            self.changes = told.changes
        except NotReady:
            # The case may ask for more by now than the screen shows.
            self.step, self.checked, self.stale = Step.WRITING, True, True
        except DraftChanged:
            self._write_again("draft_changed")
        except AlreadyAmended:
            self.trouble = "amended"
        except AlreadyDecided as told:
            self.step, self.decided = Step.WRITING, told.item
        except NotYours:
            self.trouble = "not_yours"
        except Exception as error:
            _log.error("A review could not be signed: %s", type(error).__name__)
            self.trouble = "not_signed"
        else:
            if says_the_same(signed.content, draft.content):
                self.signed, self.step = signed, Step.ENDED
            else:
                self._write_again("signed_otherwise")

    def _write_again(self, trouble: str) -> None:
        self.step, self.state, self.trouble = Step.WRITING, SaveState.DIRTY, trouble


def taken_over(
    form: RecommendationFormState | None, case: CaseFile, draft: Draft
) -> RecommendationFormState:
    """Return the form to go on with; ``draft`` is the draft as the database has it now.

    It begins with the draft, or goes on where this window is, unless another one has written
    since.
    """
    if form is None or form.step is Step.ENDED:
        form = _begun(draft, case, signed=form.signed if form else None)
    elif not _is_same(form.draft, draft) and not form.is_unsaved:
        form = _begun(draft, case, elsewhere=_elsewhere(form.draft, draft))
    form.stale = False
    return form


def _begun(draft: Draft, case: CaseFile, **values: Any) -> RecommendationFormState:
    weeks = weeks_to(draft.content.next_review_on, case.as_of)
    return RecommendationFormState(
        draft=draft, content=draft.content, next_review_in=weeks, **values
    )


def _is_same(one: Draft, other: Draft) -> bool:
    return (one.idempotency_key, one.saved_at) == (other.idempotency_key, other.saved_at)


def _elsewhere(known: Draft, now: Draft) -> Elsewhere | None:
    """Return what another window has done to the draft, if this one had begun it."""
    if known.saved_at is None or now.supersedes != known.supersedes:
        return None
    if now.saved_at is None:
        return Elsewhere("discarded")
    return Elsewhere("changed", now.saved_at)


def weeks_to(next_review_on: date | None, today: date) -> int:
    """Return in how many weeks a day is; on a day, or by the need where none is set."""
    if next_review_on is None:
        return BY_NEED
    weeks, days = divmod((next_review_on - today).days, 7)
    return weeks if days == 0 and weeks in WEEKS_TO_NEXT_REVIEW else ON_A_DAY


def without_change(content: DraftReview) -> DraftReview:
    """Return a review that leaves all as it is, with what was written of it already."""
    return replace(
        content,
        outcome=Outcome.NO_CHANGE,
        summary=content.summary.strip() or _("Seen, without change."),
    )


def drugs_taken(case: CaseFile) -> dict[str, str]:
    """Return the drugs that this patient takes or took, with their codes."""
    return {row.name: row.atc_code for row in case.treatments}

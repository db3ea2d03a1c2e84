"""Authorization to write reviews, and the conditions under which a draft can be signed."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from dashboard.clinical.access.emergency import is_outside
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    NewReview,
    NotReady,
    NotYours,
)
from dashboard.clinical.advice.lines import DraftReview, as_sent
from dashboard.clinical.advice.settling import changed_lines, completed, owed_by, problems
from dashboard.clinical.case.case_file import CaseFile
from dashboard.vocabulary import Role


@dataclass(frozen=True)
class SigningFacts:
    """The facts of an episode that decide whether its draft can be signed.

    ``draft_saved_at`` is the time when the draft was last saved; None if no draft is stored.
    ``amended_by`` is the review that already supersedes the review that the draft amends; None if
    there is none. ``unseen`` holds the assessments, reviews, flags and questions that the
    psychiatrist has not seen.
    """

    case: CaseFile
    draft_saved_at: datetime | None = None
    amended_by: NewReview | None = None
    unseen: Changes = field(default_factory=Changes)


def check_is_open(case: CaseFile) -> None:
    """Raise ``NotYours`` if the episode of ``case`` is closed, because nobody gives advice on a
    closed episode.
    """
    if not case.is_open:
        raise NotYours


def check_can_write_review(case: CaseFile, practitioner_id: int, role: str) -> None:
    """Raise ``NotYours`` unless the episode is open and the practitioner is its psychiatrist or
    covers its psychiatrist.

    Emergency access does not allow writing or signing a draft.
    """
    check_is_open(case)
    if role != Role.PSYCHIATRIST or is_outside(case, practitioner_id):
        raise NotYours


def can_write_review(case: CaseFile, practitioner_id: int, role: str) -> bool:
    """Return whether the practitioner can write, amend and withdraw advice for ``case``."""
    try:
        check_can_write_review(case, practitioner_id, role)
    except NotYours:
        return False
    return True


def check_can_sign(draft: Draft, facts: SigningFacts, today: date) -> None:
    """Check that ``draft`` can be signed on ``today``.

    Raise ``NotYours`` if the episode is closed. Raise ``DraftChanged`` if another browser window
    changed the draft. Raise ``AlreadyAmended`` if the review to amend is already superseded. Raise
    ``ChangedMeanwhile`` if the case has new data, or if the draft does not settle exactly the open
    lines of advice. Raise ``NotReady`` if the draft has problems.
    """
    case = facts.case
    check_is_open(case)
    if facts.draft_saved_at not in (None, draft.saved_at):
        raise DraftChanged
    if facts.amended_by is not None:
        raise AlreadyAmended(facts.amended_by)
    # New data are checked before the problems, because new data may cause a problem that the screen
    # did not show.
    lines = changed_lines(draft.content, case, draft.supersedes)
    changes = replace(facts.unseen, lines=lines)
    if changes:
        raise ChangedMeanwhile(changes)
    found = problems(draft.content, today, owed_by(case, draft.supersedes))
    if found:
        raise NotReady(found)


def as_signed(draft: Draft, case: CaseFile) -> DraftReview:
    """Return the content of the review that results from signing ``draft``: its texts are trimmed,
    and each open line of advice of earlier reviews is settled.
    """
    return completed(as_sent(draft.content), owed_by(case, draft.supersedes))

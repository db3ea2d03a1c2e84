"""Answers to recommendations that can be undone for a few seconds after they were given."""

from functools import partial
from uuid import UUID, uuid5

from dashboard.clinical.advice.answering import TooLateToUndo
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.inbox import NotWanted, Superseded
from dashboard.clinical.advice.undoing import UNDO_FOR
from dashboard.clinical.case.case_file import Answer
from dashboard.components.elements.undo_notice import offer_undo
from dashboard.locale import _
from dashboard.queries.advice.answering import answer, undo_answer
from dashboard.web.page_support.viewer import Viewer
from dashboard.words.advice.lines import outcome_name


def give(viewer: Viewer, line: UUID, outcome: str, reason: str | None, key: UUID) -> None:
    """Store an answer to a recommendation, and offer to undo it. ``key`` is its idempotency key.

    Two people who see the same page send the same ``key``, and each has an answer of their own.
    Offer nothing if the same answer was already recorded, because then nothing is stored.
    """
    own = uuid5(key, str(viewer.person.practitioner_id))
    given = viewer.write(answer, line, outcome, reason, own)
    if given.id != own:
        return
    said = _("Recorded: {answer}.", answer=outcome_name(given.outcome))
    offer_undo(said, UNDO_FOR.total_seconds(), partial(_undo, viewer, given, line))


def _undo(viewer: Viewer, given: Answer, line: UUID) -> bool:
    """Undo an answer; return False if it is too late."""
    try:
        viewer.write(undo_answer, given, line)
    except (TooLateToUndo, NotWanted, Superseded, NotYours):
        return False
    return True

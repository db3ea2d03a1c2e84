"""Undoing: for a few seconds a person can take back what one click has recorded.

Until then nothing leaves: the letters of a review without change wait in the outbox as long.
"""

from datetime import timedelta

from dashboard.clinical.advice.lines import DraftReview
from dashboard.vocabulary import Outcome

UNDO_FOR = timedelta(seconds=10)
"""The time after a click during which it can be undone."""


def waits_before_leaving(review: DraftReview, *, amends: bool) -> timedelta:
    """Return the time that the letters of a signed review wait in the outbox.

    Only a review without change waits, because only that can be undone. An amendment without change
    corrects a letter that has left, so it leaves at once.
    """
    undoable = review.outcome == Outcome.NO_CHANGE and not amends
    return UNDO_FOR if undoable else timedelta()

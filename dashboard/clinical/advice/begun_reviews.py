"""Reviews that were begun and are not signed: when the psychiatrist and the nurse are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.clinical.people import Identity, Person

REMINDED_AFTER = timedelta(days=2)
"""Minimum age of an unsigned draft that is shown to its author, above the review list and in the
menu.
"""

NURSE_TOLD_AFTER = timedelta(days=7)
"""Minimum age of an unsigned draft whose existence is shown to the nurse of the episode."""


@dataclass(frozen=True)
class BegunReview:
    """A draft that was begun some days ago and is not signed. Its content is not read.

    ``mine`` tells whether the reader is the author.
    """

    episode_id: int
    patient: Identity
    author: Person
    begun_at: datetime
    saved_at: datetime
    mine: bool

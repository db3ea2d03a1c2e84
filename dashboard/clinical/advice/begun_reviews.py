"""Unsigned drafts of reviews: when the psychiatrist and the nurse are told of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.clinical.people import Identity, Person

REMINDED_AFTER = timedelta(days=2)
"""Age, counted from its first save, from which an unsigned draft is shown to its author. It is
shown above the review list and in the menu.
"""

NURSE_TOLD_AFTER = timedelta(days=7)
"""Age, counted from its first save, from which the nurse of the episode is told that an unsigned
draft exists.
"""


@dataclass(frozen=True)
class BegunReview:
    """A draft that was begun some days ago and is not signed. Its content is not included.

    ``mine`` tells whether the reader is the author.
    """

    episode_id: int
    patient: Identity
    author: Person
    begun_at: datetime
    saved_at: datetime
    mine: bool

"""Unsigned drafts of reviews, and when the psychiatrist and the nurse are reminded of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.clinical.people import Identity, Person

REMINDED_AFTER = timedelta(days=2)
"""The time from the first save of an unsigned draft until the draft is shown to its author. The
draft is shown above the review list and in the menu. A draft without content is never shown.
"""

NURSE_TOLD_AFTER = timedelta(days=7)
"""The time from the first save of an unsigned draft until the nurse of the episode is told that the
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

"""Signing a review: authorization, snapshot, rendering and recording, in this order."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.drafts import Draft, Seen, SignedReview
from dashboard.clinical.advice.signing import as_signed, check_can_sign
from dashboard.database import Transaction
from dashboard.letters.review_letters import render_letters
from dashboard.queries.advice.recording import SnapshotChanged, record_review
from dashboard.queries.advice.signed_reviews import signed_under
from dashboard.queries.advice.snapshot import read_snapshot

ATTEMPTS = 5
"""Largest number of attempts to sign. An attempt fails if the data of its letters changed while
they were rendered.
"""


def sign(
    transaction: Transaction,
    draft: Draft,
    seen: Seen,
    today: date,
    latest: dict[str, Any] | None = None,
    *,
    agenda_item_id: UUID | None = None,
) -> SignedReview:
    """Sign the draft and send it to the nurse and the GP of the episode.

    ``transaction`` opens a transaction of the psychiatrist. No transaction is open while the
    letters are rendered. ``seen`` has the ids that were on the screen or were acknowledged.
    ``latest`` has the latest scores on the screen. ``draft`` must be complete and settle each open
    line of earlier advice. If the draft is already signed, its review is returned and nothing
    changes.

    In a running meeting, the first review of a case decides the case, unless that review is an
    amendment. ``agenda_item_id`` is set if the case must be in a running meeting.

    Raises ``NotYours`` if the reader may not see the episode or the episode is closed. Raises
    ``NotReady`` for an incomplete draft, ``DraftChanged`` if another window has changed the draft,
    and ``ChangedMeanwhile`` if there are unseen data. Raises ``AlreadyAmended`` if somebody else
    has amended the review, ``NotRunning`` if the meeting is not running, and ``AlreadyDecided`` if
    the meeting has deferred the case. Nothing is signed after an error.
    """

    def once() -> SignedReview:
        with transaction() as connection:
            snapshot = read_snapshot(connection, draft, seen, today)
            # Read last: another attempt to sign this draft can commit while the snapshot is read.
            signed = signed_under(connection, draft.episode_id, draft.idempotency_key)
        if signed is not None:
            return signed
        check_can_sign(draft, snapshot.facts, today)
        review = as_signed(draft, snapshot.facts.case)
        letters = render_letters(snapshot.letters, review)
        with transaction() as connection:
            return record_review(
                connection,
                draft,
                review,
                letters,
                seen=seen,
                latest=latest or {},
                today=today,
                agenda_item_id=agenda_item_id,
            )

    for _attempt in range(ATTEMPTS - 1):
        with suppress(SnapshotChanged):
            return once()
    return once()

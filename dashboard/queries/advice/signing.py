"""Signing a review.

The steps are: check that signing is allowed, render the letters outside of any transaction, check
that the data have not changed, and store the review with its letters.
"""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from dashboard.clinical.advice.drafts import Draft, Seen, SignedReview, SnapshotChanged
from dashboard.clinical.advice.signing import as_signed, check_can_sign
from dashboard.database import Transaction
from dashboard.letters.review_letters import render_letters
from dashboard.queries.advice.recording import record_review
from dashboard.queries.advice.signed_reviews import signed_under
from dashboard.queries.advice.snapshot import read_snapshot

ATTEMPTS = 5
"""Maximum number of attempts to sign a review. An attempt fails if the data of a letter change
while the letter is rendered.
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
    """Sign the draft, queue the letters to the nurse and the GP, and return the signed review.

    If the draft is already signed, its review is returned and nothing changes. ``transaction``
    opens a transaction as the psychiatrist. ``seen`` has what the psychiatrist has seen of the
    case. ``latest`` has the latest scores on the page.

    In a running meeting, the first review of a case decides the case, unless it amends another
    review. If ``agenda_item_id`` is set, this case must be in a running meeting.

    Raise ``NotYours`` if the psychiatrist may not see the episode, if it is closed, or if the case
    was taken off the agenda. Raise ``NotReady`` if the draft has problems, such as a missing
    answer. Raise ``DraftChanged`` if another window has changed the draft. Raise
    ``ChangedMeanwhile`` if there are data that the psychiatrist has not seen, or if the draft does
    not keep, replace or withdraw each open recommendation. Raise ``AlreadyAmended`` if another
    review has amended the same review. Raise ``NotRunning`` if the meeting is not running. Raise
    ``AlreadyDecided`` if the meeting has deferred the case. Raise ``SnapshotChanged`` if the data
    of a letter have changed during each of the ``ATTEMPTS``.

    Nothing is signed after one of these errors. If the connection is lost during the COMMIT, the
    draft may be signed; signing it again is safe.
    """

    def once() -> SignedReview:
        with transaction() as connection:
            snapshot = read_snapshot(connection, draft, seen, today)
            # This is read last, because another attempt to sign this draft can commit while the
            # snapshot is read.
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

"""The letters of the demonstration that were not delivered, so that they can be sent again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.calendar import PARIS
from dashboard.clinical.advice.drafts import Draft
from dashboard.clinical.advice.lines import DraftReview, DraftSettlement
from dashboard.letters.review_letters import LetterSource, render_letters
from dashboard.queries.advice.recording import store_letters
from dashboard.queries.advice.signed_reviews import draft_line_of
from dashboard.queries.advice.snapshot import read_letter_source
from dashboard.queries.case.case_rows import risk_of
from dashboard.vocabulary import SettlementKind


def add_demonstration_letters(connection: Connection) -> None:
    """Store the letters of the reviews that have a failed delivery.

    They are made of the rows up to the day of signing. The other synthetic reviews have no letters.
    The connection must be that of the owner of the database, who sees every row.
    """
    for review in connection.execute(text(_NOT_ARRIVED)).all():
        content = _content(
            review,
            connection.execute(text(_LINES), {"review": review.id}).all(),
            connection.execute(text(_SETTLEMENTS), {"review": review.id}).all(),
        )
        # A letter names the practitioner who is signed in. This must be the psychiatrist who
        # signed.
        connection.execute(text(_ACT_AS), {"id": str(review.psychiatrist_id)})
        draft = Draft(review.episode_id, review.idempotency_key, content, review.supersedes)
        day = review.signed_at.astimezone(PARIS).date()
        source = _at(read_letter_source(connection, draft, day), review.signed_at)
        store_letters(connection, review.id, render_letters(source, draft.content), source)
    connection.execute(text(_ACT_AS), {"id": ""})


def _at(source: LetterSource, signed_at: datetime) -> LetterSource:
    """Return ``source`` for a review that was signed at ``signed_at``.

    This review and later ones are left out.
    """
    earlier = tuple(one for one in source.case.reviews if one.signed_at < signed_at)
    return replace(source, case=replace(source.case, reviews=earlier), now=signed_at)


def _content(
    review: Row[Any], lines: Sequence[Row[Any]], settlements: Sequence[Row[Any]]
) -> DraftReview:
    given = {line.id: draft_line_of(line) for line in lines}
    return DraftReview(
        review.summary,
        tuple(given.values()),
        review.next_review_on,
        review.outcome,
        risk=risk_of(review),
        settlements=tuple(
            DraftSettlement(
                str(one.recommendation_id),
                SettlementKind(one.kind),
                one.due_on,
                given[one.replaced_by].id if one.replaced_by in given else None,
                one.reason or "",
            )
            for one in settlements
        ),
    )


_NOT_ARRIVED = """
    SELECT r.id, r.episode_id, r.psychiatrist_id, r.idempotency_key, r.summary, r.next_review_on,
           r.outcome, r.supersedes, r.signed_at, r.risk_level, r.risk_reassess_on, r.risk_reason
    FROM review.case_review r
    WHERE EXISTS (SELECT FROM review.delivery d
                  WHERE d.patient_id = r.patient_id AND d.case_review_id = r.id
                    AND d.channel = 'mail' AND d.state = 'failed')
    ORDER BY r.signed_at, r.id
"""

_LINES = """
    SELECT * FROM review.recommendation WHERE case_review_id = :review ORDER BY position
"""

_SETTLEMENTS = """
    SELECT recommendation_id, kind, due_on, replaced_by, reason FROM review.settlement
    WHERE case_review_id = :review
"""

_ACT_AS = "SELECT set_config('case_review.practitioner', :id, true)"

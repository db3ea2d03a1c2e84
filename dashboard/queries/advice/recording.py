"""Storing a signed review, in one transaction.

If the same review is signed again by a second click, a reload or a retry, nothing more is stored.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    Draft,
    Seen,
    SignedReview,
    SnapshotChanged,
    seen_to_json,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.signing import as_signed, check_can_sign
from dashboard.database.audit.access_log import covering, log_access
from dashboard.letters.answer_link import LIFETIME, AnswerLink
from dashboard.letters.content import to_json
from dashboard.letters.review_letters import LetterSource, RenderedLetter, still_hold
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.advice.drafting import end_draft
from dashboard.queries.advice.signed_reviews import amended_by, signed_under
from dashboard.queries.advice.snapshot import read_snapshot
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.deciding import OnAgenda, decide, lock_item, running_item
from dashboard.vocabulary import Outcome


def record_review(
    connection: Connection,
    draft: Draft,
    review: DraftReview,
    letters: Sequence[RenderedLetter],
    *,
    seen: Seen,
    latest: dict[str, Any],
    today: date,
    agenda_item_id: UUID | None,
) -> SignedReview:
    """Store a signed review with its letters, and return it.

    If the draft was already signed, the stored review is returned and nothing changes. ``letters``
    were rendered before this transaction. Raise ``SnapshotChanged`` if their data have changed
    since. The errors of ``sign`` can be raised too. Nothing is stored after an error.
    """
    item = (
        lock_item(connection, agenda_item_id)
        if agenda_item_id
        else running_item(connection, draft.episode_id)
    )
    lock_advice(connection, draft.episode_id)
    signed = signed_under(connection, draft.episode_id, draft.idempotency_key)
    if signed is not None:
        return signed
    snapshot = read_snapshot(connection, draft, seen, today)
    check_can_sign(draft, snapshot.facts, today)
    source = snapshot.letters
    if as_signed(draft, source.case) != review or not still_hold(letters, source, review):
        raise SnapshotChanged
    review_id = _insert_review(
        connection, source, draft, review, seen=seen, latest=latest, item=item
    )
    if review_id is not None:
        if item is not None and draft.supersedes is None:
            _settle_case(connection, item, review, review_id)
        patient_id = source.case.identity.patient_id
        lines = _insert_lines(connection, patient_id, review_id, review)
        _insert_settlements(connection, patient_id, review_id, review, lines)
        store_letters(connection, review_id, letters, source)
        deliver(connection, patient_id, review_id, [one.id for one in source.recipients.values()])
        # Another window can save the draft after ``check_can_sign``.
        end_draft(connection, draft)
        covered = source.team.covered
        log_access(
            connection,
            "review_signed",
            patient_id,
            episode_id=draft.episode_id,
            case_review_id=review_id,
            **covering(covered.id if covered else None),
        )
    return _recorded(connection, source, draft)


def store_letters(
    connection: Connection,
    case_review_id: UUID,
    letters: Sequence[RenderedLetter],
    source: LetterSource,
) -> None:
    """Store the letters of a review, with the time ``source.now`` as the time of signing.

    Call this in the transaction that signs the review.
    """
    for letter in letters:
        content = replace(letter.content, signed_at=source.now)
        connection.execute(
            text(_INSERT_LETTER),
            {
                "id": uuid4(),
                "review": case_review_id,
                "recipient": content.recipient.id,
                "language": content.language,
                "content": json.dumps(to_json(content)),
                "plain_text": letter.plain_text,
                "pdf": letter.pdf,
            },
        )
        if letter.link is not None:
            _store_link(connection, case_review_id, letter.link)


def _recorded(connection: Connection, source: LetterSource, draft: Draft) -> SignedReview:
    """Return the review that was signed from this draft, by this call or by a concurrent one.

    Raise ``AlreadyAmended`` if another review has amended the same review meanwhile.
    """
    signed = signed_under(connection, draft.episode_id, draft.idempotency_key)
    if signed is not None:
        return signed
    later = amended_by(connection, source.case.identity.patient_id, draft.supersedes)
    if later is None:
        raise RuntimeError("a review was neither inserted nor there")
    raise AlreadyAmended(later)


def _insert_review(
    connection: Connection,
    source: LetterSource,
    draft: Draft,
    review: DraftReview,
    *,
    seen: Seen,
    latest: dict[str, Any],
    item: OnAgenda | None,
) -> UUID | None:
    """Insert the review and return its id.

    Return None if a concurrent call has signed the same draft or amended the same review.
    """
    covered = source.team.covered
    return connection.execute(
        text(_INSERT_REVIEW),
        {
            "patient": source.case.identity.patient_id,
            "id": uuid4(),
            "episode": draft.episode_id,
            "meeting": item and item.meeting_id,
            "covered": covered and covered.id,
            "outcome": review.outcome,
            "summary": review.summary,
            "next_review_on": review.next_review_on,
            "seen": json.dumps((seen_to_json(seen) or {}) | {"latest": latest}),
            "supersedes": draft.supersedes,
            "key": draft.idempotency_key,
            "risk_level": review.risk and review.risk.level,
            "risk_reassess_on": review.risk and review.risk.reassess_on,
            "risk_reason": (review.risk and review.risk.reason) or None,
        },
    ).scalar_one_or_none()


def _settle_case(
    connection: Connection, case: OnAgenda, review: DraftReview, review_id: UUID
) -> None:
    """Store the outcome of a review as the outcome of its case in the meeting.

    Nothing changes if an earlier review has already decided the case. Raise ``AlreadyDecided`` if
    the case was deferred.
    """
    if case.item.outcome in (None, Outcome.DEFERRED):
        decide(connection, case, review.outcome, case_review_id=review_id)


def _insert_lines(
    connection: Connection, patient_id: int, review_id: UUID, review: DraftReview
) -> dict[str, UUID]:
    """Insert the recommendations of a review.

    Return the new id of each recommendation, by its id in the draft.
    """
    ids = {line.id: uuid4() for line in review.lines}
    if review.lines:
        connection.execute(
            text(_INSERT_LINE),
            [
                _line_values(line, position)
                | {"patient": patient_id, "review": review_id, "id": ids[line.id]}
                for position, line in enumerate(review.lines, start=1)
            ],
        )
    return ids


def _insert_settlements(
    connection: Connection,
    patient_id: int,
    review_id: UUID,
    review: DraftReview,
    lines: dict[str, UUID],
) -> None:
    if review.settlements:
        connection.execute(
            text(_INSERT_SETTLEMENT),
            [
                {
                    "patient": patient_id,
                    "id": uuid4(),
                    "review": review_id,
                    "recommendation": UUID(settlement.id),
                    "kind": settlement.kind,
                    "replaced_by": lines.get(settlement.replaced_by or ""),
                    "due_on": settlement.due_on,
                    "reason": settlement.reason or None,
                }
                for settlement in review.settlements
            ],
        )


def _line_values(line: DraftLine, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "kind": line.kind,
        "action": line.action,
        "atc_code": line.atc_code,
        "drug_name": line.drug_name or None,
        "daily_dose_mg": line.daily_dose_mg,
        "titration": line.titration or None,
        "detail": line.detail,
        "alternative": line.alternative or None,
        "owner_role": line.owner_role,
        "due_on": line.due_on,
        "replaced_atc_code": line.replaced_atc_code,
        "replaced_drug_name": line.replaced_drug_name or None,
    }


def _store_link(connection: Connection, case_review_id: UUID, link: AnswerLink) -> None:
    connection.execute(
        text(_INSERT_LINK),
        {
            "id": link.id,
            "review": case_review_id,
            "recipient": link.recipient_id,
            "lifetime": LIFETIME,
        },
    )


_INSERT_REVIEW = """
    INSERT INTO review.case_review (patient_id, id, episode_id, meeting_id, psychiatrist_id,
                                    covered_id, outcome, summary, next_review_on, seen,
                                    supersedes, idempotency_key, risk_level, risk_reassess_on,
                                    risk_reason)
    VALUES (:patient, :id, :episode, :meeting, review.acting_practitioner(), :covered, :outcome,
            :summary, :next_review_on, CAST(:seen AS jsonb), :supersedes, :key, :risk_level,
            :risk_reassess_on, :risk_reason)
    ON CONFLICT DO NOTHING
    RETURNING id
"""

_INSERT_LINE = """
    INSERT INTO review.recommendation (patient_id, id, case_review_id, position, kind, action,
                                       atc_code, drug_name, daily_dose_mg, titration, detail,
                                       alternative, owner_role, due_on, replaced_atc_code,
                                       replaced_drug_name)
    VALUES (:patient, :id, :review, :position, :kind, :action, :atc_code, :drug_name,
            :daily_dose_mg, :titration, :detail, :alternative, :owner_role, :due_on,
            :replaced_atc_code, :replaced_drug_name)
"""

_INSERT_SETTLEMENT = """
    INSERT INTO review.settlement (patient_id, id, case_review_id, settled_by, recommendation_id,
                                   kind, replaced_by, due_on, reason)
    VALUES (:patient, :id, :review, review.acting_practitioner(), :recommendation, :kind,
            :replaced_by, :due_on, :reason)
"""

_INSERT_LETTER = """
    INSERT INTO review.letter (patient_id, id, case_review_id, recipient_id, language, content,
                               plain_text, pdf)
    SELECT patient_id, :id, id, :recipient, :language, CAST(:content AS jsonb), :plain_text, :pdf
    FROM review.case_review WHERE id = :review
    ON CONFLICT (patient_id, case_review_id, recipient_id) DO NOTHING
"""

_INSERT_LINK = """
    INSERT INTO review.answer_link (patient_id, id, case_review_id, recipient_id, expires_at)
    SELECT patient_id, :id, id, :recipient, now() + :lifetime
    FROM review.case_review WHERE id = :review
"""

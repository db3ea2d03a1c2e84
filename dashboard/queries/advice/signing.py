"""Signing a review: one transaction, once, whatever is clicked, reloaded or retried."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    NewFlag,
    NewReview,
    NewScore,
    NotReady,
    NotYours,
    Seen,
    SignedReview,
    seen_to_json,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement, as_sent
from dashboard.clinical.advice.settling import Owed, changed_lines, completed, owed_by, problems
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import covering, log_access
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.advice.letters import make_letters, read_source
from dashboard.queries.advice.storing_letters import store_letters
from dashboard.queries.case.case_rows import risk_of
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.caseload.episode_facts import BEFORE_ENROLMENT
from dashboard.queries.deciding import OnAgenda, decide, running_item
from dashboard.vocabulary import Outcome, SettlementKind


def sign(
    connection: Connection,
    draft: Draft,
    seen: Seen,
    today: date,
    latest: dict[str, Any] | None = None,
) -> SignedReview:
    """Sign the draft and send it to the nurse and the GP of the episode.

    ``seen`` is what has been on the screen or been taken into account, ``latest`` the
    latest scores that it showed. The draft is completed: it settles each line of earlier
    advice that is open. Signing a draft that is signed already gives what was
    signed then, and changes nothing. In a running meeting the first review of a case, unless
    it amends another, is its outcome. Raises ``NotYours`` (also when the episode is
    closed), ``NotReady``, ``DraftChanged``, ``ChangedMeanwhile``, ``AlreadyAmended`` or
    ``AlreadyDecided`` where the meeting has deferred the case; then nothing is signed.
    """
    episode = _episode(connection, draft.episode_id)
    case = running_item(connection, draft.episode_id)
    lock_advice(connection, draft.episode_id)
    signed = _signed(connection, episode, draft.idempotency_key)
    if signed is not None:
        return signed
    # Read before it is checked that all has been seen: the letters say nothing unseen.
    source = read_source(connection, draft, today)
    owed = owed_by(source.case, draft.supersedes)
    _refuse(connection, episode, draft, seen, today, source.case, owed)
    content = completed(as_sent(draft.content), owed)
    letters = make_letters(source, draft, content)
    meeting_id = case.meeting_id if case else None
    review_id = _insert_review(connection, episode, draft, content, seen, latest or {}, meeting_id)
    if review_id is None:
        return _signed_by_another(connection, episode, draft)
    if case is not None and draft.supersedes is None:
        _settle(connection, case, content, review_id)
    lines = _insert_lines(connection, episode, review_id, content)
    _insert_settlements(connection, episode, review_id, content, lines)
    store_letters(connection, review_id, letters)
    deliver(connection, episode.patient_id, review_id, (episode.nurse_id, episode.gp_id))
    _end_draft(connection, episode, draft)
    log_access(
        connection,
        "review_signed",
        episode.patient_id,
        episode_id=draft.episode_id,
        case_review_id=review_id,
        **covering(episode.covered_id),
    )
    return _read(connection, episode, draft.idempotency_key)


def changed_since(
    connection: Connection, episode_id: int, seen: Seen, today: date, own_key: UUID | None = None
) -> Changes:
    """The forms, reviews and flags of an episode, up to this day, that have not been seen.

    The review that was signed under ``own_key`` does not count. Raises ``NotYours``.
    """
    wanted = {
        "episode": episode_id,
        "patient": _episode(connection, episode_id).patient_id,
        "before": BEFORE_ENROLMENT,
        "assessments": list(seen.assessments),
        "reviews": list(seen.reviews),
        "flags": list(seen.flags),
        "own": own_key,
        "today": today,
    }
    return Changes(
        scores=tuple(NewScore(*row) for row in connection.execute(text(_NEW_SCORES), wanted)),
        reviews=tuple(_new_review(row) for row in connection.execute(text(_NEW_REVIEWS), wanted)),
        flags=tuple(NewFlag(*row) for row in connection.execute(text(_NEW_FLAGS), wanted)),
    )


def amended_by(connection: Connection, patient_id: int, case_review_id: UUID) -> NewReview | None:
    """The review that supersedes this one, if there is one."""
    row = connection.execute(
        text(_AMENDED_BY), {"patient": patient_id, "review": case_review_id}
    ).one_or_none()
    return None if row is None else _new_review(row)


def _refuse(
    connection: Connection,
    episode: Row[Any],
    draft: Draft,
    seen: Seen,
    today: date,
    case: CaseFile,
    owed: Owed,
) -> None:
    """Raise what keeps the draft from being signed."""
    if episode.status == "closed" and (episode.closed_on is None or episode.closed_on <= today):
        raise NotYours
    saved_at = connection.execute(
        text(_DRAFT_SAVED_AT), {"patient": episode.patient_id, "key": draft.idempotency_key}
    ).scalar_one_or_none()
    if saved_at not in (None, draft.saved_at):
        raise DraftChanged
    if draft.supersedes is not None:
        later = amended_by(connection, episode.patient_id, draft.supersedes)
        if later is not None:
            raise AlreadyAmended(later)
    # Before the problems: what has come may be the reason for one that the screen did not show.
    changes = changed_since(connection, draft.episode_id, seen, today, draft.idempotency_key)
    changes = replace(changes, lines=changed_lines(draft.content, case, draft.supersedes))
    if changes:
        raise ChangedMeanwhile(changes)
    found = problems(draft.content, today, owed)
    if found:
        raise NotReady(found)


def _episode(connection: Connection, episode_id: int) -> Row[Any]:
    episode = connection.execute(text(_EPISODE), {"episode": episode_id}).one_or_none()
    if episode is None:
        raise NotYours
    return episode


def _insert_review(
    connection: Connection,
    episode: Row[Any],
    draft: Draft,
    content: DraftReview,
    seen: Seen,
    latest: dict[str, Any],
    meeting_id: UUID | None,
) -> UUID | None:
    """The new review's id; none if another click has signed this draft or its amendment."""
    return connection.execute(
        text(_INSERT_REVIEW),
        {
            "patient": episode.patient_id,
            "id": uuid4(),
            "episode": episode.id,
            "meeting": meeting_id,
            "covered": episode.covered_id,
            "outcome": content.outcome,
            "summary": content.summary,
            "next_review_on": content.next_review_on,
            "seen": json.dumps((seen_to_json(seen) or {}) | {"latest": latest}),
            "supersedes": draft.supersedes,
            "key": draft.idempotency_key,
            "risk_level": content.risk and content.risk.level,
            "risk_reassess_on": content.risk and content.risk.reassess_on,
            "risk_reason": (content.risk and content.risk.reason) or None,
        },
    ).scalar_one_or_none()


def _settle(connection: Connection, case: OnAgenda, content: DraftReview, review_id: UUID) -> None:
    """The outcome of a case in a meeting; a further review leaves the first one's."""
    if case.item.outcome in (None, Outcome.DEFERRED):
        decide(connection, case, content.outcome, case_review_id=review_id)


def _insert_lines(
    connection: Connection, episode: Row[Any], review_id: UUID, content: DraftReview
) -> dict[str, UUID]:
    """Insert the lines; return their ids by those that they have in the draft."""
    ids = {line.id: uuid4() for line in content.lines}
    if content.lines:
        connection.execute(
            text(_INSERT_LINE),
            [
                _line_values(line, position)
                | {"patient": episode.patient_id, "review": review_id, "id": ids[line.id]}
                for position, line in enumerate(content.lines, start=1)
            ],
        )
    return ids


def _insert_settlements(
    connection: Connection,
    episode: Row[Any],
    review_id: UUID,
    content: DraftReview,
    lines: dict[str, UUID],
) -> None:
    if content.settlements:
        connection.execute(
            text(_INSERT_SETTLEMENT),
            [
                {
                    "patient": episode.patient_id,
                    "id": uuid4(),
                    "review": review_id,
                    "recommendation": UUID(settlement.id),
                    "kind": settlement.kind,
                    "replaced_by": lines.get(settlement.replaced_by or ""),
                    "due_on": settlement.due_on,
                    "reason": settlement.reason or None,
                }
                for settlement in content.settlements
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


def _end_draft(connection: Connection, episode: Row[Any], draft: Draft) -> None:
    connection.execute(
        text(_END_DRAFT),
        {"patient": episode.patient_id, "episode": episode.id, "key": draft.idempotency_key},
    )


def _signed_by_another(connection: Connection, episode: Row[Any], draft: Draft) -> SignedReview:
    """What another click has signed, or who has amended the review meanwhile."""
    signed = _signed(connection, episode, draft.idempotency_key)
    if signed is not None:
        return signed
    later = draft.supersedes and amended_by(connection, episode.patient_id, draft.supersedes)
    if not later:
        raise RuntimeError("a review was neither inserted nor there")
    raise AlreadyAmended(later)


def _read(connection: Connection, episode: Row[Any], key: UUID) -> SignedReview:
    signed = _signed(connection, episode, key)
    if signed is None:
        raise RuntimeError("a review that was just inserted is not there")
    return signed


def _signed(connection: Connection, episode: Row[Any], key: UUID) -> SignedReview | None:
    """The review that was signed with this key, if it was."""
    wanted = {"patient": episode.patient_id, "key": key}
    review = connection.execute(text(_SIGNED_REVIEW), wanted).one_or_none()
    if review is None:
        return None
    return SignedReview(
        id=review.id,
        episode_id=review.episode_id,
        signed_at=review.signed_at,
        content=content_of(connection, review),
        supersedes=review.supersedes,
    )


def content_of(connection: Connection, review: Row[Any]) -> DraftReview:
    """What a signed review says, as a draft would say it."""
    wanted = {"patient": review.patient_id, "review": review.id}
    lines = connection.execute(text(_LINES), wanted).all()
    places = {row.id: str(row.position) for row in lines}
    settlements = connection.execute(text(_SETTLEMENTS), wanted)
    return DraftReview(
        summary=review.summary,
        lines=tuple(_draft_line(row) for row in lines),
        next_review_on=review.next_review_on,
        outcome=review.outcome,
        risk=risk_of(review),
        settlements=tuple(_draft_settlement(row, places) for row in settlements),
    )


def _draft_settlement(row: Row[Any], places: dict[UUID, str]) -> DraftSettlement:
    return DraftSettlement(
        id=str(row.recommendation_id),
        kind=SettlementKind(row.kind),
        due_on=row.due_on,
        replaced_by=places.get(row.replaced_by),
        reason=row.reason or "",
    )


def _draft_line(row: Row[Any]) -> DraftLine:
    return DraftLine(
        id=str(row.position),
        kind=row.kind,
        action=row.action,
        atc_code=row.atc_code,
        drug_name=row.drug_name or "",
        dose="" if row.daily_dose_mg is None else f"{row.daily_dose_mg.normalize():f}",
        titration=row.titration or "",
        detail=row.detail,
        alternative=row.alternative or "",
        owner_role=row.owner_role,
        due_on=row.due_on,
        replaced_atc_code=row.replaced_atc_code,
        replaced_drug_name=row.replaced_drug_name or "",
    )


def _new_review(row: Row[Any]) -> NewReview:
    by = Person(row.psychiatrist_id, row.family_name, row.given_name) if row.family_name else None
    return NewReview(row.id, by, row.signed_at)


_EPISODE = """
    SELECT id, patient_id, nurse_id, gp_id, status, closed_on,
           nullif(psychiatrist_id, review.acting_practitioner()) AS covered_id
    FROM registry.episode WHERE id = :episode
"""

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

# A lock of the transaction alone, so that a pooler of transactions may lie between.
_DRAFT_SAVED_AT = """
    SELECT saved_at FROM review.draft WHERE patient_id = :patient AND idempotency_key = :key
"""

_END_DRAFT = """
    DELETE FROM review.draft
    WHERE patient_id = :patient AND episode_id = :episode AND idempotency_key = :key
"""

_SIGNED_REVIEW = """
    SELECT patient_id, id, episode_id, signed_at, supersedes, summary, outcome, next_review_on,
           risk_level, risk_reassess_on, risk_reason
    FROM review.case_review WHERE patient_id = :patient AND idempotency_key = :key
"""

_LINES = """
    SELECT id, position, kind, action, atc_code, drug_name, daily_dose_mg, titration, detail,
           alternative, owner_role, due_on, replaced_atc_code, replaced_drug_name
    FROM review.recommendation
    WHERE patient_id = :patient AND case_review_id = :review ORDER BY position
"""

_SETTLEMENTS = """
    SELECT s.recommendation_id, s.kind, s.replaced_by, s.due_on, s.reason
    FROM review.settlement s
    JOIN review.recommendation c ON c.patient_id = s.patient_id AND c.id = s.recommendation_id
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    WHERE s.patient_id = :patient AND s.case_review_id = :review
    ORDER BY r.signed_at, r.id, c.position
"""

_REVIEWERS = """
    SELECT r.id, r.psychiatrist_id, r.signed_at, p.family_name, p.given_name
    FROM review.case_review r LEFT JOIN registry.practitioner p ON p.id = r.psychiatrist_id
    WHERE r.patient_id = :patient
"""

_AMENDED_BY = f"{_REVIEWERS} AND r.supersedes = :review"

_NEW_REVIEWS = f"""{_REVIEWERS}
      AND r.episode_id = :episode AND r.id <> ALL (CAST(:reviews AS uuid[]))
      AND r.idempotency_key IS DISTINCT FROM CAST(:own AS uuid)
    ORDER BY r.signed_at, r.id
"""

_NEW_SCORES = """
    SELECT a.id, a.instrument, a.taken_on, a.total
    FROM registry.assessment a
    JOIN registry.episode e ON e.patient_id = a.patient_id
    WHERE e.id = :episode AND a.id <> ALL (CAST(:assessments AS bigint[]))
      AND a.taken_on >= e.enrolled_on - CAST(:before AS interval) AND a.taken_on <= :today
    ORDER BY a.taken_on, a.id
"""

# A flag that was cleared asks for nothing any more.
_NEW_FLAGS = """
    SELECT f.id, f.kind, f.raised_at
    FROM registry.flag f
    WHERE f.patient_id = :patient AND f.cleared_at IS NULL
      AND f.id <> ALL (CAST(:flags AS bigint[]))
      AND (f.raised_at AT TIME ZONE 'Europe/Paris')::date <= :today
    ORDER BY f.raised_at, f.id
"""

"""Saving and discarding the draft of a review, and beginning a draft that amends a signed
review.
"""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    Draft,
    DraftChanged,
    DraftInTheWay,
    Elsewhere,
    NotYours,
    Saved,
    joined,
    seen_in,
    seen_to_json,
)
from dashboard.clinical.advice.lines import DraftReview, from_json, to_json
from dashboard.clinical.advice.settling import risk_to_restate
from dashboard.clinical.case.case_file import CaseFile
from dashboard.queries.advice.drafts import (
    DRAFT_KEYS,
    draft_of,
    find_draft,
    next_key,
    open_draft,
)
from dashboard.queries.advice.signed_reviews import amended_by, content_of
from dashboard.queries.case.case_file import read_case
from dashboard.queries.case.standing_lines import courses_of


def save_draft(connection: Connection, draft: Draft, content: DraftReview) -> Saved:
    """Save ``content`` as the content of the draft, and return the result.

    ``draft`` is the version of the draft that this browser window received last. If another window
    has saved the draft since, only the fields that this window has changed are saved. If both
    windows have changed a field, the value of this window is saved, and the result contains the
    other value.

    If another window has signed or discarded the draft, a new draft begins with ``content``. Raise
    ``NotYours`` if the signed-in practitioner may not see the episode.
    """
    # Converting the content to JSON and back removes characters that the database cannot store.
    content = from_json(to_json(content))
    row = find_draft(connection, draft.episode_id)
    if row.saved_at is None:
        saved = _begin(connection, row, draft, content)
    else:
        saved = _go_on(connection, row, draft, content)
    # If another window saved the draft between the read and the write, ``saved`` is None, and the
    # save is repeated.
    return saved or save_draft(connection, draft, content)


def discard_draft(connection: Connection, draft: Draft) -> None:
    """Discard the draft. Do nothing if the episode has another draft by now.

    Raise ``DraftChanged`` if another window has saved the draft since ``draft`` was read.
    """
    end_draft(connection, draft)


def end_draft(connection: Connection, draft: Draft) -> None:
    """Delete the stored draft. Do nothing if the episode has none, or has another one by now.

    Raise ``DraftChanged`` if another window has saved the draft since ``draft`` was read. Its text
    is then kept.
    """
    wanted = {
        "episode": draft.episode_id,
        "key": draft.idempotency_key,
        "saved_at": draft.saved_at,
    }
    deleted = connection.execute(text(_DELETE), wanted).rowcount
    if not deleted and connection.execute(text(_IS_STORED), wanted).scalar_one():
        raise DraftChanged


def begin_amendment(connection: Connection, case_review_id: UUID, today: date) -> Draft:
    """Return a draft that amends a signed review, and that begins with the content of the review.

    Recommendations that were replaced or withdrawn since are left out, and so is a risk decision
    that no longer holds (see ``risk_to_restate``). When the draft is signed, it supersedes the
    review. If there is already a draft that amends this review, that draft is returned.

    Raise ``NotYours`` if the signed-in practitioner may not see the review. Raise
    ``AlreadyAmended`` if another review has superseded it. Raise ``DraftInTheWay`` if the
    practitioner has another draft for the episode that is not empty.
    """
    review = connection.execute(text(_REVIEW), {"review": case_review_id}).one_or_none()
    if review is None:
        raise NotYours
    later = amended_by(connection, review.patient_id, case_review_id)
    if later is not None:
        raise AlreadyAmended(later)
    row = find_draft(connection, review.episode_id)
    if row.saved_at is not None:
        there = draft_of(row)
        if there.supersedes == case_review_id:
            return there
        if not there.content.is_empty:
            raise DraftInTheWay
        try:
            end_draft(connection, there)
        except DraftChanged:
            raise DraftInTheWay from None
    case = read_case(connection, review.episode_id, today)
    if case is None:
        raise NotYours
    amendment = Draft(
        review.episode_id,
        uuid5(DRAFT_KEYS, f"{row.me} amends {case_review_id}"),
        supersedes=review.id,
        seen=seen_in(case),
    )
    content = _still_standing(connection, review, case)
    return _insert(connection, row, amendment, content) or open_draft(connection, review.episode_id)


def _still_standing(connection: Connection, review: Row[Any], case: CaseFile) -> DraftReview:
    """Return the content of a signed review without the recommendations that were ended since, and
    without a risk statement that must be made anew.

    A recommendation is ended when it is replaced or withdrawn.
    """
    content = content_of(connection, review)
    courses = courses_of(connection, {review.episode_id: review.patient_id}, None)
    wanted = {"patient": review.patient_id, "review": review.id}
    standing = {
        str(row.position)
        for row in connection.execute(text(_POSITIONS), wanted)
        if row.id in courses and courses[row.id].stands
    }
    return replace(
        content,
        lines=tuple(line for line in content.lines if line.id in standing),
        risk=risk_to_restate(case, review.id),
    )


def _begin(
    connection: Connection, row: Row[Any], draft: Draft, content: DraftReview
) -> Saved | None:
    """Save a draft that has no row in the database; return None if another call has just inserted
    one.

    The draft is either new, or another window has signed or discarded it.
    """
    signed_at = connection.execute(
        text(_SIGNED), {"patient": row.patient_id, "key": draft.idempotency_key}
    ).scalar_one_or_none()
    elsewhere = None
    if signed_at is not None:
        draft = Draft(draft.episode_id, next_key(row), seen=draft.seen)
        elsewhere = Elsewhere("signed", signed_at)
    elif draft.saved_at is not None:
        elsewhere = Elsewhere("discarded")
    inserted = _insert(connection, row, draft, content)
    return Saved(inserted, elsewhere) if inserted else None


def _go_on(
    connection: Connection, row: Row[Any], draft: Draft, content: DraftReview
) -> Saved | None:
    """Merge ``content`` with the changes of another window, and save the result as the draft.

    Return None if the draft was saved by another call after ``row`` was read.
    """
    there = draft_of(row)
    if (there.idempotency_key, there.saved_at) == (draft.idempotency_key, draft.saved_at):
        written = _update(connection, row, replace(there, seen=draft.seen), content)
        return Saved(written) if written else None
    if there.content == content and draft.seen in (None, there.seen):
        # An earlier save has already stored this content, but the browser did not receive the
        # response.
        return Saved(there)
    both, replaced = joined(draft.content, content, there.content)
    seen = there.seen if draft.seen is None else draft.seen | (there.seen or draft.seen)
    written = _update(connection, row, replace(there, seen=seen), both)
    if written is None:
        return None
    return Saved(written, Elsewhere("changed", row.saved_at, replaced))


def _insert(
    connection: Connection, row: Row[Any], draft: Draft, content: DraftReview
) -> Draft | None:
    """Insert the draft and return it; return None if the episode already has a draft."""
    times = connection.execute(
        text(_INSERT),
        {
            "patient": row.patient_id,
            "episode": row.episode_id,
            "me": row.me,
            "key": draft.idempotency_key,
            "supersedes": draft.supersedes,
            "content": _stored(draft, content),
        },
    ).one_or_none()
    if times is None:
        return None
    return replace(draft, content=content, begun_at=times.begun_at, saved_at=times.saved_at)


def _update(
    connection: Connection, row: Row[Any], draft: Draft, content: DraftReview
) -> Draft | None:
    """Update the draft and return it; return None if it was saved by another call after it was
    read.
    """
    saved_at = connection.execute(
        text(_UPDATE),
        {
            "patient": row.patient_id,
            "episode": row.episode_id,
            "me": row.me,
            "content": _stored(draft, content),
            "read": row.saved_at,
        },
    ).scalar_one_or_none()
    return replace(draft, content=content, saved_at=saved_at) if saved_at else None


def _stored(draft: Draft, content: DraftReview) -> str:
    return json.dumps(to_json(content) | {"seen": seen_to_json(draft.seen)})


# The times come from ``clock_timestamp()`` and not from ``now()``, which is the start of the
# transaction. If one save waits for another, it then also has the later time.
_INSERT = """
    INSERT INTO review.draft (patient_id, episode_id, psychiatrist_id, idempotency_key,
                              supersedes, content, begun_at, saved_at)
    VALUES (:patient, :episode, :me, :key, :supersedes, CAST(:content AS jsonb),
            clock_timestamp(), clock_timestamp())
    ON CONFLICT (patient_id, episode_id, psychiatrist_id) DO NOTHING
    RETURNING begun_at, saved_at
"""

_UPDATE = """
    UPDATE review.draft SET content = CAST(:content AS jsonb), saved_at = clock_timestamp()
    WHERE patient_id = :patient AND episode_id = :episode AND psychiatrist_id = :me
      AND saved_at = :read
    RETURNING saved_at
"""

_SIGNED = """
    SELECT signed_at FROM review.case_review
    WHERE patient_id = :patient AND idempotency_key = :key
"""

_REVIEW = """
    SELECT id, patient_id, episode_id, summary, next_review_on, outcome, risk_level,
           risk_reassess_on, risk_reason
    FROM review.case_review WHERE id = :review
"""

_POSITIONS = """
    SELECT id, position FROM review.recommendation
    WHERE patient_id = :patient AND case_review_id = :review
"""

_THIS_DRAFT = """
    d.patient_id = ANY (ARRAY (SELECT patient_id FROM registry.episode WHERE id = :episode))
    AND d.episode_id = :episode AND d.idempotency_key = :key
"""

_DELETE = f"DELETE FROM review.draft d WHERE {_THIS_DRAFT} AND d.saved_at = :saved_at"

_IS_STORED = f"SELECT EXISTS (SELECT FROM review.draft d WHERE {_THIS_DRAFT})"

"""The data of an episode that are needed to sign a draft: those to be checked, and those of the
letters.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import Draft, NotYours, Seen
from dashboard.clinical.advice.signing import SigningFacts
from dashboard.clinical.case.case_file import CaseFile
from dashboard.letters.content import Asked, Professional, Team
from dashboard.letters.review_letters import LetterSource
from dashboard.locale import LANGUAGES
from dashboard.locale.formats import full_name
from dashboard.queries.advice.changes import changed_since
from dashboard.queries.advice.signed_reviews import amended_by
from dashboard.queries.case.case_file import read_case
from dashboard.settings import settings
from dashboard.vocabulary import LETTER_ROLES, Role


@dataclass(frozen=True)
class Snapshot:
    """The data of an episode at one moment, read in order to sign a draft."""

    facts: SigningFacts
    letters: LetterSource


def read_snapshot(connection: Connection, draft: Draft, seen: Seen, today: date) -> Snapshot:
    """Return the data that are needed to sign this draft.

    ``seen`` has what the psychiatrist has seen of the case.
    Raise ``NotYours`` if the episode does not exist, or if the signed-in practitioner may not see
    it.
    """
    # The data of the letters are read first. If they contain something that the psychiatrist has
    # not seen, ``changed_since`` below finds it too, and the draft is not signed.
    letters = read_letter_source(connection, draft, today)
    patient_id = letters.case.identity.patient_id
    wanted = {"patient": patient_id, "key": draft.idempotency_key}
    facts = SigningFacts(
        case=letters.case,
        draft_saved_at=connection.execute(text(_DRAFT_SAVED_AT), wanted).scalar_one_or_none(),
        amended_by=amended_by(connection, patient_id, draft.supersedes),
        unseen=changed_since(connection, draft.episode_id, seen, today),
    )
    return Snapshot(facts, letters)


def read_letter_source(connection: Connection, draft: Draft, today: date) -> LetterSource:
    """Return the data for the letters of a draft.

    Raise ``NotYours`` if the episode does not exist, or if the signed-in practitioner may not see
    it.
    """
    case = read_case(connection, draft.episode_id, today)
    if case is None:
        raise NotYours
    people = connection.execute(text(_PEOPLE), {"episode": draft.episode_id}).all()
    by_role = {row.place: _professional(row) for row in people}
    return LetterSource(
        case=case,
        amends=draft.supersedes,
        team=Team(
            psychiatrist=by_role[Role.PSYCHIATRIST],
            nurse=by_role.get(Role.NURSE),
            gp=by_role.get(Role.GP),
            covered=by_role.get("covered"),
        ),
        recipients={role: by_role[role] for role in LETTER_ROLES if role in by_role},
        languages={row.id: row.language for row in people if row.language in LANGUAGES},
        with_account=frozenset(row.id for row in people if row.has_account),
        questions=_questions(connection, case, draft),
        now=connection.execute(text("SELECT now()")).scalar_one(),
        answer_page=_answer_page(),
    )


def _answer_page() -> tuple[str, str] | None:
    """Return the public address of the pages, and the key with which answer links are signed.

    Return None if one of the two is not configured. Letters then contain no link.
    """
    url, key = settings().public_url, settings().link_key
    return (url, key.get_secret_value()) if url and key else None


def _questions(connection: Connection, case: CaseFile, draft: Draft) -> tuple[Asked, ...]:
    """Return the questions that were answered by the review that ``draft`` amends.

    If that review itself amends another one, the questions that the other one answered are
    included. The result is empty if ``draft`` amends no review. A question is answered by the first
    review signed after it.
    """
    if draft.supersedes is None:
        return ()
    wanted: dict[str, Any] = {
        "patient": case.identity.patient_id,
        "episode": case.episode_id,
        "amends": draft.supersedes,
    }
    return tuple(
        Asked(row.question, row.ready_at, full_name(row.family_name, row.given_name))
        if row.family_name
        else Asked(row.question, row.ready_at)
        for row in connection.execute(text(_QUESTIONS), wanted)
    )


def _professional(row: Row[Any]) -> Professional:
    return Professional(
        id=row.id,
        role=row.place,
        family_name=row.family_name or "",
        given_name=row.given_name or "",
        rpps=row.rpps,
        secure_email=row.secure_email,
    )


_DRAFT_SAVED_AT = """
    SELECT saved_at FROM review.draft WHERE patient_id = :patient AND idempotency_key = :key
"""

# The psychiatrist of the letter is the one who signs, even if they cover a colleague. A person who
# was invited, or whose password was reset, cannot sign in before choosing a password.
_PEOPLE = """
    SELECT wanted.place, wanted.id, p.family_name, p.given_name, p.rpps, p.secure_email, a.language,
           (a.practitioner_id IS NOT NULL AND NOT a.password_is_temporary) AS has_account
    FROM registry.episode e
    CROSS JOIN LATERAL (VALUES ('psychiatrist', review.acting_practitioner()),
                               ('covered', nullif(e.psychiatrist_id,
                                                  review.acting_practitioner())),
                               ('gp', e.gp_id), ('nurse', e.nurse_id)) wanted (place, id)
    LEFT JOIN registry.practitioner p ON p.id = wanted.id
    LEFT JOIN review.account a ON a.practitioner_id = wanted.id
    WHERE e.id = :episode AND wanted.id IS NOT NULL
"""

_QUESTIONS = """
    WITH RECURSIVE amended (id) AS (
        SELECT CAST(:amends AS uuid)
        UNION
        SELECT r.supersedes FROM review.case_review r JOIN amended ON amended.id = r.id
        WHERE r.patient_id = :patient AND r.supersedes IS NOT NULL
    )
    SELECT p.question, p.ready_at, n.family_name, n.given_name
    FROM review.preparation p
    LEFT JOIN registry.practitioner n ON n.id = p.nurse_id
    WHERE p.patient_id = :patient AND p.episode_id = :episode
      AND p.ready_at IS NOT NULL AND p.withdrawn_at IS NULL
      AND (SELECT r.id FROM review.case_review r
           WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
             AND r.signed_at > p.ready_at
           ORDER BY r.signed_at, r.id LIMIT 1) IN (SELECT id FROM amended)
    ORDER BY p.ready_at
"""

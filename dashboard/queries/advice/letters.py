"""The letters of a review: drawn up before it is signed, stored with it, opened afterwards."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import Draft, NotYours
from dashboard.clinical.advice.letters import Letter
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.standing_advice import standing_advice
from dashboard.clinical.case.case_file import CaseFile
from dashboard.database.audit.access_log import log_access
from dashboard.letters.answer_link import AnswerLink, address_of
from dashboard.letters.chart import chart_svg
from dashboard.letters.content import (
    Asked,
    LetterContent,
    Professional,
    Team,
    file_name,
    from_json,
    letter_content,
)
from dashboard.letters.pdf import letter_pdf
from dashboard.letters.plain_text import plain_text
from dashboard.locale import LANGUAGES
from dashboard.queries.case.case_file import read_case
from dashboard.settings import settings
from dashboard.vocabulary import LETTER_ROLES, Role, SettlementKind


@dataclass(frozen=True)
class Source:
    """What the letters of an episode are made of, read at one moment."""

    case: CaseFile
    team: Team
    recipients: dict[str, Professional]
    languages: dict[int, str]
    with_account: frozenset[int]
    questions: tuple[Asked, ...]
    now: datetime


@dataclass(frozen=True)
class Made:
    """A letter that is made but not stored yet."""

    content: LetterContent
    plain_text: str
    pdf: bytes
    link: AnswerLink | None = None


def read_source(connection: Connection, draft: Draft, today: date) -> Source:
    """Read what the letters say of the case; raises ``NotYours``."""
    case = read_case(connection, draft.episode_id, today)
    if case is None:
        raise NotYours
    people = connection.execute(text(_PEOPLE), {"episode": draft.episode_id}).all()
    by_role = {row.place: _professional(row) for row in people}
    return Source(
        case=case,
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
    )


def make_letters(source: Source, draft: Draft, review: DraftReview) -> list[Made]:
    """The letters to the GP and the nurse of this review, signed at this moment.

    The chart is the same for all who read one language.
    """
    links = {role: _link(source, draft, review, role) for role in source.recipients}
    contents = {
        role: _content(source, draft, review, role, source.now, _address(link))
        for role, link in links.items()
    }
    by_language = {one.language: one for one in contents.values()}
    charts = {code: chart_svg(one) for code, one in by_language.items()}
    return [
        Made(one, plain_text(one), letter_pdf(one, charts[one.language]), links[role])
        for role, one in contents.items()
    ]


def preview_letter(connection: Connection, draft: Draft, role: str, today: date) -> LetterContent:
    """What the letter to the ``gp`` or the ``nurse`` would say if the draft were signed now.

    In the recipient's language. Raises ``NotYours``.
    """
    source = read_source(connection, draft, today)
    log_access(
        connection, "letter_previewed", source.case.identity.patient_id, episode_id=draft.episode_id
    )
    return _content(source, draft, draft.content, role)


def open_letter(connection: Connection, case_review_id: UUID, role: str) -> Letter | None:
    """The stored letter to the ``gp`` or the ``nurse``; none if none was made or it is not yours.

    Opening one is on the access log.
    """
    row = connection.execute(text(_STORED), {"review": case_review_id, "role": role}).one_or_none()
    if row is None:
        return None
    log_access(connection, "letter_opened", row.patient_id, letter_id=row.id)
    return Letter(
        case_review_id=case_review_id,
        language=row.language,
        plain_text=row.plain_text,
        pdf=bytes(row.pdf),
        file_name=file_name(from_json(row.content)),
        made_at=row.made_at,
    )


def _link(source: Source, draft: Draft, review: DraftReview, role: str) -> AnswerLink | None:
    """A link for a GP who is asked something, and has no account to answer with."""
    recipient = source.recipients[role].id
    asked = role == Role.GP and Role.GP in _asked_roles(source.case, draft, review)
    if not asked or recipient in source.with_account or _where_links_lead() is None:
        return None
    return AnswerLink(uuid4(), recipient)


def _asked_roles(case: CaseFile, draft: Draft, review: DraftReview) -> set[str | None]:
    """Who does what the review gives, and what it keeps of earlier ones."""
    kept = {one.id for one in review.settlements if one.kind is SettlementKind.KEPT}
    earlier = standing_advice(case, draft.supersedes)
    return {line.owner_role for line in review.lines} | {
        one.line.owner_role for one in earlier if str(one.line.id) in kept
    }


def _address(link: AnswerLink | None) -> str | None:
    where = _where_links_lead()
    return address_of(link, *where) if link and where else None


def _where_links_lead() -> tuple[str, str] | None:
    """The address of the pages and the key that signs; none where a site has no links."""
    url, key = settings().public_url, settings().link_key
    return (url, key.get_secret_value()) if url and key else None


def _content(
    source: Source,
    draft: Draft,
    review: DraftReview,
    role: str,
    signed_at: datetime | None = None,
    answer_url: str | None = None,
) -> LetterContent:
    recipient = source.recipients[role]
    content = letter_content(
        source.case,
        review,
        source.team,
        recipient,
        # The registry says no language; French unless the recipient has chosen another.
        language=source.languages.get(recipient.id, LANGUAGES[0]),
        signed_at=signed_at,
        amends=draft.supersedes,
        answer_url=answer_url,
    )
    return replace(content, questions=content.questions or source.questions)


def _questions(connection: Connection, case: CaseFile, draft: Draft) -> tuple[Asked, ...]:
    """What an amended review was asked; an open question the case knows itself."""
    if draft.supersedes is None:
        return ()
    wanted: dict[str, Any] = {
        "patient": case.identity.patient_id,
        "episode": case.episode_id,
        "amends": draft.supersedes,
    }
    return tuple(Asked(*row) for row in connection.execute(text(_QUESTIONS), wanted))


def _professional(row: Row[Any]) -> Professional:
    return Professional(
        id=row.id,
        role=row.place,
        family_name=row.family_name or "",
        given_name=row.given_name or "",
        rpps=row.rpps,
        secure_email=row.secure_email,
    )


# Whoever signs is the psychiatrist of the letter, also when covering for a colleague.
_PEOPLE = """
    SELECT wanted.place, wanted.id, p.family_name, p.given_name, p.rpps, p.secure_email, a.language,
           a.practitioner_id IS NOT NULL AS has_account
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
    SELECT p.question, p.ready_at
    FROM review.preparation p
    WHERE p.patient_id = :patient AND p.episode_id = :episode
      AND p.ready_at IS NOT NULL AND p.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM review.case_review r
                      WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
                        AND r.signed_at > p.ready_at AND r.id <> ALL (SELECT id FROM amended))
    ORDER BY p.ready_at
"""

_STORED = """
    SELECT patient_id, id, language, content, plain_text, pdf, made_at
    FROM review.letter
    WHERE case_review_id = :review AND content -> 'recipient' ->> 'role' = :role
"""

"""The letters of a review to the GP and the nurse. They are made before the review is signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.standing_advice import standing_advice
from dashboard.clinical.case.case_file import CaseFile
from dashboard.letters.answer_link import AnswerLink, address_of
from dashboard.letters.chart import chart_svg
from dashboard.letters.content import Asked, LetterContent, Professional, Team, letter_content
from dashboard.letters.pdf import letter_pdf
from dashboard.letters.plain_text import plain_text
from dashboard.locale import LANGUAGES
from dashboard.vocabulary import Role, SettlementKind


@dataclass(frozen=True)
class LetterSource:
    """All data that the letters of a review need, except the review itself.

    ``amends`` is the id of the review that this review amends. ``questions`` are those that the
    amended review answered; the open questions are in ``case``. ``answer_page`` is the address of
    the site and the key that signs answer links; None if the site does not use such links.
    """

    case: CaseFile
    amends: UUID | None
    team: Team
    recipients: Mapping[Role, Professional]
    languages: Mapping[int, str]
    with_account: frozenset[int]
    questions: tuple[Asked, ...]
    now: datetime
    answer_page: tuple[str, str] | None = None


@dataclass(frozen=True)
class RenderedLetter:
    """A letter to one recipient, as data, plain text and PDF, before it is stored."""

    content: LetterContent
    plain_text: str
    pdf: bytes
    link: AnswerLink | None = None


def render_letters(source: LetterSource, review: DraftReview) -> list[RenderedLetter]:
    """Return the letters of ``review`` to the GP and the nurse, signed at ``source.now``.

    Recipients with the same language share one drawing of the chart, which is slow to draw.
    """
    links = {role: AnswerLink(uuid4(), one.id) for role, one in _answering_by_link(source, review)}
    contents = _contents(source, review, links)
    by_language = {content.language: content for content in contents.values()}
    charts = {code: chart_svg(content) for code, content in by_language.items()}
    return [
        RenderedLetter(
            content,
            plain_text(content),
            letter_pdf(content, charts[content.language]),
            links.get(role),
        )
        for role, content in contents.items()
    ]


def still_hold(
    letters: Sequence[RenderedLetter], source: LetterSource, review: DraftReview
) -> bool:
    """Return whether ``letters``, made earlier, are the same as letters made now.

    The times of signing may differ within the same minute, because a letter shows no seconds.
    """
    links = {Role(one.content.recipient.role): one.link for one in letters if one.link is not None}
    if links.keys() != dict(_answering_by_link(source, review)).keys():
        return False
    now = _contents(source, review, links).values()
    return [_to_the_minute(one.content) for one in letters] == [*map(_to_the_minute, now)]


def content_for(
    role: Role,
    source: LetterSource,
    review: DraftReview,
    *,
    signed_at: datetime | None = None,
    link: AnswerLink | None = None,
) -> LetterContent:
    """Return the content of the letter to the recipient with ``role``, who is the GP or the nurse.

    If ``signed_at`` is None, the letter is a preview.
    """
    recipient = source.recipients[role]
    content = letter_content(
        source.case,
        review,
        source.team,
        recipient,
        # The registry does not record the language of recipients. A letter is in French unless the
        # recipient has chosen another language in the dashboard.
        language=source.languages.get(recipient.id, LANGUAGES[0]),
        signed_at=signed_at,
        amends=source.amends,
        answer_url=_address(source, link),
    )
    return replace(content, questions=source.questions + content.questions)


def _contents(
    source: LetterSource, review: DraftReview, links: Mapping[Role, AnswerLink]
) -> dict[Role, LetterContent]:
    return {
        role: content_for(role, source, review, signed_at=source.now, link=links.get(role))
        for role in source.recipients
    }


def _to_the_minute(content: LetterContent) -> LetterContent:
    signed_at = content.signed_at
    return replace(content, signed_at=signed_at and signed_at.replace(second=0, microsecond=0))


def _answering_by_link(
    source: LetterSource, review: DraftReview
) -> list[tuple[Role, Professional]]:
    """Return the role and the GP if the GP's letter needs an answer link; otherwise an empty list.

    The letter needs a link if the GP has no account, or has not chosen a password yet, and must
    answer a recommendation. No letter needs a link if the site does not use answer links.
    """
    gp = source.recipients.get(Role.GP)
    if gp is None or gp.id in source.with_account or source.answer_page is None:
        return []
    return [(Role.GP, gp)] if Role.GP in _asked_roles(source, review) else []


def _asked_roles(source: LetterSource, review: DraftReview) -> set[str | None]:
    """Return the roles that must carry out a recommendation that this review gives or keeps."""
    kept = {one.id for one in review.settlements if one.kind is SettlementKind.KEPT}
    earlier = standing_advice(source.case, source.amends)
    return {line.owner_role for line in review.lines} | {
        one.line.owner_role for one in earlier if str(one.line.id) in kept
    }


def _address(source: LetterSource, link: AnswerLink | None) -> str | None:
    return address_of(link, *source.answer_page) if link and source.answer_page else None

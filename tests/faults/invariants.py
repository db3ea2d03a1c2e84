"""The invariants after any fault, read from the database as its owner.

Nothing that a person was told of is lost, duplicated or incomplete. Everything marked as sent has
been accepted by the mail server.
"""

from collections.abc import Iterator
from uuid import UUID

from dashboard.database import administering
from dashboard.database.audit.verification import Verification
from tests.faults.operations import AnswerByLink, AnswerLine, SaveDraft, Sign
from tests.faults.served_site import Clinic


def at_any_moment(clinic: Clinic) -> list[str]:
    """Return the violations that are wrong even while people are still working."""
    return [*_lost(clinic), *_in_part(clinic), *_not_accepted(clinic)]


def when_all_is_done(clinic: Clinic) -> list[str]:
    """Return the violations once everyone has finished, and was told so."""
    return [
        *at_any_moment(clinic),
        *_reviews(clinic),
        *_answers(clinic),
        *_drafts(clinic),
        *when_letters_have_left(clinic),
    ]


def when_letters_have_left(clinic: Clinic) -> list[str]:
    """Return the violations in what has arrived, and in the access log of it all."""
    return [*_letters(clinic), *_access_log(clinic)]


def _lost(clinic: Clinic) -> Iterator[str]:
    """Yield the records that a person was told of and that do not exist."""
    reviews = {str(row.id) for row in clinic.ask("SELECT id FROM review.case_review")}
    answers = {row.id for row in clinic.ask("SELECT id FROM review.answer")}
    keys = {row.key for row in clinic.ask(_SIGNED_KEYS)}
    drafts = {row.episode_id: row.summary for row in clinic.ask(_DRAFTS)}
    for order, said in clinic.told:
        if isinstance(order, Sign) and said not in reviews:
            yield f"a signed review is lost: {said}"
        if isinstance(order, AnswerLine) and order.key not in answers:
            yield f"an answer is lost: {order.key}"
        if isinstance(order, AnswerByLink) and not _given(clinic, order) <= answers:
            yield f"answers by link are lost: {order.link}"
        if isinstance(order, SaveDraft) and order.draft.idempotency_key not in keys:
            found = drafts.get(order.draft.episode_id)
            if found != said:
                yield f"a draft is lost: {found!r} in place of {said!r}"


def _given(clinic: Clinic, order: AnswerByLink) -> set[UUID]:
    return {key for key, (line, _) in clinic.answered.items() if line in order.given}


def _in_part(clinic: Clinic) -> Iterator[str]:
    """Yield the reviews that lack something that belongs to them."""
    for row in clinic.ask(_NOT_WHOLE):
        yield f"a review is not whole: {tuple(row)}"
    for row in clinic.ask(_AGENDA):
        yield f"the agenda does not say what was signed: {tuple(row)}"
    for row in clinic.ask(_LINKS):
        yield f"a link and its answers disagree: {tuple(row)}"


def _not_accepted(clinic: Clinic) -> Iterator[str]:
    accepted = clinic.arrived()
    for row in clinic.ask(
        "SELECT message_id FROM review.delivery WHERE channel = 'mail' AND state = 'sent'"
    ):
        if row.message_id not in accepted:
            yield f"marked as sent, and not accepted: {row.message_id}"


def _reviews(clinic: Clinic) -> Iterator[str]:
    """Yield the reviews that are not exactly those that were to be signed, each once."""
    there: dict[UUID, tuple[int, str, int]] = {}
    for row in clinic.ask(_REVIEWS):
        if row.key in there:
            yield f"signed twice: {row.key}"
        there[row.key] = (row.episode_id, row.summary, row.lines)
    for key, promise in clinic.promised.items():
        if there.get(key) != (promise.episode, promise.summary, promise.lines):
            yield f"to be signed {promise}, and there is {there.get(key)}"
    for key in there.keys() - clinic.promised.keys():
        yield f"nobody signed this: {there[key]}"


def _answers(clinic: Clinic) -> Iterator[str]:
    there = {row.id: (row.recommendation_id, row.outcome) for row in clinic.ask(_ANSWERS)}
    for key in there.keys() | clinic.answered.keys():
        if there.get(key) != clinic.answered.get(key):
            yield f"answered {clinic.answered.get(key)}, and there is {there.get(key)}"


def _drafts(clinic: Clinic) -> Iterator[str]:
    there = {row.episode_id: row.summary for row in clinic.ask(_DRAFTS)}
    for episode in there.keys() | clinic.drafted.keys():
        if there.get(episode) != clinic.drafted.get(episode):
            yield f"written {clinic.drafted.get(episode)!r}, and there is {there.get(episode)!r}"


def _letters(clinic: Clinic) -> Iterator[str]:
    """Yield the letters that did not arrive, differ between copies, or went to another address."""
    meant = {row.message_id: row.secure_email for row in clinic.ask(_MAILS)}
    arrived = clinic.arrived()
    for number in meant.keys() - arrived.keys():
        yield f"never arrived: {number}"
    for number, messages in arrived.items():
        if len(messages) > 1:
            yield f"arrived as {len(messages)} different messages: {number}"
        if {to for to, _ in messages} != {meant.get(number)}:
            yield f"went elsewhere: {number}"


def _access_log(clinic: Clinic) -> Iterator[str]:
    with administering(clinic.database.owner_url) as connection:
        for finding in Verification(connection).verified().findings:
            yield f"the access log: {finding}"


_SIGNED_KEYS = "SELECT idempotency_key AS key FROM review.case_review"

_DRAFTS = "SELECT episode_id, content->>'summary' AS summary FROM review.draft"

_REVIEWS = """
    SELECT r.idempotency_key AS key, r.episode_id, r.summary,
           (SELECT count(*) FROM review.recommendation c WHERE c.case_review_id = r.id) AS lines
    FROM review.case_review r
"""

_ANSWERS = "SELECT id, recommendation_id, outcome FROM review.answer"

_MAILS = """
    SELECT d.message_id, p.secure_email FROM review.delivery d
    JOIN registry.practitioner p ON p.id = d.recipient_id WHERE d.channel = 'mail'
"""

_NOT_WHOLE = """
    SELECT * FROM (
        SELECT r.id,
               (SELECT count(*) FROM review.letter l WHERE l.case_review_id = r.id) AS letters,
               (SELECT count(DISTINCT message_id) FROM review.delivery d
                WHERE d.case_review_id = r.id) AS messages,
               (SELECT count(*) FROM review.delivery d WHERE d.case_review_id = r.id) AS deliveries,
               (SELECT count(*) FROM review.answer_link l WHERE l.case_review_id = r.id) AS links,
               (SELECT count(DISTINCT e.gp_id) FROM registry.episode e
                JOIN review.recommendation c ON c.case_review_id = r.id AND c.owner_role = 'gp'
                WHERE e.id = r.episode_id AND NOT EXISTS (
                    SELECT FROM review.account a WHERE a.practitioner_id = e.gp_id)) AS to_link,
               (SELECT count(*) FROM review.access_log a WHERE a.action = 'review_signed'
                AND a.detail->>'case_review_id' = r.id::text) AS traces,
               (SELECT count(*) FROM review.draft d
                WHERE d.idempotency_key = r.idempotency_key) AS drafts
        FROM review.case_review r
    ) found
    WHERE (letters, messages, deliveries, links, traces, drafts) <> (2, 4, 4, to_link, 1, 0)
"""

_AGENDA = """
    SELECT r.id, i.outcome, i.case_review_id FROM review.case_review r
    LEFT JOIN review.agenda_item i ON i.meeting_id = r.meeting_id AND i.episode_id = r.episode_id
    WHERE r.meeting_id IS NOT NULL
      AND (i.outcome, i.case_review_id) IS DISTINCT FROM (r.outcome, r.id)
"""

_LINKS = """
    SELECT l.id, l.used_at, count(a.id) FROM review.answer_link l
    JOIN review.recommendation c ON c.case_review_id = l.case_review_id AND c.owner_role = 'gp'
    LEFT JOIN review.answer a ON a.recommendation_id = c.id
    GROUP BY l.id, l.used_at HAVING (l.used_at IS NOT NULL) <> (count(a.id) = 1)
"""

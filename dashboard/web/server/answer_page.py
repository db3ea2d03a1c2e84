"""The page that the link in a letter opens. A GP without an account answers a review there.

The page works on a phone and without scripts. Nothing but the link protects it. So it shows only
the initials and age of the patient, and one review: the psychiatrist, the day, the risk decision,
and the recommendations that it gives or keeps. A recommendation of the GP that is settled has its
answer beside it. Once the link is used, expired or altered, the page shows nothing about a patient.
Opening the page does not use up the link, because mail gateways open links too.
"""

from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from dashboard.clinical.advice.answer_link import AskedByLink, Given, LinkClosed, lacking
from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded, Superseded
from dashboard.clinical.advice.lines import ANSWERS, LONGEST_FIELD
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.stored_json import storable
from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access
from dashboard.database.committing import is_out_of_reach, repeated_if_unclear
from dashboard.database.security.identity import NotSignedIn, Proof
from dashboard.letters.answer_link import PATH, AnswerLink, link_in
from dashboard.locale import LANGUAGES, _, ngettext, speaking
from dashboard.locale.formats import day, full_name
from dashboard.queries.advice.answer_links import open_link
from dashboard.queries.advice.answering import answer_by_link
from dashboard.settings import settings
from dashboard.vocabulary import AnswerOutcome, Role
from dashboard.web.server.plain_page import plain_page
from dashboard.words.advice.lines import answer_in_words, outcome_name, recommendation_in_words
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.advice.settlements import end_in_words, origin_in_words
from dashboard.words.roles import role_name
from dashboard.words.typed import visible

LONGEST_FORM = 100_000
"""Maximum size of a form, in bytes. A form with thirty recommendations and the longest reasons is
smaller.
"""


async def answer_page(request: Request) -> HTMLResponse:
    """Show the form (GET) or record the answers (POST)."""
    link = _link(request.path_params["token"])
    given = await _given(request) if request.method == "POST" else None
    try:
        if link is None:
            await run_in_threadpool(_log_forged)
            return _closed("unknown", request)
        if given is None:
            return await run_in_threadpool(_show, request, link)
        return await run_in_threadpool(_take, request, link, given)
    except SQLAlchemyError as error:
        if not is_out_of_reach(error):
            raise
        return _later(request)


def _log_forged() -> None:
    """Record in the access log that a link was not made by this program.

    The entry names no person.
    """
    with acting_as(None) as connection:
        log_access(connection, "answer_link_forged")


def _link(token: str) -> AnswerLink | None:
    key = settings().link_key
    return None if key is None else link_in(token, key.get_secret_value())


async def _given(request: Request) -> Given:
    """Return the outcome and the reason that the form gives for each recommendation, by its id.

    Return an empty dict if the form is longer than ``LONGEST_FORM``.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return {}
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    outcomes = {name[8:]: said[-1] for name, said in fields.items() if name.startswith("outcome-")}
    reasons = {name[7:]: said[-1] for name, said in fields.items() if name.startswith("reason-")}
    return {
        UUID(line): (outcomes.get(line, ""), _reason(reasons.get(line, "")))
        for line in outcomes.keys() | reasons.keys()
        if _is_uuid(line)
    }


def _reason(typed: str) -> str:
    """Return a typed reason as it is stored, with at most ``LONGEST_FIELD`` characters.

    Browsers count a line break as one character, but send it as two.
    """
    return storable(typed.replace("\r\n", "\n"))[:LONGEST_FIELD]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _show(request: Request, link: AnswerLink) -> HTMLResponse:
    asked = _opened(link)
    return _closed(asked, request) if isinstance(asked, str) else _form(asked, {})


def _take(request: Request, link: AnswerLink, given: Given) -> HTMLResponse:
    asked = _opened(link)
    if isinstance(asked, str):
        return _closed(asked, request)
    try:
        closed = repeated_if_unclear(lambda: _answered(link, given))
    except NotSignedIn:
        return _closed("unknown", request)
    except ReasonNeeded:
        return _form(asked, given, checked=True)
    except NotWanted:
        return _form(asked, given, in_vain=True)
    except Superseded:
        return _closed("superseded", request)
    if closed is not None:
        return _closed(closed, request)
    with speaking(asked.language):
        return plain_page(
            _("Thank you"), [_("Your answers have been sent. This page can be closed.")], 200
        )


def _answered(link: AnswerLink, given: Given) -> str | None:
    """Store the answers and return None, or return why the link is closed.

    The transaction is committed in both cases. With a standby, the COMMIT waits until the standby
    has everything before it. A link that was reported as used therefore stays used after a
    failover.
    """
    with acting_as(link.recipient_id, by=Proof(link=link.id)) as connection:
        try:
            answer_by_link(connection, link.id, given)
        except LinkClosed as closed:
            return closed.why
    return None


def _opened(link: AnswerLink) -> AskedByLink | str:
    """Return the recommendations of the link, or why the link is closed.

    Both are recorded in the access log.
    """
    try:
        with acting_as(link.recipient_id, by=Proof(link=link.id)) as connection:
            try:
                return open_link(connection, link.id)
            except LinkClosed as closed:
                return closed.why
    except NotSignedIn:
        # The link is unknown, or the GP has left or is locked out.
        with acting_as(None) as connection:
            log_access(connection, "answer_link_refused", why="unknown")
        return "unknown"


def _form(
    asked: AskedByLink, given: Given, *, checked: bool = False, in_vain: bool = False
) -> HTMLResponse:
    """Return the page with the form.

    If ``checked`` is set, the page marks missing answers. If ``in_vain`` is set, it says that a
    recommendation was answered, replaced or withdrawn after the GP had opened the page.
    """
    with speaking(asked.language):
        found = lacking(asked, given) if checked else {}
        problem = (
            _("Nothing is sent yet: some recommendations below need something more.")
            if found
            else ""
        )
        if in_vain:
            problem = _(
                "Nothing is sent yet: since this page was opened, a recommendation has been"
                " answered, replaced or withdrawn. Check the answers that are still asked for,"
                " and send them."
            )
        return plain_page(
            _("Tele-expertise advice"),
            [_about(asked), *([_risk(asked.risk)] if asked.risk else [])],
            409 if in_vain else 422 if found else 200,
            "answer.html",
            groups=_groups(
                asked, [_line(asked, one, given, found.get(one.id)) for one in asked.lines]
            ),
            outcomes=[(outcome, outcome_name(outcome)) for outcome in ANSWERS],
            longest=LONGEST_FIELD,
            problem=problem,
            words={
                "answer": _("Your answer"),
                "reason": _("Your reason, what you did instead, or what you found"),
                "send": _("Send the answers"),
            },
        )


def _about(asked: AskedByLink) -> str:
    years = ngettext("{n} year", "{n} years", asked.age)
    who = asked.psychiatrist
    by = _("Dr {name}", name=full_name(who.family_name, who.given_name)) if who else "?"
    return visible(f"{asked.patient}, {years} · {by}, {day(asked.signed_on)}")


def _risk(risk: RiskStatement) -> str:
    words = risk_in_words(risk)
    return visible(f"{words[:1].upper()}{words[1:]}.")


def _line(
    asked: AskedByLink, line: Recommendation, given: Given, lacks: str | None
) -> dict[str, Any]:
    outcome, reason = given.get(line.id, ("", ""))
    due_on = line.current_due_on
    due = f" · {_('by {day}', day=day(due_on))}" if due_on and line.stands else ""
    became = end_in_words(line)
    is_earlier = _is_of_an_earlier_review(asked, line)
    return {
        "id": line.id,
        "number": "" if is_earlier else f"{line.position}. ",
        "origin": visible(origin_in_words(line)) if is_earlier else "",
        "advice": visible(recommendation_in_words(line)),
        "who": f"{role_name(line.owner_role)}{due}",
        "became": visible(_("Not wanted any more: {text}", text=became)) if became else "",
        "answered": _settling_answer(line),
        "awaited": line in asked.awaited,
        "outcome": outcome,
        "reason": reason,
        "lacks": {"outcome": _("Choose an answer."), "reason": _missing_reason(outcome)}.get(
            lacks or ""
        ),
    }


def _settling_answer(line: Recommendation) -> str:
    """Return the answer that settled a recommendation of the GP. The text is empty without one."""
    if line.owner_role != Role.GP or line.decision is None:
        return ""
    return visible(_("Already answered: {text}", text=answer_in_words(line.decision)))


def _groups(asked: AskedByLink, drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the drawn lines in two groups: those of the review, then those of earlier reviews
    that it keeps. Only the second group has a heading.
    """
    own: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for line, one in zip(asked.lines, drawn, strict=True):
        (earlier if _is_of_an_earlier_review(asked, line) else own).append(one)
    groups = [
        {"heading": "", "lines": own},
        {"heading": _("Earlier recommendations, kept by this review"), "lines": earlier},
    ]
    return [group for group in groups if group["lines"]]


def _missing_reason(outcome: str) -> str:
    """Return the error message for a text that is missing in an answer.

    This is the reason why the recommendation was not followed, or what was found about safety.
    """
    return _("Say what was found.") if outcome == AnswerOutcome.DONE else _("Say why.")


def _is_of_an_earlier_review(asked: AskedByLink, line: Recommendation) -> bool:
    return line.course is not None and line.course.line.review_id != asked.case_review_id


def _closed(why: str, request: Request) -> HTMLResponse:
    """Return a page that says why the link is closed, and shows nothing about a patient."""
    with speaking(language_of(request)):
        said = {
            "used": _("This link has been used. The answers given with it have been recorded."),
            "expired": _("This link has expired. Please answer the psychiatrist directly."),
            "not_wanted": _(
                "Nothing of this letter awaits an answer any more: all is answered, or settled by a"
                " later review. This page records nothing more."
            ),
            "superseded": _("This advice has been replaced by a later letter: answer that one."),
        }.get(why, _("This link is not valid. Check that the whole address was copied."))
        return plain_page(_("Tele-expertise advice"), [said], 404 if why == "unknown" else 410)


def _later(request: Request) -> HTMLResponse:
    with speaking(language_of(request)):
        said = _("The service does not answer at the moment. Try again: nothing is recorded twice.")
        return plain_page(_("Tele-expertise advice"), [said], 503)


def incident_page(request: HTTPConnection, number: str) -> HTMLResponse:
    """Return a page that says that an error occurred, with the number of the error in the log."""
    with speaking(language_of(request)):
        said = _(
            "Something went wrong. If it happens again, report incident {number}.", number=number
        )
        return plain_page(_("Case review"), [said], 500)


def language_of(request: HTTPConnection) -> str:
    """Return the first language of the browser that the pages have, or French.

    It is for readers who are not signed in.
    """
    wanted = request.headers.get("Accept-Language", "").split(",")
    codes = (one.strip()[:2].lower() for one in wanted)
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


route = Route(f"{PATH}{{token}}", answer_page, methods=["GET", "POST"])

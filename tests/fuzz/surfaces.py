"""The surfaces: the inputs to each, and the invariants for any input.

No input may end in an unexpected error, be stored with a change, or be shown as anything but text.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from xml.etree import ElementTree

from fhir.resources.R4B.bundle import Bundle
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.clinical.advice.drafts import NotReady, seen_in
from dashboard.clinical.advice.lines import ANSWER_MARK, DraftLine, DraftReview, from_json, to_json
from dashboard.clinical.stored_json import storable
from dashboard.components.elements.escaping import legible
from dashboard.database import acting_as, administering
from dashboard.database.loading.folder_import import import_folder
from dashboard.database.loading.staging import BadFolder
from dashboard.delivery.message import CannotCompose, From, Letter, letter_mail, notice_mail
from dashboard.exports.fhir_report import fhir_report
from dashboard.exports.record_table import record_table
from dashboard.letters.pdf import letter_pdf
from dashboard.letters.plain_text import plain_text
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.noting_incidents import note_incident
from dashboard.queries.advice.tele_expertise import report_of
from dashboard.queries.case.case_file import read_case
from dashboard.web.auth.sign_in import admit
from dashboard.web.server import answer_page, provider_routes
from dashboard.web.server.asgi import close_session, open_session, session_left
from dashboard.web.server.middleware import Gate
from dashboard.web.shell.navigation import TABLE
from dashboard.words.typed import visible
from tests.database.loading.test_folder_import import FOLDER
from tests.delivery.test_message import LETTER
from tests.fuzz.site_in_process import PASSWORD, TODAY, Clinic
from tests.fuzz.texts import CELLS, DAYS, NUMBERS, SHORT_TEXTS, TEXTS
from tests.pages.conftest import words
from tests.support.factories import completed_draft
from tests.support.letter_reading import reader
from tests.support.letter_samples import typed
from tests.support.signing import sign


@dataclass(frozen=True)
class Surface:
    """Where something is sent: what, and what then must hold."""

    sent: st.SearchStrategy
    check: Callable[[Clinic, Any], None]


# Pages


PLACES = {
    "patient.family_name": "UPDATE registry.patient SET family_name = :text",
    "patient.given_name": "UPDATE registry.patient SET given_name = :text",
    "patient.ins": "UPDATE registry.patient SET ins = :text",
    "patient.phone": "UPDATE registry.patient SET phone = :text",
    "practitioner.family_name": "UPDATE registry.practitioner SET family_name = :text",
    "site.name": "UPDATE registry.site SET name = :text",
    "episode.problem": "UPDATE registry.episode SET problem = :text",
    "episode.diagnosis_label": "UPDATE registry.episode SET diagnosis_label = :text",
    "medication.name": "UPDATE registry.medication SET name = :text",
    "medication.side_effects": "UPDATE registry.medication SET side_effects = :text",
    "medication.stop_reason": "UPDATE registry.medication SET stop_reason = :text",
    "contact.note": "UPDATE registry.contact SET note = :text",
    "condition.label": "UPDATE registry.condition SET label = :text",
    "condition.code": "UPDATE registry.condition SET code = :text",
    "preparation.question": "UPDATE review.preparation SET question = :text",
}

SHOWN = {
    "patient.family_name": "review-list case inbox follow-up",
    "patient.given_name": "review-list case inbox follow-up",
    "preparation.question": "case",
    "contact.note": "case",
}
"""The pages that must show each text, if it is short."""

READERS = {"review-list": "moreau", "case": "moreau", "inbox": "roux", "follow-up": "moreau"}
OTHERS = {"prepare": "roux", "meeting": "roux", "cover": "moreau", "programme": "lead"}


def shown_on_pages(clinic: Clinic, sent: tuple[str, str, str]) -> None:
    place, page, text = sent
    text = storable(text)
    clinic.run(PLACES[place], text=text)
    query = {"episode": str(clinic.case.episode)} if page in ("case", "prepare") else {}
    shown = words(clinic.open((READERS | OTHERS)[page], page, **query))
    if page in SHOWN.get(place, "").split() and len(text) < 200 and place != "contact.note":
        assert squeezed(legible(text)) in squeezed(shown), (place, page)


def squeezed(text: str) -> str:
    """Return the text without any space or invisible character."""
    return re.sub(r"[\s\u2068\u2069\u2060]+", "", text)


PARAMETERS = (
    *("episode", "meeting", "list", "tier", "nurse", "site", "rule", "follow_up/state"),
    *("follow_up/age", "follow_up/site", "follow_up/nurse", "indicator", "programme/view", "x"),
)


def address(clinic: Clinic, sent: tuple[str, str, list[str]]) -> None:
    page, parameter, values = sent
    entry = next(one for one in TABLE if one.address == page)
    username = {"psychiatrist": "moreau", "nurse": "roux", "gp": "petit", "lead": "lead"}[
        sorted(entry.roles)[-1]
    ]
    words(clinic.open(username, page, **{parameter: values}))


def sendable(text: str) -> str:
    """Return the part of a text that a browser can send: whole characters."""
    return text.encode("utf-8", "replace").decode()


FORMS = {
    "case": "moreau",
    "inbox": "petit",
    "prepare": "roux",
    "emergency": "moreau",
    "cover": "moreau",
    "account": "moreau",
    "access": "lead",
    "review-list": "moreau",
    "follow-up": "roux",
}


LEAVING = ("/open", "/open_case", "person_menu", "open_help", "first_help")
"""Ends of the keys of buttons that go to another page."""


def form_fields(clinic: Clinic, sent: tuple[str, str, Any, int]) -> None:
    """Fill each field of a page beyond its browser's limits; then click one of its buttons."""
    page, text, day, press = sent
    query = {"episode": str(clinic.case.episode)} if page in ("case", "prepare") else {}
    tab = clinic.open(FORMS[page], page, **query)
    words(tab)
    for field in (*tab.text_input, *tab.text_area):
        field.set_value(sendable(text))
    for field in tab.date_input:
        field.set_value((day, day) if isinstance(field.value, tuple | list) else day)
    for name in live_fields(tab):
        tab.session_state[name] = {"value": {"text": text, "stroke": press + 1, "origin": "x"}}
    words(tab.run())
    pressed = [one for one in tab.button if not one.disabled and not _leaves(one.key)]
    if pressed:
        words(pressed[press % len(pressed)].click().run())


def live_fields(tab: Any) -> list[str]:
    """Return the keys of the fields that send what is typed."""
    keys = [one.proto.id.split("-", 2)[2] for one in tab.get("bidi_component")]
    return [key for key in keys if key != "about_the_page"]


def _leaves(key: str | None) -> bool:
    """Return whether a button goes to another page, which AppTest cannot do."""
    return bool(key) and key.endswith(LEAVING)


# Writing


def review_and_answer(clinic: Clinic, sent: tuple[str, str, str]) -> None:
    """Check that a review of these texts is stored as sent, and becomes letters and exports."""
    text, dose, reason = (storable(one) for one in sent)
    line = DraftLine(
        "a",
        kind="medication",
        action="increase",
        atc_code="N06AB06",
        drug_name=text[:500],
        dose="100",
        titration=text[:500],
        alternative=text[:500],
        owner_role="gp",
    )
    content = DraftReview(text[:4000], (line, DraftLine("b", "other", detail=text[:500])))
    next_review_on = TODAY + timedelta(days=14)
    content = replace(content, next_review_on=next_review_on, answer=text[:500])
    content = replace(
        content, lines=(line, replace(content.lines[1], owner_role="nurse", dose=dose))
    )
    assert from_json(json.loads(json.dumps(to_json(content)))) == content
    me, episode = clinic.case.team.psychiatrist, clinic.case.episode
    with acting_as(me) as connection:
        draft = save_draft(connection, open_draft(connection, episode), content).draft
        assert open_draft(connection, episode).content == content
        seen = seen_in(read_case(connection, episode, TODAY))
        try:
            draft = completed_draft(connection, draft, TODAY)
            signed = sign(connection, draft, seen, TODAY)
        except NotReady:
            assert not text[:500].strip()
            return
    [[summary]] = clinic.run("SELECT summary FROM review.case_review WHERE id = :id", id=signed.id)
    assert summary == f"{ANSWER_MARK}{text[:500].strip()}\n\n{text[:4000].strip()}"
    letters = clinic.run(
        "SELECT pdf, plain_text FROM review.letter WHERE case_review_id = :id", id=signed.id
    )
    assert len(letters) == 2
    for pdf, _text in letters:
        is_an_inert_pdf(pdf)
    [[line_id]] = clinic.run(
        "SELECT id FROM review.recommendation WHERE case_review_id = :id AND owner_role = 'gp'",
        id=signed.id,
    )
    with acting_as(clinic.case.team.gp) as connection:
        answer(connection, line_id, "modified", reason[:500] or None, uuid4())
    with acting_as(me) as connection:
        if reason[:500].strip():
            note_incident(connection, signed.id, reason[:500], uuid4())
        report = report_of(connection, signed.id)
    is_valid_fhir(fhir_report(report))
    is_an_inert_table(record_table([report.record]))


def letter_on_paper(clinic: Clinic, text: str) -> None:
    content = typed(text)
    is_an_inert_pdf(letter_pdf(content))
    said = plain_text(content)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)


def is_an_inert_pdf(pdf: bytes) -> None:
    assert pdf.startswith(b"%PDF-")
    read = reader(pdf)
    root = read.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm", "/JavaScript"} & set(root)
    for page in read.pages:
        assert not page.get("/Annots")


def mail(clinic: Clinic, sent: tuple[str, str, str]) -> None:
    name, mailbox, text = sent
    letter: Letter = replace(
        LETTER, recipient_name=name, reply_address=mailbox, plain_text=visible(text) + "\n"
    )
    for compose in (letter_mail, notice_mail):
        made = compose(letter, From("avis@sesame.mssante.example"))
        read = message_from_bytes(made.content, policy=default)
        assert set(read.keys()) <= HEADERS
        assert len(read.keys()) == len(set(read.keys()))
        [to] = read["To"].addresses
        assert to.addr_spec == LETTER.recipient_address
    try:
        made = letter_mail(replace(letter, recipient_address=mailbox), From("avis@x.example"))
    except CannotCompose:
        return
    [to] = message_from_bytes(made.content, policy=default)["To"].addresses
    assert to.addr_spec == mailbox == made.recipient


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type"),
    *("Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "In-Reply-To"),
    *("References", "X-Auto-Response-Suppress"),
}


def is_valid_fhir(written: bytes) -> None:
    bundle = json.loads(written)
    Bundle.model_validate(bundle)
    for section in bundle["entry"][0]["resource"]["section"]:
        told = ElementTree.fromstring(section["text"]["div"])  # noqa: S314
        assert not [one for one in told.iter() if one.tag.endswith(("script", "img", "a"))]


def is_an_inert_table(written: bytes) -> None:
    text = written.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert len(rows) == 1
    assert not [cell for cell in rows[0].values() if cell[:1] in tuple("=+-@\t\r")]


# Import


def imported_folder(clinic: Clinic, sent: list[tuple[str, int, str, int]]) -> None:
    """Check that a folder with changed cells is loaded as it is, or refused with the reason."""
    files = {name: _table(content) for name, content in FOLDER.items()}
    for name, column, cell, kind in sent:
        rows = files[name]
        rows[1][column % len(rows[1])] = cell
        if kind == 1:
            rows[0][column % len(rows[0])] = cell
    with TemporaryDirectory() as folder:
        for name, rows in files.items():
            (Path(folder) / f"{name}.csv").write_bytes(_csv(rows))
        with administering(clinic.database.owner_url) as connection:
            savepoint = connection.begin_nested()
            try:
                import_folder(connection, Path(folder), say=lambda said: None)
            except BadFolder as error:
                said = str(error)
            else:
                said = None
            finally:
                savepoint.rollback()
    assert said is None or said.splitlines()[0].partition(".csv")[0] in FOLDER


def _table(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content)))


def _csv(rows: list[list[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8", "surrogatepass")


# Routes


def route(clinic: Clinic, sent: tuple[str, str, str, str]) -> None:
    """Check that any request gets an answer without an error or a header made by the sender."""
    kind, text, other, method = sent[0], sent[1][:1000], sent[2], sent[3]
    header = text.encode("utf-8", "replace").translate(None, b"\r\n\x00")[:8000].strip()
    headers = {
        "ticket": {b"X-Ticket": header},
        "cookie": {b"Cookie": b"session=" + header},
        "language": {b"Accept-Language": header},
        "origin": {b"Origin": b"http://" + header},
    }.get(kind, {})
    headers = {b"Origin": b"http://testserver"} | headers
    query = urlencode({"back": text, "code": other, "state": text}, errors="replace")
    path = {"answer": f"/answer/{quoted(text)}", "provider": f"/auth/provider/callback?{query}"}
    reply = _BROWSER.request(
        method, path.get(kind, "/auth/session"), headers=headers, follow_redirects=False
    )
    assert reply.status_code < 500
    assert "x-injected" not in reply.headers
    assert not [line for line in clinic.log if "Incident" in line]


def answer_form(clinic: Clinic, sent: dict[str, str]) -> None:
    reply = _BROWSER.post("/answer/none", content=urlencode(sent, errors="replace").encode())
    assert reply.status_code in (404, 413)
    assert text_only(reply.text)


def text_only(page: str) -> bool:
    """Return whether a page has no more elements than its template."""
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)
    parser.feed(page)
    return not set(tags) & {"script", "img", "iframe", "svg", "b", "object"}


def quoted(text: str) -> str:
    return urlencode({"": text}, errors="replace")[1:]


def signing_in(clinic: Clinic, sent: tuple[str, str]) -> None:
    username, password = sent
    clinic.run("DELETE FROM review.sign_in_failure")
    ticket = admit(username, password, "192.0.2.7")
    assert (ticket is not None) is (username == "moreau" and password == PASSWORD)


_BROWSER = TestClient(
    Starlette(
        routes=[
            Route("/auth/session", open_session, methods=["POST"]),
            Route("/auth/session", session_left, methods=["GET", "PUT"]),
            Route("/auth/session", close_session, methods=["DELETE"]),
            *provider_routes.routes,
            answer_page.route,
        ],
        middleware=[Middleware(Gate)],
    )
)


SURFACES = {
    "texts of the registry on pages": Surface(
        st.tuples(
            st.sampled_from(sorted(PLACES)), st.sampled_from(sorted(READERS | OTHERS)), TEXTS
        ),
        shown_on_pages,
    ),
    "parameters of addresses": Surface(
        st.tuples(
            st.sampled_from([entry.address for entry in TABLE]),
            st.sampled_from(PARAMETERS),
            st.lists(TEXTS.map(sendable) | NUMBERS, min_size=1, max_size=3),
        ),
        address,
    ),
    "fields of forms": Surface(
        st.tuples(st.sampled_from(sorted(FORMS)), TEXTS | NUMBERS, DAYS, st.integers(0, 30)),
        form_fields,
    ),
    "a review, its letters, its answers, its exports": Surface(
        st.tuples(TEXTS, NUMBERS, TEXTS), review_and_answer
    ),
    "letters on paper": Surface(SHORT_TEXTS, letter_on_paper),
    "mails": Surface(st.tuples(TEXTS, SHORT_TEXTS, TEXTS), mail),
    "files to import": Surface(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(FOLDER)), st.integers(0, 20), CELLS, st.integers(0, 9)
            ),
            min_size=1,
            max_size=3,
        ),
        imported_folder,
    ),
    "requests": Surface(
        st.tuples(
            st.sampled_from(["ticket", "cookie", "language", "origin", "answer", "provider"]),
            TEXTS,
            SHORT_TEXTS,
            st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
        ),
        route,
    ),
    "the form behind a link": Surface(
        st.dictionaries(SHORT_TEXTS | st.just("outcome-x"), TEXTS, max_size=4), answer_form
    ),
    "signing in": Surface(
        st.tuples(TEXTS.map(sendable) | st.just("moreau"), TEXTS.map(sendable) | st.just(PASSWORD)),
        signing_in,
    ),
}

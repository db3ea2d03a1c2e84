"""A GP without an account answers by the link in the letter: once, for a while, without a name."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import (
    LONGEST_FIELD,
    DraftLine,
    DraftReview,
    DraftSettlement,
)
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.letters.answer_link import AnswerLink, address_of
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.settings import settings
from dashboard.vocabulary import SettlementKind
from dashboard.web.server import answer_page
from tests.support.commit_cable import cut_at_commit
from tests.support.signing import sign

TODAY = date(2026, 11, 24)
KEY = "k" * 40
CONTENT = DraftReview(
    summary="Camille Lefèvre va mieux.",
    lines=(
        DraftLine("1", "other", detail="Prescrire un bilan à Mme Lefèvre", owner_role="gp"),
        DraftLine("2", "other", detail="<b>Rappeler</b> & 'peser' *mardi*", owner_role="nurse"),
        DraftLine("3", "other", detail="Arrêter le zolpidem", owner_role="gp"),
    ),
    next_review_on=date(2026, 12, 22),
)
IDENTITY = ("Lefèvre", "LEFÈVRE", "Camille", "1983", "02/05", "199")


@pytest.fixture
def linked(monkeypatch):
    """Configure a site that has links."""
    monkeypatch.setenv("CASE_REVIEW_PUBLIC_URL", "https://revue.example")
    monkeypatch.setenv("CASE_REVIEW_LINK_KEY", KEY)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def case(database, linked):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def browser():
    return TestClient(Starlette(routes=[answer_page.route]), headers={"Accept-Language": "fr"})


def signed(case, content=CONTENT, amends=None):
    with acting_as(case.team.psychiatrist) as connection:
        draft = (
            begin_amendment(connection, amends, TODAY)
            if amends
            else open_draft(connection, case.episode)
        )
        draft = save_draft(connection, draft, content).draft
        reviews = connection.execute(text("SELECT id FROM review.case_review")).scalars()
        return sign(connection, draft, Seen(reviews=frozenset(reviews)), TODAY)


def link_of(database, reader="gp"):
    """Return the link in the stored letter, as its reader would open it."""
    with database.owner().connect() as connection:
        letters = connection.execute(
            text(
                "SELECT plain_text FROM review.letter WHERE content -> 'recipient' ->> 'role' = :r"
            ),
            {"r": reader},
        ).scalars()
        found = re.findall(r"https://revue\.example(/answer/\S+)", "\n".join(letters))
    return found[-1] if found else None


def rows(database, statement):
    with database.owner().begin() as connection:
        result = connection.execute(text(statement))
        return result.all() if result.returns_rows else []


def filled(database, **answers):
    """Return the form, by the position of each line: ``l1="done"``, ``why1="…"``."""
    ids = {row.position: row.id for row in rows(database, "SELECT * FROM review.recommendation")}
    names = {"l": "outcome", "why": "reason"}
    return {f"{names[name[:-1]]}-{ids[int(name[-1])]}": value for name, value in answers.items()}


def answers(database):
    return rows(
        database,
        "SELECT c.position, a.outcome, a.reason, a.practitioner_id FROM review.answer a"
        " JOIN review.recommendation c ON c.id = a.recommendation_id ORDER BY 1",
    )


def test_the_letter_to_a_gp_without_an_account_holds_a_link(database, case):
    signed(case)
    assert link_of(database, "gp") is not None
    assert link_of(database, "nurse") is None


def test_who_has_an_account_gets_no_link(database, case):
    gp = case.team.gp
    database.add(tables.account, practitioner_id=gp, username="gp", password_hash="none")  # noqa: S106
    signed(case)
    assert link_of(database) is None


def test_the_link_of_an_invited_gp_works_after_they_choose_a_password(database, case, browser):
    gp = case.team.gp
    database.add(tables.account, practitioner_id=gp, username="gp", password_is_temporary=True)
    signed(case)
    link = link_of(database, "gp")
    rows(database, "UPDATE review.account SET password_is_temporary = false")
    assert browser.get(link).status_code == 200


def test_a_letter_that_asks_nothing_of_the_gp_holds_no_link(database, case):
    signed(case, DraftReview("Stable", CONTENT.lines[1:2], CONTENT.next_review_on))
    assert link_of(database) is None


def test_it_shows_the_advice_with_initials_and_age_alone(database, case, browser):
    signed(case)
    page = browser.get(link_of(database))
    assert page.status_code == 200
    # The random ids of the lines may contain any digits.
    shown = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", unescape(page.text))
    assert "C. L., 43 ans" in shown
    assert "Prescrire un bilan à Mme L." in shown
    assert not [one for one in IDENTITY if one in shown]
    assert "<script" not in page.text
    assert "&lt;b&gt;Rappeler&lt;/b&gt; &amp; &#39;peser&#39; *mardi*" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    # Light enough for a telephone with little network.
    assert len(page.content) < 10_000


def test_the_gps_lines_are_answered_and_the_others_are_shown(database, case, browser):
    signed(case)
    page = browser.get(link_of(database)).text
    assert page.count("<textarea") == 2
    assert page.count('<section class="line"') == 3


def test_what_an_earlier_review_advised_stands_apart_under_a_heading_of_its_own(
    database, case, browser
):
    first = database.case_review(case, datetime(2026, 11, 3, 14, tzinfo=UTC))
    kept = database.recommendation(case, first, owner_role="gp", detail="Bilan thyroïdien")
    signed(case, replace(CONTENT, settlements=(DraftSettlement(str(kept), SettlementKind.KEPT),)))
    page = unescape(browser.get(link_of(database)).text).replace("\N{NO-BREAK SPACE}", " ")
    own, earlier = page.split("Recommandations antérieures, maintenues par cette revue")
    assert "3. Arrêter le zolpidem" in own
    assert "Bilan thyroïdien" in earlier
    assert "nº 1 de la revue du 03/11/2026" in earlier


@pytest.mark.parametrize(
    ("browsers", "said"),
    [
        ("en-GB,fr;q=0.8", "not valid"),
        ("de-DE,de;q=0.9,en;q=0.8", "not valid"),
        ("de-DE,de;q=0.9", "pas valable"),
        ("", "pas valable"),
    ],
)
def test_a_closed_page_is_in_the_first_language_of_the_browser_that_the_pages_have(
    database, browser, browsers, said
):
    assert said in browser.get("/answer/x", headers={"Accept-Language": browsers}).text


def test_it_takes_the_answers_once(database, case, browser):
    signed(case)
    link = link_of(database)
    form = filled(database, l1="done", l3="declined", why3="Rebond à craindre")
    thanks = browser.post(link, data=form)
    assert (thanks.status_code, "Merci" in thanks.text) == (200, True)
    recorded = [
        (1, "done", None, case.team.gp),
        (3, "declined", "Rebond à craindre", case.team.gp),
    ]
    assert answers(database) == recorded

    for again in (
        browser.get(link),
        browser.post(link, data=filled(database, l1="modified", l3="done")),
    ):
        assert again.status_code == 410
        assert "a déjà servi" in again.text
        assert "bilan" not in again.text
    assert answers(database) == recorded


def test_the_longest_reason_is_recorded_whole_with_its_line_breaks(database, case, browser):
    """Browsers count a line break of a form as one character, and send it as two."""
    signed(case)
    typed = "Sommeil.\nAppétit.\n" + "x" * (LONGEST_FIELD - 18)
    sent = typed.replace("\n", "\r\n")
    browser.post(link_of(database), data=filled(database, l1="done", l3="declined", why3=sent))
    assert answers(database)[1].reason == typed


def nurse_records(case, database, position, reason=None):
    """Record the line as done on behalf of the GP."""
    [line] = [
        row.id
        for row in rows(database, "SELECT * FROM review.recommendation")
        if row.position == position
    ]
    with acting_as(case.team.nurse) as connection:
        answer(connection, line, "done", reason, uuid4())


def test_a_line_that_somebody_has_settled_is_shown_with_its_answer_and_not_asked(
    database, case, browser
):
    signed(case)
    nurse_records(case, database, 1, "Bilan de Mme Lefèvre normal")
    page = unescape(browser.get(link_of(database)).text).replace("\N{NO-BREAK SPACE}", " ")
    assert page.count("<textarea") == 1
    assert "Réponse déjà donnée" in page
    assert "faite · Nurse Claude : Bilan de Mme L. normal" in page
    thanks = browser.post(link_of(database), data=filled(database, l3="done"))
    assert thanks.status_code == 200
    assert [(row.position, row.practitioner_id) for row in answers(database)] == [
        (1, case.team.nurse),
        (3, case.team.gp),
    ]


def test_the_answer_that_settled_a_line_of_the_nurse_is_not_shown(database, case, browser):
    signed(case)
    nurse_records(case, database, 2, "Pesée mardi")
    assert "Pesée mardi" not in browser.get(link_of(database)).text


def test_a_page_from_before_somebody_settled_a_line_undoes_nothing(database, case, browser):
    signed(case)
    form = filled(database, l1="acknowledged", l3="done")
    nurse_records(case, database, 1)
    page = browser.post(link_of(database), data=form)
    assert page.status_code == 409
    assert "une recommandation a reçu une réponse" in page.text
    assert [(row.position, row.outcome) for row in answers(database)] == [(1, "done")]


def test_a_link_whose_lines_are_all_settled_is_closed(database, case, browser):
    signed(case)
    nurse_records(case, database, 1)
    nurse_records(case, database, 3)
    page = browser.get(link_of(database))
    assert page.status_code == 410
    assert "tout a reçu une réponse" in page.text


@pytest.mark.parametrize(("moment", "status"), [("before", 200), ("after", 410)])
def test_a_connection_lost_at_the_commit_takes_the_answers_once(
    database, case, browser, moment, status
):
    # After the first attempt has used the link, the second one says that the answers are recorded.
    signed(case)
    link, form = link_of(database), filled(database, l1="done", l3="done")
    cable = cut_at_commit(database, "INSERT INTO review.answer ", moment)
    reply = browser.post(link, data=form)
    cable.close()
    assert cable.struck.is_set()
    assert reply.status_code == status
    assert "ont été enregistrées" in reply.text or "Merci" in reply.text
    assert [row.position for row in answers(database)] == [1, 3]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, "Choisissez une réponse."),
        ({"l1": "done"}, "Choisissez une réponse."),
        ({"l1": "done", "l3": "eaten"}, "Choisissez une réponse."),
        ({"l1": "done", "l3": "declined", "why3": "  "}, "Dites pourquoi."),
    ],
)
def test_what_is_lacking_is_said_and_what_was_written_stays(database, case, browser, given, asked):
    signed(case)
    form = filled(database, **{"why1": "après <le> 12", **given})
    page = browser.post(link_of(database), data=form)
    assert page.status_code == 422
    assert asked in unescape(page.text)
    assert "après <le> 12</textarea>" in unescape(page.text)
    assert answers(database) == []
    assert browser.get(link_of(database)).status_code == 200


def test_looking_does_not_use_it_up(database, case, browser):
    signed(case)
    assert {browser.get(link_of(database)).status_code for _ in range(3)} == {200}
    assert browser.head(link_of(database)).status_code == 200


def closed_after(database, browser, statement):
    link = link_of(database)
    rows(database, statement)
    page = browser.get(link)
    posted = browser.post(link, data=filled(database, l1="done", l3="done"))
    assert answers(database) == []
    assert posted.status_code == page.status_code
    assert "bilan" not in page.text + posted.text
    return page


def test_an_expired_link_says_so_and_shows_nothing(database, case, browser):
    signed(case)
    page = closed_after(database, browser, "UPDATE review.answer_link SET expires_at = now()")
    assert (page.status_code, "a expiré" in page.text) == (410, True)


def test_a_link_of_who_is_no_longer_the_patients_gp_shows_nothing(database, case, browser):
    signed(case)
    other = database.practitioner("gp", "Autre")
    page = closed_after(database, browser, f"UPDATE registry.episode SET gp_id = {other}")
    assert page.status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry.practitioner SET active = false WHERE role = 'gp'",
        "INSERT INTO review.account (practitioner_id, username, locked_at)"
        " SELECT id, 'gp', now() FROM registry.practitioner WHERE role = 'gp'",
    ],
)
def test_a_link_of_a_gp_who_has_left_or_is_locked_out_shows_nothing(
    database, case, browser, statement
):
    signed(case)
    page = closed_after(database, browser, statement)
    assert (page.status_code, "valable" in page.text) == (404, True)


def test_a_link_to_advice_that_was_amended_says_so(database, case, browser):
    review = signed(case)
    link = link_of(database)
    signed(case, DraftReview("Autre", CONTENT.lines[:1], CONTENT.next_review_on), review.id)
    page = browser.get(link)
    assert (page.status_code, "remplacé" in page.text) == (410, True)
    assert browser.get(link_of(database)).status_code in (200, 410)


def test_an_altered_link_says_so_and_shows_nothing(database, case, browser):
    signed(case)
    path = urlsplit(link_of(database)).path
    token = path.removeprefix("/answer/")
    middle = len(token) // 3
    altered = token[:middle] + ("a" if token[middle] != "a" else "b") + token[middle + 1 :]
    foreign = address_of(AnswerLink(uuid4(), case.team.gp), "https://revue.example", "x" * 40)
    unknown = address_of(AnswerLink(uuid4(), case.team.gp), "https://revue.example", KEY)
    for other in (
        f"/answer/{altered}",
        "/answer/a",
        urlsplit(foreign).path,
        urlsplit(unknown).path,
    ):
        page = browser.get(other)
        assert page.status_code == 404
        assert "valable" in page.text
        assert "bilan" not in page.text


def test_a_form_that_is_too_long_is_not_read(database, case, browser):
    signed(case)
    form = filled(database, l1="done", l3="done", why3="a" * 200_000)
    assert browser.post(link_of(database), data=form).status_code == 422
    assert answers(database) == []


def test_every_opening_and_refusal_is_on_the_access_log(database, case, browser):
    signed(case)
    browser.get(link_of(database))
    rows(database, "UPDATE review.answer_link SET used_at = now()")
    browser.get(link_of(database))
    found = rows(
        database,
        "SELECT action, practitioner_id, patient_id, detail ->> 'why' FROM review.access_log"
        " WHERE action LIKE 'answer_link%' ORDER BY at",
    )
    assert found == [
        ("answer_link_opened", case.team.gp, case.patient, None),
        ("answer_link_refused", case.team.gp, case.patient, "used"),
    ]

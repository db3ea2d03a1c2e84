"""No page reads a text of the database as Markdown.

Every free text of a demonstration ends with Markdown. A page that does not escape a text has that
Markdown in an element which Streamlit formats.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, text
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.components.elements.escaping import plain
from dashboard.database import acting_as, administering, connect_to, serving
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.schema import review
from dashboard.demo.accounts import demonstration_accounts
from dashboard.demo.fill import fill
from dashboard.queries.meeting.holding import start
from dashboard.web.auth import accounts, sessions
from dashboard.web.server.asgi import MAIN_SCRIPT
from tests.conftest import create_database, drop_database
from tests.pages.conftest import TODAY, english
from tests.support.factories import Database
from tests.web.conftest import PASSWORD

__all__ = ["english"]

PATIENTS, MARK = 300, " *Qz*"
ESCAPED = plain(MARK)

WITHOUT_TYPED_TEXTS = ("review-list", "cover", "emergency", "account", "programme", "access")
"""Pages that show these texts in tables, options and fields, or not at all."""

TYPED = {
    "registry.condition": ("label",),
    "registry.contact": ("note",),
    "registry.episode": ("closed_reason", "diagnosis_code", "diagnosis_label", "problem"),
    "registry.flag": ("note",),
    "registry.medication": ("name", "side_effects", "stop_reason"),
    "registry.patient": ("family_name", "given_name", "phone"),
    "registry.practitioner": ("family_name", "given_name"),
    "registry.psychosocial_care": ("note",),
    "registry.site": ("department", "name"),
    "review.agenda_item": ("reason", "removed_reason"),
    "review.answer": ("reason",),
    "review.case_review": ("risk_reason", "summary"),
    "review.delivery": ("error",),
    "review.emergency_access": ("explanation",),
    "review.incident": ("description",),
    "review.preparation": ("question", "tried"),
    "review.recommendation": (
        *("alternative", "detail", "drug_name", "replaced_drug_name", "titration"),
    ),
    "review.settlement": ("reason",),
}
"""The columns that people or other programs write freely."""

FORMATTED = (
    *("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success"),
    *("toast", "metric"),
)
"""The elements whose value Streamlit reads as Markdown."""

LABELLED = ("button", "expander", "tab", "checkbox", "radio", "selectbox", "multiselect")
"""The elements whose label it reads so."""

PAGES = [
    *(("psychiatrist", page) for page in ("review-list", "follow-up", "meeting", "figures")),
    *(
        ("psychiatrist", page)
        for page in ("cover", "emergency", "account", "case", "case-reviewed")
    ),
    *(("nurse", page) for page in ("inbox", "prepare", "follow-up", "meeting", "case")),
    *(("gp", page) for page in ("inbox", "case")),
    *(("lead", page) for page in ("programme", "access", "accounts")),
]


@pytest.fixture(scope="module")
def marked(server: str, prepared: str) -> Iterator[Database]:
    """Yield a demonstration in which every typed text ends with ``MARK``."""
    create_database(server, "typed_texts", template=prepared)
    database = Database(
        address_of(server, database="typed_texts"), app_address_of(server, "typed_texts")
    )
    with administering(database.owner_url) as connection:
        fill(connection, patients=PATIENTS, seed=1, as_of=TODAY)
        for one in demonstration_accounts(connection):
            accounts.add_account(connection, one.practitioner_id, one.username, PASSWORD)
        _mark(connection)
    yield database
    database.close()
    drop_database(server, "typed_texts")


def _mark(connection: Connection) -> None:
    """Add ``MARK`` to the columns of ``TYPED``."""
    # Rows that cannot be changed afterwards are kept from it by triggers.
    connection.execute(text("SET session_replication_role = replica"))
    for table, columns in TYPED.items():
        for column in columns:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = {column} || %s", (MARK,))


@pytest.fixture
def visit(marked: Database, monkeypatch: pytest.MonkeyPatch):
    """Return a function that opens a page as the person of a role who has most patients."""
    connect_to(marked.app_url)

    def come(role: str, page: str, remembered: Mapping[str, object] | None = None) -> AppTest:
        person = _person(marked, role)
        token = _token(person)
        monkeypatch.setattr(sessions, "presented_token", lambda: token)
        tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=120)
        tab.session_state["shown_to"] = person
        for name, value in {"language": "en", **(remembered or {})}.items():
            tab.session_state[name] = value
        page, _, wanted = page.partition("-") if page.startswith("case") else (page, "", "")
        if page == "case":
            tab.query_params["episode"] = str(_episode(marked, role, person, reviewed=bool(wanted)))
        tab._page_hash = calc_hash(page)
        return tab.run()

    return come


def _token(person: int) -> str | None:
    with serving() as connection:
        return sessions.redeem(connection, sessions.begin(connection, person, "192.0.2.1"))


def _person(marked: Database, role: str) -> int:
    statement = """
        SELECT practitioner_id FROM review.account
        JOIN registry.practitioner p ON p.id = practitioner_id WHERE p.role = :role
    """
    with marked.owner().connect() as connection:
        return connection.execute(text(statement), {"role": role}).scalar_one()


def _episode(marked: Database, role: str, person: int, *, reviewed: bool) -> int:
    """Return an open episode of the person: the one with most reviews, or one with an open
    question.
    """
    first = "reviews DESC" if reviewed else "coalesce(asked > signed, asked IS NOT NULL) DESC"
    statement = f"""
        SELECT e.id FROM registry.episode e
        CROSS JOIN LATERAL (SELECT count(*) AS reviews, max(signed_at) AS signed
                            FROM review.case_review WHERE episode_id = e.id) AS reviewed
        CROSS JOIN LATERAL (SELECT max(ready_at) AS asked
                            FROM review.preparation WHERE episode_id = e.id) AS prepared
        WHERE e.{role}_id = :person AND e.status <> 'closed'
        ORDER BY {first}, e.id LIMIT 1
    """
    with marked.owner().connect() as connection:
        return connection.execute(text(statement), {"person": person}).scalar_one()


@pytest.fixture(scope="module")
def in_a_meeting(marked: Database) -> None:
    """Start a meeting of the psychiatrist and the nurse about their first case."""
    connect_to(marked.app_url)
    people = {role: _person(marked, role) for role in ("psychiatrist", "nurse")}
    statement = """
        SELECT id AS episode, patient_id AS patient FROM registry.episode
        WHERE psychiatrist_id = :psychiatrist AND nurse_id = :nurse AND status <> 'closed'
        ORDER BY id LIMIT 1
    """
    with marked.owner().connect() as connection:
        case = connection.execute(text(statement), people).one()
    meeting = marked.add(
        review.meeting,
        psychiatrist_id=people["psychiatrist"],
        nurse_id=people["nurse"],
        held_on=TODAY,
    )
    marked.agenda_item(meeting, case, 1)
    with acting_as(people["nurse"]) as connection:
        start(connection, meeting)


def formatted(tab: AppTest) -> list[str]:
    """Return the texts of the page that Streamlit reads as Markdown."""
    read: list[Any] = [one.value for kind in FORMATTED for one in tab.get(kind)]
    read += [one.label for kind in LABELLED for one in tab.get(kind)]
    return [str(one) for one in read]


@pytest.mark.parametrize(("role", "page"), PAGES)
def test_no_typed_text_is_read_as_markdown(visit, role, page):
    tab = visit(role, page)
    assert not tab.exception, [one.message for one in tab.exception]
    read = formatted(tab)
    assert [one for one in read if MARK.strip() in one] == []
    assert any(ESCAPED in one for one in read) or page in WITHOUT_TYPED_TEXTS


@pytest.mark.parametrize("role", ["psychiatrist", "nurse"])
def test_no_typed_text_is_read_as_markdown_in_a_meeting(visit, in_a_meeting, role):
    tab = visit(role, "meeting")
    tab = next(one for one in tab.button if one.label == "Join the meeting").click().run()
    read = formatted(tab)
    assert not tab.exception, [one.message for one in tab.exception]
    assert [one for one in read if MARK.strip() in one] == []
    assert any(ESCAPED in one for one in read)


@pytest.mark.parametrize("role", ["nurse", "gp"])
def test_no_typed_text_is_read_as_markdown_in_the_opened_lines_of_an_inbox(visit, marked, role):
    with marked.owner().connect() as connection:
        lines = connection.execute(text("SELECT id FROM review.recommendation")).scalars().all()
    tab = visit(role, "inbox", {f"inbox/{line}/line": True for line in lines})
    assert not tab.exception, [one.message for one in tab.exception]
    read = formatted(tab)
    assert [one for one in read if MARK.strip() in one] == []
    assert sum(ESCAPED in one for one in read) > 2 * len(tab.expander) > 0

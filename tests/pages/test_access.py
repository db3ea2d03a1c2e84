"""Each role and each page: either it is there, or nothing of it is."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.locale import LANGUAGES, _, speaking
from dashboard.web.auth import sessions
from dashboard.web.shell.navigation import PAGES, TABLE, title_of
from tests.pages.conftest import TODAY, words
from tests.support.factories import at
from tests.web.conftest import ROLE_OF

WITHOUT_PATIENTS = {*("programme", "cover", "emergency", "access", "account", "accounts", "help")}
"""The pages on which no patient is named."""

PAIRS = [(username, entry) for username in ROLE_OF for entry in TABLE]
ALLOWED = [(username, one) for username, one in PAIRS if ROLE_OF[username] in one.roles]
REFUSED = [(username, one) for username, one in PAIRS if ROLE_OF[username] not in one.roles]


@pytest.fixture
def case(database, team):
    case = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    review = database.case_review(case, at(TODAY - timedelta(days=2)))
    database.recommendation(case, review)
    return case


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("username", "entry"), ALLOWED, ids=[f"{who}-{entry.address}" for who, entry in ALLOWED]
)
def test_a_role_gets_its_pages(visit, case, username, entry, language):
    tab = visit(username, entry.address, language=language, episode=case.episode)
    said = words(tab)
    assert not tab.error
    if entry.in_menu:
        with speaking(language):
            assert tab.title[0].value == title_of(entry)
    assert ("Zwingelstein" in said) is (entry.address not in WITHOUT_PATIENTS)


@pytest.mark.parametrize(
    ("username", "entry"), REFUSED, ids=[f"{who}-{entry.address}" for who, entry in REFUSED]
)
def test_a_role_gets_nothing_of_a_page_that_is_not_its_own(
    people, case, monkeypatch, username, entry
):
    """Check it even if Streamlit has been made to run the page's script alone."""
    token = people.token(username)
    monkeypatch.setattr(sessions, "presented_token", lambda: token)
    tab = AppTest.from_file(str(PAGES / entry.script), default_timeout=60)
    tab.query_params["episode"] = str(case.episode)
    assert words(tab.run()) in in_both_languages("This page is not for your role.")


def in_both_languages(text):
    """Return the text in each language, because without the main script none is set."""
    said = []
    for language in LANGUAGES:
        with speaking(language):
            said.append(_(text))
    return said


@pytest.mark.parametrize("entry", TABLE, ids=[entry.address for entry in TABLE])
def test_nobody_gets_nothing(people, case, monkeypatch, entry):
    monkeypatch.setattr(sessions, "presented_token", lambda: None)
    tab = AppTest.from_file(str(PAGES / entry.script), default_timeout=60)
    tab.query_params["episode"] = str(case.episode)
    assert words(tab.run()) == ""

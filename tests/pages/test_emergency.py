"""Emergency access on the pages: the request, the banner, the notices to the team."""

from datetime import timedelta

import pytest

from dashboard.database import acting_as
from dashboard.queries.access.opening_in_emergency import open_in_emergency
from tests.pages.conftest import TODAY, words
from tests.queries.access.test_emergency import BORN, wish


@pytest.fixture
def anothers(database, people):
    """Return a patient of another team."""
    return database.team().case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")


def filled(tab, case, explanation="Garde : idées suicidaires", name="Zwingelstein"):
    tab.text_input(key="emergency/number").set_value(str(case.episode))
    tab.text_input(key="emergency/name").set_value(name)
    tab.date_input(key="emergency/birth").set_value(BORN)
    tab.selectbox(key="emergency/reason").set_value("on_call")
    tab.text_area(key="emergency/explanation").set_value(explanation)
    return tab.button[-1].click().run()


def ask_for(people, username, case):
    with acting_as(people.practitioner(username)) as connection:
        asked = wish(case, family_name="Zwingelstein", explanation="Garde, *Zwingelstein* va mal")
        assert open_in_emergency(connection, asked, case_key()) == "opened"


def case_key():
    from uuid import uuid4

    return uuid4()


def test_a_case_that_is_not_ones_own_leads_to_it(visit, anothers):
    tab = visit("moreau", "case", episode=anothers.episode)
    assert "This case does not exist, or it is not one of yours." in words(tab)
    assert "Zwingelstein" not in words(tab)


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_what_is_lacking_is_said_and_nothing_is_opened(visit, anothers, run_as_owner, username):
    tab = filled(visit(username, "emergency"), anothers, explanation="urgence")
    assert "Explain in 10 characters or more." in words(tab)
    assert run_as_owner("SELECT count(*) FROM review.emergency_access") == [(0,)]


def test_a_name_that_is_not_the_patients_is_refused(visit, anothers):
    tab = filled(visit("moreau", "emergency"), anothers, name="Zwingel")
    assert "No patient has this case number" in words(tab)


def test_asking_opens_the_record_with_a_banner_and_without_a_form(visit, people, anothers):
    ask_for(people, "moreau", anothers)
    tab = visit("moreau", "case", episode=anothers.episode)
    said = words(tab)
    assert "Zwingelstein" in said
    assert "Emergency access until" in said
    assert not [one for one in tab.button if one.label == "Preview and sign"]
    tab.button(key="emergency/end").click().run()
    assert "This case does not exist, or it is not one of yours." in words(tab)


def test_ones_own_case_has_no_banner(visit, team):
    own = team.case(TODAY - timedelta(weeks=10))
    assert "Emergency access until" not in words(visit("moreau", "case", episode=own.episode))


@pytest.mark.parametrize(("username", "address"), [("roux", "inbox"), ("roux", "review-list")])
def test_the_team_is_told(visit, database, team, username, address):
    own = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    stranger = database.practitioner("psychiatrist", "Roy")
    with acting_as(stranger) as connection:
        asked = wish(own, family_name="Zwingelstein", explanation="Garde, *Zwingelstein* va mal")
        open_in_emergency(connection, asked, case_key())
    said = words(visit(username, address))
    assert "to the record of Zwingelstein Camille (no." in said
    assert "Roy Claude, psychiatrist" in said
    assert "Garde, *Zwingelstein* va mal" in said


def test_on_a_shared_screen_the_team_is_told_without_a_name(visit, database, team, run_as_owner):
    own = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    with acting_as(database.practitioner("psychiatrist", "Roy")) as connection:
        asked = wish(own, family_name="Zwingelstein", explanation="Garde : Zwingelstein va mal")
        open_in_emergency(connection, asked, case_key())
    tab = visit("roux", "inbox")
    run_as_owner("UPDATE review.sign_in SET presenting_since = now()")
    said = words(tab.run())
    assert "to the record of Ms Z." in said
    assert "Zwingelstein" not in said


@pytest.fixture
def run_as_owner(database):
    from sqlalchemy import text

    def run(statement):
        with database.owner().begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []

    return run

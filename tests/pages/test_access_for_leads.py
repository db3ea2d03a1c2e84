"""The page on which a medical lead looks after the access log."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.components.access import access_tables
from dashboard.database import acting_as
from dashboard.locale import LANGUAGES
from dashboard.queries.access.opening_in_emergency import open_in_emergency
from dashboard.queries.case.case_file import open_case
from tests.pages.conftest import TODAY, words
from tests.queries.access.test_emergency import wish


@pytest.fixture
def case(database, team):
    """Return a record opened by its nurse, and by a stranger in an emergency."""
    case = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    with acting_as(team.nurse) as connection:
        open_case(connection, case.episode, TODAY)
    with acting_as(database.practitioner("psychiatrist", "Roy")) as connection:
        asked = wish(case, family_name="Zwingelstein", explanation="Garde : Zwingelstein va mal")
        open_in_emergency(connection, asked, uuid4())
    return case


def test_the_lead_looks_up_a_case_by_its_number(visit, case):
    tab = visit("lead", "access")
    tab.text_input(key="access/case").set_value(str(case.episode)).run()
    said = words(tab)
    assert "opened the record" in said
    assert "asked for emergency access" in said
    assert "Roy Claude, psychiatrist" in said
    assert "Zwingelstein" not in said + str(tab.main)


@pytest.mark.parametrize("typed", ["999999", "Zwingelstein", "-1", "1 OR 1=1", "9" * 18, "²"])
def test_what_is_no_case_of_theirs_shows_nothing(visit, case, typed):
    tab = visit("lead", "access")
    tab.text_input(key="access/case").set_value(typed).run()
    assert "opened the record" not in words(tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_emergency_accesses_stand_there_with_their_reason(visit, case, language):
    said = words(visit("lead", "access", language=language))
    assert "Garde : … va mal" in said
    assert str(case.episode) in said


def test_a_long_list_says_that_the_report_has_more(visit, case, monkeypatch):
    monkeypatch.setattr(access_tables, "ROWS_SHOWN", 1)
    tab = visit("lead", "access")
    tab.text_input(key="access/case").set_value(str(case.episode)).run()
    assert "The latest 1 accesses. The report has more." in words(tab)

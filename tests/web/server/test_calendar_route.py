"""The address of a calendar feed gives a calendar without patients, and 404 when it is void."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.calendar import today
from dashboard.database import serving
from dashboard.settings import settings
from dashboard.web.auth.calendar_feed import address_of, renew_feed
from dashboard.web.server import calendar_route
from tests.support.factories import at

TODAY = today()


@pytest.fixture
def browser():
    return TestClient(Starlette(routes=[calendar_route.route]))


@pytest.fixture
def address(people, monkeypatch):
    """Return the path of the nurse's feed, with a line that is due in three days."""
    monkeypatch.setenv("CASE_REVIEW_PUBLIC_URL", "https://revue.example/")
    settings.cache_clear()
    case = people.team.case(TODAY - timedelta(weeks=12), family_name="Zwingelstein")
    signed = people.database.case_review(
        case, at(TODAY - timedelta(days=7)), summary="Zwingelstein va mieux"
    )
    people.database.recommendation(
        case, signed, detail="Appeler Mme Zwingelstein", due_on=TODAY + timedelta(days=3)
    )
    nurse = people.practitioner("roux")
    with serving(nurse) as connection:
        token = renew_feed(connection, nurse)
    yield address_of("https://revue.example/", token).removeprefix("https://revue.example")
    monkeypatch.undo()
    settings.cache_clear()


def test_feed_is_a_calendar_with_a_link_to_the_page(browser, address):
    response = browser.get(address)
    assert response.headers["content-type"].startswith("text/calendar")
    assert response.headers["cache-control"] == "no-store"
    (event,) = Calendar.from_ical(response.content).events
    assert event["SUMMARY"] == "1 recommandation à réaliser"
    assert event["DTSTART"].dt == TODAY + timedelta(days=3)
    assert event["URL"] == "https://revue.example/inbox"


def test_feed_names_no_patient(browser, address):
    content = browser.get(address).text
    for secret in ("Zwingelstein", "Camille", "1983", "Appeler"):
        assert secret not in content


def test_unknown_address_is_not_found(browser, people):
    assert browser.get("/calendar/unknown.ics").status_code == 404

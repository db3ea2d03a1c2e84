"""The file of a calendar feed: one event of a whole day for each kind and day."""

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from dashboard.clinical.calendar_feed import CalendarEvent
from dashboard.exports.calendar_feed import calendar_file, summary
from dashboard.locale import speaking
from dashboard.vocabulary import CalendarEventKind

DAY = date(2026, 12, 3)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "french", "english"),
    [
        (
            CalendarEvent(CalendarEventKind.MEETING, DAY, 1, "Roux"),
            "Réunion de revue de cas avec Roux",
            "Case review meeting with Roux",
        ),
        (
            CalendarEvent(CalendarEventKind.REVIEW_DUE, DAY, 3),
            "3 revues à faire",
            "3 reviews due",
        ),
        (
            CalendarEvent(CalendarEventKind.REASSESSMENT_DUE, DAY, 1),
            "1 réévaluation du risque suicidaire à faire",
            "1 reassessment of suicide risk due",
        ),
        (
            CalendarEvent(CalendarEventKind.ANSWER_DUE, DAY, 2),
            "2 recommandations à réaliser",
            "2 recommendations due",
        ),
    ],
)
def test_title_says_what_is_due_in_the_reader_s_language(event, french, english):
    with speaking("fr"):
        assert summary(event) == french
    with speaking("en"):
        assert summary(event) == english


def file(*events):
    with speaking("en"):
        return calendar_file(events, "https://revue.example/", NOW)


def test_same_event_keeps_its_id_when_its_count_changes():
    ids = {
        Calendar.from_ical(file(CalendarEvent(CalendarEventKind.ANSWER_DUE, DAY, count)))
        .events[0]["UID"]
        .to_ical()
        for count in (1, 2)
    }
    assert len(ids) == 1


def test_meetings_with_two_colleagues_of_the_same_name_have_two_ids():
    meeting = CalendarEvent(CalendarEventKind.MEETING, DAY, 1, "Roux")
    ids = [event["UID"].to_ical() for event in Calendar.from_ical(file(meeting, meeting)).events]
    assert len(set(ids)) == 2
    assert ids[0] == Calendar.from_ical(file(meeting)).events[0]["UID"].to_ical()


def test_event_lasts_its_day_and_blocks_time_only_for_a_meeting():
    meeting, due = Calendar.from_ical(
        file(
            CalendarEvent(CalendarEventKind.MEETING, DAY, 1, "Roux"),
            CalendarEvent(CalendarEventKind.ANSWER_DUE, DAY, 2),
        )
    ).events
    assert (meeting["DTSTART"].dt, meeting["DTEND"].dt) == (DAY, date(2026, 12, 4))
    assert (meeting["TRANSP"], due["TRANSP"]) == ("OPAQUE", "TRANSPARENT")


def test_name_with_a_comma_and_a_line_break_stays_one_title():
    (event,) = Calendar.from_ical(
        file(CalendarEvent(CalendarEventKind.MEETING, DAY, 1, "Roux, dit\nX"))
    ).events
    assert event["SUMMARY"] == "Case review meeting with Roux, dit\nX"

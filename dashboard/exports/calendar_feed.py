"""A person's calendar feed as an iCalendar file (RFC 5545). It names no patient."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from icalendar import Calendar, Event

from dashboard.clinical.calendar_feed import CalendarEvent
from dashboard.locale import _, language, ngettext
from dashboard.vocabulary import CalendarEventKind

_EVENT_IDS = UUID("3a5a7c42-8e0a-4a55-9a0d-2f5a1c6e7b90")

_PAGES = {
    CalendarEventKind.MEETING: "meeting",
    CalendarEventKind.REVIEW_DUE: "review-list",
    CalendarEventKind.REASSESSMENT_DUE: "review-list",
    CalendarEventKind.ANSWER_DUE: "inbox",
}


def calendar_file(events: Iterable[CalendarEvent], public_url: str, now: datetime) -> bytes:
    """Return the events as an iCalendar file in the language of the reader.

    Each event lasts one whole day and links to the page on which the reader can act. The id of an
    event is derived from ``public_url`` and from its kind, day and colleague, and from a number if
    these are the same for several events. A calendar program that loads the file again therefore
    replaces an event that it already has.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//case review//{language()}")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Case review"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    address, times = public_url.rstrip("/"), Counter[str]()
    for one in events:
        event = _event(one, address, now)
        # Two colleagues of the same name can have a meeting on the same day. A calendar program
        # would show only one of two events with the same id.
        named = f"{address} {one.kind} {one.day} {one.colleague}"
        times[named] += 1
        again = f" {times[named]}" if times[named] > 1 else ""
        event.add("uid", str(uuid5(_EVENT_IDS, f"{named}{again}")))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(one: CalendarEvent, public_url: str, now: datetime) -> Event:
    event = Event()
    event.add("dtstamp", now)
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("summary", summary(one))
    event.add("url", f"{public_url}/{_PAGES[one.kind]}")
    event.add("transp", "OPAQUE" if one.kind is CalendarEventKind.MEETING else "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def summary(event: CalendarEvent) -> str:
    """Return the title of an event."""
    match event.kind:
        case CalendarEventKind.MEETING:
            return _("Case review meeting with {name}", name=event.colleague or "–")
        case CalendarEventKind.REVIEW_DUE:
            return ngettext("{n} review due", "{n} reviews due", event.count)
        case CalendarEventKind.REASSESSMENT_DUE:
            return ngettext(
                "{n} reassessment of suicide risk due",
                "{n} reassessments of suicide risk due",
                event.count,
            )
        case CalendarEventKind.ANSWER_DUE:
            return ngettext("{n} recommendation due", "{n} recommendations due", event.count)

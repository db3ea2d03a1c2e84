"""The calendar feed of a practitioner. It holds days and counts, and names no patient."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.people import NamesNoPatient
from dashboard.vocabulary import CalendarEventKind


@dataclass(frozen=True)
class CalendarEvent(NamesNoPatient):
    """A calendar event of a whole day.

    ``count`` is the number of reviews, reassessments or answers due on that day, and 1 for a
    meeting. ``colleague`` is the family name of the other practitioner in a meeting; None for other
    kinds of events.
    """

    kind: CalendarEventKind
    day: date
    count: int
    colleague: str | None = None

"""The calendar feed of a person: days and counts, and no patient."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.people import NamesNoPatient
from dashboard.vocabulary import CalendarEventKind


@dataclass(frozen=True)
class CalendarEvent(NamesNoPatient):
    """An event of a whole day.

    ``count`` is the number of reviews, reassessments or answers due on that day. ``colleague`` is
    the family name of the other person in a meeting, and None for every other kind.
    """

    kind: CalendarEventKind
    day: date
    count: int
    colleague: str | None = None

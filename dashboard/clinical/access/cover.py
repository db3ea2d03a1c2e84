"""Cover: a colleague takes over a practitioner's review list for a number of days.

The covering colleague sees the patients, and signs and answers in their own name. Cover is not
transitive. If A covers B and B covers C, A sees the list of B but not the list of C.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashboard.clinical.people import Person
from dashboard.vocabulary import PAIR

ROLES = PAIR
"""The roles that can hand over their review list. The covering colleague must have the same role.
"""

LONGEST_DAYS = 366
"""The longest duration of a cover, and also the longest time from today to the start of a cover, in
days. For a longer absence, the registry must name another practitioner for the patients [proposal].
"""


@dataclass(frozen=True)
class Cover:
    """A period in which the practitioner ``covering`` takes over the review list of the
    practitioner ``covered``. The days ``starts_on`` and ``ends_on`` are included.
    """

    id: UUID
    covered: Person
    covering: Person
    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        """Return whether ``day`` is within the period of the cover."""
        return self.starts_on <= day <= self.ends_on

    def meets(self, starts_on: date, ends_on: date) -> bool:
        """Return whether the cover and the period from ``starts_on`` to ``ends_on`` have a day in
        common.
        """
        return self.starts_on <= ends_on and starts_on <= self.ends_on


@dataclass(frozen=True)
class Colleague:
    """A colleague to whom a practitioner can hand over the review list.

    ``has_account`` tells whether the colleague can sign in. ``same_site`` tells whether the
    colleague and the practitioner have a site in common.
    """

    person: Person
    has_account: bool
    same_site: bool


@dataclass(frozen=True)
class Handover:
    """The values of a cover that a practitioner is entering. A value that is not chosen yet is
    None.
    """

    colleague_id: int | None
    starts_on: date | None
    ends_on: date | None


def check_can_hand_over(
    handover: Handover, mine: Iterable[Cover], colleagues: Iterable[Colleague], today: date
) -> None:
    """Raise ``NotPossible`` if ``handover`` is not allowed: ``problem_of`` finds a problem, or the
    colleague is not in ``colleagues``.
    """
    problem = problem_of(handover, mine, today)
    if problem is None and handover.colleague_id not in {one.person.id for one in colleagues}:
        problem = "no_colleague"
    if problem is not None:
        raise NotPossible(problem)


class NotPossible(ValueError):
    """The error raised for a cover that is not allowed. ``problem`` is a code of ``problem_of``."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def problem_of(handover: Handover, mine: Iterable[Cover], today: date) -> str | None:
    """Return the code of the reason why ``handover`` is not allowed, or None if it is allowed.

    ``mine`` holds the existing covers of the same practitioner. The codes are ``no_colleague``,
    ``no_dates``, ``in_the_past``, ``out_of_order``, ``too_far``, ``too_long`` and ``already``.
    ``already`` means that the same colleague already covers the practitioner on one of the days.
    """
    starts_on, ends_on = handover.starts_on, handover.ends_on
    if handover.colleague_id is None:
        return "no_colleague"
    if starts_on is None or ends_on is None:
        return "no_dates"
    if starts_on < today:
        return "in_the_past"
    if ends_on < starts_on:
        return "out_of_order"
    if (starts_on - today).days > LONGEST_DAYS:
        return "too_far"
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        return "too_long"
    theirs = (one for one in mine if one.covering.id == handover.colleague_id)
    if any(one.meets(starts_on, ends_on) for one in theirs):
        return "already"
    return None

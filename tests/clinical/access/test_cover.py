"""Which covers can be made."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from dashboard.clinical.access.cover import (
    LONGEST_DAYS,
    Colleague,
    Cover,
    Handover,
    NotPossible,
    check_can_hand_over,
    problem_of,
)
from dashboard.clinical.people import Person

TODAY = date(2026, 11, 24)
ME, ADLER, BEER = Person(1, "Moreau", "Claude"), Person(2, "Adler", "Ida"), Person(3, "Beer", "Jo")


def day(number):
    return None if number is None else TODAY + timedelta(days=number)


# Adler has the list from the 10th to the 20th day from today.
GIVEN = Cover(UUID(int=1), ME, ADLER, day(10), day(20))

CASES = [
    # colleague, first and last day (from today), problem
    (ADLER, 0, 0, None),
    (ADLER, 0, 9, None),
    (ADLER, 21, 30, None),
    (BEER, 10, 20, None),
    (ADLER, 0, 10, "already"),
    (ADLER, 20, 30, "already"),
    (ADLER, 12, 13, "already"),
    (ADLER, 0, 30, "already"),
    (ADLER, -1, 5, "in_the_past"),
    (ADLER, 5, 4, "out_of_order"),
    (ADLER, 5, -1, "out_of_order"),
    (ADLER, None, 5, "no_dates"),
    (ADLER, 5, None, "no_dates"),
    (None, 0, 5, "no_colleague"),
    (BEER, LONGEST_DAYS, LONGEST_DAYS, None),
    (BEER, LONGEST_DAYS + 1, LONGEST_DAYS + 1, "too_far"),
    (BEER, 0, LONGEST_DAYS - 1, None),
    (BEER, 0, LONGEST_DAYS, "too_long"),
]


@pytest.mark.parametrize(("to", "first", "last", "why_not"), CASES)
def test_a_cover_is_possible_or_says_why_not(to, first, last, why_not):
    handover = Handover(to.id if to else None, day(first), day(last))
    assert problem_of(handover, [GIVEN], TODAY) == why_not


@pytest.mark.parametrize(
    ("number", "holds"), [(9, False), (10, True), (15, True), (20, True), (21, False)]
)
def test_both_days_count(number, holds):
    assert GIVEN.holds_on(day(number)) is holds


@pytest.mark.parametrize(
    ("to", "first", "why_not"), [(BEER, 10, None), (ADLER, 10, "already"), (ME, 10, "no_colleague")]
)
def test_a_list_is_handed_over_to_a_colleague_or_it_is_said_why_not(to, first, why_not):
    handover = Handover(to.id, day(first), day(first))
    colleagues = [Colleague(one, True, True) for one in (ADLER, BEER)]
    if why_not is None:
        check_can_hand_over(handover, [GIVEN], colleagues, TODAY)
    else:
        with pytest.raises(NotPossible, match=why_not):
            check_can_hand_over(handover, [GIVEN], colleagues, TODAY)

"""Random completed questionnaires, some of which lack the total or some items."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.vocabulary import InstrumentCode


class Form(NamedTuple):
    """A completed questionnaire, as it is stored."""

    instrument: str
    total: int | None
    items: Sequence[int | None] | None


@dataclass(frozen=True)
class Habit:
    """The order of the items of the PHQ-9 and of the GAD-7, from a patient's highest answer to the
    lowest.

    Items are counted from 0. Item 9 of the PHQ-9 is left out.
    """

    phq9: tuple[int, ...]
    gad7: tuple[int, ...]


# In the PHQ-9, answers are usually highest about fatigue, sleep, low mood and loss of interest.
# They are lowest about appetite and slowing.
_PHQ9_PROMINENCE = (3, 2, 1, 0, 5, 6, 4, 7)
_GAD7_PROMINENCE = (2, 1, 0, 3, 5, 6, 4)


def habit_of(rng: Random) -> Habit:
    """Return the items of one patient, highest answer first: the usual order, slightly shuffled."""
    return Habit(
        _shuffled_a_little(rng, _PHQ9_PROMINENCE), _shuffled_a_little(rng, _GAD7_PROMINENCE)
    )


def phq9(rng: Random, level: float, habit: Habit, ideation: float) -> Form:
    """Return a PHQ-9 with a total of about ``level``.

    ``ideation``, from 0 to 1, is the tendency to answer item 9 above 0.
    """
    total = _about(rng, level, 1.35, 27)
    ninth = _ninth_item(rng, total, ideation)
    items = [*_spread(rng, total - ninth, habit.phq9, 3), ninth]
    return _kept(rng, InstrumentCode.PHQ9, sum(items), items)


def gad7(rng: Random, level: float, habit: Habit) -> Form:
    """Return a GAD-7 with a total of about ``level``."""
    items = _spread(rng, _about(rng, level, 1.2, 21), habit.gad7, 3)
    return _kept(rng, InstrumentCode.GAD7, sum(items), items)


def other_form(rng: Random, instrument: str, share: float) -> Form:
    """Return a questionnaire with a total of about ``share`` of its maximum, from 0 to 1."""
    known = INSTRUMENTS[instrument]
    total = _about(rng, known.maximum * share, known.maximum * 0.06, known.maximum)
    items = _spread(rng, total, tuple(range(known.items)), known.item_maximum)
    return Form(instrument, total, items)


def cssrs(rng: Random, ninth_item: int) -> Form:
    """Return a C-SSRS screener with six answers.

    Each of the questions 2 to 5 can be positive only if the previous answer is positive.
    ``ninth_item`` is the answer to item 9 of the PHQ-9, from 1 to 3.
    """
    chance = (0.55, 0.75, 0.9)[ninth_item - 1]
    asked = [rng.random() < chance]
    for further in (0.55, 0.3, 0.2, 0.35):
        asked.append(asked[-1] and rng.random() < further)
    items = [int(answer) for answer in asked] + [int(rng.random() < 0.015)]
    return Form(InstrumentCode.CSSRS, sum(items), items)


def is_severe_screen(form: Form) -> bool:
    """Return whether question 4, 5 or 6 of a C-SSRS screener is positive."""
    return form.items is not None and any(form.items[3:])


def _about(rng: Random, level: float, spread: float, most: int) -> int:
    """Return a random whole number near ``level``, from 0 to ``most``.

    The number varies less if ``level`` is 4 or lower.
    """
    noise = rng.gauss(0, spread if level > 4 else spread * 0.6)
    return min(most, max(0, round(level + noise)))


def _ninth_item(rng: Random, total: int, ideation: float) -> int:
    """Return a random answer to item 9 of the PHQ-9.

    The answer is mostly 0. For patients with suicidal ideation, it increases with the total.
    """
    if total < 6 or rng.random() > ideation * min(1.0, total / 16):
        return 0
    if total < 14 or rng.random() < 0.65:
        return 1
    return 2 if rng.random() < 0.85 else 3


def _spread(rng: Random, points: int, order: tuple[int, ...], most: int) -> list[int]:
    """Return an answer for each item. They add up to ``points``, or to the largest possible sum if
    this is less.

    No answer is above ``most``. Earlier items of ``order`` get higher answers, except that two
    random answers are then swapped.
    """
    count = len(order)
    left = min(points, count * most)
    counts = [0] * count
    while left:
        item = int(rng.random() * count)
        if counts[item] < most:
            counts[item] += 1
            left -= 1
    counts.sort(reverse=True)
    items = [0] * count
    for item, value in zip(order, counts, strict=True):
        items[item] = value
    one, other = int(rng.random() * count), int(rng.random() * count)
    items[one], items[other] = items[other], items[one]
    return items


def _kept(rng: Random, instrument: str, total: int, items: list[int]) -> Form:
    """Return a questionnaire as it is stored.

    Most are complete. Some lack all items, some lack the total, and some lack the total and a few
    items.
    """
    chance = rng.random()
    if chance < 0.925:
        return Form(instrument, total, items)
    if chance < 0.955:
        return Form(instrument, total, None)
    if chance < 0.96:
        return Form(instrument, None, items)
    left_out = rng.sample(range(len(items)), _left_out(instrument, chance))
    return Form(instrument, None, [None if n in left_out else item for n, item in enumerate(items)])


def _left_out(instrument: str, chance: float) -> int:
    """Return the number of items that are missing in a questionnaire.

    With most of these numbers, it can still have a prorated score.
    """
    allowed = INSTRUMENTS[instrument].may_miss
    if chance < 0.98:
        return 1
    return allowed if chance < 0.994 else allowed + 1 + int(chance > 0.997)


def _shuffled_a_little(rng: Random, order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(order, key=lambda item: order.index(item) + rng.random() * 4))

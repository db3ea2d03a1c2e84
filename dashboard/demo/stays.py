"""The stays of patients in the programme: length, reason for the end, and care sequences.

The shares of light and classic care, and the number of sequences, are those of the experiment's
forecast (docs/domain.md, section 1).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from dashboard.demo.days import three_months_later, working_day
from dashboard.vocabulary import SequenceKind


@dataclass(frozen=True)
class Sequence:
    """A care sequence, which lasts three months."""

    kind: str
    number: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Stay:
    """One stay of a patient in the programme, which becomes an episode of the registry.

    ``last_day`` is the day on which the stay was closed. For an open stay, it is the last day of
    the registry.
    """

    referred_on: date
    consented_on: date | None
    enrolled_on: date
    last_day: date
    closed_reason: str | None
    kind: str
    sequences: tuple[Sequence, ...]

    @property
    def is_open(self) -> bool:
        """Whether the stay is still open."""
        return self.closed_reason is None

    @property
    def closed_on(self) -> date | None:
        """The day on which the stay was closed; None if it is open."""
        return None if self.is_open else self.last_day


def stay_of(rng: Random, kind: str, enrolled_on: date, as_of: date) -> Stay:
    """Return the stay of a patient who was enrolled on ``enrolled_on``, as it is on ``as_of``."""
    steps_up = kind == SequenceKind.LIGHT and rng.random() < 0.1
    age = (as_of - enrolled_on).days
    chances = _LEGER_OPEN if kind == SequenceKind.LIGHT and not steps_up else _CLASSIQUE_OPEN
    if rng.random() < _chance_at(chances, age):
        return _stay(rng, enrolled_on, as_of - timedelta(days=1), None, kind, steps_up, 4)
    return closed_stay(rng, kind, enrolled_on, as_of, steps_up=steps_up)


# Each pair is a maximum number of days since enrolment, and the probability that such a patient is
# still in care. The first pair that fits the patient is used. If sequences were renewed equally
# often at all times, the 4,152 sequences of the forecast would mean about 350 patients in care. To
# reach 900, sequences are rarely renewed in the first years, and nearly always in the last year.
_CLASSIQUE_OPEN = ((91, 0.98), (182, 0.96), (273, 0.94), (364, 0.9), (385, 0.12))
_LEGER_OPEN = ((77, 0.97), (91, 0.6), (98, 0.1))


def _chance_at(chances: tuple[tuple[int, float], ...], days: int) -> float:
    return next((chance for limit, chance in chances if days <= limit), 0.0)


_Drawn = TypeVar("_Drawn")
_CLOSED_REASONS = {
    "completed": 0.59,
    "lost": 0.17,
    "referred_to_specialist": 0.08,
    "moved": 0.06,
    "refused": 0.05,
    "other": 0.045,
    "deceased": 0.005,
}
_SEQUENCES_WHEN_CLOSED = {1: 0.88, 2: 0.09, 3: 0.022, 4: 0.008}
_SHORTEST_DAYS = {"refused": 12, "deceased": 20, "lost": 70}


def closed_stay(
    rng: Random, kind: str, enrolled_on: date, before: date, *, steps_up: bool = False
) -> Stay:
    """Return a stay that was closed before the day ``before``."""
    reason = _drawn(rng, _CLOSED_REASONS)
    sequences = (
        1
        if reason == "refused" or kind == SequenceKind.LIGHT
        else _drawn(rng, _SEQUENCES_WHEN_CLOSED)
    )
    room = (before - enrolled_on).days - 1
    days = min(_days_in_care(rng, reason, sequences + steps_up), room)
    if days == room:
        days = int(room * rng.uniform(0.3, 1))
    closed_on = working_day(enrolled_on + timedelta(days=max(days, 1)))
    closed_on = max(closed_on, enrolled_on)
    return _stay(rng, enrolled_on, closed_on, reason, kind, steps_up, sequences)


def _days_in_care(rng: Random, reason: str, sequences: int) -> int:
    """Return a random number of days in care.

    Care often continues after the end of the last care sequence.
    """
    earlier = 91 * (sequences - 1)
    if reason == "completed":
        return int(earlier + rng.triangular(80, 260, 130))
    shortest = _SHORTEST_DAYS.get(reason, 40)
    longest = 70 if reason == "refused" else 210
    return int(earlier + rng.uniform(shortest, longest))


def _stay(
    rng: Random,
    enrolled_on: date,
    last_day: date,
    closed_reason: str | None,
    kind: str,
    steps_up: bool,
    most_sequences: int,
) -> Stay:
    referred_on = working_day(enrolled_on - timedelta(days=3 + int(rng.random() ** 2 * 25)))
    consented_on = enrolled_on if rng.random() < 0.9 else referred_on
    return Stay(
        referred_on=referred_on,
        consented_on=consented_on if rng.random() < 0.98 else None,
        enrolled_on=enrolled_on,
        last_day=last_day,
        closed_reason=closed_reason,
        kind=kind,
        sequences=_sequences(enrolled_on, last_day, kind, steps_up, most_sequences),
    )


def _sequences(
    enrolled_on: date, last_day: date, kind: str, steps_up: bool, most: int
) -> tuple[Sequence, ...]:
    """Return consecutive care sequences, the first of which starts at enrolment.

    A light sequence is either the only sequence or the first one. No sequence starts after
    ``last_day``.
    """
    kinds = [SequenceKind.LIGHT] if kind == SequenceKind.LIGHT else []
    if kind == SequenceKind.CLASSIC or steps_up:
        kinds += [SequenceKind.CLASSIC] * most
    sequences: list[Sequence] = []
    starts_on = enrolled_on
    for place, one in enumerate(kinds, start=1):
        if starts_on > last_day:
            break
        number = place - (kinds[0] == SequenceKind.LIGHT and one == SequenceKind.CLASSIC)
        after = three_months_later(starts_on)
        sequences.append(Sequence(one, number, starts_on, after - timedelta(days=1)))
        starts_on = after
    return tuple(sequences)


def _drawn(rng: Random, weights: dict[_Drawn, float]) -> _Drawn:
    return rng.choices(list(weights), list(weights.values()))[0]

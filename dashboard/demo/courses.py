"""Courses of symptoms after enrolment: rapid or slow response, none, worsening, or relapse."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from dashboard.demo.stays import Stay

# The relative frequency of each course, by the reason why the episode was closed. The key None is
# for open episodes.
_MIXES: dict[str | None, dict[str, float]] = {
    None: {"rapid": 0.37, "slow": 0.27, "none": 0.19, "worse": 0.05, "relapse": 0.12},
    "completed": {"rapid": 0.52, "slow": 0.3, "none": 0.12, "worse": 0.01, "relapse": 0.05},
    "referred_to_specialist": {"slow": 0.1, "none": 0.5, "worse": 0.25, "relapse": 0.15},
}
_ANY_OTHER_END = {"rapid": 0.35, "slow": 0.22, "none": 0.3, "worse": 0.06, "relapse": 0.07}


@dataclass(frozen=True)
class Course:
    """The course of a patient's severity over time, relative to the severity at entry.

    ``floor`` is the severity that a response reaches, divided by the severity at entry. For the
    kind ``worse``, it is the severity of the worsening. ``pace`` is the time constant of the
    decrease, in days. ``turn`` is the day after enrolment on which a slow response or a relapse is
    half complete.
    """

    kind: str
    floor: float
    pace: float
    turn: float


def course_of(rng: Random, stay: Stay, response: float) -> Course:
    """Return a random course that fits the reason why the patient left the programme.

    ``response`` is a factor for how often patients respond to treatment; 1 is the average.
    """
    mix = dict(_MIXES.get(stay.closed_reason, _ANY_OTHER_END))
    for responding in ("rapid", "slow"):
        mix[responding] = mix.get(responding, 0.0) * response
    kind = rng.choices(list(mix), list(mix.values()))[0]
    return Course(
        kind=kind,
        floor=_FLOORS[kind](rng),
        pace=rng.uniform(14, 34),
        turn=rng.uniform(100, 230) if kind == "relapse" else rng.uniform(45, 130),
    )


_FLOORS = {
    "rapid": lambda rng: rng.triangular(0, 0.45, 0.12),
    "slow": lambda rng: rng.triangular(0.05, 0.6, 0.28),
    "none": lambda rng: rng.uniform(0.7, 1.0),
    "worse": lambda rng: rng.uniform(1.15, 1.5),
    "relapse": lambda rng: rng.uniform(0.1, 0.4),
}


def severity(course: Course, day: int) -> float:
    """Return the severity ``day`` days after enrolment, divided by the severity at entry."""
    return _SHAPES[course.kind](course, max(0, day))


def _towards_floor(course: Course, day: int) -> float:
    return course.floor + (1 - course.floor) * math.exp(-day / course.pace)


def _at_turn(day: float, turn: float, width: float) -> float:
    """Return the logistic function of ``day``. It rises from 0 to 1 and is 0.5 on day ``turn``.

    ``width`` is the time constant of the rise, in days.
    """
    return 1 / (1 + math.exp((turn - day) / width))


def _slow(course: Course, day: int) -> float:
    return 1 - (1 - course.floor) * _at_turn(day, course.turn, course.pace / 2)


def _relapse(course: Course, day: int) -> float:
    """Return the severity on ``day`` of a patient who responds, relapses, and responds again."""
    back = _at_turn(day, course.turn, 9) * (1 - _at_turn(day, course.turn + 75, 16))
    return _towards_floor(course, day) + (0.85 - course.floor) * back


def _worse(course: Course, day: int) -> float:
    """Return the severity on ``day`` of a patient who gets worse, and better months later."""
    better = 0.6 * _at_turn(day, course.turn + 130, 25)
    return 1 + (course.floor - 1) * _at_turn(day, course.turn / 2, 12) - better


_SHAPES: dict[str, Callable[[Course, int], float]] = {
    "rapid": _towards_floor,
    "slow": _slow,
    "none": lambda course, day: course.floor + (1 - course.floor) * math.exp(-day / 40),
    "worse": _worse,
    "relapse": _relapse,
}

"""One simulated year of one caseload under one policy, and its outcomes."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from dashboard.clinical.instruments import improved
from tools.simulation.policies import Caseload, Policy
from tools.simulation.world import Assumptions, Patient

WEEKS_BEFORE, WEEKS_COUNTED = 52, 52
"""The first year fills the caseload under the tested policy, and is not counted."""

LONGEST_WAIT = 180
"""Days that count for a longer wait, or for one without an end."""

FIRST_COUNTED = 7 * WEEKS_BEFORE
LAST_DAY = 7 * (WEEKS_BEFORE + WEEKS_COUNTED)


@dataclass
class Tally:
    """The counts: waits in days by kind, places by kind, and patients."""

    waits: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    places: int = 0
    places_in_remission: int = 0
    longest_without_review: list[int] = field(default_factory=list)
    unimproved: int = 0
    unimproved_reviewed: int = 0
    measured_at_24: int = 0
    improved_at_24: int = 0

    def wait(self, kind: str, first: int, last: int) -> None:
        """Count a wait that began in the counted year."""
        if first >= FIRST_COUNTED:
            self.waits[kind].append(min(LONGEST_WAIT, last - first))


def simulate(world: Assumptions, policy: Policy, capacity: int, seed: int) -> dict[str, float]:
    """Return the outcomes of one year with ``capacity`` reviews a week, by name."""
    arrivals = np.random.default_rng((seed, 7)).poisson(
        world.arrivals, WEEKS_BEFORE + WEEKS_COUNTED
    )
    tally, patients, last_name, number = Tally(), [], -1.0, 0
    for week, count in enumerate(arrivals):
        today = 7 * week + 6
        for _ in range(int(count)):
            number += 1
            luck = np.random.default_rng((seed, 11, number))
            patients.append(Patient(number, 7 * week + number % 5, luck, world))
        for one in patients:
            one.live(week)
            one.record(week, tally.wait)
        _count(tally, patients, today)
        order = policy(Caseload(patients, today, last_name))
        by_number = {one.number: one for one in patients}
        for chosen in order[:capacity]:
            _review(tally, by_number[chosen], today)
            last_name = by_number[chosen].name
        staying = [one for one in patients if not one.leaves(week)]
        stay = {one.number for one in staying}
        for one in patients:
            if one.number not in stay:
                _close(tally, one, today)
        patients = staying
    for one in patients:
        _close(tally, one, LAST_DAY)
    return _outcomes(tally)


def _review(tally: Tally, one: Patient, today: int) -> None:
    if today >= FIRST_COUNTED:
        tally.places += 1
        tally.places_in_remission += one.in_stable_remission
    for kind, first in _waiting(one):
        tally.wait(kind, first, today)
    if one.last_review is None:
        tally.wait("first", one.enrolled, today)
    one.review(today)


def _close(tally: Tally, one: Patient, today: int) -> None:
    """Count the unended waits of a closing episode, and its longest time without a review. If it
    had not improved by week 8, count whether it was reviewed in weeks 8 to 12.

    A wait of more than 28 days counts as ``LONGEST_WAIT`` days. A shorter one ends now, except that
    a shorter wait for the first review is left out.
    """
    for kind, first in _waiting(one):
        tally.wait(kind, first, first + LONGEST_WAIT if today - first > 28 else today)
    if one.last_review is None and today - one.enrolled > 28:
        tally.wait("first", one.enrolled, one.enrolled + LONGEST_WAIT)
    if today >= FIRST_COUNTED:
        days = [one.enrolled, *(day for day, _ in one.reviews), today]
        longest = max(later - day for day, later in pairwise(days))
        tally.longest_without_review.append(longest)
    window = (one.enrolled + 56, one.enrolled + 84)
    if window[0] >= FIRST_COUNTED and today >= window[1]:
        before = [score for day, score in one.phq9 if day <= window[0]]
        if before and before[0] >= 10 and not improved(before[-1], before[0]):
            tally.unimproved += 1
            tally.unimproved_reviewed += any(
                window[0] <= day <= window[1] for day, _ in one.reviews
            )


def _waiting(one: Patient) -> list[tuple[str, int]]:
    waits = (("severe", one.waits.severe), ("alarm", one.waits.alarm), ("worse", one.waits.worse))
    found = [(kind, first) for kind, first in waits if first is not None]
    return found + [("question", ready) for ready in one.questions]


def _count(tally: Tally, patients: list[Patient], today: int) -> None:
    if today < FIRST_COUNTED:
        return
    for one in patients:
        if 168 <= today - one.enrolled < 175 and one.phq9 and one.phq9[0][1] >= 10:
            tally.measured_at_24 += 1
            tally.improved_at_24 += improved(one.phq9[-1][1], one.phq9[0][1])


def _outcomes(tally: Tally) -> dict[str, float]:
    waits = {kind: np.array(days or [0]) for kind, days in tally.waits.items()}
    none = np.array([0])

    def of(kind: str) -> np.ndarray:
        return waits.get(kind, none)

    return {
        "worse_days": float(np.mean(of("worse"))),
        "worse_within_14": 100 * float(np.mean(of("worse") <= 14)),
        "unimproved_reviewed": 100 * tally.unimproved_reviewed / max(1, tally.unimproved),
        "severe_days": float(np.mean(of("severe"))),
        "alarm_days": float(np.mean(of("alarm"))),
        "questions_within_7": 100 * float(np.mean(of("question") <= 7)),
        "remission_places": 100 * tally.places_in_remission / max(1, tally.places),
        "longest_p95": float(np.percentile(tally.longest_without_review, 95)),
        "first_median": float(np.median(of("first"))),
        "first_p90": float(np.percentile(of("first"), 90)),
        "improved_at_24": 100 * tally.improved_at_24 / max(1, tally.measured_at_24),
    }

"""The compared policies: each orders a caseload by the record of that day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from dashboard.clinical.caseload.ranking import ranked
from dashboard.clinical.caseload.rules import Tier
from tools.simulation import version_1
from tools.simulation.world import Patient, advice_fact, day_of

SIMPLE_INTERVAL = timedelta(days=28)


@dataclass
class Caseload:
    """The open episodes on the day of a meeting, and the alphabetical position reached before."""

    patients: Sequence[Patient]
    today: int
    last_name: float = -1.0


Policy = Callable[[Caseload], list[int]]


def alphabetical(caseload: Caseload) -> list[int]:
    """Order by name, continuing after the last meeting's last name."""
    behind = [one for one in caseload.patients if one.name > caseload.last_name]
    before = [one for one in caseload.patients if one.name <= caseload.last_name]
    by_name = sorted(behind, key=lambda one: one.name) + sorted(before, key=lambda one: one.name)
    return [one.number for one in by_name]


def longest_since_review(caseload: Caseload) -> list[int]:
    """Order by the time since the last review, or since enrolment, the longest first."""

    def since(one: Patient) -> int:
        return one.enrolled if one.last_review is None else one.last_review

    return [
        one.number for one in sorted(caseload.patients, key=lambda one: (since(one), one.number))
    ]


def highest_phq9(caseload: Caseload) -> list[int]:
    """Order by the latest PHQ-9, the highest first, and before them patients without one. Patients
    reviewed within 28 days come last.
    """
    return [
        one.number for one in sorted(caseload.patients, key=lambda one: _severity(one, caseload))
    ]


def duties_then_highest_phq9(caseload: Caseload) -> list[int]:
    """Order tiers 0 and 1 of version 2 first, then by the highest PHQ-9."""
    listed = _version_2(caseload)
    duties = [place.episode.episode_id for place in listed if place.tier <= Tier.OWED]
    known = set(duties)
    return duties + [number for number in highest_phq9(caseload) if number not in known]


def rules_version_1(caseload: Caseload) -> list[int]:
    """Order by the original rules of version 1: by tier, then the oldest date."""
    records = [
        version_1.Record(
            one.facts(caseload.today),
            tuple(advice_fact(line, caseload.today) for line in one.lines),
        )
        for one in caseload.patients
    ]
    return version_1.ordered(records, day_of(caseload.today))


def rules_version_2(caseload: Caseload) -> list[int]:
    """Order by the product's own rules (``dashboard.clinical``)."""
    return [place.episode.episode_id for place in _version_2(caseload)]


POLICIES: dict[str, Policy] = {
    "alphabetical": alphabetical,
    "longest since review": longest_since_review,
    "highest PHQ-9": highest_phq9,
    "duties, then highest PHQ-9": duties_then_highest_phq9,
    "version 1": rules_version_1,
    "version 2": rules_version_2,
}


def _version_2(caseload: Caseload):
    facts = [one.facts(caseload.today) for one in caseload.patients]
    return ranked(facts, day_of(caseload.today))


def _severity(one: Patient, caseload: Caseload) -> tuple[bool, int, int]:
    last = one.last_review
    recent = last is not None and caseload.today - last < SIMPLE_INTERVAL.days
    return recent, -one.phq9[-1][1] if one.phq9 else -28, one.number

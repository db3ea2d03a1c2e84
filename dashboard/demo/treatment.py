"""Drugs: what a patient takes, at which dose, and what is changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from dashboard.clinical.medication import (
    ANTIDEPRESSANTS,
    CITALOPRAMS,
    age_on,
    excluded_with_citalopram,
)
from dashboard.demo import texts
from dashboard.demo.conditions import LONG_QT
from dashboard.demo.record import Episode, Record
from dashboard.demo.rows import Condition, Medication


class Drug(NamedTuple):
    """A drug with the daily doses (mg) that are prescribed, lowest first.

    ``purpose``: at most one drug of each is taken at a time.
    """

    atc_code: str
    name: str
    doses: tuple[float, ...]
    purpose: str


def _antidepressant(atc_code: str, *doses: float) -> Drug:
    return Drug(atc_code, ANTIDEPRESSANTS[atc_code].name, doses, "antidepressant")


# How often each is the first one, by weight.
FIRST_ANTIDEPRESSANTS: dict[Drug, float] = {
    _antidepressant("N06AB06", 25, 50, 100, 150, 200): 30,
    _antidepressant("N06AB10", 5, 10, 15, 20): 22,
    _antidepressant("N06AB05", 10, 20, 30, 40, 50): 12,
    _antidepressant("N06AX16", 37.5, 75, 150, 225): 11,
    _antidepressant("N06AB03", 20, 40, 60): 7,
    _antidepressant("N06AX11", 7.5, 15, 30, 45): 5,
    _antidepressant("N06AX21", 30, 60, 90, 120): 4,
    _antidepressant("N06AX26", 5, 10, 15, 20): 4,
    _antidepressant("N06AB04", 10, 20, 30, 40): 3,
    _antidepressant("N06AX03", 10, 30, 60): 2,
    _antidepressant("N06AA09", 25, 75, 100): 2,
    _antidepressant("N06AX14", 25, 37.5): 1,
    _antidepressant("N06AX22", 25, 50): 1,
    _antidepressant("N06AB08", 50, 100, 200): 1,
    _antidepressant("N06AA04", 25, 75, 150): 1,
    _antidepressant("N06AX17", 50, 100, 200): 1,
}
_BY_CODE = {drug.atc_code: drug for drug in FIRST_ANTIDEPRESSANTS}
SECOND_ANTIDEPRESSANTS = tuple(
    _BY_CODE[code] for code in ("N06AX16", "N06AX21", "N06AB06", "N06AX11", "N06AX26", "N06AB10")
)

_ANXIOLYTICS = (
    Drug("N05BA12", "alprazolam", (0.5, 0.75, 1), "anxiolytic"),
    Drug("N05BA04", "oxazépam", (10, 20, 30), "anxiolytic"),
    Drug("N05BA08", "bromazépam", (3, 6), "anxiolytic"),
    Drug("N05BA11", "prazépam", (10, 20), "anxiolytic"),
    Drug("N05BA06", "lorazépam", (1, 2), "anxiolytic"),
)
_HYPNOTICS = (
    Drug("N05CF01", "zopiclone", (3.75, 7.5), "hypnotic"),
    Drug("N05CF02", "zolpidem", (5, 10), "hypnotic"),
    Drug("N05CD06", "lormétazépam", (0.5, 1), "hypnotic"),
)
HYDROXYZINE = Drug("N05BB01", "hydroxyzine", (25, 50), "sedative")
_ADDED_ANTIPSYCHOTICS = (
    Drug("N05AH04", "quétiapine", (50, 100, 150), "antipsychotic"),
    Drug("N05AX12", "aripiprazole", (2.5, 5), "antipsychotic"),
)
_OTHER_DRUGS = (
    Drug("C09AA05", "ramipril", (2.5, 5), "heart"),
    Drug("H03AA01", "lévothyroxine", (0.05, 0.075, 0.1), "thyroid"),
    Drug("A10BA02", "metformine", (1000, 2000), "diabetes"),
)
_OTHER_DRUG_FOR = dict(zip(("I10", "E03.9", "E11.9"), _OTHER_DRUGS, strict=True))


@dataclass(frozen=True)
class Change:
    """Something to be done to the treatment on a day: ``start``, ``dose`` or ``stop``."""

    day: date
    action: str
    drug: Drug
    dose: float = 0.0
    as_needed: bool = False
    reason: str | None = None


class Regimen:
    """What a patient takes, day after day; changes are planned, then come about."""

    def __init__(self, record: Record, episode: Episode, conditions: Sequence[Condition]) -> None:
        self._record = record
        self._planned: list[Change] = []
        self._finished: list[Medication] = []
        self._current: dict[str, tuple[Drug, Medication]] = {}
        self._last_day = episode.stay.last_day
        self.age = age_on(record.patient.birth_date, episode.stay.last_day)
        self.long_qt = any(condition.code == LONG_QT for condition in conditions)
        self.tried: set[str] = set()

    def plan(self, change: Change) -> None:
        """Have a change come about on its day, unless the episode is over by then."""
        if change.day <= self._last_day:
            self._planned.append(change)

    def until(self, day: date) -> None:
        """Let what was planned up to a day come about, in order."""
        due = sorted((c for c in self._planned if c.day <= day), key=lambda change: change.day)
        self._planned = [change for change in self._planned if change.day > day]
        for change in due:
            _CHANGES[change.action](self, change)

    def taken(self, purpose: str) -> Medication | None:
        """What is taken for this purpose at this time."""
        found = self._current.get(purpose)
        return found[1] if found else None

    def drug(self, purpose: str) -> Drug | None:
        """The drug that is taken for this purpose at this time."""
        found = self._current.get(purpose)
        return found[0] if found else None

    def awaits(self, purpose: str) -> bool:
        """Whether a change of what is taken for this purpose is on its way."""
        return any(change.drug.purpose == purpose for change in self._planned)

    def suits(self, drug: Drug) -> bool:
        """Whether a drug goes with all that is taken or planned: (es)citalopram and what it
        excludes."""
        others = [other for other, _ in self._current.values()]
        others += [change.drug for change in self._planned if change.action == "start"]
        if drug.atc_code in CITALOPRAMS:
            return not self.long_qt and not any(
                excluded_with_citalopram(other.atc_code) for other in others
            )
        return not excluded_with_citalopram(drug.atc_code) or not any(
            other.atc_code in CITALOPRAMS for other in others
        )

    def doses(self, drug: Drug) -> list[float]:
        """The doses of a drug that this patient's age allows."""
        known = ANTIDEPRESSANTS.get(drug.atc_code)
        if known is None:
            return list(drug.doses)
        return [dose for dose in drug.doses if dose <= known.maximum_at(self.age)]

    def rows(self) -> list[Medication]:
        """All that was taken, up to the end of the episode."""
        self.until(self._last_day)
        return self._finished + [medication for _, medication in self._current.values()]

    def start(self, change: Change) -> None:
        """Start a drug; one for the same purpose is stopped for it."""
        self.stop(change)
        self.tried.add(change.drug.atc_code)
        self._current[change.drug.purpose] = (change.drug, self._new_row(change))

    def stop(self, change: Change) -> None:
        """Stop what is taken for this purpose."""
        found = self._current.pop(change.drug.purpose, None)
        if found is None:
            return
        _, medication = found
        if medication.started_on < change.day:
            self._finished.append(
                medication._replace(stopped_on=change.day, stop_reason=change.reason)
            )

    def change_dose(self, change: Change) -> None:
        """Stop a row and start another at the new dose."""
        taken = self.taken(change.drug.purpose)
        if taken and taken.atc_code == change.drug.atc_code and taken.daily_dose_mg != change.dose:
            self.start(change)

    def _new_row(self, change: Change) -> Medication:
        rng = self._record.rng
        return Medication(
            id=self._record.next_id(),
            patient_id=self._record.patient.id,
            atc_code=change.drug.atc_code,
            name=change.drug.name,
            daily_dose_mg=change.dose if rng.random() < 0.985 else None,
            as_needed=change.as_needed,
            started_on=change.day,
            adherence=rng.choices(_ADHERENCES, cum_weights=_ADHERENCE_SUMS)[0],
            side_effects=_side_effects(self._record, change.drug),
        )


_CHANGES: dict[str, Callable[[Regimen, Change], None]] = {
    "start": Regimen.start,
    "dose": Regimen.change_dose,
    "stop": Regimen.stop,
}
_ADHERENCES = ("good", "partial", "poor", "unknown", None)
_ADHERENCE_SUMS = (62, 82, 88, 97, 100)


def _side_effects(record: Record, drug: Drug) -> str | None:
    if record.rng.random() > 0.22:
        return None
    for prefix, effects in texts.SIDE_EFFECTS.items():
        if drug.atc_code.startswith(prefix):
            return record.rng.choice(effects)
    return None


def first_treatment(record: Record, episode: Episode, conditions: Sequence[Condition]) -> Regimen:
    """What the patient takes at entry, and what the GP starts before any advice."""
    regimen = Regimen(record, episode, conditions)
    lighter = 0.4 if episode.stay.kind == "leger" else 1.0
    _other_drugs(record, episode, regimen, conditions)
    if record.rng.random() < 0.6 * lighter:
        _first_antidepressant(record, episode, regimen)
    _against_anxiety(record, episode, regimen, lighter)
    return regimen


def _other_drugs(
    record: Record, episode: Episode, regimen: Regimen, conditions: Sequence[Condition]
) -> None:
    for condition in conditions:
        drug = _OTHER_DRUG_FOR.get(condition.code)
        if drug and record.rng.random() < 0.7:
            day = episode.stay.enrolled_on - timedelta(days=200 + int(record.rng.random() * 900))
            regimen.plan(Change(day, "start", drug, record.rng.choice(drug.doses)))


def _first_antidepressant(record: Record, episode: Episode, regimen: Regimen) -> None:
    """Started before enrolment or soon after, mostly at a low dose that is then raised."""
    rng = record.rng
    drug = first_antidepressant(rng)
    if not regimen.suits(drug) and rng.random() < 0.75:
        drug = _BY_CODE["N06AB06"]
    before = rng.random() < 0.7
    days = -int(3 + rng.random() ** 2 * 240) if before else int(rng.random() * 12)
    start = episode.stay.enrolled_on + timedelta(days=days)
    lowest = drug.doses[0] if rng.random() < 0.6 else drug.doses[1]
    regimen.plan(Change(start, "start", drug, lowest))
    if lowest == drug.doses[0] and rng.random() < 0.72:
        soon = start + timedelta(days=7 + int(rng.random() * 10))
        regimen.plan(Change(soon, "dose", drug, drug.doses[1], reason=DOSE_CHANGED))
    if rng.random() < 0.05:
        stop = episode.stay.enrolled_on + timedelta(days=int(10 + rng.random() * 60))
        regimen.plan(Change(stop, "stop", drug, reason="arrêt par le patient"))
    if drug.atc_code in CITALOPRAMS and regimen.age > 65 and rng.random() < 0.45:
        later = start + timedelta(days=40)
        regimen.plan(Change(later, "dose", drug, drug.doses[-1], reason=DOSE_CHANGED))


def first_antidepressant(rng: Random) -> Drug:
    """One of those that are usually tried first."""
    return rng.choices(_FIRST, cum_weights=_FIRST_SUMS)[0]


DOSE_CHANGED = "changement de dose"
_FIRST = tuple(FIRST_ANTIDEPRESSANTS)
_FIRST_SUMS = tuple(accumulate(FIRST_ANTIDEPRESSANTS.values()))


def _against_anxiety(record: Record, episode: Episode, regimen: Regimen, lighter: float) -> None:
    rng, picture = record.rng, episode.picture
    if rng.random() < (0.33 if picture.is_anxious else 0.18) * lighter:
        _for_some_weeks(record, episode, regimen, rng.choice(_ANXIOLYTICS), weeks=12)
    if rng.random() < (0.22 if picture.sleepless else 0.05) * lighter:
        _for_some_weeks(record, episode, regimen, rng.choice(_HYPNOTICS), weeks=4)
    if rng.random() < 0.12 * lighter:
        _hydroxyzine(record, episode, regimen)
    if picture.phq9 > 17 and rng.random() < 0.05:
        day = episode.stay.enrolled_on - timedelta(days=int(rng.random() * 60))
        drug = rng.choice(_ADDED_ANTIPSYCHOTICS)
        if regimen.suits(drug) or rng.random() < 0.1:
            regimen.plan(Change(day, "start", drug, drug.doses[0]))


def _for_some_weeks(
    record: Record, episode: Episode, regimen: Regimen, drug: Drug, weeks: int
) -> None:
    """Around enrolment; most for no longer than is advised, some for much longer."""
    rng = record.rng
    start = episode.stay.enrolled_on + timedelta(days=int(rng.uniform(-7 * weeks * 0.7, 15)))
    regimen.plan(
        Change(start, "start", drug, rng.choice(drug.doses), as_needed=rng.random() < 0.25)
    )
    within = rng.random() < 0.55
    days = rng.uniform(0.4, 1) * 7 * weeks if within else rng.uniform(1.1, 4) * 7 * weeks
    stop = start + timedelta(days=int(days))
    regimen.plan(Change(stop, "stop", drug, reason="fin de traitement" if within else "sevrage"))


def _hydroxyzine(record: Record, episode: Episode, regimen: Regimen) -> None:
    rng = record.rng
    if not regimen.suits(HYDROXYZINE) and rng.random() > 0.6:
        return
    start = episode.stay.enrolled_on + timedelta(days=int(rng.uniform(-30, 20)))
    regimen.plan(
        Change(start, "start", HYDROXYZINE, rng.choice((25, 50)), as_needed=rng.random() < 0.5)
    )
    if rng.random() < 0.8:
        stop = start + timedelta(days=int(rng.uniform(20, 90)))
        regimen.plan(Change(stop, "stop", HYDROXYZINE, reason="fin de traitement"))

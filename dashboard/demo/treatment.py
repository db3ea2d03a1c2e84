"""The treatment of a patient at entry, and the changes that do not follow from advice."""

from collections.abc import Sequence
from datetime import date, timedelta

from dashboard.clinical.medication import CITALOPRAMS
from dashboard.demo.drugs import (
    ADDED_ANTIPSYCHOTICS,
    ANXIOLYTICS,
    DRUG_FOR_CONDITION,
    HYDROXYZINE,
    HYPNOTICS,
    SERTRALINE,
    Drug,
    first_antidepressant,
)
from dashboard.demo.record import Episode, Record
from dashboard.demo.regimen import DOSE_CHANGED, Change, Regimen
from dashboard.demo.rows import Condition
from dashboard.vocabulary import MedicationAction, SequenceKind


def first_treatment(
    record: Record, episode: Episode, conditions: Sequence[Condition], since: date
) -> Regimen:
    """Return the treatment of an episode, with all planned changes that do not follow from advice.

    No change is before ``since``.
    """
    regimen = Regimen(record, episode, conditions, since)
    lighter = 0.4 if episode.stay.kind == SequenceKind.LIGHT else 1.0
    _other_drugs(record, episode, regimen, conditions)
    if record.rng.random() < 0.6 * lighter:
        _first_antidepressant(record, episode, regimen)
    _against_anxiety(record, episode, regimen, lighter)
    return regimen


def _other_drugs(
    record: Record, episode: Episode, regimen: Regimen, conditions: Sequence[Condition]
) -> None:
    for condition in conditions:
        drug = DRUG_FOR_CONDITION.get(condition.code)
        if drug and record.rng.random() < 0.7:
            day = episode.stay.enrolled_on - timedelta(days=200 + int(record.rng.random() * 900))
            regimen.plan(Change(day, MedicationAction.START, drug, record.rng.choice(drug.doses)))


def _first_antidepressant(record: Record, episode: Episode, regimen: Regimen) -> None:
    """Plan an antidepressant that starts before or soon after enrolment.

    The first dose is mostly the lowest, and is mostly raised one to two weeks later.
    """
    rng = record.rng
    drug = first_antidepressant(rng)
    if not regimen.suits(drug) and rng.random() < 0.75:
        drug = SERTRALINE
    before = rng.random() < 0.7
    days = -int(3 + rng.random() ** 2 * 240) if before else int(rng.random() * 12)
    start = episode.stay.enrolled_on + timedelta(days=days)
    dose = drug.doses[0] if rng.random() < 0.6 else drug.doses[1]
    regimen.plan(Change(start, MedicationAction.START, drug, dose))
    if dose == drug.doses[0] and rng.random() < 0.72:
        soon = start + timedelta(days=7 + int(rng.random() * 10))
        regimen.plan(Change(soon, "dose", drug, drug.doses[1], reason=DOSE_CHANGED))
    _as_it_should_not_be(record, episode, regimen, drug, start)


def _as_it_should_not_be(
    record: Record, episode: Episode, regimen: Regimen, drug: Drug, start: date
) -> None:
    """Plan faults of treatment for some patients.

    Some patients stop the antidepressant by themselves. Some patients over 65 get too high a dose
    of citalopram or escitalopram.
    """
    rng = record.rng
    if rng.random() < 0.05:
        stop = episode.stay.enrolled_on + timedelta(days=int(10 + rng.random() * 60))
        regimen.plan(Change(stop, MedicationAction.STOP, drug, reason="arrêt par le patient"))
    if drug.atc_code in CITALOPRAMS and regimen.age > 65 and rng.random() < 0.7:
        later = start + timedelta(days=40)
        regimen.plan(Change(later, "dose", drug, drug.doses[-1], reason=DOSE_CHANGED))


def _against_anxiety(record: Record, episode: Episode, regimen: Regimen, lighter: float) -> None:
    rng, picture = record.rng, episode.picture
    if rng.random() < (0.33 if picture.is_anxious else 0.18) * lighter:
        _for_some_weeks(record, episode, regimen, rng.choice(ANXIOLYTICS), weeks=12)
    if rng.random() < (0.22 if picture.sleepless else 0.05) * lighter:
        _for_some_weeks(record, episode, regimen, rng.choice(HYPNOTICS), weeks=4)
    if rng.random() < 0.16 * lighter:
        _hydroxyzine(record, episode, regimen)
    if picture.phq9 > 17 and rng.random() < 0.05:
        day = episode.stay.enrolled_on - timedelta(days=int(rng.random() * 60))
        drug = rng.choice(ADDED_ANTIPSYCHOTICS)
        if regimen.suits(drug) or rng.random() < 0.1:
            regimen.plan(Change(day, MedicationAction.START, drug, drug.doses[0]))


def _for_some_weeks(
    record: Record, episode: Episode, regimen: Regimen, drug: Drug, weeks: int
) -> None:
    """Plan a drug that starts before or soon after enrolment and is later stopped.

    ``weeks`` is the longest recommended duration. About half of the patients take the drug longer,
    up to four times as long.
    """
    rng = record.rng
    start = episode.stay.enrolled_on + timedelta(days=int(rng.uniform(-7 * weeks * 0.7, 15)))
    regimen.plan(
        Change(
            start,
            MedicationAction.START,
            drug,
            rng.choice(drug.doses),
            as_needed=rng.random() < 0.25,
        )
    )
    within = rng.random() < 0.55
    days = rng.uniform(0.4, 1) * 7 * weeks if within else rng.uniform(1.1, 4) * 7 * weeks
    stop = start + timedelta(days=int(days))
    regimen.plan(
        Change(
            stop, MedicationAction.STOP, drug, reason="fin de traitement" if within else "sevrage"
        )
    )


def _hydroxyzine(record: Record, episode: Episode, regimen: Regimen) -> None:
    rng = record.rng
    if not regimen.suits(HYDROXYZINE) and rng.random() > 0.85:
        return
    around_entry = rng.random() < 0.5
    days = rng.uniform(-30, 20) if around_entry else rng.uniform(20, 250)
    start = episode.stay.enrolled_on + timedelta(days=int(days))
    regimen.plan(
        Change(
            start,
            MedicationAction.START,
            HYDROXYZINE,
            rng.choice((25, 50)),
            as_needed=rng.random() < 0.5,
        )
    )
    if rng.random() < 0.65:
        stop = start + timedelta(days=int(rng.uniform(20, 120)))
        regimen.plan(Change(stop, MedicationAction.STOP, HYDROXYZINE, reason="fin de traitement"))

"""The course that a draft would set: the doses, the day of the next score and the day of the next
review.

The course is derived from the written advice and from the rules of the review list. It is not a
forecast. After the review is signed and the advice is carried out, the facts of the registry
replace the course.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.next_review import next_review_of
from dashboard.clinical.advice.titration import steps_with_words
from dashboard.clinical.case.case_file import CaseFile, Treatment
from dashboard.clinical.case.missing import is_current, phq9_every_days
from dashboard.clinical.drug_names import is_same_drug
from dashboard.vocabulary import InstrumentCode, MedicationAction, RecommendationKind

LEAST_DAYS = 28
"""Smallest number of days for which the course is shown: the length of an adequate trial."""

MOST_DAYS = 84
"""Largest number of days for which the course is shown."""

MOST_STEPS = 8
"""Largest number of steps of a titration. With more steps, only the full dose is shown."""


@dataclass(frozen=True)
class DoseStep:
    """A daily dose, in mg, and its first day. The dose is None if the drug is stopped."""

    starts_on: date
    dose: Decimal | None


@dataclass(frozen=True)
class DrugCourse:
    """The doses of one drug over time, as the draft would set them."""

    name: str
    atc_code: str | None
    steps: tuple[DoseStep, ...]


@dataclass(frozen=True)
class Prospect:
    """The course that a draft would set, from the day ``CaseFile.as_of`` to the day ``until``."""

    until: date
    drugs: tuple[DrugCourse, ...] = ()
    next_score_on: date | None = None
    next_review_on: date | None = None


def prospect_of(case: CaseFile, draft: DraftReview) -> Prospect | None:
    """Return the course that ``draft`` would set. Return None if the draft has neither a drug nor a
    day of the next review.
    """
    drugs = tuple(_courses(case, draft))
    if not drugs and draft.next_review_on is None:
        return None
    review = draft.next_review_on or next_review_of(case, draft).by_need
    steps = [step.starts_on for drug in drugs for step in drug.steps]
    latest = max(steps, default=case.as_of) + timedelta(days=7)
    least = case.as_of + timedelta(days=LEAST_DAYS)
    most = case.as_of + timedelta(days=MOST_DAYS)
    until = min(max(latest, least, review or least), most)
    return Prospect(until, drugs, _next_score(case), review)


def _courses(case: CaseFile, draft: DraftReview) -> Iterator[DrugCourse]:
    for line in draft.lines:
        if line.kind != RecommendationKind.MEDICATION or not line.action:
            continue
        if line.action == MedicationAction.SWITCH and line.replaced_drug_name:
            stop = (DoseStep(case.as_of, None),)
            yield DrugCourse(line.replaced_drug_name, line.replaced_atc_code, stop)
        if line.drug_name and (steps := tuple(_steps(case, line))):
            yield DrugCourse(line.drug_name, line.atc_code, steps)


def _steps(case: CaseFile, line: DraftLine) -> Iterator[DoseStep]:
    """Yield the doses that a line of advice asks for, in order of time. If its titration only names
    equal steps, such as "50 mg every 7 days", there is one dose for each step. Otherwise, or if the
    dose before the first step is unknown, the full dose begins today.

    A line without a dose that continues a current drug yields its current dose, if that is known.
    Any other line without a dose, except a stop, yields nothing.
    """
    today, target = case.as_of, line.daily_dose_mg
    if line.action == MedicationAction.STOP:
        yield DoseStep(today, None)
        return
    begun = _dose_before(case, line)
    if target is None:
        if line.action == MedicationAction.CONTINUE and begun is not None:
            yield DoseStep(today, begun)
    elif begun is None:
        yield DoseStep(today, target)
    else:
        yield from _titrated(begun, target, line.titration, today)


def _dose_before(case: CaseFile, line: DraftLine) -> Decimal | None:
    """Return the present daily dose, in mg, of the drug of ``line``; None if it is unknown. The
    dose of a drug that is started is 0.

    The dose is unknown if several rows run: perhaps both are taken, or one was not stopped.
    """
    taken = _taken_rows(case, line)
    if taken:
        return taken[0].daily_dose_mg if len(taken) == 1 else None
    starts = line.action in (MedicationAction.START, MedicationAction.SWITCH)
    return Decimal(0) if starts else None


def _titrated(begun: Decimal, target: Decimal, titration: str, today: date) -> Iterator[DoseStep]:
    written = steps_with_words(titration)
    if written is None or abs(target - begun) > written.dose * MOST_STEPS:
        yield DoseStep(today, target)
        return
    dose, on = begun, today
    while dose != target:
        step = min(written.dose, abs(target - dose))
        dose += step if target > dose else -step
        yield DoseStep(on, dose)
        on += timedelta(days=written.days)


def _taken_rows(case: CaseFile, line: DraftLine) -> list[Treatment]:
    """Return the current treatments with the drug that the line of advice ``line`` names. Leave out
    those taken as needed, unless the drug is only taken as needed.
    """
    taken = [
        row
        for row in case.treatments
        if is_current(row, case.as_of)
        and is_same_drug(line.drug_name, line.atc_code, row.name, row.atc_code or None)
    ]
    return [row for row in taken if not row.as_needed] or taken


def _next_score(case: CaseFile) -> date | None:
    """Return the day on which the next PHQ-9 is due. Return today if it is overdue or there is none
    yet.
    """
    scores = case.scores_of(InstrumentCode.PHQ9)
    every = timedelta(days=phq9_every_days(case.status))
    return max(scores[-1].taken_on + every, case.as_of) if scores else case.as_of

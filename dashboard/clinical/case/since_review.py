"""The changes in a case since its last review, computed from the days of its facts.

A fact is a change if it is dated after the day of the review and not after ``CaseFile.as_of``.
Facts dated on the day of the review are left out, because the psychiatrist counts as having seen
them (docs/review_list.md, "Exact words").
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from dashboard.clinical.case.case_file import Assessment, CaseFile, CaseReview, Treatment
from dashboard.clinical.instruments import INSTRUMENTS

SUICIDE_ITEM = 9
"""The number of the PHQ-9 item about thoughts of death or self-harm, counted from 1."""


RECENT = timedelta(days=56)
"""The greatest age at which a score still describes the state at a review. It is the distance from
which the chart draws the line between two scores dotted.
"""


@dataclass(frozen=True)
class ScoreChange:
    """The change of a score since the review. ``after`` is the latest valid score after the review.
    ``before`` is the last valid score up to the day of the review; None if there is none.
    ``before_on`` is its day if it is older than ``RECENT`` at the review; otherwise None.
    """

    instrument: str
    before: int | None
    after: int
    before_on: date | None = None


@dataclass(frozen=True)
class ItemChange:
    """The change of the answer to item 9 of the PHQ-9 (0 to 3) since the review. ``after`` is the
    latest answer after the review. ``before`` is the last answer up to the day of the review; None
    if there is none.
    """

    before: int | None
    after: int


class DrugEvent(StrEnum):
    """The ways in which a drug can change after a review."""

    STARTED = "started"
    STOPPED = "stopped"
    DOSE_CHANGED = "dose_changed"
    TRIED = "tried"
    """The drug was both started and stopped since the review."""


@dataclass(frozen=True)
class DrugChange:
    """A drug that was started, stopped or given at another dose. ``before`` and ``after`` are doses
    in mg a day; None if unknown or not taken.
    """

    event: DrugEvent
    name: str
    on: date
    before: Decimal | None = None
    after: Decimal | None = None


@dataclass(frozen=True)
class SideEffect:
    """A drug that was started after the review, and its side effects."""

    name: str
    noted: str


@dataclass(frozen=True)
class SinceReview:
    """The changes in a case since the review that was signed on ``day``."""

    day: date
    scores: tuple[ScoreChange, ...] = ()
    item9: ItemChange | None = None
    drugs: tuple[DrugChange, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    missed_contacts: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    """The number of recommendations that were answered since the review was signed, by the outcome
    of the latest answer.
    """
    failed_deliveries: int = 0

    def __bool__(self) -> bool:
        changes = (self.scores, self.item9, self.drugs, self.side_effects, self.answers)
        return any(changes) or bool(self.missed_contacts or self.failed_deliveries)


def since_review(case: CaseFile) -> SinceReview | None:
    """Return the changes since the last review that is not superseded. Return None before the first
    review.
    """
    review = last_review(case)
    if review is None:
        return None
    day = review.signed_on
    drugs = _current_drugs(case)
    return SinceReview(
        day=day,
        scores=tuple(_scores(case, day)),
        item9=_item9(case, day),
        drugs=tuple(_drugs(drugs, day, case.as_of)),
        side_effects=tuple(
            SideEffect(drug.name, drug.side_effects)
            for drug in drugs
            if drug.started_on > day and drug.side_effects
        ),
        missed_contacts=sum(
            not contact.attended and day < contact.day <= case.as_of for contact in case.contacts
        ),
        answers=Counter(
            line.answers[-1].outcome
            for given in case.reviews
            for line in given.recommendations
            if line.answers and line.answers[-1].answered_at > review.signed_at
        ),
        failed_deliveries=sum(
            delivery.needs_someone for given in case.reviews for delivery in given.deliveries
        ),
    )


def last_review(case: CaseFile) -> CaseReview | None:
    """Return the latest review that is not superseded; None if there is none."""
    in_force = [review for review in case.reviews if review.superseded_by is None]
    return in_force[-1] if in_force else None


def _scores(case: CaseFile, day: date) -> Iterator[ScoreChange]:
    for instrument, known in INSTRUMENTS.items():
        if not known.has_severity:
            continue
        valid = case.scores_of(instrument)
        after = [form for form in valid if day < form.taken_on <= case.as_of]
        before = [form for form in valid if form.taken_on <= day]
        if after:
            last = before[-1] if before else None
            old_day = last.taken_on if last and day - last.taken_on > RECENT else None
            yield ScoreChange(
                instrument, _value(last) if last else None, _value(after[-1]), old_day
            )


def _value(form: Assessment) -> int:
    if form.score is None:
        raise ValueError("a form without a valid score")
    return form.score.value


def _item9(case: CaseFile, day: date) -> ItemChange | None:
    """Return the change of the answer to item 9 of the PHQ-9. Return None if item 9 was not
    answered after the review, or if the answer is still the same.
    """
    answered = [
        (form.taken_on, answer)
        for form in case.assessments
        if form.instrument == "phq9" and form.taken_on <= case.as_of
        if (answer := _suicide_item(form)) is not None
    ]
    after = [answer for taken_on, answer in answered if taken_on > day]
    before = [answer for taken_on, answer in answered if taken_on <= day]
    if not after or (before and before[-1] == after[-1]):
        return None
    return ItemChange(before[-1] if before else None, after[-1])


def _suicide_item(form: Assessment) -> int | None:
    if form.items is None or len(form.items) < SUICIDE_ITEM:
        return None
    answer = form.items[SUICIDE_ITEM - 1]
    return answer if answer in range(4) else None


def _current_drugs(case: CaseFile) -> list[Treatment]:
    return [drug for drug in case.treatments if drug.started_on <= case.as_of]


def _drugs(drugs: list[Treatment], day: date, today: date) -> Iterator[DrugChange]:
    """Yield each drug that changed since the review, with its change. Drugs are in the order in
    which they were first given.
    """
    for code in dict.fromkeys(drug.atc_code for drug in drugs):
        rows = [drug for drug in drugs if drug.atc_code == code]
        change = _change(rows, _taken_on(rows, day), _taken_on(rows, today), day)
        if change is not None:
            yield change


def _taken_on(rows: list[Treatment], day: date) -> Treatment | None:
    """Return the treatment row of a drug that is taken on ``day``; None if none is. If there are
    several rows, return the one that started last. A drug stopped on ``day`` does not count as
    taken.
    """
    running = [
        row
        for row in rows
        if row.started_on <= day and (row.stopped_on is None or row.stopped_on > day)
    ]
    return max(running, key=lambda row: (row.started_on, row.id), default=None)


def _change(
    rows: list[Treatment], before: Treatment | None, after: Treatment | None, day: date
) -> DrugChange | None:
    fresh = [row for row in rows if row.started_on > day]
    if before is None and after is not None:
        first = min(fresh, key=lambda row: row.started_on, default=after)
        return DrugChange(DrugEvent.STARTED, after.name, first.started_on, None, _dose(after))
    if before is not None and after is None:
        ended = max(rows, key=lambda row: row.stopped_on or date.min)
        if ended.stopped_on is None:
            return None
        return DrugChange(DrugEvent.STOPPED, before.name, ended.stopped_on, _dose(before))
    if before is None and fresh:
        last = max(fresh, key=lambda row: row.started_on)
        return DrugChange(DrugEvent.TRIED, last.name, last.started_on, None, _dose(last))
    if before is None or after is None or None in (_dose(before), _dose(after)):
        return None
    if _dose(before) == _dose(after):
        return None
    return DrugChange(
        DrugEvent.DOSE_CHANGED, after.name, after.started_on, _dose(before), _dose(after)
    )


def _dose(row: Treatment) -> Decimal | None:
    return row.daily_dose_mg

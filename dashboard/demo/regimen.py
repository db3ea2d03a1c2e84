"""A patient's treatment over time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dashboard.clinical.medication import (
    ANTIDEPRESSANTS,
    CITALOPRAMS,
    age_on,
    excluded_with_citalopram,
)
from dashboard.demo import texts
from dashboard.demo.conditions import LONG_QT
from dashboard.demo.drugs import Drug
from dashboard.demo.record import Episode, Record
from dashboard.demo.rows import Condition, Medication
from dashboard.vocabulary import Adherence, MedicationAction

DOSE_CHANGED = "changement de dose"
_END = "fin de traitement"


@dataclass(frozen=True)
class Change:
    """A change of treatment on a day. The action is ``start``, ``dose`` or ``stop``.

    ``dose`` is the new daily dose, in mg.
    """

    day: date
    action: str
    drug: Drug
    dose: float = 0.0
    as_needed: bool = False
    reason: str | None = None


class Regimen:
    """A patient's treatment over time.

    Changes are planned first. ``until`` applies them later, in order of their days. A change that
    is planned for a day before ``since`` is moved to ``since``.
    """

    def __init__(
        self, record: Record, episode: Episode, conditions: Sequence[Condition], since: date
    ) -> None:
        self._record = record
        self._planned: list[Change] = []
        self._finished: list[Medication] = []
        self._current: dict[str, tuple[Drug, Medication]] = {}
        self._since = since
        self._last_day = episode.stay.last_day
        self.age = age_on(record.patient.birth_date, episode.stay.last_day)
        self.long_qt = any(condition.code == LONG_QT for condition in conditions)
        self.tried = {row.atc_code for row in record.rows if isinstance(row, Medication)}

    def plan(self, change: Change) -> None:
        """Plan a change of treatment.

        Ignore the change if its day is after the end of the episode.
        """
        if change.day < self._since:
            change = replace(change, day=self._since)
        if change.day <= self._last_day:
            self._planned.append(change)

    def until(self, day: date) -> None:
        """Apply the changes that are planned up to ``day``, in order of their days."""
        due = sorted((c for c in self._planned if c.day <= day), key=lambda change: change.day)
        self._planned = [change for change in self._planned if change.day > day]
        for change in due:
            _CHANGES[change.action](self, change)

    def taken(self, purpose: str) -> Medication | None:
        """Return the row of the drug that is now taken for ``purpose``; None if none is taken."""
        found = self._current.get(purpose)
        return found[1] if found else None

    def drug(self, purpose: str) -> Drug | None:
        """Return the drug that is now taken for ``purpose``; None if none is taken."""
        found = self._current.get(purpose)
        return found[0] if found else None

    @property
    def begun(self) -> list[Medication]:
        """The rows of the drugs that have been started so far, including those stopped again.

        A drug that was stopped on the day of its start has no row.
        """
        return self._finished + [medication for _, medication in self._current.values()]

    def awaits(self, purpose: str) -> bool:
        """Return whether a change of a drug for ``purpose`` is planned."""
        return any(change.drug.purpose == purpose for change in self._planned)

    def suits(self, drug: Drug) -> bool:
        """Return whether ``drug`` may be combined with all drugs that are taken or planned.

        Citalopram and escitalopram exclude some other drugs, and must not be given in long QT
        syndrome. Nothing else is checked.
        """
        others = [other for other, _ in self._current.values()]
        others += [
            change.drug for change in self._planned if change.action == MedicationAction.START
        ]
        if drug.atc_code in CITALOPRAMS:
            return not self.long_qt and not any(
                excluded_with_citalopram(other.atc_code) for other in others
            )
        return not excluded_with_citalopram(drug.atc_code) or not any(
            other.atc_code in CITALOPRAMS for other in others
        )

    def doses(self, drug: Drug) -> list[float]:
        """Return the daily doses of ``drug`` in mg that are allowed at the patient's age."""
        known = ANTIDEPRESSANTS.get(drug.atc_code)
        if known is None:
            return list(drug.doses)
        return [dose for dose in drug.doses if dose <= known.maximum_at(self.age)]

    def rows(self) -> list[Medication]:
        """Apply all planned changes, and return the rows of all drugs of the episode."""
        self.until(self._last_day)
        return self.begun

    def stop_all(self, day: date) -> None:
        """Apply all planned changes, then stop all drugs on ``day``, the end of the episode."""
        self.until(self._last_day)
        for purpose in list(self._current):
            self._end(purpose, day, _END)
        # A dose that was set on ``day`` was never taken and has no row. The row of the previous
        # dose is therefore the last one, and gets the reason for the end.
        self._finished = [
            row._replace(stop_reason=_END)
            if (row.stopped_on, row.stop_reason) == (day, DOSE_CHANGED)
            else row
            for row in self._finished
        ]

    def start(self, change: Change) -> None:
        """Start the drug of ``change``, and stop the drug that was taken for the same purpose."""
        self._end(change.drug.purpose, change.day, change.reason)
        self.tried.add(change.drug.atc_code)
        self._current[change.drug.purpose] = (change.drug, self._new_row(change))

    def stop(self, change: Change) -> None:
        """Stop the drug of ``change`` if it is taken."""
        if self.drug(change.drug.purpose) == change.drug:
            self._end(change.drug.purpose, change.day, change.reason)

    def change_dose(self, change: Change) -> None:
        """End the current row of a drug and start another row at the new dose.

        Do nothing if the drug is not taken or already has this dose.
        """
        taken = self.taken(change.drug.purpose)
        if taken and taken.atc_code == change.drug.atc_code and taken.daily_dose_mg != change.dose:
            self.start(change)

    def _end(self, purpose: str, day: date, reason: str | None) -> None:
        found = self._current.pop(purpose, None)
        # A drug that was stopped on the day of its start was never taken, so it gets no row.
        if found and found[1].started_on < day:
            self._finished.append(found[1]._replace(stopped_on=day, stop_reason=reason))

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
    MedicationAction.START: Regimen.start,
    "dose": Regimen.change_dose,
    MedicationAction.STOP: Regimen.stop,
}
_ADHERENCES = (Adherence.GOOD, Adherence.PARTIAL, Adherence.POOR, Adherence.UNKNOWN, None)
_ADHERENCE_SUMS = (62, 82, 88, 97, 100)


def _side_effects(record: Record, drug: Drug) -> str | None:
    if record.rng.random() > 0.22:
        return None
    for prefix, effects in texts.SIDE_EFFECTS.items():
        if drug.atc_code.startswith(prefix):
            return record.rng.choice(effects)
    return None

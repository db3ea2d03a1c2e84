"""The changes of a patient's drugs between an earlier day and today, computed from their rows.

In the registry, a change of dose stops one row and starts another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from dashboard.clinical.case.case_file import Treatment
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.drug_names import without_accents


class DrugEvent(StrEnum):
    """The ways in which a drug can change after a review."""

    STARTED = "started"
    STOPPED = "stopped"
    ONLY_AS_NEEDED = "only_as_needed"
    """The drug is no longer taken regularly, but it is still taken as needed."""
    CHANGED = "changed"
    """The rows do not say one dose before and one dose after, or the drug was interrupted and then
    resumed at the same dose.
    """
    DOSE_CHANGED = "dose_changed"
    TRIED = "tried"
    """The drug was both started and stopped since the review."""


@dataclass(frozen=True)
class DrugChange:
    """A drug that was started, stopped or given at another dose. ``before`` and ``after`` are doses
    in mg a day; None if unknown or not taken. ``as_needed`` is whether the change is of the drug
    taken as needed, which is apart from the same drug taken regularly.
    """

    event: DrugEvent
    name: str
    on: date
    before: Decimal | None = None
    after: Decimal | None = None
    as_needed: bool = False


def drug_changes(rows: Sequence[Treatment], day: date, today: date) -> Iterator[DrugChange]:
    """Yield each drug that changed after ``day`` and up to ``today``, with its change.

    Drugs are in the order of ``rows``. A drug taken regularly and the same drug taken as needed
    count as two.
    """
    rows = [row for row in rows if row.started_on <= today]
    for drug, as_needed in dict.fromkeys((_drug(row), row.as_needed) for row in rows):
        same = [row for row in rows if _drug(row) == drug]
        change = _change([row for row in same if row.as_needed == as_needed], day, today)
        if change is None:
            continue
        goes_on = any(is_current(row, today) for row in same)
        if change.event is DrugEvent.STOPPED and goes_on and not as_needed:
            yield DrugChange(DrugEvent.ONLY_AS_NEEDED, change.name, change.on, change.before)
        else:
            yield change


def _drug(row: Treatment) -> str:
    """Return what identifies the drug: its ATC code, or its name if the registry has no code."""
    return (row.atc_code or "").strip() or without_accents(row.name)


def _change(rows: list[Treatment], day: date, today: date) -> DrugChange | None:
    """Return the change of one drug after ``day``; None if there is none. ``rows`` are its rows."""
    before = [row for row in rows if is_current(row, day)]
    after = [row for row in rows if is_current(row, today)]
    fresh = sorted((row for row in rows if row.started_on > day), key=lambda row: row.started_on)
    as_needed = rows[0].as_needed
    if before and after:
        return _other_dose(before, after, fresh, _last_stop(rows, day))
    if after:
        name, on, dose = after[-1].name, fresh[0].started_on, _one_dose(after)
        return DrugChange(DrugEvent.STARTED, name, on, None, dose, as_needed)
    if before:
        on = _last_stop(rows, day) or today
        return DrugChange(
            DrugEvent.STOPPED, before[-1].name, on, _one_dose(before), None, as_needed
        )
    if fresh:
        last = fresh[-1]
        dose = last.daily_dose_mg
        return DrugChange(DrugEvent.TRIED, last.name, last.started_on, None, dose, as_needed)
    return None


def _other_dose(
    before: list[Treatment], after: list[Treatment], fresh: list[Treatment], stop: date | None
) -> DrugChange | None:
    """Return the change of a drug that is taken both at the review and today.

    The two doses are named only if one row runs on each day, because of two rows nobody knows
    whether both are taken or one was not stopped.
    """
    if _doses(before) == _doses(after) and not _is_interrupted(before, fresh):
        return None
    name, as_needed = after[-1].name, after[-1].as_needed
    on = fresh[-1].started_on if fresh else stop or after[-1].started_on
    first, last = _one_dose(before), _one_dose(after)
    if first is None or last is None or first == last:
        return DrugChange(DrugEvent.CHANGED, name, on, as_needed=as_needed)
    return DrugChange(DrugEvent.DOSE_CHANGED, name, on, first, last, as_needed)


def _is_interrupted(before: list[Treatment], fresh: list[Treatment]) -> bool:
    """Return whether one of the rows ``fresh`` starts more than one day after the latest stop
    before it. ``before`` are the rows that run on the day of the review, and ``fresh`` those that
    started later, in order of start.
    """
    stops = [row.stopped_on or date.max for row in before]
    for row in fresh:
        if (row.started_on - max(stops)).days > 1:
            return True
        stops.append(row.stopped_on or date.max)
    return False


def _one_dose(rows: list[Treatment]) -> Decimal | None:
    """Return the daily dose in mg if it stands in a single row; otherwise None."""
    return rows[0].daily_dose_mg if len(rows) == 1 else None


def _doses(rows: list[Treatment]) -> list[Decimal]:
    """Return the doses of the rows in order. An unknown dose is -1."""
    return sorted(
        Decimal(-1) if one is None else one for one in (row.daily_dose_mg for row in rows)
    )


def _last_stop(rows: list[Treatment], day: date) -> date | None:
    stops = (row.stopped_on for row in rows if row.stopped_on is not None)
    return max((stop for stop in stops if stop > day), default=None)

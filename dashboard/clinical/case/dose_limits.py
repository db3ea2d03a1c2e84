"""The doses of a case that are outside the limits of docs/domain.md, section 4."""

from enum import StrEnum

from dashboard.clinical.case.case_file import CaseFile, Treatment
from dashboard.clinical.medication import above_maximum, below_minimum


class DoseLimit(StrEnum):
    """The limits of the daily dose of an antidepressant that a treatment can miss."""

    BELOW_MINIMUM = "below_minimum"
    ABOVE_MAXIMUM = "above_maximum"


def missed_limit(case: CaseFile, row: Treatment) -> DoseLimit | None:
    """Return the limit that the dose of ``row`` misses; None if it misses none, or is taken as
    needed.

    The maximum depends on the age on the last day of ``row``. A dose that ended before the 66th
    birthday is therefore not held against the lower maximum of today.
    """
    if row.as_needed:
        return None
    last_day = case.as_of if row.stopped_on is None else min(row.stopped_on, case.as_of)
    if above_maximum(row.atc_code, row.daily_dose_mg, case.identity.age_on(last_day)):
        return DoseLimit.ABOVE_MAXIMUM
    return DoseLimit.BELOW_MINIMUM if below_minimum(row.atc_code, row.daily_dose_mg) else None

"""Days of enrolment, distributed as in the experiment's forecast (docs/domain.md, section 1)."""

import math
from bisect import bisect
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from dashboard.demo.days import years_before
from dashboard.vocabulary import SequenceKind


@dataclass(frozen=True)
class Period:
    """A period of the forecast: its length in months, and its numbers of nurses and patients."""

    months: int
    nurses: int
    leger_patients: int
    classique_patients: int

    @property
    def patients(self) -> int:
        """The number of patients in light care and in classic care together."""
        return self.leger_patients + self.classique_patients


FORECAST = (
    Period(4, 5, 25, 165),
    Period(12, 7, 126, 847),
    Period(12, 8, 136, 912),
    Period(8, 8, 91, 608),
)
FORECAST_PATIENTS = sum(period.patients for period in FORECAST)
LEGER_SHARE = sum(period.leger_patients for period in FORECAST) / FORECAST_PATIENTS
PROGRAMME_YEARS = 3

# Days on which few patients are enrolled, counted back from the day of the registry. Because a care
# sequence lasts about 91 days, sequences that began on these days would end in the two weeks after
# the day of the registry. With more enrolments, too many sequences would end in those two weeks.
_LULL_DAYS = frozenset(day for n in range(1, 5) for day in range(91 * n - 15, 91 * n))
_LAST_LULL = max(_LULL_DAYS)
_IN_LULL = 0.2
_BETWEEN_LULLS = (_LAST_LULL - _IN_LULL * len(_LULL_DAYS)) / (_LAST_LULL - len(_LULL_DAYS))


def programme_start(as_of: date) -> date:
    """Return the first day of the programme, three years before ``as_of``."""
    return years_before(as_of, PROGRAMME_YEARS)


def enrolment_day(as_of: date, place: float) -> date:
    """Return the day of enrolment of a patient.

    ``place`` is the position of the patient in the order of enrolment, from 0 (first) to 1 (last).
    """
    sums = _enrolled_by_day(as_of)
    return programme_start(as_of) + timedelta(days=bisect(sums, place * sums[-1]))


def kind_of(patient: int) -> str:
    """Return the kind of care of the patient with the number ``patient``: light or classic.

    The share of light care is that of the forecast.
    """
    return (
        SequenceKind.LIGHT if patient * math.sqrt(2) % 1.0 < LEGER_SHARE else SequenceKind.CLASSIC
    )


def nurses_at_work(as_of: date, day: date) -> float:
    """Return the share of the nurses who have begun work by ``day``, from 0 to 1.

    The number of nurses in each period is that of the forecast.
    """
    return _period_of((day - programme_start(as_of)).days).nurses / FORECAST[-1].nurses


@cache
def _enrolled_by_day(as_of: date) -> list[float]:
    """Return the cumulative number of enrolments for each day of the programme.

    The numbers are relative, so only their ratios have a meaning.
    """
    start = programme_start(as_of)
    days = (as_of - start).days
    return list(
        accumulate(_enrolment_rate(start + timedelta(days=n), n, days - n) for n in range(days))
    )


def _enrolment_rate(day: date, since_start: int, before_end: int) -> float:
    if day.weekday() > 4:
        return 0.0
    period = _period_of(since_start)
    if before_end > _LAST_LULL:
        return period.patients / period.months
    in_lull = before_end in _LULL_DAYS
    return period.patients / period.months * (_IN_LULL if in_lull else _BETWEEN_LULLS)


def _period_of(days_since_start: int) -> Period:
    months = days_since_start / 30.44
    for period in FORECAST[:-1]:
        if months < period.months:
            return period
        months -= period.months
    return FORECAST[-1]

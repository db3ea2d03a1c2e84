"""The SÉSAME experiment: its forecast, its progress so far, and a projection to its end.

The forecast was published in the avis du Comité technique de l'innovation en santé, June 2023
(docs/domain.md, section 1). The tariff is paid for each care sequence that is started.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import sqrt
from statistics import NormalDist, fmean, variance

from dashboard.clinical.sites.suppression import shown
from dashboard.vocabulary import SequenceKind

KINDS: tuple[str, ...] = tuple(SequenceKind)

TARIFF: Mapping[str, int] = {SequenceKind.LIGHT: 245, SequenceKind.CLASSIC: 608}
"""The tariff of one care sequence in euros, by kind."""

PATIENTS_OF_A_NURSE = 131
"""The planned number of patients of one nurse in a year: 114 with classic sequences and 17 with
light ones.
"""

STARTS_ON = date(2023, 9, 1)
"""The first day of the first month of the forecast. The last month of the forecast is August 2026.
"""


@dataclass(frozen=True)
class Period:
    """A period of the forecast: the number of its months, the number of nurses, and the forecast
    numbers of patients and sequences by kind over the whole period.
    """

    months: int
    nurses: int
    patients: Mapping[str, int]
    sequences: Mapping[str, int]

    @property
    def tariff(self) -> dict[str, int]:
        """The forecast tariff in euros, by kind."""
        return {kind: self.sequences[kind] * TARIFF[kind] for kind in KINDS}


def _period(months: int, nurses: int, leger: int, classique: int, sequences: int) -> Period:
    return Period(
        months=months,
        nurses=nurses,
        patients={SequenceKind.LIGHT: leger, SequenceKind.CLASSIC: classique},
        sequences={SequenceKind.LIGHT: leger, SequenceKind.CLASSIC: sequences},
    )


FORECAST = (
    _period(4, 5, 25, 165, 271),
    _period(12, 7, 126, 847, 1_388),
    _period(12, 8, 136, 912, 1_496),
    _period(8, 8, 91, 608, 997),
)

MONTHS = sum(period.months for period in FORECAST)
BUDGET = sum(sum(period.tariff.values()) for period in FORECAST)
"""The forecast tariff of all sequences of the experiment: 2,617,026 €."""

CONFIDENCE = 0.95
RECENT_MONTHS = 12
"""The largest number of past months from which the mean pace of the projection is computed. The
current month is not one of them.
"""


@dataclass(frozen=True)
class Counts:
    """The counts of one month: the number of sequences begun, by kind, and the number of patients
    enrolled.
    """

    month: date
    sequences: Mapping[str, int]
    enrolled: int = 0


@dataclass(frozen=True)
class Quarter:
    """A quarter of the experiment: the counts, with small counts hidden, and the forecast.

    ``sequences`` (by kind) and ``enrolled`` are None if hidden. ``tariff`` (euros) is None if the
    count of a kind is hidden. The forecasts cover only the months of the quarter that belong to the
    experiment.
    """

    start: date
    sequences: Mapping[str, int | None]
    enrolled: int | None
    tariff: int | None
    forecast: Mapping[str, float]
    forecast_patients: float
    forecast_tariff: float


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % prediction interval."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Projection:
    """The expected state at the end of the experiment if sequences begin at the pace of the last
    months.

    ``pace`` is the number of sequences begun in a month, by kind. ``sequences`` (by kind) and
    ``tariff`` (euros) are totals from the beginning to the end of the experiment.
    """

    months_left: int
    pace: Mapping[str, float]
    sequences: Mapping[str, Estimate]
    tariff: Estimate


def month_of(day: date) -> date:
    """Return the first day of the month of ``day``."""
    return day.replace(day=1)


def later(month: date, months: int) -> date:
    """Return the first day of the month that is ``months`` months after ``month``. A negative
    number gives an earlier month.
    """
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def experiment_months() -> list[date]:
    """Return the first day of every month of the experiment."""
    return [later(STARTS_ON, number) for number in range(MONTHS)]


_LAST = later(STARTS_ON, MONTHS - 1)


def forecast_patients() -> list[float]:
    """Return the forecast number of patients enrolled since the beginning, for the end of each
    month.
    """
    return list(accumulate(_monthly(lambda period: sum(period.patients.values()))))


def forecast_tariff() -> list[float]:
    """Return the forecast tariff since the beginning, in euros, for the end of each month."""
    return list(accumulate(_monthly(lambda period: sum(period.tariff.values()))))


def tariff_of(sequences: Mapping[str, int]) -> int:
    """Return the tariff in euros of these numbers of sequences, given by kind."""
    return sum(sequences.get(kind, 0) * TARIFF[kind] for kind in KINDS)


def quarters(counts: Iterable[Counts], until: date) -> list[Quarter]:
    """Return every quarter of the experiment up to the month of ``until``. Small counts are
    hidden.
    """
    known = {one.month: one for one in counts}
    months = [one for one in experiment_months() if one <= until]
    starts = sorted({quarter_of(one) for one in months})
    of = {start: [one for one in months if quarter_of(one) == start] for start in starts}

    def began(number: Callable[[Counts], int]) -> dict[date, int | None]:
        sums = [sum(number(known[one]) for one in of[start] if one in known) for start in starts]
        return dict(zip(starts, [shown(one).value for one in sums], strict=True))

    by_kind = {kind: began(_begun_of(kind)) for kind in KINDS}
    enrolled = began(lambda one: one.enrolled)
    return [
        _quarter(start, of[start], {kind: by_kind[kind][start] for kind in KINDS}, enrolled[start])
        for start in starts
    ]


def _quarter(
    start: date, months: list[date], sequences: dict[str, int | None], enrolled: int | None
) -> Quarter:
    number = [(one.year - STARTS_ON.year) * 12 + one.month - STARTS_ON.month for one in months]
    whole = {kind: count for kind, count in sequences.items() if count is not None}

    def of_forecast(of_period: Callable[[Period], int]) -> float:
        monthly = _monthly(of_period)
        return sum(monthly[one] for one in number)

    return Quarter(
        start=start,
        sequences=sequences,
        enrolled=enrolled,
        tariff=tariff_of(whole) if len(whole) == len(KINDS) else None,
        forecast={kind: of_forecast(_forecast_of(kind)) for kind in KINDS},
        forecast_patients=of_forecast(lambda period: sum(period.patients.values())),
        forecast_tariff=of_forecast(lambda period: sum(period.tariff.values())),
    )


def _begun_of(kind: str) -> Callable[[Counts], int]:
    return lambda one: one.sequences.get(kind, 0)


def _forecast_of(kind: str) -> Callable[[Period], int]:
    return lambda period: period.sequences[kind]


def quarter_of(month: date) -> date:
    """Return the first day of the quarter that contains ``month``."""
    return date(month.year, month.month - (month.month - 1) % 3, 1)


def cumulated(values: Sequence[float | None], total: float | None) -> list[float | None]:
    """Return the cumulative sums of ``values``, in which a hidden value is None. ``total`` is the
    sum of all values.

    After a hidden value, a sum is ``total`` less the values that come later. A sum that cannot be
    computed is None.
    """
    sums: list[float | None] = []
    for place in range(1, len(values) + 1):
        before, after = values[:place], values[place:]
        if None not in before:
            sums.append(sum(one for one in before if one is not None))
        elif None not in after and total is not None:
            sums.append(total - sum(one for one in after if one is not None))
        else:
            sums.append(None)
    return sums


@dataclass(frozen=True)
class Experiment:
    """The progress of the experiment up to the month ``until``. Small counts are hidden.

    ``quarters`` are the quarters that have begun. ``planned`` are all quarters, with the forecast
    only. ``sequences`` (by kind), ``enrolled`` and ``tariff`` (euros) are the totals since the
    beginning; None if hidden.
    """

    until: date
    quarters: Sequence[Quarter]
    planned: Sequence[Quarter]
    sequences: Mapping[str, int | None]
    enrolled: int | None
    tariff: int | None
    projection: Projection | None

    @property
    def forecast_tariff(self) -> float:
        """The sum of the forecast tariffs of the quarters that have begun, in euros."""
        return sum(one.forecast_tariff for one in self.quarters)


def experiment_of(counts: Iterable[Counts], until: date) -> Experiment:
    """Return the progress of the experiment up to the month ``until``. ``counts`` has the counts of
    each month.

    Small counts are hidden.
    """
    known = [one for one in counts if STARTS_ON <= one.month <= min(until, _LAST)]
    sums = {kind: sum(one.sequences.get(kind, 0) for one in known) for kind in KINDS}
    totals = {kind: shown(sum_).value for kind, sum_ in sums.items()}
    return Experiment(
        until=until,
        quarters=quarters(known, until),
        planned=quarters([], _LAST),
        sequences=totals,
        enrolled=shown(sum(one.enrolled for one in known)).value,
        tariff=None if None in totals.values() else tariff_of(sums),
        projection=projection(known, later(until, 1)),
    )


def projection(months: Iterable[Counts], today: date) -> Projection | None:
    """Return the totals expected at the end of the experiment, at the mean pace of the last twelve
    whole months. Return None if the experiment is over, or if fewer than three whole months have
    passed since the beginning of the first month with counts.

    Sequences begun in the month of ``today`` count as begun, but this month is also one of the
    months that are left.

    The interval assumes that months are independent. The variance s² of a month is the observed
    variance, or the mean if the mean is greater (Poisson). With h months left and m months
    observed, the variance of the total is h·s² + h²·s²/m. The second term is the uncertainty of the
    mean.
    """
    counts = sorted(months, key=lambda one: one.month)
    end = later(STARTS_ON, MONTHS)
    this_month = month_of(today)
    left = (end.year - this_month.year) * 12 + end.month - this_month.month
    seen = _recent(counts, this_month)
    if left <= 0 or len(seen) < 3:
        return None
    paces = {kind: [one.get(kind, 0) for one in seen] for kind in KINDS}
    begun = {kind: sum(one.sequences.get(kind, 0) for one in counts) for kind in KINDS}
    this = next((one.sequences for one in counts if one.month == this_month), {})
    begun_before = {kind: begun[kind] - this.get(kind, 0) for kind in KINDS}
    spread = {kind: _spread(paces[kind], left) for kind in KINDS}
    mean = {kind: fmean(paces[kind]) for kind in KINDS}
    ends = {kind: begun_before[kind] + mean[kind] * left for kind in KINDS}
    return Projection(
        months_left=left,
        pace=mean,
        sequences={kind: _estimate(ends[kind], spread[kind], begun[kind]) for kind in KINDS},
        tariff=_estimate(
            sum(ends[kind] * TARIFF[kind] for kind in KINDS),
            sum(spread[kind] * TARIFF[kind] ** 2 for kind in KINDS),
            tariff_of(begun),
        ),
    )


def _monthly(of_period: Callable[[Period], int]) -> list[float]:
    return [
        of_period(period) / period.months for period in FORECAST for _month in range(period.months)
    ]


def _recent(counts: Iterable[Counts], this_month: date) -> list[Mapping[str, int]]:
    """Return the numbers of sequences by kind for each of the last whole months, at most twelve
    months. A month without sequences has an empty mapping.
    """
    by_month = {one.month: one.sequences for one in counts if one.month < this_month}
    if not by_month:
        return []
    first = max(min(by_month), later(this_month, -RECENT_MONTHS))
    span = (this_month.year - first.year) * 12 + this_month.month - first.month
    return [by_month.get(later(first, number), {}) for number in range(span)]


def _spread(months: list[int], left: int) -> float:
    """Return the variance of the number of sequences that will begin in the remaining ``left``
    months. The formula is in ``projection``.
    """
    of_a_month = max(variance(months), fmean(months))
    return left * of_a_month + left**2 * of_a_month / len(months)


def _estimate(expected: float, spread: float, least: float) -> Estimate:
    """Return the estimate ``expected`` with its prediction interval; ``spread`` is its variance.
    The estimate and its lower bound are at least ``least``, the number that has already begun.
    """
    reach = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) * sqrt(spread)
    return Estimate(max(expected, least), max(expected - reach, least), expected + reach)

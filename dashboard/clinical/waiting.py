"""How long it took: the median and the 90th percentile of a wait, in days."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.clinical.suppression import Shown, shown_counts


@dataclass(frozen=True)
class Waiting:
    """How many waited, and how long: days are None where too few did."""

    cases: Shown
    median_days: int | None
    p90_days: int | None


def waits_of(
    site: int, cases: Mapping[int, int], here: Mapping[int, int], every: Mapping[int, int]
) -> tuple[Waiting, Waiting]:
    """Of one site, and of all, from how many waited so many days.

    ``cases`` are how many waited at each site, ``here`` those of this site by their days,
    ``every`` those of all. A percentile is the first day by which so many had not to wait any
    more. Under eleven nothing is said: a percentile of a few is the wait of one of them.
    """
    shown, whole = shown_counts(list(cases.values()))
    return _waiting(dict(zip(cases, shown, strict=True))[site], here), _waiting(whole, every)


def _waiting(shown: Shown, cases_by_days: Mapping[int, int]) -> Waiting:
    if not shown.value:
        return Waiting(shown, None, None)
    return Waiting(shown, _percentile(cases_by_days, 0.5), _percentile(cases_by_days, 0.9))


def _percentile(cases_by_days: Mapping[int, int], share: float) -> int:
    """The fewest days within which at least this share had waited."""
    wanted, seen = share * sum(cases_by_days.values()), 0
    for days in sorted(cases_by_days):
        seen += cases_by_days[days]
        if seen >= wanted:
            return days
    raise ValueError("nobody waited")

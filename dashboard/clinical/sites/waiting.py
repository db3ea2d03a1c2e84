"""How long it took: the median and the 90th percentile of a wait, in days."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.clinical.sites.suppression import Shown, shown


@dataclass(frozen=True)
class Waiting:
    """How many waited, and how long: days are None where too few did."""

    cases: Shown
    median_days: int | None
    p90_days: int | None


def waiting_of(cases_by_days: Mapping[int, int]) -> Waiting:
    """From how many waited so many days.

    A percentile is the first day by which so many had not to wait any more. Under eleven nothing
    is said: a percentile of a few is the wait of one of them.
    """
    cases = shown(sum(cases_by_days.values()))
    if cases.is_hidden:
        return Waiting(cases, None, None)
    return Waiting(cases, _percentile(cases_by_days, 0.5), _percentile(cases_by_days, 0.9))


def _percentile(cases_by_days: Mapping[int, int], share: float) -> int:
    """The fewest days within which at least this share had waited."""
    wanted, seen = share * sum(cases_by_days.values()), 0
    for days in sorted(cases_by_days):
        seen += cases_by_days[days]
        if seen >= wanted:
            return days
    raise ValueError("nobody waited")

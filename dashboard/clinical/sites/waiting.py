"""The median and the 90th percentile of a waiting time, in days."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.clinical.sites.suppression import Shown, shown


@dataclass(frozen=True)
class Waiting:
    """The number of cases, and the percentiles of their waiting time in days. A percentile is None
    if there are fewer than 11 cases.
    """

    cases: Shown
    median_days: int | None
    p90_days: int | None


def waiting_of(cases_by_days: Mapping[int, int]) -> Waiting:
    """Return the percentiles of a waiting time. ``cases_by_days`` has the number of cases by days
    waited.

    A percentile is the number of days after which this share of the cases had stopped waiting. It
    is None for fewer than 11 cases, because it could reveal the waiting time of a single patient.
    """
    cases = shown(sum(cases_by_days.values()))
    if cases.is_hidden:
        return Waiting(cases, None, None)
    return Waiting(cases, _percentile(cases_by_days, 0.5), _percentile(cases_by_days, 0.9))


def _percentile(cases_by_days: Mapping[int, int], share: float) -> int:
    """Return the smallest number of days after which at least ``share`` of the cases had stopped
    waiting.

    Raise ``ValueError`` if there is no case.
    """
    wanted, seen = share * sum(cases_by_days.values()), 0
    for days in sorted(cases_by_days):
        seen += cases_by_days[days]
        if seen >= wanted:
            return days
    raise ValueError("nobody waited")

"""The data for evaluators, before pseudonyms replace the ids. In this form they never leave the
site.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Enrolled:
    """An episode of the data set; its ids stay at the site.

    ``age`` is in completed years at enrolment. The record is cut at ``horizon``, in days since
    enrolment. ``facts`` are the columns of the table of episodes
    that identify nobody.
    """

    episode_id: int
    patient_id: int
    site_id: int
    age: int
    sex: str
    horizon: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Tally:
    """The counts of an indicator for one site; for all sites together if ``site_id`` is None."""

    indicator: str
    site_id: int | None
    numerator: int
    measured: int
    eligible: int

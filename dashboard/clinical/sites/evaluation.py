"""The data for evaluators before pseudonyms replace the ids of the registry. The data leave the
site only with pseudonyms.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Enrolled:
    """An episode of the data for evaluators, with the ids of the registry. These ids never leave
    the site.

    ``age`` is in completed years at enrolment. ``horizon`` is the number of days after enrolment at
    which the record is cut. ``facts`` are the columns of the published table of episodes that
    identify nobody.
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
    """The counts of an indicator for one site. If ``site_id`` is None, the counts are for all sites
    together.
    """

    indicator: str
    site_id: int | None
    numerator: int
    measured: int
    eligible: int

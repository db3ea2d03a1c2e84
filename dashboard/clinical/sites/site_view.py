"""The data of the pages about sites: the filters that a medical lead has chosen, the sites, the
nurses and the work that is waiting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.sites.comparison import Figure, Period
from dashboard.clinical.sites.indicators import Selection
from dashboard.clinical.sites.suppression import Shown
from dashboard.clinical.sites.waiting import Waiting


@dataclass(frozen=True)
class Site:
    """A site that the medical lead may see."""

    id: int
    name: str
    department: str


@dataclass(frozen=True)
class Nurse:
    """A nurse who follows patients at a site."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class View:
    """The period (in whole months) and the filters that a medical lead has chosen. A filter that is
    not set excludes nothing.
    """

    period: Period
    sites: tuple[int, ...] = ()
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None

    def selection(self, period: Period) -> Selection:
        """Return the filters for the query of counts over ``period``. The filter ``sites`` is left
        out, because the counts of all sites are needed for the comparison.
        """
        return Selection(
            since=period.since,
            until=period.until,
            nurse=self.nurse,
            kind=self.kind,
            severity=self.severity,
        )

    @property
    def everybody(self) -> bool:
        """Whether no filter excludes a patient of the chosen sites."""
        return not (self.nurse or self.kind or self.severity)


WORK = ("open_episodes", "never_reviewed", "questions_late", "advice_unanswered", "letters_failed")


@dataclass(frozen=True)
class Work:
    """The work that is waiting at a site today. Small counts are hidden.

    ``by_nurse`` has the number of open episodes by the nurse's id. ``open_work`` has the counts of
    the other kinds in ``WORK``.
    """

    open_episodes: Shown
    by_nurse: Mapping[int, Shown]
    open_work: Mapping[str, Shown]


@dataclass(frozen=True)
class OneSite:
    """The data that the page of one site shows.

    ``figures`` has the figures of this site, with limits computed from all sites. ``waits`` has the
    waiting times at this site and at all sites. ``nurses`` has for each nurse the id, the number of
    open episodes, and the number of patients enrolled over ``months`` months. ``tiers`` has the
    number of open episodes by tier, without the episodes that have no nurse. ``tiers_at`` is the
    time of the oldest of these counts; None if there is none.

    ``per_full_time`` has the number of open episodes for each full-time post, by the nurse's id.
    It counts the episodes of the nurse at all sites of the lead. A nurse is left out if the working
    time is 0 or unknown, or if the count is hidden.
    """

    id: int
    figures: Mapping[str, Figure]
    waits: Mapping[str, tuple[Waiting, Waiting]]
    work: Work
    nurses: Sequence[tuple[int, Shown, Shown]]
    months: int
    tiers: Mapping[Tier, Shown]
    tiers_at: datetime | None
    per_full_time: Mapping[int, float] = field(default_factory=dict)

"""The filters that a medical lead has chosen, and the data of the site pages: sites, nurses and
open work.
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
    """A site that the lead watches."""

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
    """The period (in whole months) and the filters that a lead has chosen. A filter that is not set
    includes everything.
    """

    period: Period
    sites: tuple[int, ...] = ()
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None

    def selection(self, period: Period) -> Selection:
        """Return the filters for the query of counts: the months of ``period``, and the filters of
        this view except ``sites``.
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
        """Whether the view includes every patient of its sites."""
        return not (self.nurse or self.kind or self.severity)


WORK = ("open_episodes", "never_reviewed", "questions_late", "advice_unanswered", "letters_failed")


@dataclass(frozen=True)
class Work:
    """The open work of a site today, with each count as it may be shown.

    ``by_nurse`` has the open episodes by the nurse's id. ``open_work`` has the other kinds of
    ``WORK``.
    """

    open_episodes: Shown
    by_nurse: Mapping[int, Shown]
    open_work: Mapping[str, Shown]


@dataclass(frozen=True)
class OneSite:
    """The data that are shown of one site.

    ``figures`` are the figures of the site alone, with the limits of all sites. ``waits`` has, for
    each kind of wait, the wait at the site and the wait at all sites. ``nurses`` has one row for
    each nurse: the id, the open episodes, and the patients enrolled over ``months``. ``tiers`` has
    the open episodes of the site by tier. ``tiers_at`` is the time when the oldest count of
    ``tiers`` was made; None if no count was made.

    ``per_full_time`` has the open episodes for each full-time post by the nurse's id, over all
    sites of the lead. A nurse is left out if the working time is not known or the count is hidden.
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

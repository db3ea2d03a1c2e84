"""The filters that a medical lead has chosen, and the data shown beside figures: sites, nurses,
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
    """The chosen whole months and filters. A filter that is not set includes everything."""

    period: Period
    sites: tuple[int, ...] = ()
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None

    def selection(self, period: Period) -> Selection:
        """Return the filters of this view, with the months of ``period``, for the query
        of counts.
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
        """Whether no patient of these sites is left out."""
        return not (self.nurse or self.kind or self.severity)


WORK = ("open_episodes", "never_reviewed", "questions_late", "advice_unanswered", "letters_failed")


@dataclass(frozen=True)
class Work:
    """The open work of a site today: each count as it may be shown, and open episodes by nurse."""

    open_episodes: Shown
    by_nurse: Mapping[int, Shown]
    open_work: Mapping[str, Shown]


@dataclass(frozen=True)
class OneSite:
    """The data shown of one site.

    ``figures`` are those of the site alone, with the limits of all sites. ``waits`` has for each
    kind of wait that of the site and that of all sites. ``nurses`` has for each nurse's id the open
    episodes and the patients enrolled over ``months``. ``tiers`` has the open episodes of the site
    by tier. ``tiers_at`` is the earliest time of that count, None if they were not counted.
    ``per_full_time`` has by nurse's id the open episodes for each full-time post, over all sites of
    the lead; a nurse whose working time is not known, or whose count is hidden, is left out.
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

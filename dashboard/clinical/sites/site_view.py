"""What a medical lead looks at, and what they are told beside figures: sites, nurses, open work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """A nurse who follows patients there."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class View:
    """What is looked at: whole months, and what is chosen; nothing chosen leaves everything."""

    period: Period
    sites: tuple[int, ...] = ()
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None

    def selection(self, period: Period) -> Selection:
        """The same for the counts, over another period."""
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
    """What is open at a site today: each count as it may be shown, and by nurse."""

    open_episodes: Shown
    by_nurse: Mapping[int, Shown]
    open_work: Mapping[str, Shown]


@dataclass(frozen=True)
class OneSite:
    """What is shown of a site.

    ``figures`` are of the site alone, between the limits of all; ``waits`` the site's and
    all sites' by what was waited for; ``nurses`` by id: open episodes, and enrolled over
    ``months``; ``tiers`` its open episodes by tier, as counted at ``tiers_at`` at the earliest,
    none if they were not.
    """

    id: int
    figures: Mapping[str, Figure]
    waits: Mapping[str, tuple[Waiting, Waiting]]
    work: Work
    nurses: Sequence[tuple[int, Shown, Shown]]
    months: int
    tiers: Mapping[Tier, Shown]
    tiers_at: datetime | None

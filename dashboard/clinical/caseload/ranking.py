"""The order of the review list (docs/review_list.md, "Order")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from operator import itemgetter

from dashboard.clinical.caseload.need import Need, Needed
from dashboard.clinical.caseload.rules import (
    RULES,
    Reason,
    Situation,
    Tier,
    reasons_of_each,
    situation_of,
    tier_of,
)
from dashboard.clinical.episodes import EpisodeFacts
from dashboard.clinical.people import NamesNoPatient

NEWS = ("never_reviewed", "week_8", "deteriorated", "relapse")
"""The rules of tier 2 for new facts that no review has seen. While one of them holds, the need
counts one level higher in tier 2.
"""

WAITED_AS_MODERATE = timedelta(days=28)
WAITED_AS_NEW = timedelta(days=56)
"""Waiting times after which the need counts higher in tier 2.

A moderate need counts as marked when a rule of tier 2 has held for ``WAITED_AS_MODERATE``. Any need
counts as high when the patient has been enrolled for ``WAITED_AS_NEW`` without a review.
"""

LATENESS_WEIGHTS: Mapping[Need, int] = {
    Need.HIGH: 4,
    Need.MARKED: 2,
    Need.MODERATE: 2,
    Need.LOW: 1,
}
"""Factor by which the days of waiting are multiplied, for each need."""
JUST_DUE = 56
"""The lateness of a review that has just become due, in weighted days. The interval of each need
times its weight gives this number.
"""

_UNSEEN_AT_LOW_NEED = tuple(
    rule.id
    for rule in RULES.values()
    if (rule.tier, rule.low_tier) == (Tier.REVIEW_DUE, Tier.FOLLOW_UP)
)


class Raised(StrEnum):
    """The reasons why the need counts one or more levels higher in tier 2."""

    NEWS = "news"
    WAITED = "waited"
    NEW_WAITED = "new_waited"


@dataclass(frozen=True, slots=True)
class Place(NamesNoPatient):
    """The facts that decide the position of an episode within its tier.

    In tiers 0 to 2 they are ``counted`` and ``since``. ``counted`` is the need that counts, and
    ``raised`` is the reason why it is above the real need. In tiers 3 to 5 the deciding fact is
    ``lateness``, in weighted days; it is None in tiers 0 to 2. ``leading`` is the most urgent
    reason. ``waited`` is the number of days since the last review, or since enrolment if
    ``reviewed`` is False.
    """

    tier: Tier
    needed: Needed
    counted: Need
    raised: Raised | None
    leading: Reason | None
    lateness: int | None
    waited: int
    reviewed: bool

    @property
    def since(self) -> date | None:
        """The earliest day since which a rule of the tier holds; None if no rule holds."""
        return self.leading.since if self.leading else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An episode with its place on the review list. ``rank`` counts from 1."""

    rank: int
    episode: EpisodeFacts
    place: Place
    reasons: tuple[Reason, ...]

    @property
    def tier(self) -> Tier:
        """The tier of the episode: the lowest tier of the rules that hold."""
        return self.place.tier


def ranked(episodes: Iterable[EpisodeFacts], today: date) -> list[Ranked]:
    """Return every episode once, the most urgent first. The order is total.

    The first key is the tier. In tiers 0 to 2, the next keys are the need that counts and the
    earliest day since which a rule of the tier holds. In tiers 3 to 5, the next key is the
    lateness. Then come episodes without a PHQ-9, then those with the highest latest PHQ-9. The last
    key is the episode's id.
    """
    situations = [situation_of(episode, today) for episode in episodes]
    places = []
    for situation, why in zip(situations, reasons_of_each(situations), strict=True):
        place = place_of(situation, why)
        places.append((_key(situation.episode, place), situation.episode, place, why))
    places.sort(key=itemgetter(0))
    return [
        Ranked(rank, episode, place, why) for rank, (_, episode, place, why) in enumerate(places, 1)
    ]


def place_of(situation: Situation, why: tuple[Reason, ...]) -> Place:
    """Return the facts that decide the place of an episode. ``why`` holds its reasons, the most
    urgent first.
    """
    tier = tier_of(why)
    counted, raised = situation.need, None
    if tier is Tier.REVIEW_DUE:
        counted, raised = _as_counted(situation, why)
    last = situation.episode.last_review
    start = situation.episode.enrolled_on if last is None else last.signed_on
    return Place(
        tier=tier,
        needed=situation.needed,
        counted=counted,
        raised=raised,
        leading=why[0] if why else None,
        lateness=_lateness(situation, why) if tier > Tier.REVIEW_DUE else None,
        waited=(situation.today - start).days,
        reviewed=last is not None,
    )


def _key(episode: EpisodeFacts, place: Place) -> tuple[int, int, int, int, int]:
    severity = -episode.latest.value if episode.latest else -1000
    if place.lateness is not None:
        return place.tier, -place.lateness, 0, severity, episode.episode_id
    since = place.since.toordinal() if place.since else 0
    return place.tier, -place.counted, since, severity, episode.episode_id


def _as_counted(situation: Situation, why: tuple[Reason, ...]) -> tuple[Need, Raised | None]:
    """Return the need that counts in tier 2, and the reason why it is raised, if it is. If several
    levels apply, the highest counts.
    """
    need = situation.need
    held = {reason.rule.id: reason for reason in why if reason.tier is Tier.REVIEW_DUE}
    levels: list[tuple[Need, Raised | None]] = [(need, None)]
    if any(rule in held for rule in NEWS):
        levels.append((Need(min(need + 1, Need.HIGH)), Raised.NEWS))
    if need is Need.MODERATE and situation.today >= why[0].since + WAITED_AS_MODERATE:
        levels.append((Need.MARKED, Raised.WAITED))
    waited = situation.episode.enrolled_on + WAITED_AS_NEW
    if "never_reviewed" in held and situation.today >= waited:
        levels.append((Need.HIGH, Raised.NEW_WAITED))
    return max(levels, key=itemgetter(0))


def _lateness(situation: Situation, why: tuple[Reason, ...]) -> int:
    """Return the lateness in weighted days: the days since the last review, or since enrolment,
    multiplied by a weight for the need.

    It is at least ``JUST_DUE`` if the planned day of the review has come. At low need, it is also
    at least ``JUST_DUE`` if a rule holds that would be in tier 2 at a higher need.
    """
    last = situation.episode.last_review
    start = situation.episode.enrolled_on if last is None else last.signed_on
    lateness = (situation.today - start).days * LATENESS_WEIGHTS[situation.need]
    held = {reason.rule.id for reason in why}
    planned = "review_planned" in held
    unseen = situation.need is Need.LOW and not held.isdisjoint(_UNSEEN_AT_LOW_NEED)
    return max(lateness, JUST_DUE) if planned or unseen else lateness

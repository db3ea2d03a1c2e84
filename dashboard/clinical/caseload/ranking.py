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

NEWS = ("never_reviewed", "week_8", "deteriorated", "relapse")
"""The rules of tier 2 for news about the illness that no review has seen. While one of these rules
holds in tier 2, the episode is ranked as if its need were one level higher, but at most high.
"""

WAITED_AS_MODERATE = timedelta(days=28)
WAITED_AS_NEW = timedelta(days=56)
"""Waiting times after which an episode in tier 2 is ranked as if its need were higher.

A moderate need counts as marked if a rule of tier 2 has held for the time ``WAITED_AS_MODERATE``.
Any need counts as high if the patient was enrolled ``WAITED_AS_NEW`` ago and has no review.
"""

LATENESS_WEIGHTS: Mapping[Need, int] = {
    Need.HIGH: 4,
    Need.MARKED: 2,
    Need.MODERATE: 2,
    Need.LOW: 1,
}
"""The factor by which the days since the last review are multiplied, for each need."""
JUST_DUE = 56
"""The lateness of an episode on the day on which its review is due, in weighted days. It is the
same at each need, because it is the interval of the need multiplied by the weight of the need.
"""

_UNSEEN_AT_LOW_NEED = tuple(
    rule.id
    for rule in RULES.values()
    if (rule.tier, rule.low_tier) == (Tier.REVIEW_DUE, Tier.FOLLOW_UP)
)


class Raised(StrEnum):
    """The reasons why an episode in tier 2 is ranked as if its need were higher."""

    NEWS = "news"
    WAITED = "waited"
    NEW_WAITED = "new_waited"


@dataclass(frozen=True, slots=True)
class Place:
    """The facts that decide the place of an episode on the review list.

    In tiers 0 to 2, episodes are sorted by ``counted`` and ``since``. ``counted`` is the need with
    which the episode is ranked. If it is above the real need, ``raised`` is the reason. In tiers 3
    to 5, episodes are sorted by ``lateness``, in weighted days; it is None in tiers 0 to 2. If a
    reason alone raises it to ``JUST_DUE``, this reason is ``due_by``.
    ``leading`` is the most urgent reason; None if no rule holds. ``waited`` is the number of days
    since the last review, or since enrolment if ``reviewed`` is False.
    """

    tier: Tier
    needed: Needed
    counted: Need
    raised: Raised | None
    leading: Reason | None
    lateness: int | None
    due_by: Reason | None
    waited: int
    reviewed: bool

    @property
    def since(self) -> date | None:
        """The earliest day since which a rule of the episode's tier holds; None if no rule
        holds.
        """
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
        """The tier of the episode: the most urgent tier among the rules that hold."""
        return self.place.tier


def ranked(episodes: Iterable[EpisodeFacts], today: date) -> list[Ranked]:
    """Return every episode once, the most urgent first.

    Episodes are sorted by tier. In tiers 0 to 2, they are then sorted by the need that counts, the
    highest first, and by the earliest day since which a rule of the tier holds. In tiers 3 to 5,
    they are then sorted by lateness. Ties are broken by the latest PHQ-9: episodes without a PHQ-9
    come first, then the highest scores. The last key is the episode's id, so no two episodes have
    the same place.
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
    """Return the facts that decide the place of an episode on the review list. ``why`` holds the
    reasons of the episode, the most urgent first.
    """
    tier = tier_of(why)
    counted, raised = situation.need, None
    if tier is Tier.REVIEW_DUE:
        counted, raised = _as_counted(situation, why)
    lateness, due_by = _lateness(situation, why) if tier > Tier.REVIEW_DUE else (None, None)
    return Place(
        tier=tier,
        needed=situation.needed,
        counted=counted,
        raised=raised,
        leading=why[0] if why else None,
        lateness=lateness,
        due_by=due_by,
        waited=_waited(situation),
        reviewed=situation.episode.last_review is not None,
    )


def _key(episode: EpisodeFacts, place: Place) -> tuple[int, int, int, int, int]:
    severity = -episode.latest.value if episode.latest else -1000
    if place.lateness is not None:
        return place.tier, -place.lateness, 0, severity, episode.episode_id
    since = place.since.toordinal() if place.since else 0
    return place.tier, -place.counted, since, severity, episode.episode_id


def _as_counted(situation: Situation, why: tuple[Reason, ...]) -> tuple[Need, Raised | None]:
    """Return the need with which an episode in tier 2 is ranked, and the reason if it is above the
    real need. If several reasons raise the need, the highest level counts.
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


def _waited(situation: Situation) -> int:
    """Return the number of days since the last review, or since enrolment without a review."""
    last = situation.episode.last_review
    start = situation.episode.enrolled_on if last is None else last.signed_on
    return (situation.today - start).days


def _lateness(situation: Situation, why: tuple[Reason, ...]) -> tuple[int, Reason | None]:
    """Return the lateness in weighted days, and the reason that raised it to ``JUST_DUE``, if any.

    The lateness is the days since the last review, or since enrolment, multiplied by a weight for
    the need. It is at least ``JUST_DUE`` if the planned day of the review has come. At low need, it
    is also at least ``JUST_DUE`` if a rule holds that belongs to tier 2 at a higher need.
    """
    lateness = _waited(situation) * LATENESS_WEIGHTS[situation.need]
    rules = ["review_planned", *(_UNSEEN_AT_LOW_NEED if situation.need is Need.LOW else ())]
    due_by = next((reason for reason in why if reason.rule.id in rules), None)
    if due_by is None or lateness >= JUST_DUE:
        return lateness, None
    return JUST_DUE, due_by

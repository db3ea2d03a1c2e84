"""The order of the review list (docs/review_list.md, "Order")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from dashboard.clinical.episodes import EpisodeFacts
from dashboard.clinical.rules import Reason, Tier, reasons_of_each


@dataclass(frozen=True, slots=True)
class Ranked:
    """An episode in its place on the list. ``rank`` counts from 1."""

    rank: int
    episode: EpisodeFacts
    tier: Tier
    reasons: tuple[Reason, ...]


def ranked(episodes: Iterable[EpisodeFacts], today: date) -> list[Ranked]:
    """Every episode once, the most urgent first; the order is total.

    By tier; within it, the earliest day since which a rule of that tier holds; then the
    latest PHQ-9, highest first and none last; then the episode's id.
    """
    every = tuple(episodes)
    places = [
        (_place(episode, why), episode, why)
        for episode, why in zip(every, reasons_of_each(every, today), strict=True)
    ]
    places.sort(key=itemgetter(0))
    return [
        Ranked(rank, episode, tier, why)
        for rank, ((tier, *_), episode, why) in enumerate(places, 1)
    ]


def _place(episode: EpisodeFacts, why: tuple[Reason, ...]) -> tuple[Tier, date, int, int]:
    # Of the reasons the first is of the lowest tier, and of that tier the earliest.
    tier, since = (why[0].rule.tier, why[0].since) if why else (Tier.ON_TRACK, date.min)
    severity = -episode.latest.value if episode.latest else 1
    return (tier, since, severity, episode.episode_id)

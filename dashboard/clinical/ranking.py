"""The order of the review list (docs/review_list.md, "Order")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dashboard.clinical.episodes import EpisodeFacts
from dashboard.clinical.rules import Reason, Tier, reasons, tier_of


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
    found = [(episode, reasons(episode, today)) for episode in episodes]
    found.sort(key=lambda one: _place(*one))
    return [
        Ranked(rank, episode, tier_of(why), why) for rank, (episode, why) in enumerate(found, 1)
    ]


def _place(episode: EpisodeFacts, why: tuple[Reason, ...]) -> tuple[int, date, int, int]:
    # Of the reasons the first is of the lowest tier, and of that tier the earliest.
    since = why[0].since if why else date.min
    severity = -episode.latest.value if episode.latest else 1
    return (tier_of(why), since, severity, episode.episode_id)

"""The order of the review list: total, and the same on every run."""

import pytest

from dashboard.clinical.ranking import ranked
from dashboard.clinical.rules import Tier
from tests.clinical.cases import CASES, EXACT_WORDS, PICTURES
from tests.clinical.stories import day, episode_on

TODAY = 100

# Quiet on day 100: seen, measured and reviewed of late.
CALM = """
    90  contact  attended
    90  review   next 120
"""

# Each case: title, then the stories on day 100, as they must be listed. All begin as CALM.
ORDERS = [
    (
        "By tier, lowest first",
        [
            "98 flag safety",
            "90 question",
            "98 flag discussion",
            "92 contact missed\n94 contact missed\n95 PHQ-9 9",
            "60 PHQ-9 3\n95 PHQ-9 3",
            "95 PHQ-9 9",
        ],
        list(Tier),
    ),
    (
        "Within a tier, the earliest since, oldest first",
        [
            "95 PHQ-9 9\n60 flag safety",
            "95 PHQ-9 20\n61 flag safety",
            "95 PHQ-9 25\n98 flag safety",
        ],
        [Tier.SAFETY] * 3,
    ),
    (
        "The earliest since is that of a rule of the tier, not of a lower one",
        [
            "95 PHQ-9 9\n97 flag safety",
            "95 PHQ-9 9\n98 flag safety\n40 flag discussion",
        ],
        [Tier.SAFETY] * 2,
    ),
    (
        "Of several rules of the tier the earliest counts",
        [
            "95 PHQ-9 9\n98 flag safety\n96 C-SSRS items 0 0 0 1 0 0",
            "95 PHQ-9 9\n97 flag safety",
        ],
        [Tier.SAFETY] * 2,
    ),
    (
        "On the same day, the latest PHQ-9: highest first, zero, none last",
        [
            "95 PHQ-9 20\n98 flag safety",
            "80 PHQ-9 24\n95 PHQ-9 19\n98 flag safety",
            "95 PHQ-9 0\n98 flag safety",
            "98 flag safety",
        ],
        [Tier.SAFETY] * 4,
    ),
    (
        "On track, where there is no since, the latest PHQ-9",
        ["95 PHQ-9 14", "95 PHQ-9 9", "95 PHQ-9 0"],
        [Tier.ON_TRACK] * 3,
    ),
    (
        "All else the same, the episode's number",
        ["95 PHQ-9 9\n98 flag safety"] * 3,
        [Tier.SAFETY] * 3,
    ),
]


@pytest.mark.parametrize(("title", "stories", "tiers"), ORDERS, ids=[one[0] for one in ORDERS])
def test_the_order(title: str, stories: list[str], tiers: list[Tier]):
    # The numbers run against the order wanted, but where they decide.
    same = len(set(stories)) == 1
    ids = range(1, len(stories) + 1) if same else range(len(stories), 0, -1)
    episodes = [
        episode_on(CALM + story, TODAY, episode_id)
        for story, episode_id in zip(stories, ids, strict=True)
    ]
    listed = ranked(reversed(episodes), day(TODAY))
    assert [place.episode.episode_id for place in listed] == list(ids)
    assert [place.tier for place in listed] == tiers
    assert [place.rank for place in listed] == list(range(1, len(stories) + 1))


def test_every_episode_is_listed_once_and_in_the_same_order_however_they_come():
    stories = [one.story for one in (*CASES, *EXACT_WORDS, *PICTURES)]
    episodes = [episode_on(story, TODAY, number) for number, story in enumerate(stories, 1)]
    expected = [place.episode.episode_id for place in ranked(episodes, day(TODAY))]
    assert sorted(expected) == list(range(1, len(stories) + 1))
    for shuffled in (episodes[::-1], episodes[1::2] + episodes[::2], episodes[70:] + episodes[:70]):
        again = ranked(shuffled, day(TODAY))
        assert [place.episode.episode_id for place in again] == expected
        assert [place.rank for place in again] == list(range(1, len(stories) + 1))


def test_each_place_carries_its_reasons():
    (place,) = ranked([episode_on("98 flag safety" + CALM, TODAY)], day(TODAY))
    assert [reason.rule.id for reason in place.reasons] == ["safety_flag", "score_overdue"]


def test_no_episode_makes_an_empty_list():
    assert ranked([], day(TODAY)) == []

"""The order of the review list: total, and the same on every run."""

import pytest

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.ranking import Raised, ranked
from dashboard.clinical.caseload.rules import Tier
from tests.support.rule_cases import CASES, EXACT_WORDS, PICTURES
from tests.support.stories import day, episode_on

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
            "92 contact missed\n94 contact missed\n95 PHQ-9 9, item 9 = 0",
            "60 PHQ-9 3, item 9 = 0\n95 PHQ-9 3, item 9 = 0",
            "95 PHQ-9 9, item 9 = 0",
        ],
        list(Tier),
    ),
    (
        "In tiers 0 to 2 the need, highest first, before the since",
        [
            "95 PHQ-9 20\n98 flag discussion",
            "95 PHQ-9 15\n96 flag discussion",
            "95 PHQ-9 10\n92 flag discussion",
        ],
        [Tier.REVIEW_DUE] * 3,
    ),
    (
        "In tier 2 news count one level higher",
        [
            "80 PHQ-9 10\n95 PHQ-9 15",
            "95 PHQ-9 15\n92 flag discussion",
        ],
        [Tier.REVIEW_DUE] * 2,
    ),
    (
        "Of the same need the earliest since, oldest first",
        [
            "95 PHQ-9 9\n92 flag safety",
            "95 PHQ-9 20\n93 flag safety",
            "95 PHQ-9 25\n98 flag safety",
        ],
        [Tier.SAFETY] * 3,
    ),
    (
        "The earliest since is that of a rule of the tier, not of a lower one",
        [
            "95 PHQ-9 9\n97 flag safety",
            "95 PHQ-9 9\n98 flag safety\n92 flag discussion",
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
        "On the same day, the latest PHQ-9: none first, then the highest",
        [
            "98 flag safety",
            "95 PHQ-9 20\n98 flag safety",
            "80 PHQ-9 24\n95 PHQ-9 19\n98 flag safety",
            "95 PHQ-9 0\n98 flag safety",
        ],
        [Tier.SAFETY] * 4,
    ),
    (
        "In tiers 3 to 5 lateness: the days since the review, weighted by need",
        [
            "95 PHQ-9 20, item 9 = 0",
            "95 PHQ-9 16, item 9 = 0",
        ],
        [Tier.FOLLOW_UP] * 2,
    ),
    (
        "Where nothing is due, lateness, then the latest PHQ-9",
        [
            "95 PHQ-9 9, item 9 = 0",
            "95 PHQ-9 4, item 9 = 0",
            "95 PHQ-9 0, item 9 = 0",
        ],
        [Tier.NOTHING_DUE] * 3,
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


# The story, the day, the need that decides its place, and why it was raised.
RAISED = [
    ("A new patient of moderate need: one level", "0 PHQ-9 12", 10, Need.MARKED, Raised.NEWS),
    ("At high need there is no level above", "0 PHQ-9 12, item 9 = 2", 60, Need.HIGH, None),
    (
        "A new patient who has waited 56 days",
        "0 PHQ-9 12\n50 PHQ-9 6",
        56,
        Need.HIGH,
        Raised.NEW_WAITED,
    ),
    ("55 days", "0 PHQ-9 12\n50 PHQ-9 6", 55, Need.MARKED, Raised.NEWS),
    (
        "Without news the need as it is",
        "10 review next 90\n12 PHQ-9 12\n12 flag discussion",
        39,
        Need.MODERATE,
        None,
    ),
    (
        "A moderate need since 28 days",
        "10 review next 90\n12 PHQ-9 12\n12 flag discussion",
        40,
        Need.MARKED,
        Raised.WAITED,
    ),
    (
        "A marked need since 28 days",
        "10 review next 90\n12 PHQ-9 15\n12 flag discussion",
        40,
        Need.MARKED,
        None,
    ),
    (
        "They do not add up",
        "10 review next 90\n12 PHQ-9 12\n12 flag discussion\n40 PHQ-9 14\n41 PHQ-9 14\n",
        41,
        Need.MARKED,
        Raised.WAITED,
    ),
]


@pytest.mark.parametrize(
    ("title", "story", "today", "counted", "raised"), RAISED, ids=[one[0] for one in RAISED]
)
def test_the_need_counts_higher_in_tier_2_for_news_and_for_waiting(
    title, story, today, counted, raised
):
    (listed,) = ranked([episode_on(story, today)], day(today))
    assert (listed.place.counted, listed.place.raised) == (counted, raised)


# The lateness in weighted days: the story, the day, the days.
LATENESS = [
    ("High need counts four times", "0 PHQ-9 20, item 9 = 0\n10 review next 90", 20, 40),
    ("Marked need twice", "0 PHQ-9 15, item 9 = 0\n10 review next 90", 20, 20),
    ("Low need once", "0 PHQ-9 4, item 9 = 0\n10 review next 90", 20, 10),
    ("A planned review is at least just due", "0 PHQ-9 4, item 9 = 0\n10 review next 20", 20, 56),
    (
        "So is the unseen at low need",
        "10 PHQ-9 4, item 9 = 0\n10 review\n19 flag discussion",
        20,
        56,
    ),
    ("A new patient of low need", "0 PHQ-9 4, item 9 = 0", 10, 56),
]


@pytest.mark.parametrize(
    ("title", "story", "today", "lateness"), LATENESS, ids=[one[0] for one in LATENESS]
)
def test_lateness_is_the_waiting_weighted_by_need(title, story, today, lateness):
    (listed,) = ranked([episode_on(story, today)], day(today))
    assert listed.place.lateness == lateness


def test_no_episode_makes_an_empty_list():
    assert ranked([], day(TODAY)) == []

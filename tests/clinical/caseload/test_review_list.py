"""The list of each practitioner, of the rows of all who can be seen."""

from datetime import date
from types import SimpleNamespace

import pytest

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.review_list import (
    ReviewListRow,
    in_kept_places,
    list_of,
    out_of_order,
    urgent,
)
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.people import Person
from tests.support.case_files import COMPLETE

COLLEAGUE = Person(30, "Petit", "Jo")


def row(rank, psychiatrist, nurse=2, tier=Tier.FOLLOW_UP, episode=None, reviewed=None):
    return ReviewListRow(
        rank=rank,
        episode_id=episode or 100 + rank,
        identity=COMPLETE.identity,
        age=43,
        odd=(),
        place=SimpleNamespace(tier=tier, needed=SimpleNamespace(level=Need.HIGH)),
        reasons=(),
        phq9=None,
        phq9_change=None,
        phq9_recent=(),
        gad7=None,
        gad7_change=None,
        item9=None,
        weeks_in_care=12,
        last_contact=date(2026, 11, 18),
        last_review=reviewed,
        nurse=Person(nurse, "Roux", "Nadia"),
        psychiatrist_id=psychiatrist,
        site=None,
        site_id=None,
    )


ROWS = [
    row(1, psychiatrist=30, tier=Tier.SAFETY),
    row(2, psychiatrist=3),
    row(3, psychiatrist=30, tier=Tier.OWED),
    row(4, psychiatrist=3, nurse=9),
]


@pytest.mark.parametrize(
    ("role", "practitioner", "episodes"),
    [("psychiatrist", 3, [102, 104]), ("nurse", 9, [104]), ("psychiatrist", 9, [])],
)
def test_a_list_has_the_cases_of_its_practitioner_ranked_on_their_own(role, practitioner, episodes):
    listed = list_of(ROWS, role, practitioner)
    assert [one.episode_id for one in listed] == episodes
    assert [one.rank for one in listed] == list(range(1, len(episodes) + 1))


def test_the_safety_cases_of_a_colleague_who_is_covered_are_among_them_and_marked():
    listed = list_of(ROWS, "psychiatrist", 3, [COLLEAGUE])
    assert [(one.episode_id, one.covered) for one in listed] == [
        (101, COLLEAGUE),
        (102, None),
        (104, None),
    ]


def test_urgent_cases_are_counted_by_tier():
    assert urgent(ROWS) == {Tier.SAFETY: 1, Tier.OWED: 1}


def test_a_row_has_the_need_and_the_tier_of_its_place():
    assert (ROWS[0].need, ROWS[0].tier) == (Need.HIGH, Tier.SAFETY)


def placed(*tiers, reviewed=()):
    """Return rows of the episodes ``(episode, tier)``, in this order; those reviewed since."""
    return [
        row(rank, 3, tier=tier, episode=episode, reviewed=REVIEWED if episode in reviewed else None)
        for rank, (episode, tier) in enumerate(tiers, 1)
    ]


REVIEWED = date(2026, 11, 25)
OWED, LATER, NOTHING = Tier.OWED, Tier.FOLLOW_UP, Tier.NOTHING_DUE
BEFORE = ((1, OWED), (2, OWED), (3, LATER))


@pytest.mark.parametrize(
    ("now", "reviewed", "shown"),
    [
        (BEFORE, (), [1, 2, 3]),
        # Reviewed, and therefore last: stays first.
        (((2, OWED), (3, LATER), (1, NOTHING)), (1,), [1, 2, 3]),
        # Reviewed in the same tier.
        (((2, OWED), (1, OWED), (3, LATER)), (1,), [1, 2, 3]),
        # Less urgent without a review, because a fact has gone.
        (((1, OWED), (3, LATER), (2, NOTHING)), (), [1, 2, 3]),
        # More urgent: moves up at once.
        (((3, Tier.SAFETY), (1, OWED), (2, OWED)), (), [3, 1, 2]),
        # More urgent in spite of a review.
        (((3, Tier.SAFETY), (1, OWED), (2, OWED)), (3,), [3, 1, 2]),
        # New and most urgent: above the one that stays.
        (((4, Tier.SAFETY), (2, OWED), (3, LATER), (1, NOTHING)), (1,), [1, 4, 2, 3]),
        # Gone from the list.
        (((1, OWED), (3, LATER)), (), [1, 3]),
    ],
)
def test_whoever_comes_back_to_the_list_finds_it_as_it_was(now, reviewed, shown):
    _first, seen = in_kept_places(placed(*BEFORE), {})
    rows, _again = in_kept_places(placed(*now, reviewed=reviewed), seen)
    assert [one.episode_id for one in rows] == shown


def test_a_kept_place_is_kept_on_every_later_run():
    now = placed((2, OWED), (3, LATER), (1, NOTHING), reviewed=(1,))
    _first, seen = in_kept_places(placed(*BEFORE), {})
    _second, seen = in_kept_places(now, seen)
    rows, _third = in_kept_places(now, seen)
    assert [one.episode_id for one in rows] == [1, 2, 3]


def test_rows_above_a_better_rank_are_out_of_order():
    first, second, third = placed(*BEFORE)
    assert out_of_order([first, second, third]) == frozenset()
    assert out_of_order([third, first, second]) == {3}

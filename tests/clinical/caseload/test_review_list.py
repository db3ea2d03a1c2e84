"""The list of each practitioner, of the rows of all who can be seen."""

from datetime import date
from types import SimpleNamespace

import pytest

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.review_list import ReviewListRow, list_of, urgent
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.people import Person
from tests.support.case_files import COMPLETE

COLLEAGUE = Person(30, "Petit", "Jo")


def row(rank, psychiatrist, nurse=2, tier=Tier.FOLLOW_UP):
    return ReviewListRow(
        rank=rank,
        episode_id=100 + rank,
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
        last_review=None,
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

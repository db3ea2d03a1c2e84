"""Cases on the agenda, as rows hold them."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from dashboard.clinical.people import Person
from dashboard.queries.agenda_items import item_of


def row(**values):
    known = {
        "item_id": UUID(int=1),
        "episode_id": 7,
        "position": 2,
        "chosen_by": "rule",
        "outcome": "deferred",
        "reason": "bilan attendu",
        "decided_by": 3,
        "decided_at": None,
        "case_review_id": None,
        "seconds_spent": 90,
        "decider_family_name": "Moreau",
        "decider_given_name": "Anne",
    }
    return SimpleNamespace(**known | values)


@pytest.mark.parametrize(
    ("values", "by"),
    [
        ({}, Person(3, "Moreau", "Anne")),
        ({"decided_by": None}, None),
        ({"decider_family_name": None}, None),
    ],
)
def test_who_has_decided_is_known_where_the_registry_names_them(values, by):
    assert item_of(row(**values)).decided_by == by


def test_a_case_is_what_its_row_says():
    item = item_of(row())
    assert (item.episode_id, item.position, item.outcome, item.seconds_spent) == (
        *(7, 2, "deferred", 90),
    )

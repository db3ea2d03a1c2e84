"""The reasons of cases that fell out of a figure, in words."""

from dataclasses import replace

import pytest

from dashboard.clinical.sites.own_figures import OWN_INDICATORS
from dashboard.locale import speaking
from dashboard.words.sites.own_figures import reason_in_words
from tests.clinical.sites.test_own_figures import case

SAID = [
    (case("early_contact", 28), "no attended contact"),
    (case("early_contact", 28, contacts=[0, 29]), "last attended contact on 1 Sep 2026"),
    (case("four_contacts", 84, contacts=[0, 84, 85]), "2 attended contacts by day 84"),
    (case("measured", 60, scores={9: 12, 61: 3}), "last PHQ-9 on 10 Sep 2026"),
    (case("baseline_known", 14, scores={20: 12}), "first PHQ-9 on 21 Sep 2026"),
    (case("baseline_known", 14), "no PHQ-9"),
    (case("unimproved_reviewed", 84, reviews=[9, 85]), "last review on 10 Sep 2026"),
    (case("unimproved_reviewed", 84), "never reviewed"),
    (
        case("unimproved_reviewed_with_advice", 60, reviews=[9]),
        "review of 10 Sep 2026 without a recommendation",
    ),
    (
        case("answered_in_7_days", 16),
        "question of 10 Sep 2026: no signed review within 7 days",
    ),
    (case("improved_70", 70, scores={0: 20, 9: 15, 71: 3}), "PHQ-9 20 → 15 on 10 Sep 2026"),
]


@pytest.mark.parametrize(("fallen", "said"), SAID, ids=[said for _case, said in SAID])
def test_a_reason_has_its_days_and_numbers(fallen, said):
    with speaking("en"):
        assert reason_in_words(fallen).replace("\xa0", " ") == said


@pytest.mark.parametrize("indicator", OWN_INDICATORS)
def test_every_figure_says_a_reason(indicator):
    fallen = case(indicator, 84, scores={0: 20, 60: 15})
    assert reason_in_words(fallen)
    assert reason_in_words(replace(fallen, measured=False)).startswith(("not measured", "non mes"))

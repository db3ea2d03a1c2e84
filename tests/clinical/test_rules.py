"""The rules of the review list hold what their cases say, and no more.

The cases are in ``cases``; ``docs/rules.md`` is the same specification, printed.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.clinical.rules import RULES, Tier, reasons, tier_of
from tests.clinical.cases import CASES, EXACT_WORDS, PICTURES
from tests.clinical.print_rules import page
from tests.clinical.stories import NO, Case, Picture, day, episode_on

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"

TIERS = {
    Tier.SAFETY: "safety_flag suicidal_ideation suicide_risk_screen severe_at_entry",
    Tier.OWED: """answer_due sequence_ending pregnancy_on_psychotropic
        contraindicated_combination dose_above_maximum""",
    Tier.REVIEW_DUE: """never_reviewed not_improved deteriorated relapse nurse_question
        discussion_flag review_overdue advice_overdue""",
    Tier.WATCH: """early_non_response no_contact missed_contacts score_overdue
        advice_unacknowledged benzodiazepine_long dose_inadequate long_episode""",
    Tier.STEP_DOWN: "stable_remission",
}


def test_the_rules_are_these_in_this_order():
    expected = [(rule_id, tier) for tier, ids in TIERS.items() for rule_id in ids.split()]
    assert [(rule.id, rule.tier) for rule in RULES.values()] == expected
    assert [rule.order for rule in RULES.values()] == list(range(len(expected)))


def test_the_tiers_are_numbered_from_safety_to_on_track():
    names = ["SAFETY", "OWED", "REVIEW_DUE", "WATCH", "STEP_DOWN", "ON_TRACK"]
    assert [(tier.name, tier.value) for tier in Tier] == [
        (name, number) for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("case", CASES + EXACT_WORDS, ids=lambda case: f"{case.rule}: {case.title}")
def test_the_rule_holds_when_the_case_says_so_and_since_that_day(case: Case):
    assert {today: since_of(case, today) for today in case.holds} == case.holds


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.title)
def test_these_rules_hold_in_this_order_and_no_more(picture: Picture):
    found = {
        today: reasons(episode_on(picture.story, today), day(today)) for today in picture.reasons
    }
    assert {
        today: [(one.rule.id, number(one.since)) for one in why] for today, why in found.items()
    } == picture.reasons


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.title)
def test_the_tier_is_the_lowest_of_the_rules_that_hold(picture: Picture):
    for today, holding in picture.reasons.items():
        lowest = min((RULES[rule_id].tier for rule_id, _ in holding), default=Tier.ON_TRACK)
        assert tier_of(reasons(episode_on(picture.story, today), day(today))) == lowest


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_a_case_that_turns_from_one_day_to_the_next(rule_id: str):
    turns = [
        (before, after)
        for case in CASES
        if case.rule == rule_id
        for before, after in pairwise(sorted(case.holds))
        if after == before + 1 and (case.holds[before] is NO) != (case.holds[after] is NO)
    ]
    assert turns


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_a_day_on_which_it_holds_and_one_on_which_it_does_not(rule_id: str):
    days = [since for case in CASES if case.rule == rule_id for since in case.holds.values()]
    assert any(since is not NO for since in days)
    assert any(since is NO for since in days)


def test_the_cases_stand_in_the_order_of_the_rules():
    order = [RULES[case.rule].order for case in CASES]
    assert order == sorted(order)


def test_no_case_is_told_twice():
    told = [(case.rule, case.title) for case in CASES + EXACT_WORDS]
    assert len(told) == len(set(told))


def test_every_rule_names_its_source_and_says_what_it_means():
    assert [rule.id for rule in RULES.values() if not rule.source] == []
    assert [rule.id for rule in RULES.values() if not rule.applies.__doc__] == []


def test_the_printed_rules_are_up_to_date():
    assert DOCUMENT.read_text() == page(), "python -m tests.clinical.print_rules > docs/rules.md"


def since_of(case: Case, today: int) -> int | None:
    why = reasons(episode_on(case.story, today), day(today))
    found = [number(reason.since) for reason in why if reason.rule.id == case.rule]
    assert len(found) <= 1
    return found[0] if found else NO


def number(of) -> int:
    """The day of the story that a date is."""
    return (of - day(0)).days

"""The rules of the review list hold what their cases say, and no more.

The cases are in ``cases``; ``docs/rules.md`` is the same specification, printed.
"""

from itertools import pairwise

import pytest

from dashboard.clinical.caseload.rules import RULES, Tier, reasons, tier_of
from tests.support.repository import ROOT
from tests.support.rule_cases import CASES, EXACT_WORDS, PICTURES
from tests.support.stories import NO, Case, Picture, day, episode_on
from tools.print_rules import page

DOCUMENT = ROOT / "docs" / "rules.md"

# Every rule with its tier and the tier where the need is low ("-": it does not hold then).
TABLE = """
    safety_flag 0 0, suicidal_ideation 0 0, suicide_risk_screen 0 0,
    risk_reassessment_due 1 1, severe_at_entry 1 1, answer_due 1 1,
    pregnancy_on_psychotropic 1 1, contraindicated_combination 1 1, dose_above_maximum 1 1,
    never_reviewed 2 3, week_8 2 2, deteriorated 2 3, relapse 2 2, ideation_screened 2 3,
    long_unreviewed 2 3, advice_declined 2 -, nurse_question 2 3, discussion_flag 2 3,
    not_improved 3 3, review_planned 3 3, review_overdue 3 4, sequence_ending 3 4,
    advice_overdue 3 -, advice_unacknowledged 3 -, early_non_response 3 3, no_contact 3 3,
    missed_contacts 3 3, score_overdue 3 3, benzodiazepine_long 3 4, dose_inadequate 3 -,
    long_episode 3 4, persistent 3 -, stable_remission 4 4, stable_response 4 4
"""


def test_the_rules_have_the_tiers_and_the_order_of_the_document():
    found = [
        f"{rule.id} {rule.tier.value} {'-' if rule.low_tier is None else rule.low_tier.value}"
        for rule in RULES.values()
    ]
    assert found == [" ".join(row.split()) for row in TABLE.split(",")]
    assert [rule.order for rule in RULES.values()] == list(range(len(found)))


def test_the_tiers_are_numbered_from_safety_to_nothing_due():
    names = ["SAFETY", "OWED", "REVIEW_DUE", "FOLLOW_UP", "STEP_DOWN", "NOTHING_DUE"]
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
    for today in picture.reasons:
        found = reasons(episode_on(picture.story, today), day(today))
        lowest = min((reason.tier for reason in found), default=Tier.NOTHING_DUE)
        assert tier_of(found) == lowest


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
    assert DOCUMENT.read_text() == page(), "python -m tools.print_rules > docs/rules.md"


def since_of(case: Case, today: int) -> int | None:
    why = reasons(episode_on(case.story, today), day(today))
    found = [number(reason.since) for reason in why if reason.rule.id == case.rule]
    assert len(found) <= 1
    return found[0] if found else NO


def number(of) -> int:
    """Return the number of the day of the story that has this date."""
    return (of - day(0)).days

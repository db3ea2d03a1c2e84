"""Every reason in words, with its numbers and its dates, in both languages."""

import re
from datetime import date
from decimal import Decimal

import pytest

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.rules import RULES, Reason, Tier, reasons
from dashboard.locale import LANGUAGES, speaking
from dashboard.locale.formats import day as written_day
from dashboard.locale.formats import number, short_day
from dashboard.words.caseload.reasons import in_words, rule_name, tier_meaning, tier_name
from tests.support.rule_cases import CASES, EXACT_WORDS
from tests.support.stories import Case, day, episode_on

HOLDING = [
    (case, today)
    for case in CASES + EXACT_WORDS
    for today, since in case.holds.items()
    if since is not None
]

# Day 0 is 5 January.
SENTENCES = [
    ("safety_flag", 15, "10 flag safety\n12 flag safety", "Safety flag raised on 15 Jan"),
    ("safety_flag", 310, "10 flag safety", "Safety flag raised on 15 Jan 2026"),
    (
        "suicidal_ideation",
        30,
        "0 PHQ-9 12, item 9 = 0\n30 PHQ-9 14, item 9 = 1",
        "Suicidal thoughts: item 9 from 0 to 1 on 4 Feb",
    ),
    (
        "suicidal_ideation",
        30,
        "0 PHQ-9 12, item 9 = 3\n5 review risk low\n30 PHQ-9 14, item 9 = 2",
        "Suicidal thoughts: item 9 at 2 on 4 Feb",
    ),
    ("suicidal_ideation", 0, "0 PHQ-9 12, item 9 = 3", "Suicidal thoughts: item 9 at 3 on 5 Jan"),
    (
        "suicide_risk_screen",
        10,
        "10 C-SSRS items 1 1 1 1 0 1",
        "C-SSRS of 15 Jan: question 4, 6 positive",
    ),
    (
        "safety_flag",
        30,
        "10 flag safety\n12 review risk moderate until 90",
        "Safety flag of 15 Jan, not cleared: last review on 17 Jan",
    ),
    (
        "risk_reassessment_due",
        26,
        "12 review risk moderate until 26",
        "Suicide risk judged moderate on 17 Jan: reassessment due on 31 Jan",
    ),
    (
        "risk_reassessment_due",
        27,
        "12 review risk moderate until 26",
        "Suicide risk judged moderate on 17 Jan: reassessment overdue since 31 Jan",
    ),
    (
        "ideation_screened",
        32,
        "0 PHQ-9 12, item 9 = 0\n30 PHQ-9 14, item 9 = 1\n31 C-SSRS items 1 0 0 0 0 0",
        "Item 9 from 0 to 1 on 4 Feb, C-SSRS on 5 Feb: risk to be decided",
    ),
    (
        "week_8",
        60,
        "0 PHQ-9 16\n10 review\n55 PHQ-9 15",
        "Weeks 8 to 12: PHQ-9 16 → 15 in 7 weeks, no review for 50 days",
    ),
    (
        "not_improved",
        60,
        "0 PHQ-9 8\n0 GAD-7 16",
        "GAD-7 16, not measured again, never reviewed",
    ),
    (
        "long_unreviewed",
        70,
        "0 PHQ-9 15\n10 review",
        "No review for 60 days, one is due every 28",
    ),
    (
        "advice_declined",
        15,
        "0 PHQ-9 15\n10 advice A\n12 answer A declined",
        "1 recommendation declined on 17 Jan",
    ),
    (
        "advice_declined",
        15,
        "0 PHQ-9 15\n10 advice A\n10 advice B\n"
        "12 answer A refused_by_patient\n13 answer B declined",
        "2 recommendations refused, the first by the patient on 17 Jan",
    ),
    ("review_planned", 20, "10 review next 20", "Review planned for 25 Jan"),
    ("review_planned", 21, "10 review next 20", "Review planned for 25 Jan, overdue"),
    (
        "persistent",
        12,
        "0 PHQ-9 16, item 9 = 0\n10 review next 24",
        "Still ill, known to the review of 15 Jan; the next is due on 29 Jan",
    ),
    (
        "stable_response",
        60,
        "0 PHQ-9 8, item 9 = 0\n28 PHQ-9 9, item 9 = 0\n56 PHQ-9 7, item 9 = 0",
        "Stable response: PHQ-9 8, 9, 7, the latest on 2 Mar",
    ),
    ("severe_at_entry", 3, "2 PHQ-9 22", "Severe at entry: PHQ-9 22 on 7 Jan, never reviewed"),
    (
        "answer_due",
        16,
        "10 question\n11 question",
        "Nurse's question waiting for 6 days (limit:\N{NO-BREAK SPACE}7)",
    ),
    ("sequence_ending", 90, "0..90 sequence classique 2", "Sequence classic 2 ends on 5 Apr"),
    ("sequence_ending", 91, "0..90 sequence leger 1", "Sequence light 1 ended on 5 Apr"),
    (
        "pregnancy_on_psychotropic",
        0,
        """0 condition pregnancy (Z33)
        0 drug sertraline (N06AB06) 50 mg
        0 drug lorazepam (N05BA06) 1 mg""",
        "Pregnancy on lorazepam, sertraline",
    ),
    (
        "contraindicated_combination",
        30,
        "0 drug escitalopram (N06AB10) 10 mg\n10 drug hydroxyzine (N05BB01) 25 mg",
        "Contra-indicated: escitalopram with hydroxyzine since 15 Jan",
    ),
    (
        "contraindicated_combination",
        30,
        "0 drug citalopram (N06AB04) 10 mg\n10 condition QT long (I45.8)",
        "Contra-indicated: citalopram with QT long since 15 Jan",
    ),
    (
        "dose_above_maximum",
        0,
        "0 drug tianeptine (N06AX14) 50 mg",
        "Tianeptine 50 mg a day, above the maximum of 37.5 mg",
    ),
    (
        "dose_above_maximum",
        0,
        "0 drug citalopram (N06AB04) 40 mg\n0 birthday 66",
        "Citalopram 40 mg a day, above the maximum of 20 mg",
    ),
    (
        "dose_above_maximum",
        0,
        "0 drug venlafaxine LP (N06AX16) 450 mg",
        "Venlafaxine LP 450 mg a day, above the maximum of 375 mg",
    ),
    ("never_reviewed", 1, "", "Never reviewed, in care for 1 day"),
    ("never_reviewed", 12, "", "Never reviewed, in care for 12 days"),
    ("not_improved", 60, "0 PHQ-9 16\n55 PHQ-9 15", "PHQ-9 16 → 15 in 7 weeks, never reviewed"),
    (
        "not_improved",
        66,
        "0 PHQ-9 16\n28 review\n63 PHQ-9 17",
        "PHQ-9 16 → 17 in 9 weeks, no review for 38 days",
    ),
    ("deteriorated", 40, "0 PHQ-9 8\n30 PHQ-9 15", "PHQ-9 up from 8 to 15 on 4 Feb"),
    ("deteriorated", 40, "0 GAD-7 8\n30 GAD-7 12", "GAD-7 up from 8 to 12 on 4 Feb"),
    (
        "deteriorated",
        40,
        "0 GAD-7 8\n0 PHQ-9 8\n30 GAD-7 12\n30 PHQ-9 13",
        "PHQ-9 up from 8 to 13 on 4 Feb",
    ),
    (
        "relapse",
        90,
        "0 PHQ-9 18\n20 PHQ-9 7\n40 PHQ-9 9\n60 PHQ-9 12",
        "Relapse: PHQ-9 down to 7, then 12 on 6 Mar",
    ),
    (
        "relapse",
        90,
        "0 status relapse_prevention\n0 PHQ-9 18\n20 PHQ-9 7\n60 PHQ-9 12",
        "Relapse in prevention: PHQ-9 12 on 6 Mar",
    ),
    ("nurse_question", 12, "11 question\n12 question", "Nurse's question of 16 Jan"),
    ("discussion_flag", 12, "10 flag discussion", "Discussion asked for on 15 Jan"),
    ("review_overdue", 38, "0 review\n10 review", "No review for 28 days, due on 12 Feb"),
    ("review_overdue", 40, "0 review\n10 review", "No review for 30 days, overdue since 12 Feb"),
    ("advice_overdue", 30, "0 advice A due 20", "1 recommendation overdue since 25 Jan"),
    (
        "advice_overdue",
        30,
        "0 advice A due 24\n0 advice B due 20",
        "2 recommendations overdue since 25 Jan",
    ),
    (
        "advice_overdue",
        30,
        "0 advice safety A due 20",
        "1 recommendation overdue since 25 Jan (safety)",
    ),
    (
        "advice_overdue",
        30,
        "0 advice safety A due 24\n0 advice B due 20",
        "2 recommendations overdue since 25 Jan (safety)",
    ),
    ("early_non_response", 30, "0 PHQ-9 15\n20 PHQ-9 14", "Little early response: PHQ-9 15 → 14"),
    ("early_non_response", 30, "0 PHQ-9 15\n20 PHQ-9 15", "No early response: PHQ-9 15 → 15"),
    (
        "early_non_response",
        30,
        "0 PHQ-9 16\n20 PHQ-9 19",
        "No early response, PHQ-9 worse: 16 → 19",
    ),
    ("no_contact", 30, "", "No contact since enrolment"),
    ("no_contact", 40, "5 contact attended\n10 contact attended", "No contact for 30 days"),
    (
        "missed_contacts",
        40,
        "10 contact missed\n30 contact missed",
        "Last two contacts missed, the latest on 4 Feb",
    ),
    ("score_overdue", 40, "", "No PHQ-9 since enrolment"),
    ("score_overdue", 40, "0 PHQ-9 4\n9 PHQ-9 5", "No PHQ-9 for 31 days"),
    ("advice_unacknowledged", 30, "10 advice A", "1 recommendation unanswered since 15 Jan"),
    (
        "advice_unacknowledged",
        30,
        "10 advice safety A",
        "1 recommendation unanswered since 15 Jan (safety)",
    ),
    (
        "advice_unacknowledged",
        30,
        "10 advice A\n12 advice B",
        "2 recommendations unanswered since 15 Jan",
    ),
    (
        "advice_unacknowledged",
        30,
        "0 advice A sent 10",
        "1 recommendation unanswered, kept on 15 Jan",
    ),
    (
        "advice_unacknowledged",
        30,
        "0 advice A sent 10\n10 advice B",
        "2 recommendations unanswered, sent or kept on 15 Jan",
    ),
    ("benzodiazepine_long", 42, "0 drug zolpidem (N05CF02) 10 mg", "Zolpidem for 6 weeks"),
    (
        "dose_inadequate",
        40,
        "0 drug venlafaxine LP (N06AX16) 37.5 mg",
        "Venlafaxine LP 37.5 mg a day, below the minimum of 75 mg, since 5 Jan",
    ),
    ("long_episode", 280, "", "In care for 40 weeks"),
    (
        "stable_remission",
        60,
        "0 PHQ-9 3, item 9 = 0\n58 PHQ-9 0, item 9 = 0",
        "Stable remission: PHQ-9 3, then 0 on 4 Mar",
    ),
]


@pytest.mark.parametrize(("rule_id", "today", "story", "sentence"), SENTENCES)
def test_a_reason_in_words(rule_id: str, today: int, story: str, sentence: str):
    with speaking("en"):
        assert in_words(reason_of(rule_id, story, today), day(today)) == sentence


def test_every_rule_has_a_sentence_here():
    assert {rule_id for rule_id, *_ in SENTENCES} == set(RULES)


def test_a_reason_in_french_as_the_rules_of_the_list_give_it():
    reason = reason_of("not_improved", "0 PHQ-9 16\n28 review\n63 PHQ-9 17", 66)
    with speaking("fr"):
        words = in_words(reason, day(66))
    assert words == "PHQ-9 16 → 17 en 9 semaines, pas de revue depuis 38 jours"


@pytest.mark.parametrize(
    ("case", "today"), HOLDING, ids=[f"{case.rule}: {case.title}, {day}" for case, day in HOLDING]
)
def test_both_languages_give_the_same_numbers_and_days(case: Case, today: int):
    reason = reason_of(case.rule, case.story, today)
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = numbers_and_days(in_words(reason, day(today)), reason)
    assert said["fr"] == said["en"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_a_short_name_of_its_own(rule_id: str, language: str):
    with speaking(language):
        assert 0 < len(rule_name(rule_id)) <= 34
        assert [other for other in RULES if rule_name(other) == rule_name(rule_id)] == [rule_id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tier_has_a_name_and_a_meaning_of_its_own(language: str):
    with speaking(language):
        assert len({tier_name(tier) for tier in Tier}) == len(Tier)
        assert len({tier_meaning(tier) for tier in Tier}) == len(Tier)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_meaning_of_a_tier_that_holds_news_where_the_need_is_low_denies_no_news(language: str):
    with speaking(language):
        meaning = tier_meaning(RULES["deteriorated"].tier_at(Need.LOW))
    assert not re.search("nothing new|rien de nouveau", meaning, re.IGNORECASE)


def reason_of(rule_id: str, story: str, today: int) -> Reason:
    found = reasons(episode_on(story, today), day(today))
    (reason,) = [reason for reason in found if reason.rule.id == rule_id]
    return reason


def numbers_and_days(words: str, reason: Reason) -> tuple[list[str], list[date]]:
    """Return the numbers and days of a sentence; fail if a placeholder is left in it."""
    assert words.strip()
    assert "{" not in words
    days = {reason.since, *(fact for fact in reason.facts.values() if isinstance(fact, date))}
    named = sorted(one for one in days if short_day(one) in words)
    for one in named:
        words = words.replace(written_day(one), "").replace(short_day(one), "")
    for fact in reason.facts.values():
        if isinstance(fact, Decimal):
            words = words.replace(number(fact), str(fact))
    return sorted(re.findall(r"\d+(?:\.\d+)?", words)), named

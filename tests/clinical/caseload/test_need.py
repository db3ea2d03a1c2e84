"""How ill: the highest need that a fact makes; the unknown is never low."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.caseload.need import Need, need_of
from tests.support.stories import day, episode_on

LOW, MODERATE, MARKED, HIGH = Need.LOW, Need.MODERATE, Need.MARKED, Need.HIGH

# The title, the story, and the need on some days with the kind of the fact that makes it.
NEEDS = [
    ("Nothing known", "", {0: (MODERATE, "phq9_unknown")}),
    ("PHQ-9 at 20", "0 PHQ-9 20, item 9 = 0", {0: (HIGH, "phq9"), 300: (HIGH, "phq9")}),
    ("PHQ-9 at 19", "0 PHQ-9 19, item 9 = 0", {0: (MARKED, "phq9")}),
    ("PHQ-9 at 15", "0 PHQ-9 15, item 9 = 0", {0: (MARKED, "phq9")}),
    ("PHQ-9 at 14", "0 PHQ-9 14, item 9 = 0", {0: (MODERATE, "phq9")}),
    ("PHQ-9 at 10", "0 PHQ-9 10, item 9 = 0", {0: (MODERATE, "phq9")}),
    (
        "PHQ-9 at 9: low for 60 days",
        "0 PHQ-9 9, item 9 = 0",
        {0: (LOW, "item9"), 59: (LOW, "item9"), 60: (MODERATE, "phq9_unknown")},
    ),
    (
        "A high PHQ-9 until there is a newer one",
        "0 PHQ-9 20, item 9 = 0\n90 PHQ-9 4, item 9 = 0",
        {89: (HIGH, "phq9"), 90: (LOW, "item9")},
    ),
    (
        "GAD-7 at 15, for 180 days",
        "0 GAD-7 15\n170 PHQ-9 4, item 9 = 0",
        {0: (MARKED, "gad7"), 179: (MARKED, "gad7"), 180: (LOW, "item9")},
    ),
    ("GAD-7 at 10", "0 PHQ-9 4, item 9 = 0\n0 GAD-7 10", {0: (MODERATE, "gad7")}),
    ("Item 9 at 2", "0 PHQ-9 5, item 9 = 2", {0: (HIGH, "item9"), 200: (HIGH, "item9")}),
    ("Item 9 at 1", "0 PHQ-9 5, item 9 = 1", {0: (MARKED, "item9")}),
    (
        "A newer form without its item 9 does not lower it",
        "0 PHQ-9 5, item 9 = 2\n10 PHQ-9 5",
        {10: (HIGH, "item9")},
    ),
    (
        "Item 9 unknown: a C-SSRS with an answer makes up for it for 90 days",
        "0 C-SSRS items 0 0 0 0 0 0\n80 PHQ-9 4",
        {80: (LOW, "phq9"), 89: (LOW, "phq9"), 90: (MODERATE, "risk_unknown")},
    ),
    (
        "A C-SSRS without an answer does not",
        "0 C-SSRS items - - - - - -\n0 PHQ-9 4",
        {0: (MODERATE, "risk_unknown")},
    ),
    (
        "Nor does one with answers below 0, which are none",
        "0 C-SSRS items -1 -1 -1 -1 -1 -1\n0 PHQ-9 4",
        {0: (MODERATE, "risk_unknown")},
    ),
    (
        "A positive C-SSRS before one without an answer",
        "0 C-SSRS items 1 1 0 1 0 0\n5 C-SSRS items -1 -1 -1 -1 -1 -1",
        {10: (HIGH, "cssrs")},
    ),
    (
        "So does a risk decision",
        "0 review risk low\n80 PHQ-9 4",
        {80: (LOW, "phq9"), 89: (LOW, "phq9"), 90: (MODERATE, "risk_unknown")},
    ),
    (
        "The latest C-SSRS with question 4, for 90 days",
        "0 C-SSRS items 0 0 0 1 0 0\n80 PHQ-9 4, item 9 = 0",
        {0: (HIGH, "cssrs"), 89: (HIGH, "cssrs"), 90: (LOW, "item9")},
    ),
    (
        "A later C-SSRS without them",
        "0 C-SSRS items 0 0 0 1 0 0\n5 PHQ-9 4, item 9 = 0\n10 C-SSRS items 1 1 1 0 0 0",
        {9: (HIGH, "cssrs"), 10: (LOW, "item9")},
    ),
    (
        "A safety flag until it is cleared",
        "0 PHQ-9 4, item 9 = 0\n0..40 flag safety",
        {39: (HIGH, "safety_flag"), 40: (LOW, "item9")},
    ),
    (
        "The last risk decision",
        "0 PHQ-9 4, item 9 = 0\n1 review risk high until 8\n9 review\n20 review risk moderate",
        {0: (LOW, "item9"), 1: (HIGH, "risk_decision"), 19: (HIGH, "risk_decision")}
        | {20: (MARKED, "risk_decision")},
    ),
]


@pytest.mark.parametrize(("title", "story", "expected"), NEEDS, ids=[one[0] for one in NEEDS])
def test_the_need_and_the_fact_that_makes_it(title, story, expected):
    needed = {today: need_of(episode_on(story, today), day(today)) for today in expected}
    assert {today: (one.level, one.facts[0].kind) for today, one in needed.items()} == expected


DAYS, TOTALS, ANSWERS = st.integers(0, 100), st.integers(0, 27), st.integers(0, 3)


def need_on(today, *lines):
    return need_of(episode_on("\n".join(lines), today), day(today)).level


@given(
    taken=DAYS, total=TOTALS, item9=ANSWERS, later=st.integers(0, 100), today=st.integers(0, 400)
)
def test_a_newer_form_without_its_item_9_never_lowers_what_item_9_says(
    taken, total, item9, later, today
):
    form = f"{taken} PHQ-9 {total}, item 9 = {item9}"
    newer = f"{taken + later} PHQ-9 {total}"
    today = max(today, taken + later)
    assert need_on(today, form, newer) >= need_on(today, form)


@given(
    taken=DAYS,
    total=st.integers(0, 9),
    others=st.lists(
        st.sampled_from(
            ["3 GAD-7 16", "5 C-SSRS items 0 0 0 1 0 0", "7 flag safety", "9 review risk moderate"]
        )
    ),
    forgotten=st.sampled_from(["{0} PHQ-9 {1}", "{0} PHQ-9 items - - - 0 0 0 0 0 0", ""]),
    today=st.integers(100, 400),
)
def test_what_reassured_and_is_not_known_any_more_never_lowers_the_need(
    taken, total, others, forgotten, today
):
    known = need_on(today, *others, f"{taken} PHQ-9 {total}, item 9 = 0")
    assert need_on(today, *others, forgotten.format(taken, total)) >= known

"""The news, in words."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Condition, Flag
from dashboard.clinical.case.last_look import Opening, news, snapshot
from dashboard.components.case.news_line import mark, news_in_words
from dashboard.locale import speaking
from tests.support.case_files import COMPLETE, SERTRALINE, case, contact, form

ON_THE_12TH = datetime(2026, 11, 12, 15, 4, tzinfo=PARIS)
TODAY = datetime(2026, 11, 24, 10, 42, tzinfo=PARIS)
BEFORE = case(assessments=(form("gad7", date(2026, 9, 1), 8, number=11),))
PHQ9 = tuple(form("phq9", date(2026, 11, day), day, number=day) for day in (13, 20))
IMPOSSIBLE = form("phq9", date(2026, 11, 21), 45, number=31)
CSSRS = replace(PHQ9[0], id=30, instrument="cssrs", total=None, items=(1, 0, 0, 0, 0, 1))
STOPPED = replace(SERTRALINE, stopped_on=date(2026, 11, 20))
OLDER = replace(SERTRALINE, id=4, stopped_on=SERTRALINE.started_on, daily_dose_mg=Decimal(25))
HIGHER = replace(SERTRALINE, id=2, daily_dose_mg=Decimal(100), started_on=date(2026, 11, 20))
SAME_DOSE = replace(HIGHER, daily_dose_mg=Decimal(50))
MIRTAZAPINE = replace(
    SERTRALINE, id=3, atc_code="N06AX11", name="mirtazapine", daily_dose_mg=Decimal("7.5")
)
AS_NEEDED = replace(MIRTAZAPINE, daily_dose_mg=None, as_needed=True)
CONTACTS = (
    replace(contact(date(2026, 11, 20)), id=5),
    replace(contact(date(2026, 11, 21), attended=False), id=6),
)
PREGNANCY = Condition(2, "Z33", "Grossesse", None, None)
PAST_PREGNANCY = replace(PREGNANCY, resolved_on=date(2026, 11, 20))
CARE = COMPLETE.psychosocial[0]
PAST_CARE = replace(CARE, ended_on=date(2026, 11, 20))
FLAG = Flag(1, "safety", None, ON_THE_12TH, None, None, None)
CLEARED = replace(FLAG, id=2, cleared_at=TODAY)

CASES = [
    # change in the case, expected words
    ({"assessments": (*BEFORE.assessments, PHQ9[1])}, "PHQ-9 20"),
    ({"assessments": (*BEFORE.assessments, *PHQ9)}, "PHQ-9 13 → 20"),
    ({"assessments": (*BEFORE.assessments, PHQ9[0], IMPOSSIBLE)}, "PHQ-9 13 → 45 ?"),
    (
        {"assessments": (*BEFORE.assessments, CSSRS)},
        "C-SSRS (answered yes: 1 (wish to be dead), 6 (suicidal behaviour))",
    ),
    ({"contacts": (*COMPLETE.contacts, CONTACTS[0])}, "1 contact"),
    ({"contacts": (*COMPLETE.contacts, *CONTACTS)}, "1 contact, 1 missed contact"),
    ({"treatments": (STOPPED, HIGHER)}, "sertraline 50 → 100 mg"),
    ({"treatments": (STOPPED,)}, "sertraline stopped"),
    ({"treatments": (OLDER, SERTRALINE)}, "sertraline changed"),
    ({"treatments": (STOPPED, SAME_DOSE)}, "sertraline changed"),
    ({"treatments": (replace(SERTRALINE, adherence="poor"),)}, "sertraline changed"),
    ({"treatments": (SERTRALINE, MIRTAZAPINE)}, "mirtazapine 7.5 mg started"),
    ({"treatments": (SERTRALINE, AS_NEEDED)}, "mirtazapine started"),
    ({"conditions": (*COMPLETE.conditions, PREGNANCY)}, "Grossesse"),
    ({"conditions": (*COMPLETE.conditions, PAST_PREGNANCY)}, "Grossesse ended"),
    ({"flags": (FLAG,)}, "1 flag"),
    ({"flags": (CLEARED,)}, "1 flag cleared"),
    ({"flags": (FLAG, CLEARED)}, "1 flag, 1 flag cleared"),
    ({"psychosocial": (CARE, replace(CARE, id=2))}, "1 psychosocial care"),
    ({"psychosocial": (PAST_CARE,)}, "1 psychosocial care ended"),
]


def told(changes, since=ON_THE_12TH, **values):
    after = replace(BEFORE, **changes)
    found = news(Opening(snapshot(BEFORE, since), None, **values), after, 3)
    return news_in_words(after, found)


@pytest.mark.parametrize(("changes", "said"), CASES)
def test_each_thing_is_said_with_its_numbers(changes, said):
    with speaking("en"):
        assert told(changes) == f"New since 12 Nov: {said}"


def test_nothing_new_is_said_too():
    with speaking("en"):
        assert told({}) == "Nothing new since 12 Nov."
        assert told({}, since=TODAY) == "Nothing new since 10:42 today."


def test_a_year_ago_says_its_year():
    with speaking("en"):
        assert told({}, since=ON_THE_12TH.replace(year=2025)) == "Nothing new since 12 Nov 2025."


def test_what_was_taken_back_says_that_it_will_be_marked_again():
    with speaking("en"):
        said = told({"contacts": (*COMPLETE.contacts, CONTACTS[0])}, taken_back=True)
    assert said == "New since 12 Nov: 1 contact · marked again when you next look"


def test_a_mark_says_new_or_changed():
    after = replace(BEFORE, treatments=(STOPPED, HIGHER))
    found = news(Opening(snapshot(BEFORE, ON_THE_12TH), None), after, 3)
    with speaking("en"):
        marks = [mark(found, "treatments", id_) for id_ in (1, 2, 3)]
    assert marks == ["● changed", "● new", ""]

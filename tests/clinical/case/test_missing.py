"""Gaps in a case and oddities in its rows: named, and never dropped in silence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.clinical.case.case_file import Condition, Flag, PsychosocialCare, Sequence
from dashboard.clinical.case.missing import is_current, last_form, missing, odd_rows
from dashboard.clinical.remarks import Remark
from tests.support.case_files import COMPLETE, ENROLLED_ON, SERTRALINE, TODAY, case, contact, form

GAD7 = form("gad7", ENROLLED_ON, 8)
ZERO = (0,) * 9
YESTERDAY = TODAY - timedelta(days=1)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def treated(**values):
    return {"treatments": (replace(SERTRALINE, **values),)}


def test_a_complete_case_lacks_nothing_and_has_nothing_odd():
    assert missing(COMPLETE) == ()
    assert odd_rows(COMPLETE) == ()


@pytest.mark.parametrize(
    ("changed", "remarks"),
    [
        ({"consented_on": None}, [Remark("no_consent")]),
        ({"diagnosis_code": None}, [Remark("no_diagnosis")]),
        ({"diagnosis_code": ""}, [Remark("no_diagnosis")]),
        ({"assessments": (GAD7,)}, [Remark("no_phq9")]),
        ({"assessments": (form("phq9", TODAY, items=ZERO),)}, [Remark("no_gad7")]),
        # A PHQ-9 is due every 30 days.
        ({"assessments": (GAD7, form("phq9", days_ago(29), items=ZERO))}, []),
        (
            {"assessments": (GAD7, form("phq9", days_ago(30), items=ZERO))},
            [Remark("phq9_overdue", day=days_ago(30))],
        ),
        # In relapse prevention, a PHQ-9 is due every 60 days.
        (
            {
                "status": "relapse_prevention",
                "assessments": (GAD7, form("phq9", days_ago(59), items=ZERO)),
            },
            [],
        ),
        (
            {
                "status": "relapse_prevention",
                "assessments": (GAD7, form("phq9", days_ago(60), items=ZERO)),
            },
            [Remark("phq9_overdue", day=days_ago(60))],
        ),
        # Item 9 answered 0 is known; a total without items is not.
        ({"assessments": (GAD7, form("phq9", TODAY, 0, ZERO))}, []),
        (
            {"assessments": (GAD7, form("phq9", TODAY, 0))},
            [Remark("item9_unknown", day=TODAY)],
        ),
        (
            {"assessments": (GAD7, form("phq9", TODAY, 9, (1,) * 8 + (None,)))},
            [Remark("item9_unknown", day=TODAY)],
        ),
        # A negative answer is none.
        (
            {"assessments": (GAD7, form("phq9", TODAY, 9, (1,) * 8 + (-1,)))},
            [Remark("item9_unknown", day=TODAY)],
        ),
        # The latest form is the one that counts.
        (
            {"assessments": (GAD7, form("phq9", YESTERDAY, 0, ZERO), form("phq9", TODAY, 0))},
            [Remark("item9_unknown", day=TODAY)],
        ),
        # Of two forms of one day, one with an answer is enough.
        ({"assessments": (GAD7, form("phq9", TODAY, 0, ZERO), form("phq9", TODAY, 0))}, []),
        ({"contacts": ()}, [Remark("no_contact")]),
        ({"contacts": (contact(TODAY, attended=False),)}, [Remark("no_contact")]),
        ({"contacts": (contact(YESTERDAY), contact(TODAY, attended=False))}, []),
        # A contact to make an appointment or to send a message does not count.
        (
            {"contacts": (replace(contact(TODAY), purpose="scheduling"),)},
            [Remark("no_contact")],
        ),
        ({"contacts": (replace(contact(TODAY), purpose="message"),)}, [Remark("no_contact")]),
        ({"contacts": (replace(contact(TODAY), purpose="treatment"),)}, []),
        ({"sequences": ()}, [Remark("no_sequence")]),
        (
            {"sequences": (Sequence("classique", 1, TODAY + timedelta(days=1), TODAY),)},
            [Remark("no_sequence")],
        ),
        (treated(daily_dose_mg=None), [Remark("dose_unknown", "sertraline")]),
        (treated(daily_dose_mg=None, as_needed=True), []),
        (treated(daily_dose_mg=None, stopped_on=TODAY), []),
        (treated(adherence=None), [Remark("adherence_unknown", "sertraline")]),
        (treated(adherence="unknown"), [Remark("adherence_unknown", "sertraline")]),
        (treated(adherence="poor"), []),
        (treated(adherence=None, stopped_on=TODAY), []),
        (treated(adherence=None, atc_code="N05BA04"), []),
    ],
)
def test_what_is_missing(changed, remarks):
    assert list(missing(case(**changed))) == remarks


def test_a_closed_episode_lacks_no_score_and_no_sequence_of_the_days_after_it():
    changed = {
        "assessments": (GAD7, form("phq9", days_ago(400), items=ZERO)),
        "sequences": (),
        "consented_on": None,
    }
    closed = case(status="closed", closed_on=days_ago(390), **changed)
    assert missing(closed) == (Remark("no_consent"),)


@pytest.mark.parametrize(
    ("changed", "remarks"),
    [
        (
            {"assessments": (form("whoqol", TODAY, 75),)},
            [Remark("unknown_instrument", "whoqol", TODAY)],
        ),
        (
            {"assessments": (form("phq9", TODAY, 31),)},
            [Remark("out_of_range", "PHQ-9", TODAY)],
        ),
        (
            {"assessments": (form("phq9", TODAY, 31, (1,) * 9), form("gad7", TODAY))},
            [
                Remark("out_of_range", "PHQ-9", TODAY),
                Remark("total_disagrees", "PHQ-9", TODAY),
                Remark("no_score", "GAD-7", TODAY),
            ],
        ),
        (
            treated(stopped_on=SERTRALINE.started_on - timedelta(days=1)),
            [Remark("dates_reversed", "sertraline", SERTRALINE.started_on - timedelta(days=1))],
        ),
        (treated(stopped_on=SERTRALINE.started_on), []),
        (
            {"psychosocial": (PsychosocialCare(1, "other", TODAY, YESTERDAY, None, None),)},
            [Remark("dates_reversed", "other", YESTERDAY)],
        ),
        (
            {"conditions": (Condition(1, "Z33", "Grossesse", TODAY, YESTERDAY),)},
            [Remark("dates_reversed", "Grossesse", YESTERDAY)],
        ),
        ({"conditions": (Condition(1, "Z33", "Grossesse", None, YESTERDAY),)}, []),
        (
            {"sequences": (Sequence("leger", 1, TODAY, YESTERDAY),)},
            [Remark("dates_reversed", "leger", YESTERDAY)],
        ),
        (
            {"status": "closed", "closed_on": ENROLLED_ON - timedelta(days=1)},
            [Remark("dates_reversed", None, ENROLLED_ON - timedelta(days=1))],
        ),
        ({"status": "closed", "closed_on": ENROLLED_ON}, []),
        (
            {"identity": replace(COMPLETE.identity, birth_date=ENROLLED_ON + timedelta(days=1))},
            [Remark("born_later", day=ENROLLED_ON + timedelta(days=1))],
        ),
        ({"identity": replace(COMPLETE.identity, birth_date=ENROLLED_ON)}, []),
        (
            {"identity": replace(COMPLETE.identity, birth_date=date(1899, 12, 31))},
            [Remark("impossible_birth", day=date(1899, 12, 31))],
        ),
        ({"identity": replace(COMPLETE.identity, birth_date=date(1900, 1, 1))}, []),
        (
            treated(started_on=date(1899, 12, 31)),
            [Remark("impossible_day", "sertraline", date(1899, 12, 31))],
        ),
        (treated(started_on=date(1900, 1, 1)), []),
        (
            {"sequences": (Sequence("leger", 1, TODAY, date(2200, 1, 1)),)},
            [Remark("impossible_day", "leger", date(2200, 1, 1))],
        ),
        ({"sequences": (Sequence("leger", 1, TODAY, date(2199, 12, 31)),)}, []),
        (
            treated(daily_dose_mg=Decimal(-1)),
            [Remark("negative_dose", "sertraline", SERTRALINE.started_on)],
        ),
        (treated(daily_dose_mg=Decimal(0)), []),
        ({"closed_on": TODAY}, [Remark("closed_and_open", day=TODAY)]),
        ({"closed_on": TODAY + timedelta(days=1)}, []),
        ({"status": "closed", "closed_on": TODAY}, []),
        ({"status": "relapse_prevention"}, []),
        ({"status": "SU"}, [Remark("unknown_status", "SU")]),
        ({"status": None}, [Remark("unknown_status", None)]),
        (
            {"identity": replace(COMPLETE.identity, sex="X")},
            [Remark("unknown_sex", "X")],
        ),
        (
            {"sequences": (Sequence("court", 1, ENROLLED_ON, TODAY),)},
            [Remark("unknown_sequence", "court", ENROLLED_ON)],
        ),
        (
            {"contacts": (replace(contact(TODAY), kind="fax"),)},
            [Remark("unknown_contact", "fax", TODAY)],
        ),
        (
            treated(adherence="bof"),
            [Remark("unknown_adherence", "bof", SERTRALINE.started_on)],
        ),
        (treated(adherence=None), []),
        (
            {"psychosocial": (PsychosocialCare(1, "yoga", TODAY, None, None, None),)},
            [Remark("unknown_care", "yoga", TODAY)],
        ),
        (
            {"flags": (Flag(1, "S", None, contact(TODAY).happened_at, None, None, None),)},
            [Remark("unknown_flag", "S", TODAY)],
        ),
    ],
)
def test_what_is_odd(changed, remarks):
    assert list(odd_rows(case(**changed))) == remarks


def test_the_day_of_an_unknown_flag_is_that_of_paris():
    after_midnight = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    flags = (Flag(1, "S", None, after_midnight, None, None, None),)
    assert odd_rows(case(flags=flags)) == (Remark("unknown_flag", "S", date(2026, 11, 21)),)


@pytest.mark.parametrize(
    ("started_on", "stopped_on", "current"),
    [
        (TODAY, None, True),
        (TODAY + timedelta(days=1), None, False),
        (YESTERDAY, TODAY + timedelta(days=1), True),
        (YESTERDAY, TODAY, False),
        (YESTERDAY, YESTERDAY, False),
    ],
)
def test_a_treatment_is_current_until_the_day_before_it_is_stopped(started_on, stopped_on, current):
    row = replace(SERTRALINE, started_on=started_on, stopped_on=stopped_on)
    assert is_current(row, TODAY) is current


def test_the_last_form_is_the_latest_with_or_without_a_score():
    forms = (form("phq9", YESTERDAY, 12, number=1), form("phq9", TODAY, 31, number=2))
    assert last_form(case(assessments=forms), "phq9") == forms[1]
    assert last_form(case(assessments=forms), "gad7") is None

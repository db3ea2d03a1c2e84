"""The drugs among the news: a start, a stop and a change of dose are claimed only if proved."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.drug_news import DrugNews, DrugNewsKind, drug_news
from dashboard.clinical.case.last_look import Opening, news, snapshot
from tests.support.case_files import SERTRALINE, case

LAST_LOOK = datetime(2026, 11, 20, 9, tzinfo=PARIS)
IN_OCTOBER = date(2026, 10, 1)
ON_THE_21ST = date(2026, 11, 21)
STARTED, STOPPED, DOSE_CHANGED, CHANGED = DrugNewsKind


def row(id_, dose, started_on=date(2026, 9, 10), stopped_on=None, **values):
    """Return a row of sertraline."""
    amount = None if dose is None else Decimal(dose)
    dates = {"started_on": started_on, "stopped_on": stopped_on}
    return replace(SERTRALINE, id=id_, daily_dose_mg=amount, **dates, **values)


OLD = row(1, 50, stopped_on=IN_OCTOBER)
CURRENT = row(2, 100, IN_OCTOBER)
AS_NEEDED = row(3, 25, as_needed=True)
ENDED = row(1, 50, stopped_on=ON_THE_21ST)
HIGHER = row(2, 100, ON_THE_21ST)


def found(before, after):
    then = case(treatments=before)
    now = replace(then, treatments=after)
    return list(drug_news(now, news(Opening(snapshot(then, LAST_LOOK), None), now, 99)))


CASES = {
    # case: rows at the last look, rows now, kind of news, doses before and after
    "a first row": ((), (row(1, 50),), STARTED, None, 50),
    "a first row without dose": ((), (row(1, None),), STARTED, None, None),
    "a restart after a break": ((OLD,), (OLD, HIGHER), STARTED, None, 100),
    "two rows at once": ((), (row(1, 50), AS_NEEDED), STARTED, None, None),
    "the only row ends": ((row(1, 50),), (ENDED,), STOPPED, None, None),
    "a row follows another": ((row(1, 50),), (ENDED, HIGHER), DOSE_CHANGED, 50, 100),
    "a row follows on the next day": (
        (row(1, 50),),
        (ENDED, row(2, 100, date(2026, 11, 22))),
        DOSE_CHANGED,
        50,
        100,
    ),
    "a row follows at the same dose": (
        (row(1, 50),),
        (ENDED, row(2, 50, ON_THE_21ST)),
        CHANGED,
        None,
        None,
    ),
    "a row follows after a break": (
        (row(1, 50),),
        (OLD, HIGHER),
        CHANGED,
        None,
        None,
    ),
    "a row follows one whose end was known": ((ENDED,), (ENDED, HIGHER), CHANGED, None, None),
    "a regular row follows one as needed": (
        (AS_NEEDED,),
        (replace(AS_NEEDED, stopped_on=ON_THE_21ST), HIGHER),
        CHANGED,
        None,
        None,
    ),
    "an old row gets a reason": (
        (OLD, CURRENT),
        (replace(OLD, stop_reason="increase"), CURRENT),
        CHANGED,
        None,
        None,
    ),
    "an old row is entered late": ((CURRENT,), (OLD, CURRENT), CHANGED, None, None),
    "an old row is entered late, and the current one edited": (
        (CURRENT,),
        (OLD, replace(CURRENT, adherence="poor")),
        CHANGED,
        None,
        None,
    ),
    "a row as needed ends, and the regular one goes on": (
        (CURRENT, AS_NEEDED),
        (CURRENT, replace(AS_NEEDED, stopped_on=ON_THE_21ST)),
        CHANGED,
        None,
        None,
    ),
    "a row as needed is added to a regular one": (
        (CURRENT,),
        (CURRENT, AS_NEEDED),
        CHANGED,
        None,
        None,
    ),
}


@pytest.mark.parametrize(
    ("before", "after", "kind", "dose_before", "dose_after"), CASES.values(), ids=CASES
)
def test_the_other_rows_of_a_drug_decide_its_news(before, after, kind, dose_before, dose_after):
    assert found(before, after) == [DrugNews(kind, "sertraline", dose_before, dose_after)]


def test_an_unmarked_drug_is_no_news():
    assert found((OLD, CURRENT), (OLD, CURRENT)) == []


def test_two_drugs_without_atc_code_are_told_apart():
    drugs = tuple(
        replace(row(number, number), atc_code="", name=name)
        for number, name in ((1, "prazosine"), (2, "mélatonine"))
    )
    assert found((), drugs) == [
        DrugNews(STARTED, "prazosine", None, Decimal(1)),
        DrugNews(STARTED, "mélatonine", None, Decimal(2)),
    ]

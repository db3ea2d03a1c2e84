"""The changes of drugs between the day of the review and today, from the rows of the registry."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboard.clinical.case.drug_changes import DrugChange, DrugEvent, drug_changes
from tests.support.case_files import SERTRALINE, TODAY

REVIEWED = date(2026, 11, 12)
LATER = REVIEWED + timedelta(days=5)
BEFORE = date(2026, 9, 10)


def drug(started_on, stopped_on=None, dose=50, number=1, **values):
    return replace(
        SERTRALINE,
        id=number,
        started_on=started_on,
        stopped_on=stopped_on,
        daily_dose_mg=None if dose is None else Decimal(dose),
        **values,
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([drug(BEFORE)], []),
        ([drug(LATER)], [DrugChange(DrugEvent.STARTED, "sertraline", LATER, None, Decimal(50))]),
        (
            [drug(BEFORE, LATER)],
            [DrugChange(DrugEvent.STOPPED, "sertraline", LATER, Decimal(50))],
        ),
        (
            [drug(BEFORE, LATER), drug(LATER, dose=100, number=2)],
            [DrugChange(DrugEvent.DOSE_CHANGED, "sertraline", LATER, Decimal(50), Decimal(100))],
        ),
        ([drug(BEFORE, LATER), drug(LATER, number=2)], []),
        (
            [drug(BEFORE, LATER), drug(LATER, dose=None, number=2)],
            [DrugChange(DrugEvent.CHANGED, "sertraline", LATER)],
        ),
        (
            [drug(BEFORE, LATER), drug(LATER + timedelta(days=2), number=2)],
            [DrugChange(DrugEvent.CHANGED, "sertraline", LATER + timedelta(days=2))],
        ),
        (
            [
                drug(BEFORE, LATER),
                drug(LATER + timedelta(days=2), LATER + timedelta(days=4), number=2),
                drug(LATER + timedelta(days=4), number=3),
            ],
            [DrugChange(DrugEvent.CHANGED, "sertraline", LATER + timedelta(days=4))],
        ),
        (
            [drug(LATER, LATER + timedelta(days=2))],
            [DrugChange(DrugEvent.TRIED, "sertraline", LATER, None, Decimal(50))],
        ),
        ([drug(BEFORE, REVIEWED)], []),
        ([drug(TODAY + timedelta(days=1))], []),
        ([drug(BEFORE, TODAY + timedelta(days=1))], []),
    ],
)
def test_a_drug_is_compared_between_the_review_and_today(rows, expected):
    assert list(drug_changes(rows, REVIEWED, TODAY)) == expected


def quetiapine(started_on, stopped_on=None, dose=300, **values):
    values = {"atc_code": "N05AH04", "name": "quétiapine"} | values
    return drug(started_on, stopped_on, dose, **values)


def as_needed(started_on, stopped_on=None):
    return quetiapine(started_on, stopped_on, 25, number=2, as_needed=True)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [quetiapine(BEFORE), as_needed(LATER)],
            DrugChange(DrugEvent.STARTED, "quétiapine", LATER, None, Decimal(25), as_needed=True),
        ),
        (
            [quetiapine(BEFORE), as_needed(BEFORE, LATER)],
            DrugChange(DrugEvent.STOPPED, "quétiapine", LATER, Decimal(25), as_needed=True),
        ),
        (
            [quetiapine(BEFORE, LATER), as_needed(BEFORE)],
            DrugChange(DrugEvent.ONLY_AS_NEEDED, "quétiapine", LATER, Decimal(300)),
        ),
    ],
)
def test_a_drug_taken_as_needed_is_apart_from_the_same_drug_taken_regularly(rows, expected):
    assert list(drug_changes(rows, REVIEWED, TODAY)) == [expected]


def test_a_second_row_of_a_drug_is_no_other_dose():
    rows = [drug(BEFORE, dose=150), drug(LATER, dose="37.5", number=2)]
    assert list(drug_changes(rows, REVIEWED, TODAY)) == [
        DrugChange(DrugEvent.CHANGED, "sertraline", LATER)
    ]


def test_two_rows_that_both_go_on_are_no_change():
    rows = [drug(BEFORE, dose=150), drug(BEFORE, dose="37.5", number=2)]
    assert list(drug_changes(rows, REVIEWED, TODAY)) == []


@pytest.mark.parametrize("blank", ["", " "])
def test_drugs_without_a_code_are_told_apart_by_their_names(blank):
    rows = [
        drug(BEFORE, dose=5, atc_code=blank, name="prazosine"),
        drug(LATER, dose=2, atc_code=blank, name="mélatonine"),
    ]
    assert list(drug_changes(rows, REVIEWED, TODAY)) == [
        DrugChange(DrugEvent.STARTED, "mélatonine", LATER, None, Decimal(2))
    ]

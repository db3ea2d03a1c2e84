"""Assessments that arrive twice: equal ones are stored once, different ones are both stored."""

import pytest

from dashboard.database.loading.incremental_import import ImportChoices
from tests.database.loading.test_folder_import import FOLDER

HEADER = FOLDER["assessment"].splitlines()[0] + "\n"
ITEMS = "2;1;1;3;0;0;1;0;1"
# 40 is in the registry already: the PHQ-9 of patient 10 on 1 September, total 10, item 3 empty.


def kept(database):
    with database.owner().connect() as connection:
        return list(
            connection.exec_driver_sql(
                "SELECT id FROM registry.assessment WHERE id >= 50 ORDER BY id"
            ).scalars()
        )


CASES = {
    "the same from two sources": (["50,10,phq9,2026-10-01,9,,", "51,10,phq9,2026-10-01,9,,"], [50]),
    "one has the items as well": (
        ["50,10,phq9,2026-10-01,9,,", f"51,10,phq9,2026-10-01,9,{ITEMS},"],
        [51],
    ),
    "one has the items alone, which add up to the total of the other": (
        ["50,10,phq9,2026-10-01,9,,", f"51,10,phq9,2026-10-01,,{ITEMS},"],
        [51],
    ),
    "one has a part of the items, which add up to the total of the other": (
        ["50,10,phq9,2026-10-01,9,,", "51,10,phq9,2026-10-01,,2;1;1;3;0;0;1;1,"],
        [50, 51],
    ),
    "two totals": (["50,10,phq9,2026-10-01,9,,", "51,10,phq9,2026-10-01,8,,"], [50, 51]),
    "two sets of answers with one total": (
        [f"50,10,phq9,2026-10-01,9,{ITEMS},", "51,10,phq9,2026-10-01,9,1;2;1;3;0;0;1;0;1,"],
        [50, 51],
    ),
    "two days": (["50,10,phq9,2026-10-01,9,,", "51,10,phq9,2026-10-02,9,,"], [50, 51]),
    "two instruments": (["50,10,phq9,2026-10-01,9,,", "51,10,gad7,2026-10-01,9,,"], [50, 51]),
    "two patients": (["50,10,phq9,2026-10-01,9,,", "51,11,phq9,2026-10-01,9,,"], [50, 51]),
}


@pytest.mark.parametrize(("lines", "expected"), CASES.values(), ids=CASES)
def test_assessments_with(drop, loaded, lines, expected):
    done = drop(assessment=HEADER + "\n".join(lines) + "\n")
    assert kept(loaded) == expected
    assert done.arrived[0].same == len(lines) - len(expected)


def test_an_assessment_that_the_registry_has_already_is_left_out(drop, loaded):
    drop(assessment=HEADER + "50,10,phq9,2026-10-01,9,,\n")
    again = drop(assessment=HEADER + "51,10,phq9,2026-10-01,9,,\n").arrived[0]
    assert (kept(loaded), again.same, again.added) == ([50], 1, 0)


def test_the_one_with_items_takes_the_place_of_the_one_without(drop, loaded):
    drop(assessment=HEADER + "50,10,phq9,2026-10-01,9,,\n")
    drop(assessment=HEADER + f"51,10,phq9,2026-10-01,9,{ITEMS},\n")
    assert kept(loaded) == [51]


def test_whole_files_with_both_change_nothing_the_second_night(drop, loaded):
    both = (
        FOLDER["assessment"] + "50,10,phq9,2026-10-01,9,,\n" + f"51,10,phq9,2026-10-01,9,{ITEMS},\n"
    )
    drop(assessment_full=both)
    done = drop(ImportChoices(), assessment_full=both).arrived[0]
    assert (done.added, done.changed, done.removed, done.same) == (0, 0, 0, 1)


def test_one_of_two_that_is_corrected_later_is_loaded(drop, loaded):
    drop(assessment=HEADER + "50,10,phq9,2026-10-01,9,,\n51,10,phq9,2026-10-01,9,,\n")
    drop(assessment=HEADER + "51,10,phq9,2026-10-01,19,,\n")
    assert kept(loaded) == [50, 51]

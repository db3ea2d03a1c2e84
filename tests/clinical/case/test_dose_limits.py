"""The limits of a dose: at the age of the patient while the dose was taken."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dashboard.clinical.case.dose_limits import DoseLimit, missed_limit
from tests.support.case_files import COMPLETE, SERTRALINE, TODAY, case

CITALOPRAM = replace(
    SERTRALINE, atc_code="N06AB04", name="citalopram", daily_dose_mg=Decimal(40), stopped_on=None
)
AT_65 = date(2026, 10, 1)
AGED_66_IN_NOVEMBER = case(identity=replace(COMPLETE.identity, birth_date=date(1960, 11, 1)))

CASES = {
    # case: changes of 40 mg of citalopram, the limit that it misses
    "still taken at 66": ({}, DoseLimit.ABOVE_MAXIMUM),
    "stopped at 65": ({"stopped_on": AT_65}, None),
    "stopped at 66": ({"stopped_on": TODAY}, DoseLimit.ABOVE_MAXIMUM),
    "above the maximum of 65, and stopped at 65": (
        {"daily_dose_mg": Decimal(60), "stopped_on": AT_65},
        DoseLimit.ABOVE_MAXIMUM,
    ),
    "below the minimum": ({"daily_dose_mg": Decimal(5)}, DoseLimit.BELOW_MINIMUM),
    "as needed": ({"as_needed": True}, None),
    "without dose": ({"daily_dose_mg": None}, None),
}


@pytest.mark.parametrize(("changes", "limit"), CASES.values(), ids=CASES)
def test_a_dose_is_measured_at_the_age_on_its_last_day(changes, limit):
    assert missed_limit(AGED_66_IN_NOVEMBER, replace(CITALOPRAM, **changes)) is limit

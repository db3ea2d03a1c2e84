"""Drugs: the dose ranges, what must not be combined, and the age that a maximum goes by."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.clinical.medication import (
    ADEQUATE_TRIAL_DAYS,
    ANTIDEPRESSANTS,
    PSYCHOTROPICS,
    Antidepressant,
    above_maximum,
    age_on,
    below_minimum,
    benzodiazepine_limit,
    contraindicated_together,
    excluded_with_citalopram,
    is_among,
)

# docs/domain.md, section 4: mg a day, the maximum over 65 in brackets.
TABLE = """
drug            ATC      minimum  maximum   watch
citalopram      N06AB04  20       40 (20)   qt
escitalopram    N06AB10  10       20 (10)   qt
fluoxétine      N06AB03  20       60        –
paroxétine      N06AB05  20       50        –
sertraline      N06AB06  50       200       –
fluvoxamine     N06AB08  100      300       –
venlafaxine LP  N06AX16  75       375       blood_pressure
duloxétine      N06AX21  60       120       –
milnacipran     N06AX17  100      200       –
mirtazapine     N06AX11  15       45        weight
miansérine      N06AX03  30       90        –
vortioxétine    N06AX26  5        20        –
agomélatine     N06AX22  25       50        liver
tianeptine      N06AX14  25       37.5      –
clomipramine    N06AA04  75       150       –
amitriptyline   N06AA09  75       150       –
"""

BIT = Decimal("0.1")
DRUGS = list(ANTIDEPRESSANTS.values())


def test_every_drug_is_as_the_table_says():
    rows = [" ".join(line.split()) for line in TABLE.strip().splitlines()[1:]]
    assert [as_row(drug) for drug in DRUGS] == rows
    assert list(ANTIDEPRESSANTS) == [drug.atc_code for drug in DRUGS]


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.name)
def test_a_dose_is_above_the_maximum_and_not_at_it(drug: Antidepressant):
    code, most = drug.atc_code, drug.maximum
    assert [above_maximum(code, dose, 65) for dose in (most - BIT, most, most + BIT)] == [
        False,
        False,
        True,
    ]
    assert not above_maximum(code, None, 65)


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.name)
def test_a_dose_is_below_the_minimum_and_not_at_it(drug: Antidepressant):
    code, least = drug.atc_code, drug.minimum
    assert [below_minimum(code, dose) for dose in (least - BIT, least, least + BIT)] == [
        True,
        False,
        False,
    ]
    assert below_minimum(code, Decimal(0))
    assert not below_minimum(code, None)


@pytest.mark.parametrize("drug", DRUGS, ids=lambda drug: drug.name)
def test_over_65_begins_at_66_and_lowers_two_maxima(drug: Antidepressant):
    lowered = {"N06AB04": Decimal(20), "N06AB10": Decimal(10)}
    most = lowered.get(drug.atc_code, drug.maximum)
    assert [drug.maximum_at(age) for age in (18, 65, 66, 90)] == [
        drug.maximum,
        drug.maximum,
        most,
        most,
    ]
    assert not above_maximum(drug.atc_code, most, 66)
    assert above_maximum(drug.atc_code, most + BIT, 66)


def test_a_drug_that_is_no_antidepressant_has_no_range():
    assert not above_maximum("N05AH04", Decimal(5000), 40)
    assert not below_minimum("N05AH04", Decimal(0))


@pytest.mark.parametrize(
    ("atc_code", "drug", "excluded"),
    [
        ("N05BB01", "hydroxyzine", True),
        ("N05AD01", "haloperidol", True),
        ("N05AH03", "olanzapine", True),
        ("N05AN01", "lithium", False),
        ("N06AA09", "amitriptyline", True),
        ("N06AA04", "clomipramine", True),
        ("C01BA03", "disopyramide, class Ia", True),
        ("C01BD01", "amiodarone, class III", True),
        ("C01BB02", "mexiletine, class Ib", False),
        ("C01BC04", "flecainide, class Ic", False),
        ("N05BA01", "diazepam", False),
        ("N05BE01", "buspirone", False),
        ("N05CF02", "zolpidem", False),
        ("N06AB06", "sertraline", False),
        ("N06AX11", "mirtazapine", False),
    ],
)
def test_what_is_contraindicated_with_citalopram_and_escitalopram_alone(atc_code, drug, excluded):
    assert excluded_with_citalopram(atc_code) is excluded
    for citalopram in ("N06AB04", "N06AB10"):
        assert contraindicated_together(citalopram, atc_code) is excluded
        assert contraindicated_together(atc_code, citalopram) is excluded
    assert not contraindicated_together("N06AB06", atc_code)
    assert not contraindicated_together(atc_code, "N06AB06")


def test_two_excluded_drugs_without_citalopram_are_not_contraindicated():
    assert not contraindicated_together("N05BB01", "N05AD01")
    assert not contraindicated_together("N06AB04", "N06AB10")


@pytest.mark.parametrize(
    ("atc_code", "days"),
    [
        ("N05CD06", 28),
        ("N05CF02", 28),
        ("N05BA04", 84),
        ("N05CH01", None),
        ("N05CC01", None),
        ("N05BB01", None),
        ("N05BE01", None),
        ("N06AB06", None),
    ],
)
def test_hypnotics_are_for_four_weeks_and_anxiolytics_for_twelve(atc_code, days):
    assert benzodiazepine_limit(atc_code) == days


@pytest.mark.parametrize(
    ("atc_code", "psychotropic"),
    [
        ("N03AG01", True),
        ("N05BA04", True),
        ("N05AN01", True),
        ("N06AB06", True),
        ("N06BA04", False),
        ("N06DA02", False),
        ("N04BA02", False),
        ("N02BE01", False),
        ("", False),
    ],
)
def test_psychotropics_are_antiepileptics_psycholeptics_and_antidepressants(atc_code, psychotropic):
    assert is_among(atc_code, PSYCHOTROPICS) is psychotropic


def test_an_adequate_trial_is_four_weeks():
    assert ADEQUATE_TRIAL_DAYS == 28


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1960, 6, 15), date(2026, 6, 14), 65),
        (date(1960, 6, 15), date(2026, 6, 15), 66),
        (date(1960, 6, 15), date(2026, 6, 16), 66),
        (date(1960, 6, 15), date(2026, 5, 31), 65),
        (date(1960, 6, 15), date(2026, 7, 1), 66),
        # Born on 29 February: a year older on 1 March where there is no 29th.
        (date(1960, 2, 29), date(2026, 2, 28), 65),
        (date(1960, 2, 29), date(2026, 3, 1), 66),
        (date(1960, 2, 29), date(2028, 2, 28), 67),
        (date(1960, 2, 29), date(2028, 2, 29), 68),
        (date(1960, 12, 31), date(2026, 1, 1), 65),
        (date(2026, 6, 15), date(2026, 6, 15), 0),
    ],
)
def test_age_is_in_completed_years(born, day, age):
    assert age_on(born, day) == age


def as_row(drug: Antidepressant) -> str:
    most = str(drug.maximum)
    if drug.maximum_over_65 is not None:
        most += f" ({drug.maximum_over_65})"
    return f"{drug.name} {drug.atc_code} {drug.minimum} {most} {drug.watch or '–'}"

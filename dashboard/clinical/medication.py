"""Dose ranges of drugs, and combinations to avoid (docs/domain.md, section 4).

They are reminders, each with its source. The clinician decides; this module never proposes a
treatment. Doses are in mg a day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Antidepressant:
    """An antidepressant and its dose range, in mg a day.

    ``maximum_over_65`` is the maximum for patients over 65 years, if it differs. ``watch`` is a
    code for what to monitor, such as ``qt`` or ``weight``.
    """

    atc_code: str
    name: str
    minimum: Decimal
    maximum: Decimal
    maximum_over_65: Decimal | None = None
    watch: str | None = None

    def maximum_at(self, age: int) -> Decimal:
        """Return the maximum dose, in mg a day, at this ``age`` in completed years."""
        if self.maximum_over_65 is not None and age > 65:
            return self.maximum_over_65
        return self.maximum


ANTIDEPRESSANTS: Mapping[str, Antidepressant] = {
    drug.atc_code: drug
    for drug in (
        Antidepressant("N06AB04", "citalopram", Decimal(20), Decimal(40), Decimal(20), "qt"),
        Antidepressant("N06AB10", "escitalopram", Decimal(10), Decimal(20), Decimal(10), "qt"),
        Antidepressant("N06AB03", "fluoxétine", Decimal(20), Decimal(60)),
        Antidepressant("N06AB05", "paroxétine", Decimal(20), Decimal(50)),
        Antidepressant("N06AB06", "sertraline", Decimal(50), Decimal(200)),
        Antidepressant("N06AB08", "fluvoxamine", Decimal(100), Decimal(300)),
        Antidepressant(
            "N06AX16", "venlafaxine LP", Decimal(75), Decimal(375), watch="blood_pressure"
        ),
        Antidepressant("N06AX21", "duloxétine", Decimal(60), Decimal(120)),
        Antidepressant("N06AX17", "milnacipran", Decimal(100), Decimal(200)),
        Antidepressant("N06AX11", "mirtazapine", Decimal(15), Decimal(45), watch="weight"),
        Antidepressant("N06AX03", "miansérine", Decimal(30), Decimal(90)),
        Antidepressant("N06AX26", "vortioxétine", Decimal(5), Decimal(20)),
        Antidepressant("N06AX22", "agomélatine", Decimal(25), Decimal(50), watch="liver"),
        Antidepressant("N06AX14", "tianeptine", Decimal(25), Decimal("37.5")),
        Antidepressant("N06AA04", "clomipramine", Decimal(75), Decimal(150)),
        Antidepressant("N06AA09", "amitriptyline", Decimal(75), Decimal(150)),
    )
}

DOSE_SOURCE = "ATHF-SF"
CITALOPRAM_SOURCE = "ANSM 24/05/2022"
PREGNANCY_SOURCE = "CRAT 2020"

ADEQUATE_TRIAL_DAYS = 28
"""Days of an adequate trial of an antidepressant: four weeks at or above the minimum effective dose
(ATHF-SF).
"""

CITALOPRAMS = ("N06AB04", "N06AB10")
PSYCHOTROPICS = ("N03A", "N05", "N06A")
ANXIOLYTIC_BENZODIAZEPINES = ("N05BA",)
HYPNOTICS = ("N05CD", "N05CF")
ANXIOLYTIC_LIMIT_DAYS = 84
HYPNOTIC_LIMIT_DAYS = 28
"""The number of days from which a treatment with an anxiolytic or a hypnotic counts as a long
treatment (HAS 2015).
"""

SSRIS = ("N06AB",)
SNRIS = ("N06AX16", "N06AX17", "N06AX21")
TRICYCLICS = ("N06AA",)
"""Classes of antidepressants by ATC code (WHO ATC/DDD index). The index has no class of its own for
the serotonin-noradrenaline reuptake inhibitors (SNRI), so they are listed: venlafaxine, milnacipran
and duloxetine.
"""

_EXCLUDED_WITH_CITALOPRAM = ("N05BB01", "N05A", "N06AA", "C01BA", "C01BD")
_LITHIUM = "N05AN"


def is_among(atc_code: str, prefixes: Iterable[str]) -> bool:
    """Return whether an ATC code begins with one of ``prefixes``, which are ATC classes."""
    return atc_code.startswith(tuple(prefixes))


def excluded_with_citalopram(atc_code: str) -> bool:
    """Return whether the drug is contra-indicated with (es)citalopram (ANSM 24/05/2022).

    These drugs are hydroxyzine, tricyclics, class Ia and III anti-arrhythmics, and antipsychotics.
    Lithium is not among them, although it shares the ATC class of antipsychotics.
    """
    return is_among(atc_code, _EXCLUDED_WITH_CITALOPRAM) and not atc_code.startswith(_LITHIUM)


def contraindicated_together(one: str, other: str) -> bool:
    """Return whether the drugs with these two ATC codes are contra-indicated together. This is so
    if one is (es)citalopram and the other is contra-indicated with it.
    """
    return (one in CITALOPRAMS and excluded_with_citalopram(other)) or (
        other in CITALOPRAMS and excluded_with_citalopram(one)
    )


def shared_class(one: str, other: str) -> str | None:
    """Return the class that the antidepressants with these two ATC codes share: ``ssri``,
    ``reuptake`` (both inhibit the reuptake of serotonin, and at least one is an SNRI) or
    ``tricyclic``. Return None if they share none of these.
    """
    both = (one, other)
    if all(is_among(code, SSRIS) for code in both):
        return "ssri"
    if all(is_among(code, (*SSRIS, *SNRIS)) for code in both):
        return "reuptake"
    return "tricyclic" if all(is_among(code, TRICYCLICS) for code in both) else None


def benzodiazepine_limit(atc_code: str) -> int | None:
    """Return the number of days from which a benzodiazepine or hypnotic counts as a long treatment
    (HAS 2015).

    Return None for any other drug.
    """
    if is_among(atc_code, HYPNOTICS):
        return HYPNOTIC_LIMIT_DAYS
    if is_among(atc_code, ANXIOLYTIC_BENZODIAZEPINES):
        return ANXIOLYTIC_LIMIT_DAYS
    return None


def above_maximum(atc_code: str, dose: Decimal | None, age: int) -> bool:
    """Return whether the daily dose of an antidepressant, in mg, is above its maximum at this
    ``age``. Return False for another drug or an unknown dose.
    """
    drug = ANTIDEPRESSANTS.get(atc_code)
    return drug is not None and dose is not None and dose > drug.maximum_at(age)


def below_minimum(atc_code: str, dose: Decimal | None) -> bool:
    """Return whether the daily dose of an antidepressant, in mg, is below its minimum effective
    dose. Return False for another drug or an unknown dose.
    """
    drug = ANTIDEPRESSANTS.get(atc_code)
    return drug is not None and dose is not None and dose < drug.minimum


def age_on(birth_date: date, day: date) -> int:
    """Return the age on ``day``, in completed years."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday

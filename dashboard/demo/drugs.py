"""The drugs that are prescribed in the synthetic registry, and their doses."""

from itertools import accumulate
from random import Random
from typing import NamedTuple

from dashboard.clinical.medication import ANTIDEPRESSANTS


class Drug(NamedTuple):
    """A drug with its usual daily doses in mg, lowest first.

    A patient takes at most one drug for each ``purpose`` at a time.
    """

    atc_code: str
    name: str
    doses: tuple[float, ...]
    purpose: str


def first_antidepressant(rng: Random) -> Drug:
    """Return a random antidepressant, by the frequency with which it is prescribed first."""
    return rng.choices(_ANTIDEPRESSANTS, cum_weights=_FIRST_SUMS)[0]


def _antidepressant(atc_code: str, *doses: float) -> Drug:
    return Drug(atc_code, ANTIDEPRESSANTS[atc_code].name, doses, "antidepressant")


SERTRALINE = _antidepressant("N06AB06", 25, 50, 100, 150, 200)
ESCITALOPRAM = _antidepressant("N06AB10", 5, 10, 15, 20)
VENLAFAXINE = _antidepressant("N06AX16", 37.5, 75, 150, 225)
MIRTAZAPINE = _antidepressant("N06AX11", 7.5, 15, 30, 45)
DULOXETINE = _antidepressant("N06AX21", 30, 60, 90, 120)
VORTIOXETINE = _antidepressant("N06AX26", 5, 10, 15, 20)

SECOND_ANTIDEPRESSANTS = (
    VENLAFAXINE,
    DULOXETINE,
    SERTRALINE,
    MIRTAZAPINE,
    VORTIOXETINE,
    ESCITALOPRAM,
)

_FIRST_ANTIDEPRESSANTS: tuple[tuple[int, Drug], ...] = (
    (30, SERTRALINE),
    (22, ESCITALOPRAM),
    (12, _antidepressant("N06AB05", 10, 20, 30, 40, 50)),
    (11, VENLAFAXINE),
    (7, _antidepressant("N06AB03", 10, 20, 40, 60)),
    (5, MIRTAZAPINE),
    (4, DULOXETINE),
    (4, VORTIOXETINE),
    (3, _antidepressant("N06AB04", 10, 20, 30, 40)),
    (2, _antidepressant("N06AX03", 10, 30, 60)),
    (2, _antidepressant("N06AA09", 25, 75, 100)),
    (1, _antidepressant("N06AX14", 12.5, 25, 37.5)),
    (1, _antidepressant("N06AX22", 25, 50)),
    (1, _antidepressant("N06AB08", 50, 100, 200)),
    (1, _antidepressant("N06AA04", 25, 75, 150)),
    (1, _antidepressant("N06AX17", 50, 100, 200)),
)
"""The antidepressants that are prescribed first, with their relative frequencies."""
_ANTIDEPRESSANTS = tuple(drug for _, drug in _FIRST_ANTIDEPRESSANTS)
_FIRST_SUMS = tuple(accumulate(weight for weight, _ in _FIRST_ANTIDEPRESSANTS))

ANXIOLYTICS = (
    Drug("N05BA12", "alprazolam", (0.5, 0.75, 1), "anxiolytic"),
    Drug("N05BA04", "oxazépam", (10, 20, 30), "anxiolytic"),
    Drug("N05BA08", "bromazépam", (3, 6), "anxiolytic"),
    Drug("N05BA11", "prazépam", (10, 20), "anxiolytic"),
    Drug("N05BA06", "lorazépam", (1, 2), "anxiolytic"),
)
HYPNOTICS = (
    Drug("N05CF01", "zopiclone", (3.75, 7.5), "hypnotic"),
    Drug("N05CF02", "zolpidem", (5, 10), "hypnotic"),
    Drug("N05CD06", "lormétazépam", (0.5, 1), "hypnotic"),
)
HYDROXYZINE = Drug("N05BB01", "hydroxyzine", (25, 50), "sedative")
ADDED_ANTIPSYCHOTICS = (
    Drug("N05AH04", "quétiapine", (50, 100, 150), "antipsychotic"),
    Drug("N05AX12", "aripiprazole", (2.5, 5), "antipsychotic"),
)
DRUG_FOR_CONDITION = {
    "I10": Drug("C09AA05", "ramipril", (2.5, 5), "blood pressure"),
    "E03.9": Drug("H03AA01", "lévothyroxine", (0.05, 0.075, 0.1), "thyroid"),
    "E11.9": Drug("A10BA02", "metformine", (1000, 2000), "diabetes"),
}

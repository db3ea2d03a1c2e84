"""Equal steps of a dose in the words of a prescription."""

from decimal import Decimal

import pytest

from dashboard.clinical.advice.titration import EqualSteps, steps_alone, steps_in


@pytest.mark.parametrize(
    ("text", "dose", "every", "in_weeks"),
    [
        ("50 mg / 7 j", "50", 7, False),
        ("50mg/7j", "50", 7, False),
        ("+ 37,5 mg tous les 7 jours.", "37.5", 7, False),
        ("25 mg every 2 weeks", "25", 2, True),
        ("10 mg / semaine", "10", 1, True),
        ("10 mg par sem.", "10", 1, True),
    ],
)
def test_steps_that_stand_alone_are_read(text, dose, every, in_weeks):
    assert steps_alone(text) == EqualSteps(Decimal(dose), every, in_weeks)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "selon tolérance",
        "0 mg / 7 j",
        "50 mg / 0 j",
        "par paliers de 50 mg / 7 j",
        "50 mg / 7 j puis 100 mg",
        "d’emblée, puis 50 mg / 7 j",
        "50 mg / mois",
    ],
)
def test_any_other_text_does_not_stand_alone(text):
    assert steps_alone(text) is None


def test_steps_are_found_within_a_text():
    found = steps_in("par paliers de 25 mg toutes les 2 semaines, selon tolérance")
    assert found is not None
    assert (found.dose, found.days) == (Decimal(25), 14)

"""Equal steps of a dose in the words of a prescription."""

from decimal import Decimal

import pytest

from dashboard.clinical.advice.titration import EqualSteps, steps_alone, steps_with_words


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
        "25 mg/j",
        "25 mg / j.",
        "+ 25 mg/j",
        "50 mg par jour",
        "50 mg par j",
        "25 mg/day",
        "25 mg/d",
        "25 mg every day",
        "25 mg tous les jours",
        "25 mg chaque jour",
        "25 mg / 1 j",
    ],
)
def test_any_other_text_and_a_daily_dose_are_no_steps(text):
    assert steps_alone(text) is None


@pytest.mark.parametrize(
    ("text", "dose", "days"),
    [
        ("50 mg / 7 j", 50, 7),
        ("par paliers de 25 mg toutes les 2 semaines, selon tolérance", 25, 14),
        ("Palier de 50 mg / 7 j selon la tolérance.", 50, 7),
        ("by 50 mg every 2 weeks as tolerated", 50, 14),
        ("in steps of 25 mg every 4 days", 25, 4),
    ],
)
def test_usual_words_around_the_steps_do_not_change_them(text, dose, days):
    found = steps_with_words(text)
    assert found is not None
    assert (found.dose, found.days) == (Decimal(dose), days)


@pytest.mark.parametrize(
    "text",
    [
        "25 mg pendant 7 jours, puis 75 mg",
        "50 mg le matin, contrôle à 15 jours",
        "par paliers de 25 mg/j",
        "paliers de 25 mg / 7 j puis 50 mg / 14 j",
        "selon tolérance",
        "",
    ],
)
def test_a_text_that_says_more_names_no_equal_steps(text):
    assert steps_with_words(text) is None

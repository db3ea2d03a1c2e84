"""The scores of a letter in words."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.letters.content import Point
from dashboard.letters.scores import ends, label_of, score_row, scores_in_words
from dashboard.locale import speaking
from tests.support.letter_samples import letter

PHQ9 = next(one for one in letter().scores if one.instrument == "phq9")


@pytest.fixture(autouse=True)
def in_english():
    with speaking("en"):
        yield


def scores(*points, solid=True):
    days = (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 18))
    made = [Point(day, score, solid) for day, score in zip(days, points, strict=False)]
    return replace(PHQ9, points=tuple(made))


@pytest.mark.parametrize(
    ("points", "trend"),
    [
        ((18,), "measured once"),
        # Remission is a score below 5, a response half of the first, a change that counts 5.
        ((18, 4), "remission"),
        ((18, 5), "response"),
        ((18, 9), "response"),
        ((18, 10), "better"),
        ((18, 13), "better"),
        ((18, 14), "no change that counts"),
        ((14, 18), "no change that counts"),
        ((13, 18), "worse"),
    ],
)
def test_a_row_says_what_the_change_means(points, trend):
    assert score_row(scores(*points)).trend == trend


def test_a_row_has_the_first_and_the_latest_score_with_their_days():
    row = score_row(scores(18, 16, 12))
    assert (row.label, row.first, row.latest, row.change) == (
        "PHQ-9",
        "18 (1 Sep 2026)",
        "12 (18 Nov 2026)",
        "−6",
    )


def test_a_score_of_an_incomplete_form_is_marked():
    assert score_row(scores(18, solid=False)).first == "18* (1 Sep 2026)"


def test_without_a_score_there_is_no_row():
    assert score_row(scores()) is None


def test_the_ends_of_one_score_are_that_score():
    assert [one.score for one in ends(scores(18))] == [18]
    assert [one.score for one in ends(scores(18, 16, 12))] == [18, 12]
    assert label_of(PHQ9) == "PHQ-9"


def test_every_score_is_said_for_who_cannot_see_the_chart():
    said = scores_in_words(letter())
    assert said.startswith("Scores and treatment over time. ")
    assert all(f" {point.score}" in said for one in letter().scores[:2] for point in one.points)

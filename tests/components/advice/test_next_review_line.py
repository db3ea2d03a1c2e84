"""The warnings about a next review that comes too late."""

from datetime import date

import pytest

from dashboard.clinical.advice.next_review import NextReview
from dashboard.components.advice.next_review_line import warnings_in_words
from dashboard.locale import speaking

SOON, LATER = date(2026, 12, 3), date(2026, 12, 14)
LATE = date(2026, 12, 24)


@pytest.mark.parametrize(
    ("next_review", "said"),
    [
        (NextReview(None, LATER, None), []),
        (NextReview(LATER, LATER, LATER), []),
        (
            NextReview(LATE, LATER, SOON),
            [
                "Later than the need asks for: Monday 14 December 2026 at the latest.",
                "The risk is to be reassessed earlier: by Thursday 3 December 2026.",
            ],
        ),
        (
            NextReview(None, LATER, SOON),
            ["The risk is to be reassessed earlier: by Thursday 3 December 2026."],
        ),
    ],
)
def test_each_day_that_the_next_review_passes_is_named(next_review, said):
    with speaking("en"):
        assert warnings_in_words(next_review) == said

"""The wait of letters that can still be taken back."""

from datetime import timedelta

import pytest

from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.undoing import UNDO_FOR, waits_before_leaving
from dashboard.vocabulary import Outcome


@pytest.mark.parametrize(
    ("outcome", "amends", "wait"),
    [
        (Outcome.NO_CHANGE, False, UNDO_FOR),
        (Outcome.NO_CHANGE, True, timedelta()),
        (Outcome.REVIEWED, False, timedelta()),
    ],
)
def test_only_a_review_without_change_waits_before_it_leaves(outcome, amends, wait):
    content = DraftReview("Seen", (), None, outcome=outcome)
    assert waits_before_leaving(content, amends=amends) == wait

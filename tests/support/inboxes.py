"""Reading of an inbox in tests."""

from dashboard.clinical.advice.inbox import Received, is_open, lines_of
from dashboard.clinical.case.case_file import Recommendation


def open_lines(received: Received) -> list[Recommendation]:
    """Return the open lines of an episode, in the order of its reviews."""
    return [
        line
        for review in received.reviews
        for line in lines_of(review)
        if is_open(review, line, closed=received.closed)
    ]

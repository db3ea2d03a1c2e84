"""The lines of advice that stand, after the effects of later reviews."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from dashboard.clinical.settlements import LineFact, SettlementFact, SignedFact, standing_lines
from dashboard.vocabulary import SettlementKind

LINE = UUID(int=100)
FIRST_DUE, SECOND_DUE = date(2026, 11, 10), date(2026, 12, 1)


def review(number, *, outcome="reviewed", supersedes=None, hour=9):
    return SignedFact(
        UUID(int=number),
        datetime(2026, 11, number, hour, tzinfo=UTC),
        outcome,
        None if supersedes is None else UUID(int=supersedes),
    )


def line(*, settled_on=None):
    settled_at = None if settled_on is None else datetime(2026, 11, settled_on, 9, tzinfo=UTC)
    return LineFact(LINE, UUID(int=1), FIRST_DUE, settled_at)


def settlement(number, kind, due_on=None):
    review_id = None if number is None else UUID(int=number)
    return SettlementFact(LINE, review_id, SettlementKind(kind), due_on)


@pytest.mark.parametrize(
    ("title", "later", "settlements", "settled_on", "sent_on", "due_on"),
    [
        ("the last review", [], [], None, 1, FIRST_DUE),
        ("settled by an answer", [], [], 3, 1, FIRST_DUE),
        ("kept", [review(5)], [settlement(5, "kept")], None, 5, FIRST_DUE),
        ("kept, due later", [review(5)], [settlement(5, "kept", SECOND_DUE)], None, 5, SECOND_DUE),
        ("replaced", [review(5)], [settlement(5, "replaced")], None, None, None),
        ("withdrawn", [review(5)], [settlement(5, "withdrawn")], None, None, None),
        ("withdrawn between reviews", [], [settlement(None, "withdrawn")], None, None, None),
        ("not repeated before settlements existed", [review(5)], [], None, None, None),
        ("nothing changed", [review(5, outcome="no_change")], [], None, 5, FIRST_DUE),
        ("nothing changed, settled", [review(5, outcome="no_change")], [], 3, None, None),
        ("nothing changed, settled later", [review(5, outcome="no_change")], [], 7, 5, FIRST_DUE),
        ("its review superseded", [review(5, supersedes=1)], [], None, None, None),
        (
            "replaced by a review that was superseded by one that kept it",
            [review(5), review(6, supersedes=5)],
            [settlement(5, "replaced"), settlement(6, "kept")],
            None,
            6,
            FIRST_DUE,
        ),
        (
            "kept once, then not repeated",
            [review(5), review(6)],
            [settlement(5, "kept")],
            None,
            None,
            None,
        ),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_a_line_stands_until_a_later_review_ends_it(
    title, later, settlements, settled_on, sent_on, due_on
):
    found = standing_lines([review(1), *later], [line(settled_on=settled_on)], settlements)
    assert [(one.sent_at.day, one.due_on) for one in found] == (
        [] if sent_on is None else [(sent_on, due_on)]
    )


def test_of_two_reviews_at_one_instant_the_higher_id_is_the_later():
    same = SignedFact(UUID(int=2), review(1).signed_at, "reviewed")
    assert standing_lines([same, review(1)], [line()], []) == []

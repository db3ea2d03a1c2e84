"""The people who can write a review, and the reasons why its draft cannot be signed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dashboard.calendar import now
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    NewReview,
    NewScore,
    NotReady,
    NotYours,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.signing import (
    SigningFacts,
    as_signed,
    can_write_review,
    check_can_sign,
)
from dashboard.clinical.people import Person
from tests.support.case_files import TODAY, case

SAVED_AT = now()
CONTENT = DraftReview(" Vu ", (DraftLine("a", "other", detail="ECG ", owner_role="gp"),))
DRAFT = Draft(1, UUID(int=1), CONTENT, saved_at=SAVED_AT)
CASE = case(
    psychiatrist=Person(2, "Adler", "Ida"),
    nurse=Person(3, "Beer", "Jo"),
    gp=Person(4, "Petit", "Claude"),
    covered=None,
)
CLOSED = replace(CASE, status="closed", closed_on=TODAY)
FACTS = SigningFacts(CASE, SAVED_AT)
SCORE = NewScore(1, "0a", "phq9", TODAY, 19)


@pytest.mark.parametrize(
    ("read", "practitioner_id", "role", "can"),
    [
        (CASE, 2, "psychiatrist", True),
        (CASE, 3, "nurse", False),
        (CASE, 4, "gp", False),
        (CASE, 9, "psychiatrist", False),
        (replace(CASE, covered=CASE.psychiatrist), 9, "psychiatrist", True),
        (CLOSED, 2, "psychiatrist", False),
    ],
)
def test_the_psychiatrist_of_an_open_episode_or_who_covers_writes_reviews(
    read, practitioner_id, role, can
):
    assert can_write_review(read, practitioner_id, role) is can


@pytest.mark.parametrize(
    ("facts", "content", "why_not"),
    [
        (replace(FACTS, case=CLOSED), CONTENT, NotYours),
        (replace(FACTS, draft_saved_at=SAVED_AT + timedelta(seconds=1)), CONTENT, DraftChanged),
        (
            replace(FACTS, amended_by=NewReview(UUID(int=5), None, SAVED_AT)),
            CONTENT,
            AlreadyAmended,
        ),
        (replace(FACTS, unseen=Changes(scores=(SCORE,))), CONTENT, ChangedMeanwhile),
        (FACTS, replace(CONTENT, summary=" "), NotReady),
    ],
)
def test_a_draft_that_cannot_be_signed_says_why(facts, content, why_not):
    with pytest.raises(why_not):
        check_can_sign(replace(DRAFT, content=content), facts, TODAY)


@pytest.mark.parametrize("saved_at", [SAVED_AT, None])
def test_a_draft_that_is_as_it_was_read_or_stored_nowhere_can_be_signed(saved_at):
    check_can_sign(DRAFT, replace(FACTS, draft_saved_at=saved_at), TODAY)


def test_what_is_signed_is_trimmed():
    review = as_signed(DRAFT, CASE)
    assert (review.summary, review.lines[0].detail) == ("Vu", "ECG")

"""Notices of reviews that were begun and are not signed: on the list, in the inbox, in the menu."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import now
from dashboard.clinical.advice.lines import DraftReview, to_json
from dashboard.database.schema import review
from tests.pages.conftest import TODAY, words


@pytest.fixture
def begun(database, team):
    """Return a case with a draft that its psychiatrist began ten days ago."""
    case = team.case(TODAY - timedelta(weeks=12), family_name="Martin")
    ten_days_ago = now() - timedelta(days=10)
    database.add(
        review.draft,
        patient_id=case.patient,
        episode_id=case.episode,
        psychiatrist_id=team.psychiatrist,
        idempotency_key=uuid4(),
        content=to_json(DraftReview(summary="Réponse partielle")),
        begun_at=ten_days_ago,
        saved_at=ten_days_ago,
    )
    return case


@pytest.mark.parametrize(
    ("reader", "page", "said"),
    [
        ("moreau", "review-list", "You began a review of Martin Camille on "),
        ("roux", "review-list", " began a review of Martin Camille on "),
        ("roux", "inbox", " began a review of Martin Camille on "),
    ],
)
def test_psychiatrist_and_nurse_read_that_a_review_was_begun(visit, begun, reader, page, said):
    assert said in words(visit(reader, page))


def test_notice_on_a_shared_screen_shows_initials(visit, begun):
    presented = visit("moreau", "review-list").button(key="start_presenting").click().run()
    said = words(presented)
    assert "You began a review of Ms M. on " in said
    assert "Martin" not in said


def test_menu_counts_the_unsigned_drafts_of_their_author_on_every_page(visit, begun):
    (link,) = [
        one.proto.label
        for one in visit("moreau", "follow-up").get("page_link")
        if one.proto.label.startswith("Review list")
    ]
    assert link == "Review list :orange-badge[1 unsigned draft]"

"""Reviews begun and left unsigned: the author and, later, the nurse are told; nobody else is."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import now, today
from dashboard.clinical.advice.lines import DraftLine, DraftReview, to_json
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import review
from dashboard.queries.advice.begun_reviews import begun_reviews
from dashboard.vocabulary import RiskLevel

TODAY = today()
WRITTEN = DraftReview(summary="Réponse partielle")


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


def draft(case, days, content=WRITTEN, author=None):
    """Add a draft that the episode's psychiatrist, or ``author``, began this many days ago."""
    begun = now() - timedelta(days=days)
    case.team.database.add(
        review.draft,
        patient_id=case.patient,
        episode_id=case.episode,
        psychiatrist_id=author or case.team.psychiatrist,
        idempotency_key=uuid4(),
        content=to_json(content),
        begun_at=begun,
        saved_at=begun,
    )


def told_to(practitioner):
    with acting_as(practitioner) as connection:
        return begun_reviews(connection)


@pytest.mark.parametrize(
    ("days", "author_told", "nurse_told"),
    [(1.9, False, False), (2.1, True, False), (6.9, True, False), (7.1, True, True)],
)
def test_author_is_told_after_two_days_and_nurse_after_seven(case, days, author_told, nurse_told):
    draft(case, days)
    assert [one.mine for one in told_to(case.team.psychiatrist)] == [True] * author_told
    assert [one.mine for one in told_to(case.team.nurse)] == [False] * nurse_told


def test_gp_and_strangers_are_not_told(case, database):
    draft(case, 10)
    for reader in (case.team.gp, database.practitioner("nurse"), database.practitioner("lead")):
        assert told_to(reader) == []


def test_nurse_reads_who_began_it_and_not_what_is_written(case):
    draft(case, 10, DraftReview(summary="Secret jusqu’à la signature"))
    (begun,) = told_to(case.team.nurse)
    assert begun.author.id == case.team.psychiatrist
    assert begun.episode_id == case.episode
    assert "Secret" not in repr(begun)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (DraftReview(), False),
        (DraftReview(summary="x"), True),
        (DraftReview(answer="Oui, dès demain."), True),
        (DraftReview(lines=(DraftLine("a", kind="other"),)), True),
        (DraftReview(next_review_on=TODAY), True),
        (DraftReview(outcome="no_change"), True),
        (DraftReview(risk=RiskStatement(RiskLevel.LOW)), True),
    ],
)
def test_draft_that_was_emptied_again_is_not_a_begun_review(case, content, told):
    draft(case, 10, content)
    assert bool(told_to(case.team.psychiatrist)) is told
    assert bool(told_to(case.team.nurse)) is told


def test_author_who_has_left_the_care_team_is_told_of_no_patient(case, database):
    draft(case, 10, author=database.practitioner("psychiatrist", "Ancien"))
    (begun,) = told_to(case.team.nurse)
    assert begun.author.family_name == "Ancien"
    assert told_to(begun.author.id) == []


@pytest.mark.parametrize(
    ("status", "closed_on", "told"),
    [
        ("closed", TODAY, False),
        ("closed", None, False),
        ("closed", TODAY + timedelta(days=1), True),
        ("active", TODAY, True),
    ],
)
def test_author_and_nurse_are_told_only_while_the_episode_is_open(
    database, status, closed_on, told
):
    case = database.team().case(TODAY - timedelta(weeks=12), status=status, closed_on=closed_on)
    draft(case, 10)
    assert bool(told_to(case.team.psychiatrist)) is told
    assert bool(told_to(case.team.nurse)) is told

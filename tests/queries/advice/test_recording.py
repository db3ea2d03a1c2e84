"""A review is stored together with its letters, if they say what holds when it is stored."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import Seen, SnapshotChanged
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.signing import as_signed
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.letters.review_letters import render_letters
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.recording import record_review
from dashboard.queries.advice.snapshot import read_snapshot
from dashboard.vocabulary import Outcome

TODAY = today()
WITHOUT_CHANGE = DraftReview(
    "Stable", outcome=Outcome.NO_CHANGE, next_review_on=TODAY + timedelta(weeks=2)
)


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


def rendered(case):
    """Return the draft, the review and its letters as they are rendered before the signing."""
    with acting_as(case.team.psychiatrist) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), WITHOUT_CHANGE).draft
        snapshot = read_snapshot(connection, draft, Seen(), TODAY)
    review = as_signed(draft, snapshot.facts.case)
    return draft, review, render_letters(snapshot.letters, review)


def record(case, draft, review, letters):
    with acting_as(case.team.psychiatrist) as connection:
        return record_review(
            connection,
            draft,
            review,
            letters,
            seen=Seen(),
            latest={},
            today=TODAY,
            agenda_item_id=None,
        )


def stored(database, table):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM review.{table}").scalar_one()


def test_a_review_is_stored_with_its_letters(database, case):
    signed = record(case, *rendered(case))
    assert signed.episode_id == case.episode
    assert (stored(database, "case_review"), stored(database, "letter")) == (1, 2)


def test_nothing_is_stored_with_letters_that_no_longer_hold(database, case):
    made = rendered(case)
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(problem="Autre motif"))
    with pytest.raises(SnapshotChanged):
        record(case, *made)
    assert (stored(database, "case_review"), stored(database, "letter")) == (0, 0)
    assert stored(database, "draft") == 1

"""The snapshot of an episode on which signing rests."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotYours, Seen, seen_in
from dashboard.clinical.advice.lines import DraftReview
from dashboard.database import acting_as
from dashboard.database.schema.review import account
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.snapshot import read_letter_source, read_snapshot
from dashboard.vocabulary import Role

TODAY = today()


@pytest.fixture
def case(database):
    case = database.team().case(TODAY - timedelta(weeks=12))
    database.assessment(case.patient, "phq9", TODAY - timedelta(days=3), 12)
    return case


@pytest.fixture
def draft(case):
    with acting_as(case.team.psychiatrist) as connection:
        opened = open_draft(connection, case.episode)
        return save_draft(connection, opened, DraftReview(summary="Vu")).draft


def snapshot(case, draft, seen=Seen(), person=None):  # noqa: B008 - frozen
    with acting_as(person or case.team.psychiatrist) as connection:
        return read_snapshot(connection, draft, seen, TODAY)


def test_it_holds_the_case_and_when_the_draft_was_saved(case, draft):
    facts = snapshot(case, draft).facts
    assert facts.case.episode_id == case.episode
    assert facts.draft_saved_at == draft.saved_at
    assert facts.amended_by is None


def test_a_form_that_was_not_on_the_screen_is_unseen(case, draft):
    facts = snapshot(case, draft).facts
    assert len(facts.unseen.scores) == 1
    assert not snapshot(case, draft, seen_in(facts.case)).facts.unseen


def test_the_letters_go_to_the_nurse_and_the_gp_of_the_episode(case, draft):
    letters = snapshot(case, draft).letters
    assert {role: one.id for role, one in letters.recipients.items()} == {
        Role.NURSE: case.team.nurse,
        Role.GP: case.team.gp,
    }
    assert letters.team.psychiatrist.id == case.team.psychiatrist
    assert letters.with_account == frozenset()


@pytest.mark.parametrize(
    ("password", "temporary", "counts"),
    [
        ("chosen", False, True),
        (None, False, True),  # signs in by the identity provider
        (None, True, False),  # invited, or reset by a lead
        ("of account add", True, False),
    ],
)
def test_a_gp_has_an_account_only_with_a_password_of_their_own_or_the_provider(
    database, case, draft, password, temporary, counts
):
    database.add(
        account,
        practitioner_id=case.team.gp,
        username="gp",
        password_hash=password,
        password_is_temporary=temporary,
    )
    letters = snapshot(case, draft).letters
    assert (case.team.gp in letters.with_account) is counts


def test_a_stranger_reads_none(database, case, draft):
    stranger = database.team().psychiatrist
    with pytest.raises(NotYours):
        snapshot(case, draft, person=stranger)
    with acting_as(stranger) as connection, pytest.raises(NotYours):
        read_letter_source(connection, draft, TODAY)

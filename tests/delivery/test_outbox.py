"""The rows of the outbox: claimed, read, and their final states."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.clinical.delivery import Failure
from dashboard.database import acting_as
from dashboard.database.schema.review import settlement
from dashboard.delivery.outbox import claim, mark_failed, mark_queued, mark_sent, read
from dashboard.queries.advice.withdrawing import withdraw
from tests.delivery.conftest import SIGNED
from tests.support.commit_cable import cut_at_commit

LEASE, NO_LEASE = timedelta(minutes=5), timedelta(0)
GP = "gp@mssante.example"


@pytest.fixture
def claimed(outbox):
    """Return the claimed letter to one recipient; the other one is deleted."""
    outbox.sign()
    outbox.ask(
        "DELETE FROM review.delivery d WHERE channel = 'mail' AND recipient_id = :gp",
        gp=outbox.case.team.gp,
    )
    return claim(LEASE)


def test_nothing_due_is_nothing_to_claim(outbox):
    assert claim(LEASE) is None


def test_a_claimed_letter_is_nobody_elses_until_the_lease_is_over(outbox, claimed):
    assert claimed.attempt == 1
    assert claim(LEASE) is None
    outbox.ask("UPDATE review.delivery SET next_attempt_at = now()")
    again = claim(LEASE)
    assert (again.delivery_id, again.attempt) == (claimed.delivery_id, 2)


def test_a_letter_is_read_by_who_has_claimed_it(outbox, claimed):
    letter = read(claimed)
    assert letter.recipient_address == "nurse@mssante.example"
    assert letter.plain_text.startswith("Augmenter")
    outbox.ask("UPDATE review.delivery SET next_attempt_at = now()")
    claim(LEASE)
    assert read(claimed) is None


@pytest.mark.parametrize(
    ("password", "temporary", "signs_in"),
    [
        ("chosen", False, True),
        (None, False, True),  # signs in by the identity provider
        (None, True, False),  # invited, or reset by a lead
    ],
)
def test_who_has_not_chosen_a_password_does_not_sign_in(
    outbox, claimed, password, temporary, signs_in
):
    outbox.ask(
        "INSERT INTO review.account (practitioner_id, username, password_hash,"
        " password_is_temporary) VALUES (:id, :username, :password, :temporary)",
        id=outbox.case.team.nurse,
        username=f"nurse{outbox.case.team.nurse}",
        password=password,
        temporary=temporary,
    )
    assert read(claimed).signs_in is signs_in


def test_a_letter_that_was_sent_stays_sent(outbox, claimed):
    mark_sent(claimed, "folder")
    mark_failed(claimed, Failure("refused"))
    (row,) = outbox.rows()
    assert (row.state, row.transport, row.error) == ("sent", "folder", None)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_lost_at_the_commit_leaves_a_sent_letter_sent(outbox, claimed, moment):
    cable = cut_at_commit(outbox.database, "SET state = 'sent'", moment)
    mark_sent(claimed, "folder")
    cable.close()
    assert cable.struck.is_set()
    assert outbox.states() == {"sent"}


def test_a_letter_is_tried_again_after_the_wait(outbox, claimed):
    mark_queued(claimed, Failure("deferred", "451 later"), NO_LEASE)
    (row,) = outbox.rows()
    assert (row.state, row.error) == ("queued", "deferred 451 later")
    assert claim(LEASE).attempt == 2


def test_a_failure_is_work_for_a_person(outbox, claimed):
    mark_failed(claimed, Failure("refused"))
    (row,) = outbox.rows()
    assert (row.state, row.next_attempt_at) == ("failed", None)
    assert claim(LEASE) is None


def test_a_failure_that_is_told_late_does_not_undo_the_claim_of_another(outbox, claimed):
    outbox.ask("UPDATE review.delivery SET next_attempt_at = now()")
    claim(LEASE)
    mark_failed(claimed, Failure("timeout"))
    (row,) = outbox.rows()
    assert row.state == "queued"


# Letters that an amendment replaces, and notices of withdrawals.


@pytest.fixture
def amended(outbox):
    """Sign a review and its amendment while the letters of the first wait; return both ids."""
    first = outbox.sign()
    return first, outbox.sign(supersedes=first)


def sent_to(address):
    """Send every mail that is due; return the review and the number of the reminder of each mail to
    this address, in order.
    """
    found = []
    while (one := claim(LEASE)) is not None:
        letter = read(one)
        mark_sent(one, "folder")
        if letter.recipient_address == address:
            found.append((letter.case_review_id, letter.reminder))
    return found


def test_a_letter_that_waits_is_not_sent_once_its_review_is_amended(outbox, amended):
    first, second = amended
    assert sent_to(GP) == [(second, 0)]
    assert {(row.state, row.error) for row in outbox.rows(f"case_review_id = '{first}'")} == {
        ("failed", "superseded")
    }


def test_a_letter_that_waits_for_its_next_attempt_is_not_sent_once_its_review_is_amended(
    outbox, amended
):
    outbox.ask(
        "UPDATE review.delivery SET attempts = 1, next_attempt_at = now() + interval '1 hour'"
        " WHERE case_review_id = :first AND state = 'queued'",
        first=amended[0],
    )
    sent_to(GP)
    assert {row.state for row in outbox.rows(f"case_review_id = '{amended[0]}'")} == {"failed"}


def test_a_letter_of_an_amended_review_that_was_sent_stays_sent(outbox):
    first = outbox.sign()
    sent_to(GP)
    outbox.sign(supersedes=first)
    sent_to(GP)
    assert outbox.states() == {"sent"}


def test_a_letter_in_hand_when_its_review_is_amended_is_recorded_as_sent(outbox, claimed):
    outbox.sign(supersedes=outbox.reviews[0])
    sent_to(GP)
    mark_sent(claimed, "folder")
    (row,) = outbox.rows(f"id = '{claimed.delivery_id}'")
    assert (row.state, row.error) == ("sent", None)


@pytest.fixture
def withdrawn(outbox):
    """Withdraw the recommendation of a review whose letters wait for their next attempt."""
    review = outbox.sign()
    outbox.ask("UPDATE review.delivery SET next_attempt_at = now() + interval '1 hour'")
    (line,) = outbox.ask("SELECT id FROM review.recommendation")
    with acting_as(outbox.case.team.psychiatrist) as connection:
        withdraw(connection, line.id, "Erreur de dose", today())
    return review


def test_a_notice_of_a_withdrawal_follows_the_letter_that_waits(outbox, withdrawn):
    assert sent_to(GP) == []
    outbox.ask(
        "UPDATE review.delivery SET next_attempt_at = now() WHERE channel = 'mail' AND reminder = 0"
    )
    assert sent_to(GP) == [(withdrawn, 0), (withdrawn, -1)]


def test_a_notice_of_a_withdrawal_waits_for_no_letter_that_failed_or_is_anothers(outbox, withdrawn):
    outbox.ask(
        "UPDATE review.delivery SET state = 'failed' WHERE reminder = 0 AND recipient_id = :nurse",
        nurse=outbox.case.team.nurse,
    )
    assert sent_to("nurse@mssante.example") == [(withdrawn, -1)]
    assert sent_to(GP) == []


def test_a_letter_says_whether_a_part_of_it_was_withdrawn_meanwhile(outbox, claimed):
    assert not read(claimed).partly_ended
    (line,) = outbox.ask("SELECT id FROM review.recommendation")
    with acting_as(outbox.case.team.psychiatrist) as connection:
        withdraw(connection, line.id, "Erreur de dose", today())
    assert read(claimed).partly_ended


def test_a_letter_says_whether_a_part_that_it_kept_was_withdrawn_meanwhile(outbox):
    given = outbox.sign()
    (line,) = outbox.ask("SELECT id FROM review.recommendation")
    sent_to(GP)
    outbox.sign()
    later = claim(LEASE)
    outbox.database.add(
        settlement,
        patient_id=outbox.case.patient,
        case_review_id=outbox.reviews[1],
        settled_by=outbox.case.team.psychiatrist,
        recommendation_id=line.id,
        kind="kept",
        settled_at=SIGNED,
    )
    assert given != read(later).case_review_id
    assert not read(later).partly_ended
    with acting_as(outbox.case.team.psychiatrist) as connection:
        withdraw(connection, line.id, "Erreur de dose", today())
    assert read(later).partly_ended


# Recipients who have lost the case or have left.


@pytest.mark.parametrize(
    ("leaves", "reminder", "state", "error"),
    [
        ("registry.episode SET gp_id = nurse_id", 1, "failed", "not_in_care"),
        ("registry.episode SET gp_id = nurse_id", 0, "sent", None),
        ("registry.practitioner SET active = role <> 'gp'", 1, "failed", "inactive"),
        ("registry.practitioner SET active = role <> 'gp'", 0, "failed", "inactive"),
    ],
    ids=["reminder, case lost", "letter, case lost", "reminder, left", "letter, left"],
)
def test_a_mail_that_waits_while_its_recipient_leaves(outbox, leaves, reminder, state, error):
    outbox.sign()
    outbox.ask(
        "UPDATE review.delivery SET reminder = :number WHERE channel = 'mail'", number=reminder
    )
    outbox.ask(f"UPDATE {leaves}")
    sent_to(GP)
    (row,) = outbox.rows(f"recipient_id = {outbox.case.team.gp}")
    assert (row.state, row.error) == (state, error)

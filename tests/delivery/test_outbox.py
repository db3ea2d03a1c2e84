"""The rows of the outbox: claimed, read, and their final states."""

from datetime import timedelta

import pytest

from dashboard.clinical.delivery import Failure
from dashboard.delivery.outbox import claim, mark_failed, mark_queued, mark_sent, read
from tests.support.commit_cable import cut_at_commit

LEASE, NO_LEASE = timedelta(minutes=5), timedelta(0)


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

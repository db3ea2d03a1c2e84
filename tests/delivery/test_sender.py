"""Every letter arrives at least once, as the same message.

None is marked as sent unless the mail server has accepted it.
"""

import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.clinical.delivery import UNCLEAR
from dashboard.database import acting_as, serving
from dashboard.delivery import outbox as rows_of
from dashboard.delivery.schedule import Schedule
from tests.delivery.conftest import AT_ONCE, by
from tests.support.mail_server import (
    PASSWORD,
    USERNAME,
    PostOffice,
    authenticator,
    free_port,
    silent_server,
)


def test_a_signed_review_reaches_the_nurse_and_the_gp(outbox, post_office, send):
    outbox.sign()
    assert outbox.states() == {"queued"}
    done = send(by(post_office))
    assert (done.sent, done.queued, done.failed) == (2, 0, 0)
    assert sorted(to for (to,), _ in post_office.accepted) == [
        "gp@mssante.example",
        "nurse@mssante.example",
    ]
    for row in outbox.rows():
        assert (row.state, row.attempts, row.transport) == ("sent", 1, "mssante")
        assert row.sent_at is not None
        assert row.error is row.next_attempt_at is None
    assert set(post_office.message_ids) == outbox.message_ids()
    assert send(by(post_office)).sent == 0


def test_who_signs_in_to_the_pages_is_told_where_and_nobody_else(outbox, post_office, send):
    team = outbox.case.team
    outbox.ask(
        "INSERT INTO review.account (practitioner_id, username, password_hash)"
        " VALUES (:id, 'nurse', 'none')",
        id=team.nurse,
    )
    outbox.sign()
    send(by(post_office))
    told = {
        message["To"].addresses[0].addr_spec: "https://revue.example"
        in next(message.iter_parts()).get_content()
        for message in post_office.messages
    }
    assert told == {"nurse@mssante.example": True, "gp@mssante.example": False}


FAULTS = [
    # title, the server's first answers, whether the letter may arrive twice
    ("4xx to the sender", [("MAIL", "451 4.3.0 greylisted")], False),
    ("4xx to the recipient", [("RCPT", "450 4.2.1 mailbox busy")], False),
    ("4xx to the content, twice", [("DATA", "452 4.3.1 disk full")] * 2, False),
    ("dropped before DATA", [("RCPT", "dropped")], False),
    ("dropped after DATA, refused", [("DATA", "dropped")], False),
    ("dropped after DATA, accepted", [("DATA", "lost")], True),
    ("slow to answer", [("DATA", "slow")], True),
    (
        "everything in turn",
        [("MAIL", "421 restarting"), ("DATA", "lost"), ("DATA", "451 no")],
        True,
    ),
]


@pytest.mark.parametrize(("title", "moods", "twice"), FAULTS, ids=[row[0] for row in FAULTS])
def test_whatever_the_mail_server_does_the_letter_arrives(
    outbox, post_office, send, title, moods, twice
):
    outbox.sign()
    post_office.moods = list(moods)
    send(by(post_office, timeout=0.3), times=8)
    assert outbox.states() == {"sent"}
    assert set(post_office.message_ids) == outbox.message_ids()
    copies = {}
    for message, (_, content) in zip(post_office.messages, post_office.accepted, strict=True):
        copies.setdefault(message["Message-ID"], set()).add(content)
    assert all(len(contents) == 1 for contents in copies.values()), "not the same bytes"
    assert (max(post_office.message_ids.values()) > 1) is (twice and title != "slow to answer")


def test_none_is_sent_that_the_server_has_not_accepted(outbox, post_office, send):
    for _ in range(3):
        outbox.sign()
    post_office.moods = [("RCPT", "450 later"), ("DATA", "dropped"), ("DATA", "451 later")]
    one_try = Schedule(first=timedelta(hours=1))
    send(by(post_office), one_try)
    assert outbox.message_ids("state = 'sent'") == set(post_office.message_ids)
    waiting = outbox.rows("state = 'queued'")
    assert {row.error for row in waiting} == {"deferred 450 later", "dropped", "deferred 451 later"}
    assert {row.sent_at for row in waiting} == {None}


def test_a_server_that_is_not_there_is_tried_again_and_loses_nothing(outbox, send):
    outbox.sign()
    office = PostOffice(free_port())
    done = send(by(office), AT_ONCE)
    # The others are left in peace: none of them would get through.
    assert (done.sent, done.queued, done.failed) == (0, 1, 0)
    assert [row.error for row in outbox.rows("attempts = 1")] == ["unreachable"]
    office.open()
    assert send(by(office)).sent == 2
    office.close()


def test_a_server_that_is_restarted_in_the_middle_gets_the_rest_afterwards(
    outbox, post_office, send
):
    for _ in range(4):
        outbox.sign()
    stopped_after = 3

    def stop(moment):
        if moment == "accepted" and len(post_office.accepted) == stopped_after:
            post_office.moods = [("MAIL", "421 4.3.2 shutting down")] * 2

    post_office.on = stop
    send(by(post_office), Schedule(first=timedelta(0), attempts=9))
    post_office.close()
    send(by(post_office), AT_ONCE)
    post_office.open()
    send(by(post_office), AT_ONCE, times=3)
    assert outbox.states() == {"sent"}
    assert post_office.message_ids == dict.fromkeys(outbox.message_ids(), 1)


@pytest.mark.parametrize("before", [[], [b"220 hello\r\n"]], ids=["greeting", "answer"])
def test_a_server_that_never_ends_its_line_is_cut_off(outbox, send, before):
    """Check a server whose bytes each come in time, while the line never ends."""
    outbox.sign()
    begun = time.monotonic()
    with silent_server([*before, *[b"x"] * 1000]) as port:
        send(by(PostOffice(port), timeout=0.2))
    assert time.monotonic() - begun < 5
    assert [row.error.split()[0] for row in outbox.rows("attempts = 1")] == ["unreachable"]


def test_a_refusal_for_good_is_work_for_a_person_at_once(outbox, post_office, send):
    outbox.sign()
    post_office.moods = [("RCPT", "550 5.1.1 <gp@mssante.example>: no such user here")]
    done = send(by(post_office))
    assert (done.sent, done.failed) == (1, 1)
    (failed,) = outbox.rows("state = 'failed'")
    assert (failed.attempts, failed.next_attempt_at) == (1, None)
    assert failed.error == "refused 550 5.1.1 <…>: no such user here"


def test_a_gateway_that_refuses_the_sites_own_address_loses_no_letter(outbox, post_office, send):
    outbox.sign()
    post_office.moods = [("MAIL", "550 5.7.1 this sender may not send")]
    done = send(by(post_office))
    assert (done.queued, done.failed) == (1, 0)
    assert done.gateway_down.code == "authentication"
    assert send(by(post_office)).sent == 2


def test_a_letter_that_is_too_large_concerns_no_other(outbox, post_office, send):
    outbox.sign()
    post_office.moods = [("MAIL", "552 5.3.4 the message is too large")]
    done = send(by(post_office))
    assert (done.sent, done.failed) == (1, 1)


def test_after_the_last_attempt_it_is_work_for_a_person(outbox, post_office, send):
    outbox.sign()
    post_office.moods = [("DATA", "451 4.7.1 later")] * 20
    send(by(post_office), Schedule(first=timedelta(0), attempts=3))
    assert outbox.states() == {"failed"}
    assert {(row.attempts, row.error) for row in outbox.rows()} == {(3, "deferred 451 4.7.1 later")}
    assert post_office.accepted == []


def test_a_sender_that_dies_during_the_last_attempt_leaves_work_for_a_person(
    outbox, post_office, send
):
    outbox.sign()
    outbox.ask("UPDATE review.delivery SET attempts = 5 WHERE channel = 'mail'")
    send(by(post_office), Schedule(attempts=5))
    assert {(row.state, row.error) for row in outbox.rows()} == {("failed", "interrupted")}
    assert "interrupted" in UNCLEAR


def test_what_is_not_due_is_left_alone(outbox, post_office, send):
    outbox.sign()
    outbox.ask("UPDATE review.delivery SET next_attempt_at = now() + interval '1 minute'")
    assert send(by(post_office)).sent == 0
    assert {row.attempts for row in outbox.rows()} == {0}


def test_a_letter_in_hand_is_nobody_elses_until_its_lease_is_over(outbox):
    outbox.sign()
    lease = timedelta(minutes=5)
    first, second = rows_of.claim(lease), rows_of.claim(lease)
    assert first.delivery_id != second.delivery_id
    assert rows_of.claim(lease) is None
    outbox.ask(
        "UPDATE review.delivery SET next_attempt_at = now() WHERE id = :id", id=first.delivery_id
    )
    assert rows_of.claim(lease).attempt == 2


def test_who_has_lost_the_lease_does_not_undo_what_another_has_done(outbox):
    outbox.sign()
    late = rows_of.claim(timedelta(0))
    while (current := rows_of.claim(timedelta(0))).delivery_id != late.delivery_id:
        pass
    from dashboard.clinical.delivery import Failure

    rows_of.mark_failed(late, Failure("dropped"))
    rows_of.mark_queued(late, Failure("dropped"), timedelta(days=1))
    (row,) = outbox.rows(f"id = '{late.delivery_id}'")
    assert (row.state, row.error) == ("queued", None)
    rows_of.mark_sent(current, "mssante")
    rows_of.mark_failed(current, Failure("dropped"))
    (row,) = outbox.rows(f"id = '{late.delivery_id}'")
    assert (row.state, row.error) == ("sent", None)


# Rights to read.


def test_it_is_sent_when_the_psychiatrist_has_left_and_the_episode_has_changed_hands(
    outbox, post_office, send
):
    outbox.sign()
    database, team = outbox.database, outbox.case.team
    successors = [database.practitioner(role) for role in ("psychiatrist", "nurse", "gp")]
    outbox.ask(
        "UPDATE registry.episode SET psychiatrist_id = :p, nurse_id = :n, gp_id = :g",
        **dict(zip("png", successors, strict=True)),
    )
    outbox.ask(
        "UPDATE registry.practitioner SET active = false WHERE id = :id", id=team.psychiatrist
    )
    assert send(by(post_office)).sent == 2
    assert outbox.states() == {"sent"}


@pytest.mark.parametrize("who", ["psychiatrist", "nurse", "gp"])
def test_no_page_can_claim_a_letter(outbox, who):
    outbox.sign()
    for call in ("claim_mail('1 minute')", "claimed_letter(1, gen_random_uuid(), 1)"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting_as(getattr(outbox.case.team, who)) as connection,
        ):
            connection.exec_driver_sql(f"SELECT * FROM review.{call}")
    assert {row.attempts for row in outbox.rows()} == {0}


def test_who_sends_reads_a_letter_that_is_claimed_and_no_other(outbox):
    outbox.sign()
    letter = "SELECT plain_text FROM review.claimed_letter(%s, %s, %s)"
    with serving() as connection:
        every = connection.exec_driver_sql("SELECT patient_id, id, attempts FROM review.delivery")
        for row in every.all():
            assert connection.exec_driver_sql(letter, tuple(row)).all() == []
        claimed = connection.exec_driver_sql("SELECT * FROM review.claim_mail('1 minute')")
        (row,) = claimed.all()
        assert connection.exec_driver_sql(letter, tuple(row)).all() != []
        assert connection.exec_driver_sql(letter, (*row[:2], row.attempt - 1)).all() == []
    with pytest.raises(ProgrammingError, match="permission denied"), serving() as connection:
        connection.exec_driver_sql("SELECT FROM review.letter")


# Encryption and signing in to the gateway.


@pytest.fixture
def guarded(certificate):
    """Yield a mail server that requires STARTTLS and a password."""
    office = PostOffice(
        free_port(),
        {
            "tls_context": certificate.context,
            "require_starttls": True,
            "authenticator": authenticator,
            "auth_required": True,
        },
    )
    office.open()
    yield office
    office.close()


def test_a_gateway_with_starttls_and_a_password(outbox, guarded, certificate, send):
    outbox.sign()
    send(
        by(
            guarded,
            tls="starttls",
            ca_file=certificate.path,
            username=USERNAME,
            password=PASSWORD,
        )
    )
    assert outbox.states() == {"sent"}


def test_a_gateway_with_tls_from_the_first_byte(outbox, certificate, send):
    office = PostOffice(free_port(), {"ssl_context": certificate.context})
    office.open()
    outbox.sign()
    send(by(office, tls="tls", ca_file=certificate.path))
    office.close()
    assert outbox.states() == {"sent"}


GATEWAYS = [
    ("an unknown authority", {"tls": "starttls"}, "encryption"),
    (
        "a wrong password",
        {"tls": "starttls", "trusted": True, "password": "x"},
        "authentication 535",
    ),
    ("no password", {"tls": "starttls", "trusted": True, "username": None}, "authentication 530"),
    ("no encryption", {"tls": "none"}, "authentication"),
]


@pytest.mark.parametrize(("title", "how", "error"), GATEWAYS, ids=[row[0] for row in GATEWAYS])
def test_a_gateway_that_does_not_let_us_in_gets_no_letter_and_loses_none(
    outbox, guarded, certificate, send, title, how, error
):
    outbox.sign()
    how = {"username": USERNAME, "password": PASSWORD} | how
    if how.pop("trusted", False):
        how["ca_file"] = certificate.path
    send(by(guarded, **how))
    assert guarded.accepted == []
    assert outbox.states() == {"queued"}
    (row,) = outbox.rows("attempts = 1")
    assert row.error.startswith(error)


def test_where_encryption_is_not_offered_nothing_is_sent_in_the_clear(outbox, post_office, send):
    outbox.sign()
    send(by(post_office, tls="starttls"))
    assert [row.error for row in outbox.rows("attempts = 1")] == ["encryption"]
    assert post_office.accepted == []


def test_a_certificate_of_another_name_is_not_trusted(outbox, send, tmp_path):
    from tests.support.mail_server import make_certificate

    another = make_certificate(tmp_path, "mail.example")
    office = PostOffice(free_port(), {"ssl_context": another.context})
    office.open()
    outbox.sign()
    send(by(office, tls="tls", ca_file=another.path))
    office.close()
    assert [row.error for row in outbox.rows("attempts = 1")] == ["encryption"]
    assert office.accepted == []

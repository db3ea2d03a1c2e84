"""Mails about accounts: sent by the site's gateway, with a link only in an invitation."""

from dataclasses import replace
from uuid import uuid4

import pytest

from dashboard.delivery.invitation_link import PATH, invitation_in
from dashboard.delivery.message import From
from tests.delivery.conftest import by

KEY = "k" * 40


@pytest.fixture
def noted(outbox):
    """Queue a mail about the nurse's account: ``noted("lock")``; return its id."""
    nurse = outbox.case.team.nurse
    outbox.ask("TRUNCATE review.account_notice, review.account CASCADE")
    outbox.ask(
        "INSERT INTO review.account (practitioner_id, username, language)"
        " VALUES (:nurse, 'lopez', 'en')",
        nurse=nurse,
    )

    def note(action, **values):
        number = uuid4()
        outbox.ask(
            "INSERT INTO review.account_notice (id, practitioner_id, action, expires_at, voided_at)"
            " VALUES (:id, :nurse, :action, CASE WHEN :links THEN now() + interval '7 days' END,"
            " CASE WHEN :void THEN now() END)",
            id=number,
            nurse=nurse,
            action=action,
            links=action in ("invite", "reset_password"),
            void=values.get("void", False),
        )
        return number

    return note


def post_of(office):
    return replace(by(office), link_key=KEY)


def states(outbox):
    return [
        (row.state, row.attempts, row.error)
        for row in outbox.ask("SELECT * FROM review.account_notice ORDER BY made_at")
    ]


def body(message):
    return message.get_content().replace("=\n", "")


@pytest.mark.parametrize("action", ["invite", "reset_password"])
def test_invitation_is_sent_once_with_its_link(outbox, noted, post_office, send, action):
    number = noted(action)
    assert send(post_of(post_office), times=2).sent == 1
    (message,) = post_office.messages
    assert message["To"] == "Claude Nurse <nurse@mssante.example>"
    assert "Your username: lopez" in body(message)
    (address,) = [line for line in body(message).splitlines() if PATH in line]
    assert address.startswith("https://revue.example/invitation/")
    assert invitation_in(address.rpartition("/")[2], KEY) == number
    assert states(outbox) == [("sent", 1, None)]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("lock", "has locked your account"),
        ("unlock", "has unlocked your account"),
        ("reset_second_factor", "has removed your second factor"),
    ],
)
def test_other_change_is_told_without_a_link(outbox, noted, post_office, send, action, said):
    noted(action)
    send(post_of(post_office))
    (message,) = post_office.messages
    assert said in body(message)
    assert "https://" not in body(message)


def test_message_id_is_in_angle_brackets_and_that_of_the_notice(outbox, noted, post_office, send):
    number = noted("lock")
    send(post_of(post_office))
    (message,) = post_office.messages
    assert message["Message-ID"] == f"<account-{number}@case-review.invalid>"


def test_void_invitation_is_not_sent(outbox, noted, post_office, send):
    noted("invite", void=True)
    assert send(post_of(post_office)).sent == 0


@pytest.mark.parametrize("action", ["invite", "reset_password"])
def test_invitation_that_expired_before_it_was_sent_fails(outbox, noted, post_office, send, action):
    noted(action)
    outbox.ask("UPDATE review.account_notice SET expires_at = now()")
    done = send(post_of(post_office))
    assert (done.sent, done.failed) == (0, 1)
    assert states(outbox) == [("failed", 1, "expired")]


def test_mail_waits_while_the_gateway_is_down_and_is_sent_then(outbox, noted, post_office, send):
    noted("invite")
    post_office.close()
    assert send(post_of(post_office)).queued == 1
    post_office.open()
    assert send(post_of(post_office)).sent == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"link_key": None}, "no_link"),
        ({"sender": From("avis@sesame.example")}, "no_link"),
    ],
)
def test_invitation_without_a_key_or_a_public_address_fails_for_good(
    outbox, noted, post_office, send, change, code
):
    noted("invite")
    assert send(replace(post_of(post_office), **change)).failed == 1
    assert states(outbox) == [("failed", 1, code)]


def test_person_without_an_address_gets_no_mail(outbox, noted, post_office, send):
    noted("invite")
    outbox.address(outbox.case.team.nurse, None)
    assert send(post_of(post_office)).failed == 1
    assert states(outbox) == [("failed", 1, "no_address")]


def test_mail_to_a_person_who_is_gone_fails_and_delays_nobody(outbox, noted, post_office, send):
    noted("lock")
    gone = outbox.database.practitioner("nurse")
    outbox.ask("INSERT INTO review.account (practitioner_id, username) VALUES (:id, 'x')", id=gone)
    outbox.ask(
        "UPDATE review.account_notice SET practitioner_id = :id, made_at = now() - interval '1 h'",
        id=gone,
    )
    outbox.ask("DELETE FROM registry.practitioner WHERE id = :id", id=gone)
    noted("lock")
    done = send(post_of(post_office))
    assert (done.sent, done.failed) == (1, 1)
    assert states(outbox) == [("failed", 1, "no_address"), ("sent", 1, None)]


def test_letters_go_first(outbox, noted, post_office, send):
    noted("lock")
    outbox.sign()
    send(post_of(post_office))
    assert "access to case review" in post_office.messages[-1]["Subject"]

"""The states of a letter, in words."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from dashboard.clinical.delivery import FAILURES, UNCLEAR, Delivery, Failure
from dashboard.clinical.people import Person
from dashboard.locale import speaking
from dashboard.vocabulary import ToldBy
from dashboard.words.advice.delivery import (
    delivery_in_words,
    failure_in_words,
    recipient_in_words,
    reply_of,
    settlement_name,
)
from tests.support.factories import at

SIGNED, SENT, LATER = (at(date(2026, 11, day), 14, 30) for day in (24, 25, 26))
PETIT = Person(7, "Petit", "Anaïs")
QUEUED = Delivery(uuid4(), PETIT, "gp", "mail", 0, "queued", 0, SIGNED)
MAILED = replace(QUEUED, state="sent", attempts=1, sent_at=SENT, transport="mssante")
FAILED = replace(QUEUED, state="failed", failure=Failure("no_address"))


@pytest.fixture(autouse=True)
def english():
    with speaking("en"):
        yield


WORDS = [
    (QUEUED, "waits to be sent"),
    (
        replace(QUEUED, attempts=1, failure=Failure("deferred", "451 later")),
        "waits to be sent, tried 1 time: The mail server put it off again and again.",
    ),
    (MAILED, "sent on 25 Nov 2026 14:30"),
    (replace(MAILED, transport="notice"), "told by mail on 25 Nov 2026 14:30 that it waits"),
    (replace(MAILED, transport="folder"), "put into the folder on 25 Nov 2026 14:30"),
    (replace(MAILED, channel="inbox"), "in the inbox since 25 Nov 2026 14:30"),
    (replace(MAILED, reminder=1), "reminder sent on 25 Nov 2026 14:30"),
    (
        replace(MAILED, answered_at=LATER),
        "sent on 25 Nov 2026 14:30, answered on 26 Nov 2026 14:30",
    ),
    (
        FAILED,
        "not delivered: The registry has no secure address for this recipient.",
    ),
    (
        replace(FAILED, settled_at=LATER, settled_by=Person(8, "Roux", "Jo"), settled_how="phone"),
        "told by phone on 26 Nov 2026 14:30 by Roux Jo",
    ),
]


@pytest.mark.parametrize(("delivery", "words"), WORDS, ids=[row[1] for row in WORDS])
def test_a_delivery_in_words(delivery, words):
    assert delivery_in_words(delivery) == words


def test_a_french_colon_has_a_space_before_it():
    tried = replace(QUEUED, attempts=1, failure=Failure("deferred", "451 later"))
    with speaking("fr"):
        assert delivery_in_words(tried).count("\N{NO-BREAK SPACE}: ") == 1


@pytest.mark.parametrize("code", FAILURES)
def test_every_failure_has_its_words_and_says_when_it_may_have_arrived(code):
    words = failure_in_words(Failure(code))
    assert words.endswith(".")
    assert ("may have arrived" in words) == (code in UNCLEAR)
    assert words[0].isupper()


def test_an_unknown_address_is_named_and_the_code_stays_in_the_detail():
    failure = Failure("refused", "550 5.1.1 mailbox unavailable")
    assert failure_in_words(failure) == "The mail server does not know the address in the registry."
    assert reply_of(failure) == "Reply of the mail server: 550 5.1.1 mailbox unavailable"
    assert "refused it" in failure_in_words(Failure("refused", "554 5.7.1 policy"))
    assert [reply_of(one) for one in (None, Failure("refused"))] == ["", ""]


def test_a_failure_that_nobody_wrote_down_is_not_made_up():
    assert failure_in_words(None) == "The reason is not known."


def test_every_way_of_being_told_has_its_words():
    assert len({settlement_name(how) for how in ToldBy}) == len(ToldBy)


@pytest.mark.parametrize(
    ("role", "who", "words"),
    [("gp", PETIT, "Dr Petit"), ("nurse", PETIT, "Nurse Petit"), ("", None, "Dr ?")],
)
def test_a_recipient_in_words(role, who, words):
    assert recipient_in_words(replace(QUEUED, role=role, recipient=who)) == words


@pytest.mark.parametrize(
    ("delivery", "work"),
    [(QUEUED, False), (MAILED, False), (FAILED, True), (replace(FAILED, settled_at=LATER), False)],
)
def test_what_needs_someone(delivery, work):
    assert delivery.needs_someone is work

"""The request that a review answers, the days it took, and the times of sending."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dashboard.clinical.advice.tele_expertise import (
    Request,
    Sending,
    Signing,
    first_signing,
    request_answered,
)
from dashboard.clinical.deidentification import deidentified
from tests.support.export_records import record

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 2, 14, tzinfo=PARIS)


def signing(number, days=0, supersedes=None):
    at = MONDAY + timedelta(days=days)
    return Signing(UUID(int=number), at, at.date(), supersedes and UUID(int=supersedes))


def asked(number, days, withdrawn=None, question="Que faire ?"):
    at = MONDAY + timedelta(days=days)
    until = None if withdrawn is None else MONDAY + timedelta(days=withdrawn)
    return Request(UUID(int=number), 2, question, at, at.date(), until)


@pytest.mark.parametrize(
    ("signings", "requests", "answered"),
    [
        ([], [], None),
        ([], [asked(1, -3)], 1),
        # Asked after the signing, or at the very moment: the next review answers it.
        ([], [asked(1, 1)], None),
        ([], [asked(1, 0)], None),
        # Two open questions: the time runs from the first.
        ([], [asked(2, -1), asked(1, -9)], 1),
        # Answered by the review before.
        ([signing(8, -7)], [asked(1, -9)], None),
        ([signing(8, -7)], [asked(1, -9), asked(2, -2)], 2),
        # A later review takes nothing away.
        ([signing(8, 7)], [asked(1, -3)], 1),
        # Withdrawn before, or after.
        ([], [asked(1, -3, withdrawn=-1)], None),
        ([], [asked(1, -3, withdrawn=1)], 1),
        # Prepared without a question.
        ([], [asked(1, -9, question=" \n")], None),
        ([], [asked(1, -9, question=""), asked(2, -2)], 2),
    ],
)
def test_a_review_answers_what_was_open_when_it_was_signed(signings, requests, answered):
    this = signing(9)
    found = request_answered(this, [*signings, this], requests)
    assert (found and found.id) == (answered and UUID(int=answered))


def test_an_amendment_answers_what_the_first_one_answered():
    first, second, third = signing(1), signing(2, 1, supersedes=1), signing(3, 2, supersedes=2)
    assert first_signing(third, [first, second, third]) == first
    assert first_signing(second, [second]) == second


def test_reviews_that_supersede_each_other_come_to_an_end():
    one, two = signing(1, supersedes=2), signing(2, supersedes=1)
    assert first_signing(one, [one, two]) in (one, two)


@pytest.mark.parametrize(
    ("ready", "days", "time"),
    [
        (None, None, "no_request"),
        (datetime(2026, 11, 2, 9, tzinfo=PARIS), 0, "met"),
        (datetime(2026, 10, 26, 0, 1, tzinfo=PARIS), 7, "met"),
        (datetime(2026, 10, 25, 23, 59, tzinfo=PARIS), 8, "not_met"),
    ],
)
def test_the_answer_is_due_within_seven_calendar_days(ready, days, time):
    request = ready and Request(UUID(int=5), 2, "Que faire ?", ready, ready.date())
    one = record(request=request, signed_at=MONDAY)
    assert (one.answer_days, one.answer_time) == (days, time)


def sent(channel, minutes, reminder=0, state="sent"):
    at = MONDAY + timedelta(minutes=minutes)
    return Sending(3, channel, reminder, state, MONDAY, at if state == "sent" else None)


@pytest.mark.parametrize(
    ("sendings", "minutes"),
    [
        ([], None),
        ([sent("mail", 5, state="failed")], None),
        ([sent("inbox", 0)], 0),
        ([sent("inbox", 0), sent("mail", 5), sent("mail", 9)], 5),
        ([sent("inbox", 0), sent("mail", 5, state="queued")], 0),
        ([sent("mail", 5, state="failed"), sent("mail", 90, reminder=1)], None),
    ],
)
def test_it_was_sent_when_the_letter_first_left(sendings, minutes):
    found = record(sendings=tuple(sendings)).sent_at
    assert found == (None if minutes is None else MONDAY + timedelta(minutes=minutes))


def test_on_a_shared_screen_the_record_names_nobody():
    one = record(
        request=Request(UUID(int=5), 2, "Mme Lefèvre dort mal", MONDAY, MONDAY.date()),
        summary="Camille Lefèvre va mieux",
    )
    shown = deidentified(one, date(2026, 11, 24))
    assert "Lefèvre" in repr(one)
    assert "Lefèvre" not in repr(shown)
    assert shown.identity.ins is None
    assert "dort mal" in shown.request.question

"""The sender beside the pages, and the command for cron: real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.error import HTTPError

import pytest

from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.delivery import Failure
from dashboard.database import acting_as
from dashboard.delivery.sender import OVER_AND_OVER, Done, Failures, start_sending, wake
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.settings import settings
from dashboard.web.server import asgi
from tests.delivery.conftest import AT_ONCE, by
from tests.support.mail_server import free_port
from tests.support.signing import sign

pytestmark = pytest.mark.thorough

SECONDS = 60
TODAY = date(2026, 11, 24)
DOWN = Done(queued=1, gateway_down=Failure("unreachable"))


def until(reached, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_signs_wakes_the_sender(outbox, post_office):
    sender = start_sending(by(post_office), AT_ONCE, every=600)
    time.sleep(0.3)
    outbox.sign()
    wake()
    until(lambda: outbox.states() == {"sent"}, seconds=10)
    sender.stop()
    assert not sender.thread.is_alive()


def test_a_stop_waits_for_the_letter_that_is_being_sent_and_begins_no_other(outbox, post_office):
    for _ in range(2):
        outbox.sign()
    begun = threading.Event()

    def slow(step):
        if step == "DATA":
            begun.set()
            time.sleep(1)

    post_office.on = slow
    sender = start_sending(by(post_office), AT_ONCE, every=600)
    assert begun.wait(10)
    sender.ask_to_stop()
    assert sender.thread.is_alive()
    sender.stop(20)
    assert not sender.thread.is_alive()
    assert len(post_office.accepted) == len(outbox.rows("state = 'sent'")) == 1


def test_without_being_woken_it_looks_every_few_seconds(outbox, post_office):
    sender = start_sending(by(post_office), AT_ONCE, every=0.1)
    outbox.sign()
    until(lambda: outbox.states() == {"sent"}, seconds=10)
    sender.stop()


def test_a_database_that_is_away_does_not_end_it_and_is_not_told_about(outbox, post_office, caplog):
    outbox.sign()
    outbox.ask("ALTER FUNCTION review.claim_mail(interval) RENAME TO gone")
    sender = start_sending(by(post_office), AT_ONCE, every=0.05)
    until(lambda: caplog.records, seconds=10)
    outbox.ask("ALTER FUNCTION review.gone(interval) RENAME TO claim_mail")
    until(lambda: outbox.states() == {"sent"}, seconds=10)
    sender.stop()
    assert {record.getMessage() for record in caplog.records} == {"Delivery: ProgrammingError"}


def test_what_cannot_be_made_into_a_mail_is_work_for_a_person_and_not_in_the_way(
    outbox, post_office, send, caplog
):
    outbox.sign(language="xx/../..", plain_text="Lefèvre Camille")
    post = by(post_office)

    def broken(letter, sender):
        raise RuntimeError(letter.plain_text)

    done = send(type(post)(broken, post.sender, post.transport))
    assert (done.sent, done.failed) == (0, 2)
    assert {row.error for row in outbox.rows()} == {"unsendable"}
    assert "Camille" not in caplog.text


def test_a_gateway_that_is_down_again_and_again_is_trouble_until_a_letter_leaves(
    outbox, post_office
):
    post_office.moods = [("MAIL", "530 5.7.0 sign in first")] * OVER_AND_OVER
    outbox.sign()
    sender = start_sending(by(post_office), AT_ONCE, every=0.05)
    until(lambda: not post_office.moods, seconds=10)
    until(lambda: outbox.states() == {"sent"}, seconds=10)
    until(lambda: sender.trouble is None, seconds=10)
    sender.stop()


FAILED_ROUNDS = [
    ("one failure may pass", [DOWN], None),
    ("two may", [DOWN] * 2, None),
    ("three in a row are trouble", [DOWN] * 3, (3, "unreachable")),
    ("nothing due says nothing of the gateway", [DOWN, DOWN, Done(), DOWN], (3, "unreachable")),
    ("a letter that left ends it", [DOWN] * 3 + [Done(sent=1)], None),
    ("one that was refused too: the gateway answered", [DOWN] * 3 + [Done(failed=1)], None),
    ("an outbox that cannot be read", [KeyError()] * 3, (3, "KeyError")),
    ("and can be again", [*[KeyError()] * 3, Done()], None),
]


@pytest.mark.parametrize(
    ("title", "rounds", "told"), FAILED_ROUNDS, ids=[r[0] for r in FAILED_ROUNDS]
)
def test_a_sender_is_in_trouble_after_three_failures_in_a_row(title, rounds, told):
    failures = Failures()
    for came in rounds:
        if isinstance(came, Exception):
            failures.note_error(came)
        else:
            failures.note_round(came)
    trouble = failures.trouble
    assert (trouble and (trouble.times, trouble.code)) == told


def test_health_says_that_letters_cannot_be_sent(outbox, tmp_path):
    outbox.sign()
    with served(outbox, tmp_path, CASE_REVIEW_MAIL_FOLDER="letters") as process:
        until(lambda: outbox.states() == {"sent"})
        (tmp_path / "letters").rename(tmp_path / "elsewhere")
        (tmp_path / "letters").touch()
        outbox.sign()

        def fails_over_and_over():
            # Due at once, and not after the minutes of the schedule.
            outbox.ask("UPDATE review.delivery SET next_attempt_at = now() WHERE state = 'queued'")
            return _health(process.port)[0] == 503

        until(fails_over_and_over)
        assert _health(process.port)[1].startswith("no letter can be sent since 20")
        assert _health(process.port)[1].endswith(": folder")


def test_stopping_finishes_the_letter_in_hand(outbox, post_office):
    outbox.sign()
    begun = threading.Event()

    def slowly(moment):
        if moment == "DATA":
            begun.set()
            time.sleep(0.5)

    post_office.on = slowly
    sender = start_sending(by(post_office), AT_ONCE, every=600)
    assert begun.wait(10)
    sender.stop()
    assert not sender.thread.is_alive()
    assert len(post_office.accepted) == 1
    assert outbox.message_ids("state = 'sent'") == set(post_office.message_ids)


# As processes.


def environment(outbox, office=None, **values):
    mail = {"CASE_REVIEW_MAIL_TRANSPORT": "folder"}
    if office is not None:
        mail = {
            "CASE_REVIEW_MAIL_HOST": "127.0.0.1",
            "CASE_REVIEW_MAIL_PORT": str(office.port),
            "CASE_REVIEW_MAIL_TLS": "none",
            "CASE_REVIEW_MAIL_FROM": "avis@sesame.example",
        }
    database = {"CASE_REVIEW_DATABASE_URL": outbox.database.app_url, "PYTHONPATH": os.getcwd()}
    return os.environ | database | mail | values


def command(folder, variables, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_command_for_cron_sends_what_is_due_and_says_whether_all_is_well(
    outbox, post_office, tmp_path
):
    outbox.sign()
    post_office.moods = [("RCPT", "550 5.1.1 no such user")]
    variables = environment(outbox, post_office)
    first = command(tmp_path, variables, "deliver", "--once")
    assert (first.returncode, first.stdout) == (1, "Sent: 1. To be tried again: 0. Failed: 1.\n")
    second = command(tmp_path, variables, "deliver", "--once")
    assert (second.returncode, second.stdout) == (0, "Sent: 0. To be tried again: 0. Failed: 0.\n")
    assert "mssante" not in first.stderr + second.stderr


def test_the_command_says_what_is_wrong_with_the_settings(outbox, tmp_path):
    done = command(tmp_path, environment(outbox, CASE_REVIEW_MAIL_FROM="Avis"), "deliver", "--once")
    assert done.returncode == 1
    assert done.stderr == "CASE_REVIEW_MAIL_FROM must be an address such as avis@site.mssante.fr.\n"


@contextmanager
def served(outbox, folder: Path, **values):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        cwd=folder,
        env=environment(outbox, **values),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until(lambda: _is_well(port) or process.poll() is not None)
        process.port = port
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert "Traceback" not in process.stdout.read()


def _is_well(port):
    with suppress(OSError):
        return _health(port)[0] == 200
    return False


def _health(port):
    """Return the status and the text of the server's health check."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.fixture
def really_signed(outbox):
    """Return a review that is signed as a psychiatrist signs it, with its letters."""
    team = outbox.case.team
    lines = tuple(
        DraftLine(str(n), kind="other", detail=f"Conseil n° {n} : l'été, à revoir", owner_role="gp")
        for n in range(1, 31)
    )
    content = DraftReview("Réponse partielle", lines, next_review_on=TODAY + timedelta(days=28))
    with acting_as(team.psychiatrist) as connection:
        draft = save_draft(connection, open_draft(connection, outbox.case.episode), content).draft
        return sign(connection, draft, Seen(), TODAY)


def test_the_server_sends_what_was_signed_and_stops_cleanly(outbox, really_signed, tmp_path):
    """Thirty lines of advice, to the folder, for no gateway is set up."""
    with served(outbox, tmp_path):
        until(lambda: outbox.states() == {"sent"})
    letters = [
        message_from_bytes(file.read_bytes(), policy=default)
        for file in (tmp_path / "var" / "mail").glob("*.eml")
    ]
    assert {letter["Message-ID"] for letter in letters} == outbox.message_ids()
    for letter in letters:
        text, pdf = letter.iter_parts()
        assert "Conseil n° 30 : l'été, à revoir" in text.get_content()
        assert pdf.get_content().startswith(b"%PDF-")


@pytest.mark.parametrize("told", [True, False])
def test_a_server_that_is_told_not_to_send_does_not(monkeypatch, tmp_path, told):
    monkeypatch.setenv("CASE_REVIEW_BACKGROUND_DELIVERY", str(told))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()

    async def senders():
        async with asgi._delivery():
            return [thread for thread in threading.enumerate() if thread.name == "delivery"]

    assert len(asyncio.run(senders())) == told
    assert all(thread.name != "delivery" for thread in threading.enumerate())
    settings.cache_clear()

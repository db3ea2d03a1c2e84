"""Senders that are killed, and senders beside each other: real processes, killed for real."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from tests.delivery.conftest import Outbox
from tests.support.mail_server import PostOffice
from tests.support.sending_process import run

pytestmark = pytest.mark.thorough

SECONDS = 60

_processes = multiprocessing.get_context("forkserver")
# Slow imports are done once, and not in each process again.
_processes.set_forkserver_preload(["tests.support.sending_process"])


@dataclass
class Senders:
    """Processes that send, by way of one mail server."""

    outbox: Outbox
    office: PostOffice
    running: list

    def start(self, longest: float = 20.0) -> None:
        """Start one more process; a letter in hand is due again after twice ``longest`` seconds."""
        process = _processes.Process(
            target=run, args=(self.outbox.database.app_url, self.office.port, longest), daemon=True
        )
        process.start()
        self.running.append(process)

    def lease_over(self) -> None:
        """Move the time on, so that the letters of a dead sender are due again."""
        self.outbox.ask("UPDATE review.delivery SET next_attempt_at = now() WHERE state = 'queued'")

    def kill(self) -> None:
        """Kill all of them, without a shutdown."""
        for process in self.running:
            process.kill()
            process.join(SECONDS)
        self.running.clear()

    def until(self, reached: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not reached():
            assert time.monotonic() < deadline, self.outbox.rows()
            time.sleep(0.01)

    def until_all_is_sent(self) -> None:
        self.until(lambda: self.outbox.states() == {"sent"})


@pytest.fixture
def senders(outbox, post_office) -> Iterator[Senders]:
    senders = Senders(outbox, post_office, [])
    yield senders
    senders.kill()


def same_bytes(office: PostOffice) -> bool:
    """Return whether letters that came twice were the same letter."""
    contents: dict[str, set[bytes]] = {}
    for message, (_, content) in zip(office.messages, office.accepted, strict=True):
        contents.setdefault(message["Message-ID"], set()).add(content)
    return all(len(one) == 1 for one in contents.values())


@pytest.mark.parametrize("moment", ["EHLO", "MAIL", "RCPT", "DATA", "accepted"])
def test_killed_at_this_moment_of_a_conversation_it_loses_nothing(
    outbox, post_office, senders, moment
):
    """Kill it from the mail server; only after the acceptance may the letter come twice."""
    outbox.sign()
    killed = []

    def kill(now: str) -> None:
        if now == moment and not killed:
            killed.append(senders.running[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    post_office.on = kill
    senders.start()
    senders.until(lambda: killed)
    senders.running[0].join(SECONDS)
    assert "queued" in outbox.states()
    senders.lease_over()
    senders.start()
    senders.until_all_is_sent()
    assert set(post_office.message_ids) == outbox.message_ids()
    # From DATA on the mail server has the letter, and accepts it from a dead sender too.
    came_twice = moment in ("DATA", "accepted")
    assert sum(post_office.message_ids.values()) == (3 if came_twice else 2)
    assert same_bytes(post_office)


def test_what_a_dead_sender_had_in_hand_is_due_again_by_itself(outbox, post_office, senders):
    outbox.sign()
    killed = []

    def kill(moment: str) -> None:
        if moment == "MAIL" and not killed:
            killed.append(senders.running[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    post_office.on = kill
    senders.start(longest=0.5)
    senders.until(lambda: killed)
    senders.start()
    senders.until_all_is_sent()
    assert set(post_office.message_ids) == outbox.message_ids()


def test_killed_at_many_moments_it_loses_nothing_and_repeats_no_more_than_it_was_killed(
    outbox, post_office, senders
):
    """Kill it some moments of conversations later, and some milliseconds after those."""
    chance = Random(20261124)  # noqa: S311
    for _ in range(6):
        outbox.sign()
    moments: list[str] = []
    post_office.on = moments.append
    kills = 0
    while outbox.states() != {"sent"}:
        reached = len(moments) + chance.randint(1, 7)
        senders.start()
        senders.until(lambda: len(moments) >= reached or outbox.states() == {"sent"})  # noqa: B023
        time.sleep(chance.uniform(0, 0.02))
        senders.kill()
        senders.lease_over()
        kills += 1
    assert kills > 5
    arrived = post_office.message_ids
    assert set(arrived) == outbox.message_ids()
    assert len(arrived) == 12
    assert sum(arrived.values()) - len(arrived) <= kills
    assert same_bytes(post_office)


def test_killed_before_it_has_looked_it_has_lost_nothing(outbox, senders, post_office):
    """Check a server that dies right after the signature: the outbox is in the same transaction."""
    outbox.sign()
    senders.start()
    senders.kill()
    senders.lease_over()
    senders.start()
    senders.until_all_is_sent()
    assert set(post_office.message_ids) == outbox.message_ids()


def test_two_senders_send_each_letter_once(outbox, senders, post_office):
    for _ in range(8):
        outbox.sign()
    senders.start()
    senders.start()
    senders.until_all_is_sent()
    assert post_office.message_ids == dict.fromkeys(outbox.message_ids(), 1)
    assert {row.attempts for row in outbox.rows()} == {1}

"""Faults between people and their database.

Each breaks something while a person works, and lets the person finish. The module ``invariants``
checks the result.
"""

import os
import signal
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from random import Random

import psycopg

from dashboard.database import connection as doors
from dashboard.database.security.policies import APP_ROLE
from tests.faults.invariants import at_any_moment, when_all_is_done
from tests.faults.operations import Order
from tests.faults.served_site import SECONDS, WORK, Clinic, Worker
from tests.faults.tcp_proxy import MOMENTS, Heard, Line, Strike


@dataclass(frozen=True)
class At:
    """The n-th statement of some work, counted from 1, and the moment of it."""

    work: str
    nth: int
    moment: str


@dataclass
class Outcome:
    """The result of one fault."""

    what: str
    wrong: list[str] = field(default_factory=list)
    recovery_seconds: float | None = None
    """The time from the database's next answer to the end of the interrupted work."""
    draft_loss_seconds: float | None = None
    """The typed text that is lost, in seconds of typing."""


def statements_of(clinic: Clinic, work: str) -> list[str]:
    """Return the statements that this work sends to the database without a fault."""
    order = WORK[work](clinic, Random(0))  # noqa: S311
    heard = clinic.listen()
    clinic.insist(order)
    said = list(heard.statements)
    clinic.finish()
    return said


def moments_of(clinic: Clinic, *works: str) -> list[At]:
    """Return every moment of every statement of this work."""
    return [
        At(work, nth, moment)
        for work in works
        for nth, _ in enumerate(statements_of(clinic, work), start=1)
        for moment in MOMENTS
    ]


def database_killed(clinic: Clinic, chance: Random, at: At) -> Outcome:
    """Kill all of PostgreSQL, or the one backend of the connection, after which it restarts."""
    whole = chance.random() < 0.6
    order = WORK[at.work](clinic, chance)
    before = clinic.postgres.times_ready()
    heard = clinic.listen(Strike(at.nth, at.moment, clinic.postgres.kill if whole else _kill))
    clinic.attempt(order)
    assert heard.struck.wait(SECONDS), f"{at} was never reached"
    if whole:
        if chance.random() < 0.5:
            clinic.attempt(order)
        time.sleep(chance.uniform(0, 0.3))
        clinic.postgres.start()
    else:
        clinic.postgres.wait_for_next_start(before)
    return _recovered(clinic, order, f"{_place(at, heard)}, {'all' if whole else 'one process'}")


def connection_cut(clinic: Clinic, chance: Random, at: At) -> Outcome:
    """Between the application and PostgreSQL, which both go on."""
    order = WORK[at.work](clinic, chance)
    heard = clinic.listen(Strike(at.nth, at.moment, Line.cut))
    clinic.attempt(order)
    assert heard.struck.wait(SECONDS), f"{at} was never reached"
    clinic.postgres.ready_at = time.monotonic()
    return _recovered(clinic, order, _place(at, heard))


def application_killed(clinic: Clinic, chance: Random, at: At) -> Outcome:
    """Kill the working process; another one does the work once more."""
    order = WORK[at.work](clinic, chance)
    worker, another = Worker(clinic.database.app_url), Worker(clinic.database.app_url)
    heard = clinic.listen(Strike(at.nth, at.moment, worker.kill))
    told = clinic.attempt(order, worker)
    assert heard.struck.wait(SECONDS), f"{at} was never reached"
    assert not told, "somebody was told by a dead process"
    clinic.postgres.ready_at = time.monotonic()
    wrong = at_any_moment(clinic)
    clinic.attempt(order, another)
    another.kill()
    outcome = _recovered(clinic, order, _place(at, heard))
    return Outcome(outcome.what, wrong + outcome.wrong)


def connections_exhausted(clinic: Clinic, chance: Random, at: At) -> Outcome:
    """Others have taken every connection that PostgreSQL gives."""
    order = WORK[at.work](clinic, chance)
    doors.disconnect()
    with ExitStack() as others:
        with suppress(psycopg.OperationalError):
            while True:
                address = clinic.postgres.address("clinic", APP_ROLE)
                others.enter_context(psycopg.connect(address))
        assert not clinic.attempt(order), "there was a connection left"
        time.sleep(chance.uniform(0, 0.5))
    clinic.postgres.ready_at = time.monotonic()
    return _recovered(clinic, order, at.work)


def _recovered(clinic: Clinic, order: Order, what: str) -> Outcome:
    """Let people finish what they were doing, and check everything."""
    clinic.database.close()
    wrong = at_any_moment(clinic)
    seconds = clinic.insist(order)
    clinic.finish()
    return Outcome(what, wrong + when_all_is_done(clinic), seconds)


def _kill(line: Line) -> None:
    """Kill the process of PostgreSQL at the end of this line."""
    os.kill(line.backend, signal.SIGKILL)


def _place(at: At, heard: Heard) -> str:
    statement = heard.statements[at.nth - 1]
    return f"{at.work}, {at.moment} statement {at.nth} ({statement[:40]})"

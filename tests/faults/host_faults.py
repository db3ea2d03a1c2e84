"""Faults of a server's host: a full disk, a moved clock, an interrupted migration."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from alembic import command

from dashboard.database import acting_as, administering
from dashboard.database.operations.embedded import ensure_database
from dashboard.database.operations.schema_setup import create_reference_registry
from dashboard.database.schema.migration_config import migration_config
from dashboard.queries.advice.inbox import inbox
from tests.faults.breaking import At, Outcome, _kill
from tests.faults.failing_host import Clock, SmallDisk
from tests.faults.invariants import at_any_moment, when_all_is_done
from tests.faults.operations import AnswerLine
from tests.faults.postgres import PROGRAMS
from tests.faults.served_site import SECONDS, WORK, Clinic, lines
from tests.faults.tcp_proxy import MOMENTS, Line, PostgresCable, Strike

BYTES_LEFT = (0, 0, 8_192, 65_536)
MOVES = tuple(
    sign * timedelta(seconds=seconds)
    for seconds in (1, 60, 3_600, 86_400, 40 * 86_400)
    for sign in (1, -1)
)
BEGUN_AT = ("nothing", "0001", "0004", "0008")
"""The schema that a migration finds: none, or what an earlier version left."""


def disk_full(clinic: Clinic, chance: Random, disk: SmallDisk) -> Outcome:
    """Fill the database's disk; half of the time its journal has no room either."""
    orders = [WORK[work](clinic, chance) for work in chance.sample(list(WORK), 4)]
    orders += [WORK["signing"](clinic, chance) for _ in range(4)]
    left, journal = chance.choice(BYTES_LEFT), chance.random() < 0.5
    clinic.database.close()
    disk.fill(left)
    try:
        if journal:
            with suppress(Exception):
                clinic.ask("SELECT pg_switch_wal()")
        done = [clinic.attempt(order) for order in orders]
    finally:
        disk.clear()
    clinic.database.close()
    clinic.postgres.wait()
    wrong = at_any_moment(clinic)
    seconds = [clinic.insist(order) for order, told in zip(orders, done, strict=True) if not told]
    clinic.finish()
    assert not all(done), "there was room for all of it"
    what = f"{left} bytes left{' and none for the journal' if journal else ''},"
    return Outcome(
        f"{what} {done.count(False)} of {len(done)} refused",
        wrong + when_all_is_done(clinic),
        # The first of them waits for the database, the others for each other.
        seconds[0],
    )


def clock_moved(clinic: Clinic, chance: Random, clock: Clock) -> Outcome:
    """Move the database's clock between any two actions; the application's clock stays."""
    moves = [chance.choice(MOVES) for _ in range(5)]

    def move() -> None:
        clock.move(moves[len(made)])
        made.append(1)

    made: list[int] = []
    case = clinic.case()
    first = clinic.written(case)
    move()
    clinic.insist(clinic.to_sign(case, first))
    (line,) = lines(clinic, case, "nurse")
    given = [(UUID(int=chance.getrandbits(128), version=4), said) for said in _ANSWERS]
    for key, said in given:
        move()
        clinic.answered[key] = (line, said)
        clinic.insist(AnswerLine(case.team.nurse, line, said, "", key))
    wrong = [f"the latest answer is {said}" for said in _standing(clinic, case.team.nurse, line)]
    move()
    second = clinic.written(case, "Une semaine plus tard")
    clinic.insist(clinic.to_sign(case, second))
    move()
    clinic.finish()
    wrong += when_all_is_done(clinic)
    clock.move(timedelta())
    by = ", ".join(f"{one.total_seconds():+.0f} s" for one in moves)
    return Outcome(f"by {by}", wrong)


_ANSWERS = ("acknowledged", "done")


def _standing(clinic: Clinic, nurse: int, line: UUID) -> list[str]:
    """Return the answers that the inbox shows for this line other than the last one given."""
    with acting_as(nurse) as connection:
        received = inbox(connection, clinic.today() + timedelta(days=400), only_open=False)
    return [
        one.answers[-1].outcome
        for case in received
        for review in case.reviews
        for one in review.recommendations
        if one.id == line and one.answers[-1].outcome != _ANSWERS[-1]
    ]


def migration_interrupted(clinic: Clinic, chance: Random, number: int) -> Outcome:
    """Kill ``init`` or PostgreSQL, or cut the connection between them; then run ``init`` again."""
    begun_at = chance.choice(BEGUN_AT)
    name = f"migrated_{number}"
    _begin(clinic, name, begun_at)
    rehearsal = f"rehearsed_{number}"
    _begin(clinic, rehearsal, begun_at)
    heard = clinic.cable.listen()
    _init(clinic.cable, rehearsal).wait(SECONDS)
    at = At("init", chance.randint(1, len(heard.statements)), chance.choice(MOMENTS))
    how = chance.choice(["init killed", "PostgreSQL killed", "cut", "one process killed"])
    before = clinic.postgres.times_ready()
    running: list[subprocess.Popen] = []
    strikes = {
        "init killed": lambda line: running[0].kill(),
        "PostgreSQL killed": clinic.postgres.kill,
        "cut": Line.cut,
        "one process killed": _kill,
    }
    heard = clinic.cable.listen(Strike(at.nth, at.moment, strikes[how]))
    running.append(_init(clinic.cable, name))
    assert running[0].wait(SECONDS) != 0, "init was not interrupted"
    assert heard.struck.wait(SECONDS)
    if how == "PostgreSQL killed":
        clinic.postgres.start()
    elif how == "one process killed":
        clinic.postgres.wait_for_next_start(before)
    clinic.database.close()
    again = _init(clinic.cable, name)
    wrong = [] if again.wait(SECONDS) == 0 else ["init does not go through any more"]
    wrong += _differences(clinic, rehearsal, name)
    what = f"from {begun_at}, {how} {at.moment} statement {at.nth} of {len(heard.statements)}"
    return Outcome(what, wrong + at_any_moment(clinic))


def _begin(clinic: Clinic, name: str, revision: str) -> None:
    """Make a database as an earlier version has left it, with one account."""
    ensure_database(clinic.postgres.address(), name)
    with administering(clinic.postgres.address(name)) as connection:
        create_reference_registry(connection)
        if revision == "nothing":
            return
        command.upgrade(migration_config(connection), revision)
        connection.exec_driver_sql(
            "INSERT INTO review.account (practitioner_id, username, password_hash, created_at)"
            " VALUES (7, 'moreau', 'x', '2026-01-01')"
        )


def _init(cable: PostgresCable, name: str) -> subprocess.Popen:
    address = f"postgresql://postgres@127.0.0.1:{cable.port}/{name}"
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard", "init", "--database-url", address],
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _differences(clinic: Clinic, one: str, other: str) -> list[str]:
    """Return the differences between two databases that should be alike."""
    if _dump(clinic, one) == _dump(clinic, other):
        return []
    return ["the schema or its rows are not those of an undisturbed migration"]


def _dump(clinic: Clinic, name: str) -> str:
    address = clinic.postgres.address(name)
    dump = [PROGRAMS / "pg_dump", "--dbname", address, "--column-inserts"]
    said = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    # A word that is drawn at each dump.
    return re.sub(r"^\\(un)?restrict .*$", "", said, flags=re.MULTILINE)

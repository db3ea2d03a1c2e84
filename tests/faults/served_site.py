"""Where people work while things break: a server, a cable to it, a mail server, and a record
of what everybody was told."""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes
from hashlib import sha256
from random import Random
from typing import Any, ClassVar
from uuid import UUID, uuid5

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import Draft, Seen, seen_in
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.committing import is_out_of_reach
from dashboard.database.operations.embedded import ensure_database
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema import registry
from dashboard.database.security.policies import APP_ROLE
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.case.case_file import read_case
from tests.faults.operations import AnswerByLink, AnswerLine, Order, SaveDraft, SendLetters, Sign
from tests.faults.postgres import Postgres, postgres
from tests.faults.tcp_proxy import Heard, PostgresCable, Strike, unix
from tests.support.factories import Case, Database, Team, completed_draft
from tests.support.identity import everybody_is_signed_in
from tests.support.mail_server import PostOffice, free_port

SECONDS = 60
_NAME = "clinic"
_NUMBERS = itertools.count(1)

_processes = multiprocessing.get_context("forkserver")
# Slow imports are done once, and not in each process again.
_processes.set_forkserver_preload(["tests.faults.served_site"])


@dataclass(frozen=True)
class Promise:
    """A review that its psychiatrist will have signed when all is done."""

    episode: int
    summary: str
    lines: int


@dataclass
class Clinic:
    """``promised`` and what follows it is what must be there when everybody is done.

    Reviews by the key of their draft, answers by their key, drafts by episode.
    """

    postgres: Postgres
    cable: PostgresCable
    database: Database
    office: PostOffice
    promised: dict[UUID, Promise] = field(default_factory=dict)
    answered: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    drafted: dict[int, str] = field(default_factory=dict)
    told: list[tuple[Order, str]] = field(default_factory=list)
    today: Callable[[], date] = today
    _arrived: dict[str, set[tuple[str, bytes]]] = field(default_factory=dict)
    last_failure: str = "none"
    """The last error of a database that does not answer."""
    _opened: int = 0

    seconds_to_insist: ClassVar[float] = SECONDS

    def attempt(self, order: Order, within: "Worker | None" = None) -> bool:
        """Run the order once, here or in another process; return whether the person was told.

        Raises any error other than that of a database that does not answer.
        """
        try:
            told = order.do() if within is None else within.do(order)
        except Exception as error:
            if not is_out_of_reach(error):
                raise
            self.last_failure = f"{type(error).__name__}: {error}".strip()
            return False
        if told is not None:
            self.told.append((order, told))
        return told is not None

    def insist(self, order: Order) -> float:
        """Run the order until the person is told; return the seconds since the server answers."""
        deadline = time.monotonic() + self.seconds_to_insist
        while not self.attempt(order):
            late = f"{type(order).__name__} is never done; last failure: {self.last_failure}"
            assert time.monotonic() < deadline, late
            time.sleep(0.05)
        return time.monotonic() - self.postgres.ready_at

    def warm(self) -> None:
        """Use a connection, so that the next transaction takes one that was just in use."""
        with acting_as(None) as connection:
            connection.exec_driver_sql("SELECT 1")

    def listen(self, strike: Strike | None = None) -> Heard:
        """Count the statements of the next actions, from now on."""
        self.warm()
        return self.cable.listen(strike)

    def finish(self) -> None:
        """Wait until every letter has left, as it does without a fault."""
        self.database.close()
        deadline = time.monotonic() + SECONDS
        while self.ask("SELECT 1 FROM review.delivery WHERE state <> 'sent' LIMIT 1"):
            assert time.monotonic() < deadline, "letters wait for ever"
            # The later time makes the letters of a dead sender due again.
            self.ask(
                "UPDATE review.delivery SET next_attempt_at = now()"
                " WHERE state = 'queued' RETURNING 1"
            )
            self.attempt(SendLetters(self.office.port))

    def arrived(self) -> dict[str, set[tuple[str, bytes]]]:
        """Return the accepted mails by Message-ID: each address and digest of content."""
        for to, content in self.office.accepted[self._opened :]:
            number = str(message_from_bytes(content)["Message-ID"])
            self._arrived.setdefault(number, set()).add((",".join(to), sha256(content).digest()))
            self._opened += 1
        return self._arrived

    def ask(self, statement: str) -> list[Any]:
        """Rows, as the owner of the database, past the cable."""
        with self.database.owner().begin() as connection:
            return list(connection.exec_driver_sql(statement).all())

    def case(self) -> Case:
        """Return a patient of a team of their own, three months in care, with forms and a drug."""
        add, number = self.database, next(_NUMBERS)
        people = {
            role: add.practitioner(role, secure_email=f"{role}-{number}@mssante.example")
            for role in ("psychiatrist", "nurse", "gp")
        }
        team = Team(database=add, site=add.site(), **people)
        # By the server's own door: the cable may be cut.
        everybody_is_signed_in(self.database.owner_url)
        case = team.case(self.today() - timedelta(days=90))
        for days, total in ((88, 17), (46, 15), (4, 14)):
            taken_on = self.today() - timedelta(days=days)
            add.assessment(case.patient, "phq9", taken_on, total)
        add.add(
            registry.medication,
            patient_id=case.patient,
            atc_code="N06AB06",
            name="sertraline",
            daily_dose_mg=50,
            as_needed=False,
            started_on=self.today() - timedelta(days=80),
        )
        return case

    def written(self, case: Case, summary: str = "Réponse partielle") -> Draft:
        """Return a draft that can be signed."""
        soon = self.today() + timedelta(days=14)
        lines = (
            DraftLine("a", kind="other", detail="Revoir le sommeil", owner_role="nurse"),
            DraftLine("b", kind="investigation", detail="TSH", owner_role="gp", due_on=soon),
        )
        content = DraftReview(summary, lines, next_review_on=soon)
        with acting_as(case.team.psychiatrist) as connection:
            return save_draft(connection, open_draft(connection, case.episode), content).draft

    def seen(self, case: Case) -> Seen:
        """Return everything that there is to see of the case."""
        with acting_as(case.team.psychiatrist) as connection:
            shown = read_case(connection, case.episode, self.today() + timedelta(days=400))
        assert shown is not None
        return seen_in(shown)

    def to_sign(self, case: Case, draft: Draft) -> Sign:
        """Return the order to sign this draft, which is recorded as a promise."""
        self.promised[draft.idempotency_key] = Promise(
            case.episode, draft.content.summary, len(draft.content.lines)
        )
        with acting_as(case.team.psychiatrist) as connection:
            ready = completed_draft(connection, draft, self.today())
        return Sign(case.team.psychiatrist, ready, self.seen(case), self.today())

    def signed(self) -> Case:
        """Return a case with a signed review."""
        case = self.case()
        self.insist(self.to_sign(case, self.written(case)))
        return case


@contextmanager
def clinic(server: Postgres, name: str = _NAME) -> Iterator[Clinic]:
    """Open a prepared database on this server behind a proxy, and a mail server."""
    ensure_database(server.address(), name)
    with administering(server.address(name)) as connection:
        create_reference_registry(connection)
        prepare(connection)
    cable, office = PostgresCable(unix(server.socket)), PostOffice(free_port())
    app_url = f"postgresql://{APP_ROLE}@127.0.0.1:{cable.port}/{name}"
    database = Database(owner_url=server.address(name), app_url=app_url)
    connect_to(app_url)
    office.open()
    try:
        yield Clinic(server, cable, database, office)
    finally:
        office.close()
        cable.close()
        database.close()


@contextmanager
def open_clinic() -> Iterator[Clinic]:
    """Open a clinic with a server of its own."""
    with postgres() as server, clinic(server) as opened:
        yield opened


# The interrupted work: each function prepares what it needs, and returns the order.


def signing(clinic: Clinic, chance: Random) -> Sign:
    case = clinic.case()
    return clinic.to_sign(case, clinic.written(case))


def signing_an_amendment(clinic: Clinic, chance: Random) -> Sign:
    case = clinic.signed()
    (review,) = clinic.ask(f"SELECT id FROM review.case_review WHERE episode_id = {case.episode}")
    with acting_as(case.team.psychiatrist) as connection:
        draft = begin_amendment(connection, review.id, clinic.today())
        content = DraftReview("Amendé", draft.content.lines, draft.content.next_review_on)
        draft = save_draft(connection, draft, content).draft
    return clinic.to_sign(case, draft)


def signing_in_a_meeting(clinic: Clinic, chance: Random) -> Sign:
    case = clinic.case()
    meeting = clinic.database.meeting(case.team, [case], held_on=clinic.today())
    clinic.ask(f"UPDATE review.meeting SET started_at = now() WHERE id = '{meeting}' RETURNING 1")
    return clinic.to_sign(case, clinic.written(case))


def answering(clinic: Clinic, chance: Random) -> AnswerLine:
    case, key = clinic.signed(), UUID(int=chance.getrandbits(128), version=4)
    outcome = chance.choice(["acknowledged", "done", "modified", "declined"])
    (line,) = lines(clinic, case, "nurse")
    clinic.answered[key] = (line, outcome)
    return AnswerLine(case.team.nurse, line, outcome, "Le patient préfère attendre", key)


def answering_by_link(clinic: Clinic, chance: Random) -> AnswerByLink:
    case = clinic.signed()
    ((link,),) = clinic.ask(f"SELECT id FROM review.answer_link WHERE patient_id = {case.patient}")
    given = dict.fromkeys(lines(clinic, case, "gp"), ("done", ""))
    for line, (outcome, _) in given.items():
        clinic.answered[uuid5(link, str(line))] = (line, outcome)
    return AnswerByLink(case.team.gp, link, given)


def delivering(clinic: Clinic, chance: Random) -> SendLetters:
    clinic.signed()
    return SendLetters(clinic.office.port)


def drafting(clinic: Clinic, chance: Random) -> SaveDraft:
    case = clinic.case()
    draft = clinic.written(case, "Réponse")
    words = DraftReview("Réponse partielle", draft.content.lines, draft.content.next_review_on)
    clinic.drafted[case.episode] = words.summary
    return SaveDraft(case.team.psychiatrist, draft, words)


WORK: dict[str, Callable[[Clinic, Random], Order]] = {
    "signing": signing,
    "signing an amendment": signing_an_amendment,
    "signing in a meeting": signing_in_a_meeting,
    "answering": answering,
    "answering by link": answering_by_link,
    "delivering": delivering,
    "drafting": drafting,
}


def lines(clinic: Clinic, case: Case, owner_role: str) -> list[UUID]:
    """Return the lines of advice that this role is to answer."""
    return [
        row.id
        for row in clinic.ask(
            f"SELECT id FROM review.recommendation WHERE patient_id = {case.patient}"
            f" AND owner_role = '{owner_role}' ORDER BY position"
        )
    ]


# Another process, to be killed.


class Worker:
    """A process that does what it is told, and says what came of it, while it lives."""

    def __init__(self, app_url: str) -> None:
        self._pipe, theirs = _processes.Pipe()
        self.process = _processes.Process(target=_work, args=(app_url, theirs), daemon=True)
        self.process.start()
        theirs.close()
        assert self._pipe.poll(SECONDS)
        self._pipe.recv()

    def do(self, order: Order) -> str | None:
        """Return what the person was told, None if the process died before."""
        try:
            self._pipe.send(order)
            assert self._pipe.poll(SECONDS), "a process that was to be killed hangs"
            told = self._pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(told, Exception):
            raise told
        return told

    def kill(self, *_: object) -> None:
        """Kill the process without a shutdown."""
        self.process.kill()
        self.process.join(SECONDS)


def _work(app_url: str, pipe: Any) -> None:
    connect_to(app_url)
    everybody_is_signed_in()
    with acting_as(None) as connection:
        connection.exec_driver_sql("SELECT 1")
    pipe.send("here")
    with suppress(EOFError, OSError):
        while True:
            order = pipe.recv()
            try:
                told: str | Exception = order.do()
            except Exception as error:
                told = RuntimeError(f"{type(error).__name__}: {error}")
            pipe.send(told)

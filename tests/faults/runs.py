"""The kinds of faults, the number of each, and their runs.

A run is identified by a seed and a number, which determine the fault, its place and its kind.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from dashboard.database import connect_to
from tests.faults import breaking, host_faults, passes
from tests.faults.breaking import At, Outcome, moments_of
from tests.faults.failing_host import NotHere, movable_clock, small_disk
from tests.faults.in_browser import Practice, practice, things_break
from tests.faults.passes import Planned, Runs, run_all, said
from tests.faults.postgres import postgres
from tests.faults.served_site import WORK, Clinic, clinic, open_clinic

SECONDS_TO_BE_BACK = 10.0
SECONDS_OF_TYPING = 2.0

SIGNING = ("signing", "signing an amendment", "signing in a meeting")
ANSWERING = ("answering", "answering by link")


@dataclass
class Stage:
    """The objects that runs share, each made when it is first needed."""

    seed: int
    stack: ExitStack = field(default_factory=ExitStack)
    made: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    @property
    def clinic(self) -> Clinic:
        return self.get("clinic", lambda: self.stack.enter_context(open_clinic()))

    def at(self, work: tuple[str, ...], number: int) -> At:
        """Return the statement for the run of this number; all come once before one is repeated."""

        def shuffled() -> list[At]:
            found = moments_of(self.clinic, *work)
            Random(self.seed).shuffle(found)  # noqa: S311
            return found

        deck = self.get("/".join(work), shuffled)
        return deck[number % len(deck)]

    @property
    def on_small_disk(self) -> tuple[Clinic, Any]:
        def make() -> tuple[Clinic, Any]:
            disk = self.stack.enter_context(small_disk())
            server = self.stack.enter_context(postgres(disk.folder))
            return self.stack.enter_context(clinic(server)), disk

        return self.get("disk", make)

    @property
    def with_clock(self) -> tuple[Clinic, Any]:
        def make() -> tuple[Clinic, Any]:
            clock = self.stack.enter_context(movable_clock())
            server = self.stack.enter_context(postgres(**clock.environment))
            return self.stack.enter_context(clinic(server)), clock

        return self.get("clock", make)

    @property
    def practice(self) -> Practice:
        return self.get("practice", lambda: self.stack.enter_context(practice()))


@dataclass(frozen=True)
class Kind:
    """A kind of fault; ``share`` is how many of 200 runs are of it."""

    name: str
    share: int
    run: Callable[[Stage, Random, int], Outcome]


def _in_clinic(
    broken: Callable[[Clinic, Random, At], Outcome], *work: str
) -> Callable[[Stage, Random, int], Outcome]:
    def run(stage: Stage, chance: Random, number: int) -> Outcome:
        at = stage.at(work, number)
        connect_to(stage.clinic.database.app_url)
        return broken(stage.clinic, chance, at)

    return run


def _disk(stage: Stage, chance: Random, number: int) -> Outcome:
    there, disk = stage.on_small_disk
    connect_to(there.database.app_url)
    return host_faults.disk_full(there, chance, disk)


def _clock(stage: Stage, chance: Random, number: int) -> Outcome:
    there, clock = stage.with_clock
    connect_to(there.database.app_url)
    return host_faults.clock_moved(there, chance, clock)


def _migration(stage: Stage, chance: Random, number: int) -> Outcome:
    connect_to(stage.clinic.database.app_url)
    return host_faults.migration_interrupted(stage.clinic, chance, number)


def _browser(what: str, doing: str) -> Callable[[Stage, Random, int], Outcome]:
    return lambda stage, chance, number: things_break(stage.practice, chance, what, doing)


KINDS = (
    Kind("database killed while signing", 36, _in_clinic(breaking.database_killed, *SIGNING)),
    Kind("database killed while answering", 20, _in_clinic(breaking.database_killed, *ANSWERING)),
    Kind(
        "database killed while delivering", 22, _in_clinic(breaking.database_killed, "delivering")
    ),
    Kind("database killed while saving", 6, _in_clinic(breaking.database_killed, "drafting")),
    Kind("connection to the database cut", 20, _in_clinic(breaking.connection_cut, *WORK)),
    Kind("application killed while signing", 10, _in_clinic(breaking.application_killed, *SIGNING)),
    Kind(
        "application killed while answering", 8, _in_clinic(breaking.application_killed, *ANSWERING)
    ),
    Kind(
        "application killed while delivering",
        8,
        _in_clinic(breaking.application_killed, "delivering"),
    ),
    Kind("connections exhausted", 6, _in_clinic(breaking.connections_exhausted, *WORK)),
    Kind("migration interrupted", 10, _migration),
    Kind("disk full", 12, _disk),
    Kind("clock moved", 14, _clock),
    Kind("browser: database killed while typing", 6, _browser("database", "typing")),
    Kind("browser: database killed while signing", 6, _browser("database", "signing")),
    Kind("browser: server killed while typing", 6, _browser("server", "typing")),
    Kind("browser: server killed while signing", 5, _browser("server", "signing")),
    Kind("browser: WebSocket dropped while typing", 3, _browser("websocket", "typing")),
    Kind("browser: WebSocket dropped while signing", 2, _browser("websocket", "signing")),
)


@dataclass
class Result(passes.Result):
    """The result of a run, as it is written down."""

    not_here: str | None = None
    recovery_seconds: float | None = None
    draft_loss_seconds: float | None = None

    def __str__(self) -> str:
        came = "not run" if self.not_here else "LOST" if self.wrong else "survived"
        numbers = (("back in", self.recovery_seconds), ("lost", self.draft_loss_seconds or None))
        reasons = [self.not_here] if self.not_here else self.wrong
        return self.described(came, numbers, reasons)


def planned(runs: int, seed: int) -> Runs[Kind]:
    """Return this number of runs, in the shares of the kinds, one kind after the other."""
    counts = {kind.name: 0 for kind in KINDS}
    for _ in range(runs):
        # The kind furthest behind its share is next.
        behind = max(KINDS, key=lambda kind: kind.share / (1 + counts[kind.name]))
        counts[behind.name] += 1
    every = [(kind, nth) for kind in KINDS for nth in range(counts[kind.name])]
    return [Planned(number, kind, nth) for number, (kind, nth) in enumerate(every, start=1)]


def run(plan: Runs[Kind], seed: int, results: Path | None, minutes: float | None) -> bool:
    """Run these, one after the other; whether all that was run survived."""
    with ExitStack() as stack:
        stage = Stage(seed, stack)
        return run_all(plan, lambda one: _run(stage, one), results, minutes)


def _run(stage: Stage, one: Planned[Kind]) -> Result:
    result, chance = Result(one.number, one.kind.name), one.chance(stage.seed)
    try:
        outcome = one.kind.run(stage, chance, one.nth)
    except NotHere as why:
        result.not_here = str(why)
    except Exception as error:
        # The others are run all the same; this one has not survived.
        result.wrong = [said(error)]
    else:
        result.what, result.wrong = outcome.what, [*outcome.wrong, *_late(outcome)]
        result.recovery_seconds = outcome.recovery_seconds
        result.draft_loss_seconds = outcome.draft_loss_seconds
    return result


def _late(outcome: Outcome) -> Iterator[str]:
    if (outcome.recovery_seconds or 0) > SECONDS_TO_BE_BACK:
        yield f"back after {outcome.recovery_seconds:.1f} s"
    if (outcome.draft_loss_seconds or 0) > SECONDS_OF_TYPING:
        yield f"{outcome.draft_loss_seconds:.1f} s of typing are lost"

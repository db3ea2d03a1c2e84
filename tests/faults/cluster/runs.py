"""The kinds of faults of a site, and their runs by seed.

A run is identified by a seed and a number, which determine the fault, its place and its moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults import passes
from tests.faults.breaking import At, moments_of, statements_of
from tests.faults.cluster import database_faults, document_commands, in_browser, web_faults
from tests.faults.cluster.database_faults import Outcome
from tests.faults.cluster.region import Region, region
from tests.faults.passes import Planned, Runs, run_all, said

SECONDS_OF_TYPING = 2.0
SECONDS_FOR_A_PAGE = 5.0
SECONDS_ABOVE_TTL = 5.0
"""A new primary writes within Patroni's ttl and this."""

WORKS = ("signing", "answering", "delivering", "drafting")


@dataclass
class Stage:
    """The site of all runs, and the places that are still to be broken."""

    seed: int
    region: Region
    decks: dict[str, list[At]] = field(default_factory=dict)
    patience: float = 1.0
    """The factor by which waits may be longer than promised."""
    known: set[str] = field(default_factory=set)
    """The complaints of earlier runs, which are not counted again."""

    def at(self, works: tuple[str, ...], number: int) -> At:
        """Return the statement for this run: the works in turn, the places of each by chance."""
        work = works[number % len(works)]
        if work not in self.decks:
            found = moments_of(self.region, work)
            Random(f"{self.seed} {work}").shuffle(found)  # noqa: S311
            self.decks[work] = found
        deck = self.decks[work]
        return deck[number // len(works) % len(deck)]


Run = Callable[[Stage, Random, int], Outcome]


@dataclass(frozen=True)
class Kind:
    """A kind of fault; ``share`` is how many of 100 runs are of it."""

    name: str
    share: int
    run: Run
    fails_over: bool = False
    """Whether a new primary is needed before anybody can write."""
    doubled: bool = False
    """Whether two machines fail together: nothing is lost, and no time is promised."""


def _at(broken: Callable[[Region, Random, At], Outcome]) -> Run:
    return lambda stage, chance, nth: broken(stage.region, chance, stage.at(WORKS, nth))


def _of(broken: Callable[[Region, Random, str], Outcome], *works: str) -> Run:
    return lambda stage, chance, nth: broken(stage.region, chance, works[nth % len(works)])


def _in_site(followed: Callable[[Region, Random], Outcome]) -> Run:
    return lambda stage, chance, nth: followed(stage.region, chance)


def _served(broken: Callable[[Region, Random], Outcome]) -> Run:
    def run(stage: Stage, chance: Random, nth: int) -> Outcome:
        stage.region.start_servers()
        return broken(stage.region, chance)

    return run


COMMITTING = ("signing", "answering", "drafting")

KINDS = (
    Kind("primary killed", 36, _at(database_faults.primary_killed), fails_over=True),
    Kind(
        "standby frozen, then primary killed",
        8,
        _of(database_faults.standby_frozen, *COMMITTING),
        doubled=True,
    ),
    Kind(
        "primary changed in the middle of COMMIT",
        10,
        _of(database_faults.switched_in_commit, *COMMITTING),
        fails_over=True,
    ),
    Kind(
        "wait for the standby cancelled",
        8,
        _of(database_faults.wait_cancelled, *COMMITTING),
        doubled=True,
    ),
    Kind("PgBouncer killed", 6, _at(database_faults.pooler_killed)),
    Kind("HAProxy of the database reloaded", 4, _at(database_faults.front_reloaded)),
    Kind("etcd lost", 4, _of(database_faults.etcd_lost, *COMMITTING), fails_over=True),
    Kind(
        "commands of the document",
        1,
        _in_site(document_commands.commands_followed),
        fails_over=True,
    ),
    Kind("rolling restart", 10, _served(web_faults.rolling_restart)),
    Kind("rolling upgrade with a migration", 6, _served(web_faults.rolling_upgrade)),
    Kind("server killed, the other drained", 4, _served(web_faults.server_killed)),
    Kind("HAProxy of the pages reloaded", 4, _served(web_faults.balancer_reloaded)),
    Kind("browser: primary killed while typing", 1, _served(in_browser.primary_killed)),
    Kind("browser: rolling restart while typing", 1, _served(in_browser.servers_restarted)),
    Kind("browser: each server killed while typing", 1, _served(in_browser.servers_killed)),
)


SHORT = (
    "primary killed",
    "wait for the standby cancelled",
    "PgBouncer killed",
    "commands of the document",
    "rolling restart",
)
"""The kinds of a short pass, one run of each: about four minutes."""


@dataclass
class Result(passes.Result):
    """The result of a run, as it is written down."""

    write_seconds: float | None = None
    typing_lost_seconds: float | None = None
    back_seconds: float | None = None
    reader_errors: int = 0

    def __str__(self) -> str:
        numbers = (
            ("writes after", self.write_seconds),
            ("typing lost", self.typing_lost_seconds),
            ("page back after", self.back_seconds),
        )
        return self.described("FAILED" if self.wrong else "survived", numbers, self.wrong)


def planned(runs: int) -> Runs[Kind]:
    """Return this number of runs: each kind at least once, and in the shares of the kinds."""
    counts = {kind.name: 0 for kind in KINDS}
    plan = []
    for number in range(1, runs + 1):
        # Each kind comes once; then the kind furthest behind its share is next.
        behind = max(
            KINDS,
            key=lambda kind: (not counts[kind.name], kind.share / (1 + counts[kind.name])),
        )
        plan.append(Planned(number, behind, counts[behind.name]))
        counts[behind.name] += 1
    # Servers take memory and processor time from the faults that need none.
    return sorted(plan, key=lambda one: KINDS.index(one.kind))


def short() -> Runs[Kind]:
    """Return the runs of a short pass."""
    kinds = [kind for kind in KINDS if kind.name in SHORT]
    return [Planned(number, kind, 0) for number, kind in enumerate(kinds, start=1)]


def run(
    plan: Runs[Kind],
    seed: int,
    results: Path | None = None,
    minutes: float | None = None,
    *,
    patience: float = 1.0,
) -> bool:
    """Run these, one after the other, in one site; whether all that was run survived."""
    with region() as opened:
        stage = Stage(seed, opened, patience=patience)
        # The first letter of a process takes longer, after which a connection is tested.
        statements_of(opened, "signing")
        return run_all(plan, lambda one: _run(stage, one), results, minutes)


def _run(stage: Stage, one: Planned[Kind]) -> Result:
    result, chance = Result(one.number, one.kind.name), one.chance(stage.seed)
    stage.region.connect()
    try:
        outcome = one.kind.run(stage, chance, one.nth)
    except Exception as error:
        # The others are run all the same; this one has not survived.
        result.wrong = [said(error)]
        stage.region.mend()
    else:
        ttl = int(stage.region.site.variables["SITE_TTL"])
        late = late_in(outcome, one.kind, ttl, stage.patience)
        found = [complaint for complaint in outcome.wrong if complaint not in stage.known]
        stage.known |= set(found)
        result.what, result.wrong = outcome.what, [*found, *late]
        result.write_seconds = outcome.write_seconds
        result.typing_lost_seconds = outcome.typing_lost_seconds
        result.back_seconds = outcome.back_seconds
        result.reader_errors = outcome.reader_errors
    return result


def late_in(outcome: Outcome, kind: Kind, ttl: int, patience: float = 1.0) -> Iterator[str]:
    """Yield a line about each wait that was longer than promised, times ``patience``.

    Typed text must be safe after the promised time in any case.
    """
    most = ttl + SECONDS_ABOVE_TTL if kind.fails_over else SECONDS_ABOVE_TTL
    if (outcome.write_seconds or 0) > patience * most and not kind.doubled:
        yield f"writes work after {outcome.write_seconds:.1f} s"
    if (outcome.typing_lost_seconds or 0) > SECONDS_OF_TYPING:
        yield f"{outcome.typing_lost_seconds:.1f} s of typing are lost"
    if (outcome.back_seconds or 0) > patience * SECONDS_FOR_A_PAGE:
        yield f"a page is back after {outcome.back_seconds:.1f} s"

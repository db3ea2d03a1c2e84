"""A pass of faults: its plan, its loop, its arguments, and where the results are written.

``tests.faults`` and ``tests.faults.cluster`` share it.
"""

import argparse
import json
import os
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Generic, Protocol, TypeVar

from tests.faults.figures import read

SETTINGS = {
    "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
    "CASE_REVIEW_LINK_KEY": "k" * 32,
    "CASE_REVIEW_PUBLIC_URL": "https://revue.example",
}
"""A password is enough to sign in, and letters carry links."""


class Named(Protocol):
    """A kind of fault."""

    @property
    def name(self) -> str:
        """Its name in the results."""


KindOf = TypeVar("KindOf", bound=Named)


@dataclass(frozen=True)
class Planned(Generic[KindOf]):
    """A run before it is run; ``nth`` of its kind."""

    number: int
    kind: KindOf
    nth: int

    def chance(self, seed: int) -> Random:
        """Return the random numbers of this run."""
        return Random(f"{seed} {self.number}")  # noqa: S311


@dataclass
class Result:
    """The result of a run, as it is written down."""

    number: int
    kind: str
    what: str = ""
    wrong: list[str] = field(default_factory=list)
    """The reasons why the run is not survived."""
    seconds: float = 0.0

    def described(
        self, came: str, numbers: Iterable[tuple[str, float | None]], reasons: Iterable[str]
    ) -> str:
        """Return the lines that are printed about it: its numbers in seconds, then reasons."""
        known = "".join(f"; {name} {value:.1f} s" for name, value in numbers if value is not None)
        head = f"{self.number:4} {came:8} {self.seconds:5.1f} s"
        indented = (f"              {reason}" for reason in reasons)
        return "\n".join([f"{head}  {self.kind}: {self.what}{known}", *indented])


Runs = list[Planned[KindOf]]


def use_settings() -> None:
    """Set the settings of the runs. Nothing may have read the settings before."""
    os.environ |= SETTINGS


def parser(prog: str, runs: int) -> argparse.ArgumentParser:
    """Return the parser of the arguments that choose the runs of a pass."""
    made = argparse.ArgumentParser(prog=prog)
    made.add_argument("--runs", type=int, default=runs)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--only", type=int, nargs="+", help="the runs of these numbers alone")
    made.add_argument("--go-on", action="store_true", help="with what is not done yet")
    made.add_argument("--kind", default="", help="how the kinds to go on with begin")
    made.add_argument("--minutes", type=float, help="stop after about so long")
    return made


def chosen(plan: Runs[KindOf], wanted: argparse.Namespace, results: Path) -> Runs[KindOf]:
    """Return the runs that the arguments name. A pass from the start deletes earlier results."""
    if wanted.only:
        return [one for one in plan if one.number in wanted.only]
    if not wanted.go_on:
        results.unlink(missing_ok=True)
        return plan
    done = {one["number"] for one in read(results)}
    return [one for one in plan if one.number not in done and one.kind.name.startswith(wanted.kind)]


def run_all(
    plan: Iterable[Planned[KindOf]],
    run: Callable[[Planned[KindOf]], Result],
    results: Path | None,
    minutes: float | None,
) -> bool:
    """Run these, one after the other; return whether all that was run survived.

    Each result is added to the file ``results``.
    """
    until = time.monotonic() + 60 * minutes if minutes else float("inf")
    survived = True
    for one in plan:
        if time.monotonic() > until:
            break
        begun = time.monotonic()
        result = run(one)
        result.seconds = round(time.monotonic() - begun, 2)
        survived = survived and not result.wrong
        print(result, flush=True)
        if results is not None:
            results.parent.mkdir(parents=True, exist_ok=True)
            with results.open("a") as lines:
                lines.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    return survived


def said(error: Exception) -> str:
    """Return a line about an error, with its place, for a run that has not survived."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"

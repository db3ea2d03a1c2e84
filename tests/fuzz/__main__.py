"""Try bad input at every surface for a while: ``python -m tests.fuzz --seconds 600 --seed 7``.

Prints, by surface, how many inputs were tried and which of them failed; with ``--record`` the
same goes into ``tests/figures/fuzz.json``, for SECURITY.md. Exit status 1 if one failed. The same
seed sends the same inputs, for as long as the machine has time for.
"""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from dashboard.database import administering
from dashboard.database.operations.embedded import app_address_of, embedded_postgres
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from tests.fuzz.site_in_process import TODAY, Clinic, clinic
from tests.fuzz.surfaces import SURFACES, Surface
from tests.support.factories import Database
from tests.support.identity import sign_in_whoever_acts

FIGURES = Path(__file__).parents[1] / "figures" / "fuzz.json"
BATCH = 200
ENOUGH_FAILURES = 5


@dataclass
class Tried:
    """The attempts at one surface."""

    surface: str
    inputs: int = 0
    seconds: float = 0
    failures: list[str] = field(default_factory=list)


def main() -> int:
    """Give each surface its share of the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", action="store_true", help="for SECURITY.md")
    parser.add_argument("--surface", choices=list(SURFACES), action="append")
    wanted = parser.parse_args()
    names = wanted.surface or list(SURFACES)
    with _database() as database, clinic(database) as opened:
        tried = [
            try_for(name, SURFACES[name], opened, wanted.seconds / len(names), wanted.seed)
            for name in names
        ]
    for one in tried:
        print(f"{one.inputs:8,} inputs in {one.seconds:5.0f} s  {one.surface}")
        for failure in one.failures:
            print(f"         FAILED {failure}")
    failed = sum(len(one.failures) for one in tried)
    print(f"{sum(one.inputs for one in tried):8,} inputs in all, {failed} failed")
    if wanted.record:
        _record(wanted.seed, tried)
    return 1 if failed else 0


def _record(number: int, tried: list[Tried]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    figures = {
        "date": TODAY.isoformat(),
        "seed": number,
        "surfaces": [asdict(one) for one in tried],
    }
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def try_for(name: str, surface: Surface, opened: Clinic, seconds: float, number: int) -> Tried:
    """Send one input after the other until the time is over."""
    tried = Tried(name)
    begun = time.monotonic()

    def over() -> bool:
        return time.monotonic() - begun > seconds or len(tried.failures) >= ENOUGH_FAILURES

    while not over():
        send_batch(surface, opened, tried, number, over=over)
        number += 1
    tried.seconds = round(time.monotonic() - begun, 1)
    return tried


def send_batch(
    surface: Surface,
    opened: Clinic,
    tried: Tried,
    number: int,
    *,
    inputs: int = BATCH,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Send this number of inputs of this seed, unless the time is over before."""

    @seed(number)
    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(surface.sent)
    def send(sent: object) -> None:
        if over():
            return
        tried.inputs += 1
        opened.log.clear()
        try:
            surface.check(opened, sent)
        except Exception as error:
            tried.failures.append(_told(error, sent))

    send()


def _told(error: Exception, sent: object) -> str:
    """Return the error, its place, and the input that caused it."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames[:-6:-1])
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said:.300} at {places} after {sent!r:.300}"


@contextmanager
def _database() -> Iterator[Database]:
    with (
        TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "pg") as owner_url,
    ):
        with administering(owner_url) as connection:
            create_reference_registry(connection)
            prepare(connection)
        database = Database(owner_url=owner_url, app_url=app_address_of(owner_url, "postgres"))
        sign_in_whoever_acts()
        yield database
        database.close()


if __name__ == "__main__":
    sys.exit(main())

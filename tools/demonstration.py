"""A served demonstration, for the programs that use it in a browser."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.calendar import today
from dashboard.cli.demonstration import demonstration_database
from tests.browser.conftest import free_port
from tests.browser.programme import eventually


@dataclass(frozen=True)
class Demonstration:
    """The address of a served demonstration, and the username of each role."""

    url: str
    usernames: Mapping[str, str]


@contextmanager
def served_demonstration(
    folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Demonstration]:
    """Serve the demonstration in this folder, and connect this process to its database.

    The demonstration is created if the folder has none. ``settings`` are environment variables of
    the server; ``{url}`` in a value stands for its address.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with demonstration_database(folder, today(), print) as said:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        given = {name: value.format(url=url) for name, value in (settings or {}).items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve", "--demonstration", "--port", str(port)],
            env=os.environ | {"CASE_REVIEW_DATA_DIRECTORY": str(folder)} | given,
            stdout=subprocess.DEVNULL,
        )
        try:
            eventually(lambda: _answers(url), seconds=60)
            yield Demonstration(url, _usernames(said))
        finally:
            process.terminate()
            process.wait(20)


def _usernames(said: list[str]) -> dict[str, str]:
    """Return the usernames by role, from lines such as "  duval: Anne Duval, psychiatrist"."""
    return {
        line.rsplit(", ", 1)[1]: line.split(":")[0].strip()
        for line in said
        if line.startswith("  ")
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310
            return True
    except OSError:
        return False

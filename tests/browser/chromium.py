"""The browser of the tests: the one on this machine, else Debian's where that is allowed.

``python -m tests.browser.chromium`` makes sure that there is one, or says how to get it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NAMES = ("chromium-headless-shell", *WITH_WINDOWS)
"""The first that is there is taken: without its windows Chromium takes half of the time."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
QUICK_TO_START = (
    "--js-flags=--no-opt --no-maglev"
    " --single-threaded-gc --min-semi-space-size=32 --max-semi-space-size=64",
    "--process-per-site",
)
"""For pages that are opened and left: making their scripts faster takes longer than it saves,
and the next page of a visitor finds what the one before has made of them. With room for new
objects, a seventh of the renderers' processor time for collecting garbage is saved."""

HOW_TO_GET_ONE = """\
The browser tests need Chromium and none was found. Install it, for example
    sudo apt-get install chromium        (Debian)
    sudo dnf install chromium            (Fedora)
or set CHROMIUM to the program's path, and start again."""


def find(names: Sequence[str] = NAMES) -> str | None:
    """Return the path of the first program found, None if there is none.

    The environment variable ``CHROMIUM`` overrides the search.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, names)), None)


def install() -> None:
    """Install Debian's package, where this process may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
    for package in NAMES[:2]:
        subprocess.run(["apt-get", "install", "-q", "-y", package], env=environment, check=False)


def main() -> int:
    """Find a browser or install one; 1 where there is none."""
    if find(WITH_WINDOWS) is None:
        install()
    if find(WITH_WINDOWS) is None:
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

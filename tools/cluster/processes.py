"""Programs that this one starts, under an account that may run PostgreSQL."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tools.debian import PATH

SECONDS_TO_END = 30
_ACCOUNTS = ("postgres", "nobody")


def account() -> pwd.struct_passwd:
    """Return the account that runs the engines: this one, or another one if this is root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LookupError("PostgreSQL refuses root, and there is no other account to run it")


def make_folder() -> Path:
    """Return a new folder that the account of the engines owns and can open."""
    # The folder is never under a home directory, because other accounts cannot open root's.
    folder = Path(tempfile.mkdtemp(prefix="case-review-cluster-", dir="/var/tmp"))
    give(folder)
    return folder


def give(path: Path, mode: int = 0o700) -> None:
    """Give a file or folder to the account of the engines, with these permissions."""
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, account().pw_uid, account().pw_gid)


def as_account() -> list[str]:
    """Return the prefix that runs a command as the account of the engines."""
    if os.geteuid() != 0:
        return []
    user = account()
    setpriv = shutil.which("setpriv", path=PATH) or "setpriv"
    return [
        *(setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"),
        *("--clear-groups", "--no-new-privs", "--"),
    ]


@dataclass
class Program:
    """A program with its log in the folder of the cluster. It can be started again."""

    name: str
    command: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    as_engine: bool = True
    """Whether it runs as the account of the engines. Otherwise it runs as the account of this
    process.
    """
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the program, unless it runs."""
        if self.runs:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*(as_account() if self.as_engine else ()), *self.command],
                env=self._environment(),
                # Debian's Python programs must not import modules from the working folder.
                cwd=self.folder if self.as_engine else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C must reach only this process, which then ends the others in order.
                start_new_session=True,
            )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask the program to end; kill it if it does not, and the children that it left."""
        if self.process is None:
            return
        family = self.family()
        if self.runs:
            self.process.send_signal(how)
            try:
                self.process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for child in family:
            _kill(child)

    def kill(self) -> None:
        """Kill the program and all of its children at once."""
        if self.process is None:
            return
        # The process is stopped first, because a child that it starts meanwhile would survive.
        if self.runs:
            self.process.send_signal(signal.SIGSTOP)
        for child in (*self.family(), *self._itself()):
            _kill(child)
        self.process.wait()

    def family(self) -> list[psutil.Process]:
        """Return the children of a process, and their children."""
        return [
            child for parent in self._itself() for child in _children(parent) if child.is_running()
        ]

    def _itself(self) -> list[psutil.Process]:
        if not self.runs or self.process is None:
            return []
        return [psutil.Process(self.process.pid)]

    def _environment(self) -> dict[str, str]:
        if not self.as_engine:
            return {**os.environ, **self.environment}
        plain = {"PATH": PATH, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        return {**plain, **self.environment}


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until ``done`` returns true. Raise ``TimeoutError`` after the limit, with the text
    ``what``.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return

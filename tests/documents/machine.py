"""A disposable copy of this machine on which to follow the documents.

The copy has the files of this machine under a layer of its own (overlayfs), its own processes,
network and systemd. Everything installed, written or started in it ends with it. It needs root and
a kernel that lets it mount; ``why_not`` returns what is missing.
"""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.documents.programs import PATH
from tests.support.repository import ROOT

SECONDS = 120

_EACH_CGROUP = """
mkdir "$1/cgroup"
while IFS=: read -r _ kind path
do
    type=cgroup; test -n "$kind" || type=cgroup2
    mount -t $type ${kind:+-o "$kind"} cgroup "$1/cgroup" 2>/dev/null || continue
    own="$1/cgroup$path/${1##*/}"
    of_each || true
    umount "$1/cgroup"
done <<< "$(cat /proc/self/cgroup)"
"""
"""Call the shell's function ``of_each`` for each hierarchy of cgroups, in which ``$own`` is the
copy's cgroup. The file is read first, because it changes with each move.
"""

_OWN_CGROUPS = f"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root" "$1/systemd"
grep --quiet :name=systemd: /proc/self/cgroup ||
    mount -t cgroup -o none,name=systemd cgroup "$1/systemd" 2>/dev/null || true
of_each() {{ mkdir "$own" && echo 0 2>/dev/null > "$own/cgroup.procs"; }}
{_EACH_CGROUP}
exec unshare --cgroup bash -c "$4" start "$1" "$2" "$3"
"""
"""Move to cgroups of the copy's own: the systemd of each copy makes and removes cgroups, and all
use the same names.
"""

_REMOVE_CGROUPS = f"""
mount -t tmpfs tmpfs "$1"
of_each() {{
    for _ in $(seq 50)
    do
        test -d "$own" || break
        find "$own" -depth -type d -exec rmdir {{}} +
        sleep 0.1
    done
}}
{_EACH_CGROUP}
"""
"""Wait until the last processes of the copy have ended, and remove its cgroups."""

_START = """
set -e
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --bind -o ro proc/sys proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs dev
for device in null zero full random urandom tty
do touch "dev/$device"; mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
if ! mount -t cgroup2 cgroup2 sys/fs/cgroup || test ! -s sys/fs/cgroup/cgroup.controllers
then
    umount sys/fs/cgroup 2>/dev/null || true
    mount -t tmpfs cgroup sys/fs/cgroup 2>/dev/null || true
    mkdir -p sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
fi
# The repository may lie below /tmp, which is empty in the copy.
case "$3" in /tmp/*) mkdir -p ".$3"; mount --bind "$3" ".$3";; esac
ip link set lo up
exec env --ignore-environment container=test PATH="$2" chroot . /lib/systemd/systemd \\
    --system --unit=basic.target --show-status=no --log-target=null
"""


@dataclass(frozen=True)
class Machine:
    """A running copy of this machine; ``pid`` is its first process."""

    pid: int
    files: Path
    """Its file system, as this machine sees it."""

    def run(self, command: str, *, check: bool = True) -> str:
        """Return what a shell of root says to this; ``AssertionError`` where it fails."""
        done = subprocess.run(
            [*self._inside(), "bash", "-e", "-c", command],
            env={"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def start(self, command: str) -> None:
        """Start a program that stays; it ends with the machine."""
        subprocess.Popen(
            [*self._inside(), "bash", "-c", f"exec {command}"],
            env={"PATH": PATH, "HOME": "/root"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file, and the folders that lead to it."""
        there = self.files / path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        """Return the text of a file."""
        return (self.files / path.lstrip("/")).read_text()

    def exists(self, path: str) -> bool:
        """Return whether there is such a file."""
        return (self.files / path.lstrip("/")).exists()

    def _inside(self) -> list[str]:
        return ["nsenter", f"--target={self.pid}", "--all", "--root", "--wd"]


def why_not() -> str | None:
    """Return why no copy of this machine can be made here; None where it can."""
    if os.geteuid() != 0:
        return "a copy of this machine needs root: sudo make test-all, or a container of root"
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        return f"this container may not mount ({tried.stderr.strip()}): docker run --privileged"
    return None


@contextmanager
def machine() -> Iterator[Machine]:
    """Start a copy of this machine, and throw it away at the end of the block."""
    folder = mkdtemp(prefix="case-review-machine-", dir="/var/tmp")
    holder = subprocess.Popen(
        [
            *("unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child"),
            *("bash", "-c", _OWN_CGROUPS, "start", folder, PATH, str(ROOT), _START),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        pid = _first_process(holder)
        made = Machine(pid, Path(f"/proc/{pid}/root"))
        _wait_until_up(made)
        yield made
    finally:
        holder.kill()
        holder.wait()
        subprocess.run(
            ["unshare", "--mount", "bash", "-c", _REMOVE_CGROUPS, "remove", folder],
            capture_output=True,
            check=False,
        )
        with suppress(OSError):
            os.rmdir(folder)


def _first_process(holder: "subprocess.Popen[str]") -> int:
    """Return the pid of systemd in the copy, once it is there."""
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and holder.poll() is None:
        for child in children.read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
        time.sleep(0.1)
    holder.kill()
    raise AssertionError(holder.stderr.read() if holder.stderr else "no systemd")


def _wait_until_up(made: Machine) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if made.run("systemctl is-system-running", check=False).strip() in ("running", "degraded"):
            return
        time.sleep(0.2)
    raise AssertionError("systemd does not start")


def site_packages() -> str:
    """Return the folder of the packages that these tests run with."""
    return sysconfig.get_paths()["purelib"]


def same_python() -> bool:
    """Return whether Debian's Python can run the packages that these tests run with."""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split() == [str(part) for part in sys.version_info[:2]]

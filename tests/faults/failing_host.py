"""The host of a server, made so that it can fail: a small disk, and a clock that moves."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

MEGABYTE = 1024 * 1024
DISK_MEGABYTES = 192


class NotHere(Exception):
    """Raised if this machine cannot produce the fault; the run is not counted as survived."""


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own, in memory, which a filler can fill."""

    folder: Path

    def fill(self, bytes_left: int) -> None:
        """Leave this much, or less."""
        free = shutil.disk_usage(self.folder).free
        with self._filler.open("ab") as filler:
            os.posix_fallocate(filler.fileno(), filler.tell(), max(4096, free - bytes_left))

    def clear(self) -> None:
        """Free the space again."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Mount a small disk for the block, which only root may do. Raise ``NotHere`` otherwise."""
    if os.geteuid() != 0:
        raise NotHere("only root may mount a small disk")
    with TemporaryDirectory(prefix="case-review-disk-") as folder:
        options = f"size={DISK_MEGABYTES}m,mode=0755"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            raise NotHere("no small disk can be mounted")
        try:
            yield SmallDisk(Path(folder))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass(frozen=True)
class Clock:
    """The clock of the processes that run with ``environment``."""

    file: Path
    environment: dict[str, str]

    def move(self, by: timedelta) -> None:
        """Set the clock this far before or after that of this machine, from now on."""
        with self.file.open("r+b") as file:
            file.write(struct.pack("q", by // timedelta(microseconds=1)))


@contextmanager
def movable_clock() -> Iterator[Clock]:
    """Open a clock for the block, which is right at first. Raise ``NotHere`` without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotHere("a clock that moves needs a C compiler")
    with TemporaryDirectory(prefix="case-review-clock-") as made:
        folder = Path(made)
        library, file = folder / "moved_clock.so", folder / "moved_by"
        source = Path(__file__).parent / "moved_clock.c"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        file.write_bytes(struct.pack("q", 0))
        # Other users run it: PostgreSQL does not run as root.
        folder.chmod(0o755)
        yield Clock(file, {"LD_PRELOAD": str(library), "MOVED_CLOCK": str(file)})

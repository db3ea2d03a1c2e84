"""Files about patients, written to the disk by a command."""

import os
from pathlib import Path


def write_for_owner(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read (mode 0600). An existing file is replaced."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)

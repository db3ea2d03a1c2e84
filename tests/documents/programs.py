"""The programs that the documents speak of: those of this machine, else Debian's where allowed.

``python -m tests.documents.programs`` makes sure that they are there, or says how to get them.
"""

import os
import shutil
import subprocess
import sys

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

PACKAGES = {
    "nginx": "nginx",
    "caddy": "caddy",
    "postgresql": "pg_ctlcluster",
    "python3-venv": "python3",
    "systemd": "systemctl",
    "curl": "curl",
    "openssl": "openssl",
    "iproute2": "ip",
}
"""Debian's packages, each with a program that it brings."""

HOW_TO_GET_THEM = """\
The documents are followed with programs that are missing here. Install them, for example
    sudo apt-get install --no-install-recommends {packages}        (Debian)
and start again."""


def missing() -> list[str]:
    """Return the required packages of Debian that are missing on this machine."""
    return [name for name, program in PACKAGES.items() if not shutil.which(program, path=PATH)]


def install(packages: list[str]) -> None:
    """Install Debian's packages, where this process may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, check=False)


def main() -> int:
    """Find the programs or install them; 1 where some are missing."""
    if missing():
        install(missing())
    if missing():
        print(HOW_TO_GET_THEM.format(packages=" ".join(missing())), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

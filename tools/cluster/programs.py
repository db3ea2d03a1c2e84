"""The programs of a cluster, and the Debian packages that contain them.

``python -m tools.cluster.programs`` installs the missing ones if it has the right, or says how to.
"""

import os
import shutil
import sys

from tools import debian

PACKAGES = {
    "etcd-server": "etcd",
    "patroni": "patroni",
    "postgresql": "pg_ctlcluster",
    "pgbouncer": "pgbouncer",
    "haproxy": "haproxy",
    "pgbackrest": "pgbackrest",
    "openssl": "openssl",
    "util-linux": "setpriv",
}
"""Debian packages, each with a program that it contains."""

HOW_TO_GET_THEM = """\
A cluster needs programs that are missing here. Install them, for example
    sudo apt-get install --no-install-recommends {packages}        (Debian)
and start again."""


def program(name: str) -> str:
    """Return the path of an installed program."""
    path = shutil.which(name, path=debian.PATH)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed")
    return path


def postgresql_programs() -> str:
    """Return the folder of the newest installed PostgreSQL; empty if there is none."""
    root = "/usr/lib/postgresql"
    versions = os.listdir(root) if os.path.isdir(root) else []
    folders = [f"{root}/{version}/bin" for version in sorted(versions, key=float, reverse=True)]
    return next((one for one in folders if os.path.exists(f"{one}/initdb")), "")


def main() -> int:
    """Find the programs, or install them. Return 1 if some are missing."""
    if packages := debian.missing(PACKAGES):
        debian.install(packages)
    if packages := debian.missing(PACKAGES):
        print(HOW_TO_GET_THEM.format(packages=" ".join(packages)), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

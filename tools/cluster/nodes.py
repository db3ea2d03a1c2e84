"""One node of the database: etcd, Patroni and its PostgreSQL."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.cluster.processes import Program, give
from tools.cluster.programs import program
from tools.cluster.rendering import rendered, variables_of

_HTTP_SECONDS = 2


@dataclass
class Node:
    """A node and its programs; ``number`` is 1, 2 or 3."""

    number: int
    folder: Path
    etcd: Program
    patroni: Program
    variables: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.variables["SITE_NODE"]

    @property
    def postgresql_port(self) -> int:
        return int(self.variables["SITE_NODE_POSTGRESQL_PORT"])

    def is_a(self, role: str) -> bool:
        """Return whether Patroni says that the node is a ``primary`` or ``synchronous`` standby."""
        port = self.variables["SITE_NODE_PATRONI_PORT"]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{role}", timeout=_HTTP_SECONDS):
                return True
        except (OSError, urllib.error.HTTPError):
            return False

    def postmaster(self) -> psutil.Process | None:
        """Return the main process of PostgreSQL. Patroni does not start it as its own child."""
        written = Path(self.variables["SITE_DATA"], "postmaster.pid")
        try:
            process = psutil.Process(int(written.read_text().split("\n")[0]))
            return process if process.name().startswith(("postgres", "postmaster")) else None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None

    def stop(self) -> None:
        """Stop Patroni and its PostgreSQL; etcd continues."""
        self.patroni.stop()
        if (left := self.postmaster()) is not None:
            kill_server(left)

    def kill(self) -> None:
        """Kill PostgreSQL and Patroni at once, as when the machine loses its power; etcd
        continues.
        """
        postmaster = self.postmaster()
        self.patroni.kill()
        if postmaster is not None:
            kill_server(postmaster)


def make_node(number: int, site: Path, variables: Mapping[str, str]) -> Node:
    """Write the files of a node under the folder of the site. Return the node, not yet started."""
    folder = site / f"database-{number}"
    folder.mkdir()
    give(folder)
    own = {
        **variables,
        "SITE_NODE": f"database-{number}",
        "SITE_NODE_ADDRESS": "127.0.0.1",
        "SITE_NODE_POSTGRESQL_PORT": variables[f"SITE_POSTGRESQL_PORT_{number}"],
        "SITE_NODE_PATRONI_PORT": variables[f"SITE_PATRONI_PORT_{number}"],
        "SITE_NODE_ETCD": variables[f"SITE_ETCD_{number}"],
        "SITE_NODE_ETCD_PEER": variables[f"SITE_ETCD_PEER_{number}"],
        "SITE_DATA": str(folder / "data"),
        "SITE_POSTGRESQL_SOCKETS": str(folder),
        "SITE_ETCD_DATA": str(folder / "etcd"),
        "SITE_PGBACKREST": str(folder / "pgbackrest.conf"),
        "SITE_BACKREST_LOCKS": str(folder / "locks"),
    }
    for name in ("patroni.yml", "etcd.env", "pgbackrest.conf"):
        (folder / name).write_text(rendered(name, own))
        give(folder / name, 0o600)
    patroni = [program("patroni"), str(folder / "patroni.yml")]
    return Node(
        number=number,
        folder=folder,
        etcd=Program(f"etcd-{number}", [program("etcd")], site, variables_of(folder / "etcd.env")),
        patroni=Program(f"patroni-{number}", patroni, site),
        variables=own,
    )


def kill_server(postmaster: psutil.Process) -> None:
    """Kill all processes of a PostgreSQL at once."""
    try:
        # The process is stopped first, because a child that it starts meanwhile would survive.
        postmaster.suspend()
        for process in (*postmaster.children(recursive=True), postmaster):
            process.kill()
    except psutil.NoSuchProcess:
        return

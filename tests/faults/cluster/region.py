"""A site of several nodes with people at work in it, and what can be done to its parts."""

import json
import secrets
import signal
import socket
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import ClassVar

import psutil
import psycopg

from dashboard.database import connect_to
from dashboard.database.operations.upgrading import bring_up_to_date
from dashboard.web.database_retry import is_out_of_reach
from tests.faults.served_site import Clinic
from tests.faults.tcp_proxy import PostgresCable, tcp
from tests.support.factories import Database
from tests.support.mail_server import PostOffice, free_port
from tools.cluster.nodes import Node
from tools.cluster.processes import wait_until
from tools.cluster.site import DATABASE, ROLES, Site, site

SECONDS = 90
SECONDS_TO_BE_WHOLE = 240
"""A node that lost the latest reviews is rewound or copied anew: minutes on a busy machine."""


@dataclass
class Since:
    """The moment from which the seconds of a recovery are counted."""

    ready_at: float = 0.0


@dataclass
class Region(Clinic):
    """A clinic whose database is a site; ``postgres.ready_at`` is the moment of the fault."""

    site: Site = field(kw_only=True)

    seconds_to_insist: ClassVar[float] = SECONDS_TO_BE_WHOLE

    def connect(self) -> None:
        """Use this database from now on, through the proxy and the pooler."""
        connect_to(self.database.app_url)

    def start_servers(self) -> None:
        """Start the servers and the balancer, unless they run; letters are left to the orders."""
        if not self.site.servers:
            self.site.start_servers(
                CASE_REVIEW_LINK_KEY="k" * 32,
                CASE_REVIEW_SEALING_KEY="s" * 32,
                CASE_REVIEW_BACKGROUND_DELIVERY="false",
                CASE_REVIEW_BACKGROUND_COUNTING="false",
            )

    def broken_now(self) -> None:
        """Note that the fault happens now."""
        self.postgres.ready_at = time.monotonic()

    def primary(self) -> Node:
        """Return the node that is primary, once there is one."""
        self.site.wait_for_standby()
        found = self.site.primary()
        assert found is not None, "there is no primary"
        return found

    def warm(self) -> None:
        """Use a connection; wait until there is one that leads to the primary."""
        wait_until(self._pooler_answers, SECONDS, "the pooler does not answer")

    def synchronous(self) -> Node:
        """Return the standby that each COMMIT waits for."""
        self.site.wait_for_standby()
        return next(node for node in self.site.nodes if node.is_a("synchronous"))

    def kill(self, node: Node) -> None:
        """Kill PostgreSQL and Patroni of this node, from which on the recovery is timed."""
        self.broken_now()
        node.kill()

    def switch_over(self) -> None:
        """Ask the primary for a planned change to another node, and return when it is done."""
        primary = self.primary()
        port = primary.variables["SITE_NODE_PATRONI_PORT"]
        login = b64encode(f"patroni:{primary.variables['SITE_PATRONI_PASSWORD']}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/switchover",
            json.dumps({"leader": primary.name}).encode(),
            {"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        )
        # Patroni answers when it is done, which the fault does not need to know.
        with suppress(OSError), urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return

    def reload_front(self) -> None:
        """Replace the process that leads to the primary, as its unit of systemd does."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(self.site.variables["SITE_DATABASE_SOCKET"])
            asked.sendall(b"show servers state\n")
            state = b"".join(iter(lambda: asked.recv(65536), b""))
        (self.site.folder / "servers").write_bytes(state)
        assert self.site.database_front.process is not None
        self.site.database_front.process.send_signal(signal.SIGUSR2)

    def waiting_commits(self, node: Node) -> list[int]:
        """Return the backends of this node that wait for the synchronous standby."""
        with psycopg.connect(self.address_of(node)) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'"
            ).fetchall()
        return [pid for (pid,) in rows]

    def address_of(self, node: Node) -> str:
        """Return the address of this node as its superuser, past all proxies."""
        password = self.site.variables["SITE_SUPERUSER_PASSWORD"]
        host = f"127.0.0.1:{node.postgresql_port}"
        return f"postgresql://postgres:{password}@{host}/{DATABASE}?sslmode=require"

    def mend(self) -> None:
        """Start whatever has ended, and wait until the site is whole again."""
        for node in self.site.nodes:
            thaw(node)
            node.etcd.start()
            node.patroni.start()
        for program in (self.site.database_front, *self.site.poolers):
            program.start()
        try:
            wait_until(self._is_whole, SECONDS_TO_BE_WHOLE, "the site is not whole again")
        except TimeoutError as late:
            raise TimeoutError(f"{late}: {self._state()}") from None
        # Its connections were to the old primary.
        self.database.close()
        wait_until(self._answers, SECONDS, "the way to the primary is closed")
        wait_until(self._pooler_answers, SECONDS, "the pooler does not answer")

    def _answers(self) -> bool:
        with suppress(psycopg.Error), psycopg.connect(self.database.owner_url) as connection:
            (standby,) = connection.execute("SELECT pg_is_in_recovery()").fetchone() or (True,)
            return not standby
        return False

    def _pooler_answers(self) -> bool:
        try:
            super().warm()
        except Exception as error:
            if not is_out_of_reach(error):
                raise
            return False
        return True

    def _roles(self) -> list[set[str]]:
        return [{role for role in _ROLES if node.is_a(role)} for node in self.site.nodes]

    def _state(self) -> str:
        """Return the roles of the nodes and the last lines that Patroni has logged on each."""
        states = []
        for node, roles in zip(self.site.nodes, self._roles(), strict=True):
            lines = node.patroni.log.read_text().split("\n")
            said = [line for line in lines if " INFO: " in line or " WARNING: " in line][-3:]
            states.append(f"{node.name} is {sorted(roles)}: {said}")
        return "; ".join(states)

    def _is_whole(self) -> bool:
        roles = self._roles()
        standbys = sum("replica" in found for found in roles)
        return standbys == 2 and {"primary"} in roles and any("synchronous" in r for r in roles)


_ROLES = ("primary", "replica", "synchronous")


@contextmanager
def region() -> Iterator[Region]:
    """Open a site with an empty registry, a proxy before its pooler, and a mail server."""
    with site() as opened:
        passwords = dict.fromkeys(ROLES, secrets.token_hex(16))
        bring_up_to_date(opened.owner_url, passwords=passwords, reference_registry=True)
        opened.start_poolers(passwords)
        cable = PostgresCable(tcp(int(opened.variables["SITE_PGBOUNCER_PORT_1"])))
        app_url = f"postgresql://{ROLES[0]}:{passwords[ROLES[0]]}@127.0.0.1:{cable.port}/{DATABASE}"
        database = Database(owner_url=opened.owner_url, app_url=app_url)
        office = PostOffice(free_port())
        connect_to(app_url)
        office.open()
        try:
            yield Region(Since(), cable, database, office, site=opened)
        finally:
            office.close()
            cable.close()
            database.close()


def processes_of(node: Node) -> list[psutil.Process]:
    """Return the processes of PostgreSQL on this node."""
    postmaster = node.postmaster()
    return [] if postmaster is None else [*postmaster.children(recursive=True), postmaster]


def receivers_of(node: Node) -> list[psutil.Process]:
    """Return the process by which a standby takes the journal."""
    return [one for one in processes_of(node) if "walreceiver" in " ".join(one.cmdline())]


def freeze(node: Node) -> None:
    """Stop PostgreSQL and Patroni of this node without ending them, as a hanging machine does."""
    if node.patroni.process is not None:
        node.patroni.process.send_signal(signal.SIGSTOP)
    for process in processes_of(node):
        with suppress(psutil.NoSuchProcess):
            process.suspend()


def thaw(node: Node) -> None:
    """Let a frozen node go on."""
    for process in processes_of(node):
        with suppress(psutil.NoSuchProcess):
            process.resume()
    if node.patroni.runs and node.patroni.process is not None:
        node.patroni.process.send_signal(signal.SIGCONT)

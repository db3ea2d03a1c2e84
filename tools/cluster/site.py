"""A site on this machine, from the files of ``deploy/``: loopback addresses and free ports."""

import secrets
import shutil
import socket
import ssl
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from grp import getgrgid
from pathlib import Path

import psycopg

from tools.cluster.certificates import make_certificates
from tools.cluster.nodes import Node, make_node
from tools.cluster.processes import Program, account, give, make_folder, wait_until
from tools.cluster.programs import postgresql_programs, program
from tools.cluster.rendering import DEPLOY, rendered, variables_of

SECONDS = 90
NODES, SERVERS = (1, 2, 3), (1, 2)
DATABASE = "case_review"
ROLES = ("case_review_app", "case_review_service")


@dataclass
class Site:
    """The programs of a site; ``variables`` are those of ``deploy/site.env``."""

    folder: Path
    variables: dict[str, str]
    nodes: list[Node]
    database_front: Program
    passwords: dict[str, str] = field(default_factory=dict)
    """The passwords of the program's database roles."""
    poolers: list[Program] = field(default_factory=list)
    servers: list[Program] = field(default_factory=list)
    balancer: Program | None = None

    @property
    def url(self) -> str:
        """The public address of the site."""
        return f"https://localhost:{self.variables['SITE_HTTPS_PORT']}"

    @property
    def owner_url(self) -> str:
        """The address of the database for its superuser. It leads to the present primary."""
        password, port = (
            self.variables["SITE_SUPERUSER_PASSWORD"],
            self.variables["SITE_PRIMARY_PORT"],
        )
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/{DATABASE}?sslmode=require"

    def pooled_url(self, role: str, server: int = 1, database: str = DATABASE) -> str:
        """Return the address by which a server of the program reaches the database."""
        port = self.variables[f"SITE_PGBOUNCER_PORT_{server}"]
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{port}/{database}"

    def primary(self) -> Node | None:
        """Return the node that is primary; None while there is none."""
        return next((node for node in self.nodes if node.is_a("primary")), None)

    def wait_for_standby(self, seconds: float = SECONDS) -> None:
        """Wait until a node is primary and another one is its synchronous standby."""
        wait_until(self._is_whole, seconds, "no primary with a synchronous standby")

    def _is_whole(self) -> bool:
        return self.primary() is not None and any(node.is_a("synchronous") for node in self.nodes)

    def start_database(self) -> None:
        """Start the nodes, and the HAProxy in front of the primary. Create the empty database."""
        for node in self.nodes:
            node.etcd.start()
        for node in self.nodes:
            node.patroni.start()
        self.database_front.start()
        self.wait_for_standby()
        wait_until(self._database_is_there, SECONDS, "the primary does not answer")
        self._begin_backups()

    def _begin_backups(self) -> None:
        """Create the place of backups. Without it, no WAL would be archived."""
        primary = self.primary()
        assert primary is not None
        configuration = f"--config={primary.folder / 'pgbackrest.conf'}"
        command = [program("pgbackrest"), configuration, "--stanza=case-review", "stanza-create"]
        stanza = Program("stanza-create", command, self.folder)
        stanza.start()
        wait_until(lambda: not stanza.runs, SECONDS, "pgbackrest does not end")

    def _database_is_there(self) -> bool:
        with (
            suppress(psycopg.Error),
            psycopg.connect(
                self.owner_url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True
            ) as connection,
        ):
            with suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {DATABASE}")
            return True
        return False

    def start_poolers(self, passwords: Mapping[str, str]) -> None:
        """Start a pooler for each server. The roles of the program must exist, with these
        passwords.
        """
        self.passwords = dict(passwords)
        with psycopg.connect(self.owner_url) as connection:
            kept = connection.execute(
                "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY (%s)",
                [list(ROLES)],
            ).fetchall()
        lines = [f'"{role}" "{secret}"\n' for role, secret in kept]
        self.poolers = [self._pooler(number, "".join(lines)) for number in SERVERS]
        for pooler in self.poolers:
            pooler.start()
        for number in SERVERS:
            port = int(self.variables[f"SITE_PGBOUNCER_PORT_{number}"])
            wait_until(partial(listens, port), SECONDS, "PgBouncer does not listen")

    def _pooler(self, number: int, users: str) -> Program:
        folder = self.folder / f"pgbouncer-{number}"
        folder.mkdir()
        give(folder)
        own = self.variables | {
            "SITE_PGBOUNCER_DIRECTORY": str(folder),
            "SITE_PGBOUNCER_PORT": self.variables[f"SITE_PGBOUNCER_PORT_{number}"],
        }
        for name, text in (
            ("userlist.txt", users),
            ("pgbouncer.ini", rendered("pgbouncer.ini", own)),
        ):
            (folder / name).write_text(text)
            give(folder / name, 0o600)
        command = [program("pgbouncer"), str(folder / "pgbouncer.ini")]
        return Program(f"pgbouncer-{number}", command, self.folder)

    def start_servers(self, **settings: str) -> None:
        """Start the servers of the program, then the balancer in front of them."""
        self.servers = [self._server(number, settings) for number in SERVERS]
        for server in self.servers:
            server.start()
        command = [program("haproxy"), "-W", "-f", str(self.folder / "haproxy.cfg")]
        self.balancer = Program("haproxy", command, self.folder)
        self.balancer.start()
        for number in SERVERS:
            port = int(self.variables[f"SITE_APP_{number}"].rsplit(":", 1)[1])
            wait_until(partial(listens, port), SECONDS, "a server does not listen")
        wait_until(self.is_ready, SECONDS, "no server is ready")

    def is_ready(self) -> bool:
        """Return whether the balancer has a server that is ready."""
        context = ssl.create_default_context(cafile=self.folder / "authority.pem")
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5, context=context):  # noqa: S310
                return True
        except OSError:
            return False

    def _server(self, number: int, settings: Mapping[str, str]) -> Program:
        address, port = self.variables[f"SITE_APP_{number}"].rsplit(":", 1)
        folder = self.folder / f"server-{number}"
        folder.mkdir()
        app, service = (self.pooled_url(role, number) for role in ROLES)
        environment = {
            "CASE_REVIEW_DATABASE_URL": app,
            "CASE_REVIEW_SERVICE_DATABASE_URL": service,
            "CASE_REVIEW_READ_DATABASE_URL": self.pooled_url(
                ROLES[0], number, f"{DATABASE}_standby"
            ),
            "CASE_REVIEW_PUBLIC_URL": self.url,
            "CASE_REVIEW_TRUSTED_PROXIES": "127.0.0.1",
            "CASE_REVIEW_MAIL_TRANSPORT": "folder",
            "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
            "CASE_REVIEW_DATA_DIRECTORY": str(folder),
        }
        return Program(
            f"server-{number}",
            [sys.executable, "-m", "dashboard", "serve", "--address", address, "--port", port],
            self.folder,
            environment | dict(settings),
            as_engine=False,
        )

    def stop(self) -> None:
        """Stop all programs, the balancer first and the nodes last, and remove the folder."""
        outside = [self.balancer, *self.servers, *self.poolers, self.database_front]
        for one in outside:
            if one is not None:
                one.stop()
        for node in self.nodes:
            node.kill()
            node.etcd.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def site(**changed: str) -> Iterator[Site]:
    """Yield a site whose database runs and has no schema yet; stop the site at the end.

    ``changed`` replaces values of variables of ``deploy/site.env``.
    """
    folder = make_folder()
    # The servers run as this user, who cannot open the folders of the engines.
    folder.chmod(0o711)
    variables = _variables(folder) | changed
    make_certificates(folder)
    for name in ("haproxy.cfg", "haproxy-database.cfg"):
        (folder / name).write_text(rendered(name, variables))
        give(folder / name, 0o600)
    (folder / "servers").write_text("1\n")
    for name in ("backups", "backrest-logs"):
        (folder / name).mkdir()
        give(folder / name)
    front = [program("haproxy"), "-W", "-f", str(folder / "haproxy-database.cfg")]
    made = Site(
        folder=folder,
        variables=variables,
        nodes=[make_node(number, folder, variables) for number in NODES],
        database_front=Program("haproxy-database", front, folder),
    )
    try:
        made.start_database()
        yield made
    finally:
        made.stop()


def files_in(folder: Path) -> dict[str, str]:
    """Return the variables of ``deploy/site.env`` that name files of this folder, and programs."""
    return {
        "SITE_HAPROXY_SOCKET": str(folder / "haproxy.sock"),
        "SITE_DATABASE_SOCKET": str(folder / "haproxy-database.sock"),
        "SITE_DATABASE_STATE": str(folder / "servers"),
        "SITE_CERTIFICATE": str(folder / "site.pem"),
        "SITE_AUTHORITY": str(folder / "authority.pem"),
        "SITE_NODE_CERTIFICATE": str(folder / "node.pem"),
        "SITE_NODE_KEY": str(folder / "node.key"),
        "SITE_POSTGRESQL_PROGRAMS": postgresql_programs(),
    }


def _variables(folder: Path) -> dict[str, str]:
    """Return the variables of ``deploy/site.env`` for this machine."""
    user = account()
    ports = iter(free_ports(22))
    own = files_in(folder) | {
        "SITE_HOST": "localhost",
        "SITE_PUBLIC_ADDRESS": "127.0.0.1",
        "SITE_HAPROXY_USER": user.pw_name,
        "SITE_HAPROXY_GROUP": getgrgid(user.pw_gid).gr_name,
        "SITE_DATABASE": DATABASE,
        "SITE_BACKUPS": str(folder / "backups"),
        "SITE_BACKREST_LOGS": str(folder / "backrest-logs"),
        # These times are shorter than on separate machines, so that a failover takes only seconds.
        "SITE_TTL": "10",
        "SITE_LOOP": "2",
        "SITE_RETRY": "3",
    }
    for name in ("SUPERUSER", "REPLICATION", "REWIND", "PATRONI"):
        own[f"SITE_{name}_PASSWORD"] = secrets.token_hex(16)
    for name in ("HTTP", "HTTPS", "PRIMARY", "REPLICA", "PGBOUNCER_1", "PGBOUNCER_2"):
        suffix = name[-2:] if name.startswith("PGBOUNCER") else ""
        own[f"SITE_{name.removesuffix(suffix)}_PORT{suffix}"] = str(next(ports))
    for number in SERVERS:
        own[f"SITE_APP_{number}"] = f"127.0.0.1:{next(ports)}"
    for number in NODES:
        own[f"SITE_DATABASE_{number}"] = "127.0.0.1"
        own[f"SITE_POSTGRESQL_PORT_{number}"] = str(next(ports))
        own[f"SITE_PATRONI_PORT_{number}"] = str(next(ports))
        own[f"SITE_ETCD_{number}"] = f"127.0.0.1:{next(ports)}"
        own[f"SITE_ETCD_PEER_{number}"] = f"127.0.0.1:{next(ports)}"
    return variables_of(DEPLOY / "site.env") | own


def free_ports(count: int) -> list[int]:
    """Return free ports of the loopback address."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def listens(port: int) -> bool:
    """Return whether a program of this machine accepts connections on this port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

"""``make bench-scale``: a site of several nodes against one server, as ratios in one run.

Everything runs on one machine, so that the ratios hold and the times do not: the database, both
servers, the balancer and the users share its cores.
"""

import argparse
import random
import secrets
import ssl
import statistics
import sys
import threading
import time
from collections.abc import Sequence

from websockets.sync.client import ClientConnection

from dashboard.calendar import today
from dashboard.database import administering
from dashboard.database.operations.upgrading import bring_up_to_date
from dashboard.demo.fill import fill
from tests.benchmarks.serving import cookie_of
from tests.benchmarks.timing import p95, report, summary
from tests.browser.websocket import client, run
from tools.cluster.processes import Program, wait_until
from tools.cluster.site import DATABASE, ROLES, Site, free_ports, listens, site

CASELOAD = 115
THINKING = 8.0
"""Mean seconds between two pages of a user."""

P95_AT_MOST = 200
"""Milliseconds within which 95 of 100 pages must be drawn."""

USERS_ADDED = 15
SECONDS_OF_A_STEP = 12
MOST_USERS = 240
SIGN_INS = 20


def main() -> None:
    """Make a site with a registry, and measure both ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--most-users", type=int, default=MOST_USERS)
    wanted = parser.parse_args()
    with site() as opened:
        passwords = dict.fromkeys(ROLES, secrets.token_hex(16))
        bring_up_to_date(opened.owner_url, passwords=passwords, reference_registry=True)
        with administering(opened.owner_url) as owner:
            fill(owner, patients=wanted.patients, seed=1, as_of=today(), caseload=CASELOAD)
            psychiatrist, episode = owner.exec_driver_sql(
                "SELECT psychiatrist_id, min(id) FROM registry.episode WHERE status <> 'closed'"
                " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
            ).one()
        opened.start_poolers(passwords)
        opened.start_servers(
            CASE_REVIEW_LINK_KEY="k" * 32,
            CASE_REVIEW_SEALING_KEY="s" * 32,
            CASE_REVIEW_BACKGROUND_COUNTING="false",
        )
        tokens = [cookie_of(opened.owner_url, psychiatrist) for _ in range(SIGN_INS)]
        pages = (("", ""), ("case", f"episode={episode}"))
        compare_ways(opened, tokens[0], pages, wanted.rounds)
        compare_processes(opened, tokens, pages, wanted.most_users)


def compare_ways(opened: Site, token: str, pages: Sequence[tuple[str, str]], rounds: int) -> None:
    """Time the pages through balancer and pooler, and of a server that has neither, in turn."""
    direct = _direct_server(opened)
    secure = f"__Host-{token}"
    trusted = ssl.create_default_context(cafile=opened.folder / "authority.pem")
    took: dict[tuple[str, str], list[float]] = {}
    try:
        with (
            client(opened.url, cookie=secure, tls=trusted) as through,
            client(f"http://127.0.0.1:{direct.command[-1]}", cookie=token) as straight,
        ):
            for turn in range(rounds + 3):
                # The second of two finds the caches warm, so each way is second half of the times.
                ways = [("site", through), ("direct", straight)][:: 1 if turn % 2 else -1]
                for name, page in zip(("list", "case"), pages, strict=True):
                    for way, connection in ways:
                        milliseconds = _timed(connection, page)
                        if turn >= 3:
                            took.setdefault((way, name), []).append(milliseconds)
    finally:
        direct.stop()
    for name in ("list", "case"):
        of_site, of_direct = (statistics.median(took[way, name]) for way in ("site", "direct"))
        report(
            f"{name} through HAProxy and PgBouncer, against direct",
            f"{of_site / of_direct:.2f} × ({of_site:.0f} and {of_direct:.0f} ms, medians)",
            "at most 1.15 ×",
            reached=of_site / of_direct <= 1.15,
        )


def compare_processes(
    opened: Site, tokens: Sequence[str], pages: Sequence[tuple[str, str]], most: int
) -> None:
    """Find how many users two processes carry, and how many one; report the ratio."""
    two = users_carried(opened, tokens, pages, most)
    opened.servers[1].stop()
    one = users_carried(opened, tokens, pages, most)
    opened.servers[1].start()
    report(
        f"users at p95 of {P95_AT_MOST} ms of two processes, against one; all on the same cores",
        f"{two / max(one, 1):.2f} × ({two} and {one})",
        "at least 1.5 ×",
        reached=0 < 1.5 * one <= two,
    )


def users_carried(
    opened: Site, tokens: Sequence[str], pages: Sequence[tuple[str, str]], most: int
) -> int:
    """Return the largest number of users whose waits had a p95 within the limit.

    Users are added until it is exceeded twice in a row. Each asks for a page every 8 s on average.
    """
    crowd = Crowd(opened, tokens, pages)
    carried, too_slow = 0, 0
    try:
        while too_slow < 2 and len(crowd.users) < most:
            crowd.grow(USERS_ADDED)
            waits = crowd.waits_during(SECONDS_OF_A_STEP)
            if not waits:
                break
            slow = p95(waits) > P95_AT_MOST
            print(f"   {len(crowd.users)} users: {summary(waits)}, {len(waits)} pages", flush=True)
            too_slow = too_slow + 1 if slow else 0
            carried = carried if slow else len(crowd.users)
    finally:
        crowd.leave()
    return carried


class Crowd:
    """Users at the balancer, each with a sign-in, a connection and a thread of their own."""

    def __init__(
        self, opened: Site, tokens: Sequence[str], pages: Sequence[tuple[str, str]]
    ) -> None:
        self._opened, self._tokens, self._pages = opened, tokens, pages
        self._waits: list[float] = []
        self._leaving = threading.Event()
        self.users: list[threading.Thread] = []

    def grow(self, count: int) -> None:
        """Add users, and let each have a first page, whose wait does not count."""
        arrived = threading.Barrier(count + 1)
        for _ in range(count):
            user = threading.Thread(target=self._work, args=(len(self.users), arrived))
            self.users.append(user)
            user.start()
        arrived.wait(60)

    def waits_during(self, seconds: float) -> list[float]:
        """Return the waits for pages in ms, from now on."""
        self._waits.clear()
        time.sleep(seconds)
        return list(self._waits)

    def leave(self) -> None:
        """End all users."""
        self._leaving.set()
        for user in self.users:
            user.join()

    def _work(self, number: int, arrived: threading.Barrier) -> None:
        chance = random.Random(number)  # noqa: S311
        trusted = ssl.create_default_context(cafile=self._opened.folder / "authority.pem")
        cookie = f"__Host-{self._tokens[number % len(self._tokens)]}"
        with client(self._opened.url, cookie=cookie, tls=trusted) as connection:
            run(connection, *self._pages[0])
            arrived.wait(60)
            self._leaving.wait(chance.uniform(0, THINKING))
            while not self._leaving.is_set():
                self._waits.append(_timed(connection, chance.choice(self._pages)))
                self._leaving.wait(min(chance.expovariate(1 / THINKING), 3 * THINKING))


def _timed(connection: ClientConnection, page: tuple[str, str]) -> float:
    started = time.perf_counter()
    run(connection, *page)
    return (time.perf_counter() - started) * 1000


def _direct_server(opened: Site) -> Program:
    """Start a server that reaches the primary itself, and is reached without the balancer."""
    primary = opened.primary()
    assert primary is not None
    addresses = [
        f"postgresql://{role}:{opened.passwords[role]}@127.0.0.1:{primary.postgresql_port}"
        f"/{DATABASE}?sslmode=require"
        for role in ROLES
    ]
    port = free_ports(1)[0]
    (opened.folder / "direct").mkdir()
    server = Program(
        "direct",
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        opened.folder,
        {
            "CASE_REVIEW_DATABASE_URL": addresses[0],
            "CASE_REVIEW_SERVICE_DATABASE_URL": addresses[1],
            "CASE_REVIEW_MAIL_TRANSPORT": "folder",
            "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
            "CASE_REVIEW_SEALING_KEY": "s" * 32,
            "CASE_REVIEW_BACKGROUND_COUNTING": "false",
            "CASE_REVIEW_DATA_DIRECTORY": str(opened.folder / "direct"),
        },
        as_engine=False,
    )
    server.start()
    wait_until(lambda: listens(port), 60, "the direct server does not listen")
    return server


if __name__ == "__main__":
    main()

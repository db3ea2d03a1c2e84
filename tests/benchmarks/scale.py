"""``make bench-scale``: a site of several nodes against one server, as ratios in one run.

Everything runs on one machine, so that the ratios hold and the times do not: the database, both
servers, the balancer and the users share its cores.
"""

import argparse
import secrets
import ssl
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from websockets.sync.client import ClientConnection

from dashboard.calendar import today
from dashboard.database import administering
from dashboard.database.operations.upgrading import bring_up_to_date
from dashboard.demo.fill import fill
from tests.benchmarks.serving import cookie_of
from tests.benchmarks.timing import report
from tests.browser.websocket import client, run
from tools.cluster.processes import Program, wait_until
from tools.cluster.site import DATABASE, ROLES, Site, free_ports, listens, site

CASELOAD = 115
SECONDS_OF_LOAD = 20
USERS = 6


def main() -> None:
    """Make a site with a registry, and measure both ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
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
        token = cookie_of(opened.owner_url, psychiatrist)
        pages = (("", ""), ("case", f"episode={episode}"))
        compare_ways(opened, token, pages, wanted.rounds)
        compare_processes(opened, token, pages)


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
                for name, page in zip(("list", "case"), pages, strict=True):
                    for way, connection in (("site", through), ("direct", straight)):
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


def compare_processes(opened: Site, token: str, pages: Sequence[tuple[str, str]]) -> None:
    """Count the pages of users who never pause, of two servers and of one, in turn."""
    counts: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(2):
        for number in (2, 1):
            if number == 1:
                opened.servers[1].stop()
            counts[number].append(_pages_a_second(opened, token, pages))
            if number == 1:
                opened.servers[1].start()
                port = int(opened.variables["SITE_APP_2"].rsplit(":", 1)[1])
                wait_until(lambda port=port: listens(port), 60, "the server does not come back")
                time.sleep(5)
    one, two = (statistics.mean(counts[number]) for number in (1, 2))
    report(
        "pages a second of two processes, against one; database and users on the same cores",
        f"{two / one:.2f} × ({two:.1f} and {one:.1f})",
        "at least 1.5 ×",
        reached=two / one >= 1.5,
    )


def _pages_a_second(opened: Site, token: str, pages: Sequence[tuple[str, str]]) -> float:
    until = time.monotonic() + SECONDS_OF_LOAD
    read: list[int] = []

    def work(authority: Path) -> None:
        trusted = ssl.create_default_context(cafile=authority)
        with client(opened.url, cookie=f"__Host-{token}", tls=trusted) as connection:
            count = 0
            while time.monotonic() < until:
                run(connection, *pages[count % len(pages)])
                count += 1
        read.append(count)

    authority = opened.folder / "authority.pem"
    threads = [threading.Thread(target=work, args=(authority,)) for _ in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(read) / SECONDS_OF_LOAD


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

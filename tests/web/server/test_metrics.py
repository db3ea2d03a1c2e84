"""The figures for Prometheus: complete, without names, bounded, and apart from the pages."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote_plus

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from dashboard.clinical.registry_age import RegistryLoad
from dashboard.database import administering
from dashboard.database.operations.embedded import address_of
from dashboard.queries.monitoring import DatabaseFigures
from dashboard.vocabulary import Role
from dashboard.web.server.metrics import FiguresOfDatabase, metrics_served
from dashboard.web.server.readiness import CannotServe
from dashboard.web.shell.navigation import TABLE
from tests.benchmarks.serving import cookie_of
from tests.browser.websocket import client, run
from tests.support.repository import ROOT

SECONDS = 60
SMALL = (
    "from dashboard.cli import demonstration; demonstration.PATIENTS = 60;"
    "from dashboard.cli.app import app; app()"
)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIGURES = DatabaseFigures(
    read_at=NOW,
    letters_waiting=3,
    oldest_letter_at=NOW - timedelta(minutes=5),
    letters_failed=1,
    counted_at=NOW - timedelta(hours=2),
    registry=RegistryLoad(date(2026, 11, 24), NOW - timedelta(hours=1), "test"),
)


def values(collector: FiguresOfDatabase) -> dict[str, float]:
    return {family.name: family.samples[0].value for family in collector.collect()}


def gone() -> DatabaseFigures:
    raise OSError


def test_the_figures_of_the_database_are_counts_and_ages():
    assert values(FiguresOfDatabase(lambda: FIGURES)) == {
        "case_review_database_up": 1,
        "case_review_letters_waiting": 3,
        "case_review_oldest_letter_seconds": 300,
        "case_review_letters_failed": 1,
        "case_review_registry_age_seconds": 3600,
        "case_review_counts_age_seconds": 7200,
    }


def test_without_its_database_a_process_says_only_that():
    assert values(FiguresOfDatabase(gone)) == {"case_review_database_up": 0}


def test_a_scrape_does_not_wait_for_a_database_that_hangs_nor_ask_it_twice():
    hung, asked = threading.Event(), []

    def hang() -> DatabaseFigures:
        asked.append(1)
        hung.wait(SECONDS)
        return FIGURES

    collector = FiguresOfDatabase(hang, longest_wait=0.1, seconds_kept=0)
    started = time.monotonic()
    assert values(collector) == values(collector) == {"case_review_database_up": 0}
    assert time.monotonic() - started < 5
    assert len(asked) == 1
    hung.set()


@pytest.mark.parametrize("read", [lambda: FIGURES, gone], ids=["answers", "is gone"])
def test_scrapes_in_a_row_ask_the_database_once_whether_it(read):
    asked = []

    def counted() -> DatabaseFigures:
        asked.append(1)
        return read()

    collector = FiguresOfDatabase(counted, seconds_kept=60)
    for _scrape in range(5):
        values(collector)
    assert len(asked) == 1


@pytest.mark.programs
def test_an_address_that_is_taken_is_refused_with_its_setting():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(CannotServe, match="CASE_REVIEW_METRICS_ADDRESS"),
            metrics_served(address),
        ):
            pass


@dataclass(frozen=True)
class Site:
    """The demonstration as a served site, after some pages were read."""

    pages: str
    metrics: str
    owner_url: str
    process: subprocess.Popen

    def scrape(self) -> str:
        with urllib.request.urlopen(self.metrics, timeout=SECONDS) as answer:  # noqa: S310
            return answer.read().decode()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    port, metrics_port = free_port(), free_port()
    with TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", SMALL, "serve", "--demonstration", "--port", str(port)],
            cwd=folder,
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "CASE_REVIEW_METRICS_ADDRESS": f"127.0.0.1:{metrics_port}",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        pages = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{pages}/healthz")
            socket_folder = quote_plus(str(Path(folder).resolve() / "var" / "postgres"))
            owner_url = address_of(
                f"postgresql:///postgres?host={socket_folder}", database="case_review"
            )
            metrics = f"http://127.0.0.1:{metrics_port}/metrics"
            served = Site(pages, metrics, owner_url, process)
            read_some_pages(served)
            yield served
        finally:
            process.terminate()
            process.wait(SECONDS)


def read_some_pages(site: Site) -> None:
    for role, page in (("psychiatrist", "review-list"), ("nurse", "inbox"), ("gp", "inbox")):
        person = ask(site, "SELECT id FROM registry.practitioner WHERE role = :role", role=role)[0]
        with client(site.pages, cookie=cookie_of(site.owner_url, int(person))) as connection:
            run(connection, page)
            cases = ask(
                site,
                "SELECT id FROM registry.episode"
                " WHERE :id IN (psychiatrist_id, nurse_id, gp_id) AND status <> 'closed'",
                id=int(person),
            )
            for case in cases[:2]:
                run(connection, "case", f"episode={case}")
    with client(site.pages) as connection:
        run(connection, "/a-page-that/nobody has")


def ask(site: Site, query: str, **named: object) -> list[str]:
    with administering(site.owner_url) as connection:
        found = connection.execute(text(query), named).scalars()
        return [str(value) for value in found if value is not None]


NAMES = (
    "SELECT family_name FROM registry.patient",
    "SELECT given_name FROM registry.patient",
    "SELECT family_name FROM registry.practitioner",
    "SELECT given_name FROM registry.practitioner",
    "SELECT username FROM review.account",
    "SELECT name FROM registry.site",
)
IDENTIFIERS = (
    "SELECT birth_date::text FROM registry.patient",
    "SELECT secure_email FROM registry.practitioner",
    "SELECT id::text FROM review.case_review",
    "SELECT id::text FROM review.delivery",
    "SELECT token_hash FROM review.sign_in",
)


@pytest.mark.thorough
@pytest.mark.programs
@pytest.mark.parametrize("query", [*NAMES, *IDENTIFIERS])
def test_no_name_and_no_identifier_is_in_the_metrics(site, query):
    found = {one for one in ask(site, query) if len(one) > 2}
    assert found
    scraped = site.scrape()
    assert [one for one in found if re.search(rf"\b{re.escape(one)}\b", scraped, re.I)] == []


LABELS: dict[str, Callable[[str], bool]] = {
    "page": {entry.address for entry in TABLE}.union({"sign-in", "start"}).__contains__,
    "role": {*Role, "none"}.__contains__,
    "pool": {"pages", "service"}.__contains__,
    "command": re.compile(r"[a-z_]{1,40}").fullmatch,
    "le": re.compile(r"[0-9.]+|\+Inf").fullmatch,
    "generation": re.compile(r"[0-2]").fullmatch,
}
"""The labels, and whether a value is one of the few that each has."""


@pytest.mark.programs
def test_every_label_has_few_values_that_are_known_beforehand(site):
    families = text_string_to_metric_families(site.scrape())
    labels = {
        label for family in families for one in family.samples for label in one.labels.items()
    }
    assert {"page", "role", "pool"} <= {name for name, _value in labels}
    assert [(name, value) for name, value in labels if not LABELS[name](value)] == []


@pytest.mark.programs
def test_runs_are_counted_by_page_and_role(site):
    scraped = site.scrape()
    for page, role in (("review-list", "psychiatrist"), ("case", "psychiatrist"), ("inbox", "gp")):
        line = rf'case_review_page_run_seconds_count{{page="{page}",role="{role}"}} ([0-9.]+)'
        found = re.search(line, scraped)
        assert found, (page, role)
        assert float(found[1]) >= 1


@pytest.mark.programs
def test_the_figures_that_alerts_read_are_there(site):
    named = {family.name for family in text_string_to_metric_families(site.scrape())}
    assert named >= {
        "case_review_commands",
        "case_review_counts_age_seconds",
        "case_review_database_up",
        "case_review_database_wait_seconds",
        "case_review_incidents",
        "case_review_letters_failed",
        "case_review_letters_waiting",
        "case_review_oldest_letter_seconds",
        "case_review_open_pages",
        "case_review_partial_run_seconds",
        "case_review_pool_connections",
        "case_review_pool_limit",
        "case_review_stopping",
        "case_review_transaction_seconds",
        "process_resident_memory_bytes",
    }


@pytest.mark.programs
def test_the_address_of_the_pages_answers_404(site):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{site.pages}/metrics", timeout=SECONDS)  # noqa: S310
    assert refused.value.code == 404


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 2 * SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""Starting and stopping, as real processes: nothing is left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
import requests
from sqlalchemy import make_url

from dashboard.database.operations.embedded import address_of
from dashboard.settings import DEMONSTRATION_PASSWORD, Settings, settings
from dashboard.web.auth import second_factor
from dashboard.web.auth.accounts import add_account
from dashboard.web.server.serving import about_the_proxy
from tests.support.repository import ROOT

pytestmark = [pytest.mark.programs, pytest.mark.thorough]

SECONDS = 60
REPOSITORY = ROOT

# The command as it is, with a registry that is made faster.
SMALL = (
    "from dashboard.cli import demonstration; demonstration.PATIENTS = 60;"
    "from dashboard.cli.app import app; app()"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield the folder of the server, in which a demonstration's data stay between tests."""
    with a_folder() as path:
        yield path


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    with a_folder() as path:
        yield path


@contextmanager
def a_folder() -> Iterator[Path]:
    """Yield a folder outside pytest's own, which its next start closes to PostgreSQL's user."""
    with TemporaryDirectory(prefix="case-review-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start ``serve`` as a shell does, in a group of processes of its own."""
    started: list[subprocess.Popen] = []
    here = folder

    def start(*arguments: str, folder: Path = here, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", SMALL, "serve", *arguments],
            cwd=folder,
            env=os.environ
            | {"PYTHONPATH": str(REPOSITORY), "CASE_REVIEW_MAIL_TRANSPORT": "folder"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(SECONDS)


@pytest.fixture
def port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def lines_until(process: subprocess.Popen, word: str) -> list[str]:
    """Return the lines of output up to this word, which must come before long."""
    deadline = time.monotonic() + SECONDS
    said = []
    for line in process.stdout:
        said.append(line.rstrip())
        if word in line or time.monotonic() > deadline:
            break
    assert word in said[-1], said
    return said


def processes_on(directory: Path) -> list[str]:
    """Return the processes that work on the data under this directory."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if str(directory) in line:
            found.append(line)
    return found


def stop(process: subprocess.Popen, number: int, times: int = 1) -> str:
    """Send the signal to the whole group, as a terminal does; return the remaining output."""
    for _signal in range(times):
        os.killpg(process.pid, number)
        time.sleep(0.2)
    assert process.wait(SECONDS) == 0
    return process.stdout.read()


def test_the_demonstration_says_who_can_sign_in_and_keeps_its_data(serve, port, folder):
    first = serve("--demonstration", "--port", port)
    said = lines_until(first, "lead")
    assert f"http://localhost:{port}" in said
    assert DEMONSTRATION_PASSWORD in " ".join(said)
    accounts = said[-4:]
    roles = [line.rpartition(" ")[2] for line in accounts]
    assert roles == ["psychiatrist", "nurse", "gp", "lead"]
    assert processes_on(folder)
    stop(first, signal.SIGINT)
    assert not processes_on(folder)
    again = lines_until(serve("--demonstration", "--port", port), "lead")
    assert again[-4:] == accounts
    assert "Making" not in " ".join(again)


STOPS = [
    ("Ctrl-C twice", signal.SIGINT, 2),
    ("the terminal is closed", signal.SIGHUP, 1),
    ("the machine shuts down", signal.SIGTERM, 1),
]


@pytest.mark.parametrize(("title", "number", "times"), STOPS, ids=[row[0] for row in STOPS])
def test_stopping_leaves_nothing_behind(serve, port, folder, title, number, times):
    process = serve("--demonstration", "--port", port)
    lines_until(process, "lead")
    assert "Traceback" not in stop(process, number, times)
    assert not processes_on(folder)


def test_stopping_while_the_registry_is_being_made_leaves_nothing_behind(serve, port, empty_folder):
    process = serve("--demonstration", "--port", port, folder=empty_folder)
    lines_until(process, "Making")
    stop(process, signal.SIGINT)
    assert not processes_on(empty_folder)
    again = serve("--demonstration", "--port", port, folder=empty_folder)
    assert "Making" in " ".join(lines_until(again, "lead"))


def test_what_a_killed_server_left_is_stopped_by_the_next(serve, port, folder):
    killed = serve("--demonstration", "--port", port)
    lines_until(killed, "lead")
    killed.kill()
    killed.wait(SECONDS)
    assert processes_on(folder)
    following = serve("--demonstration", "--port", port)
    lines_until(following, "lead")
    stop(following, signal.SIGINT)
    assert not processes_on(folder)


@pytest.mark.parametrize(
    ("public_url", "trusted", "said"),
    [
        ("https://revue.example.fr", (), True),
        ("https://revue.example.fr", ("127.0.0.1",), False),
        ("http://revue.example.fr", (), False),
        (None, (), False),
    ],
)
def test_a_proxy_that_nobody_trusts_is_said_in_a_sentence(public_url, trusted, said):
    given = Settings(public_url=public_url, trusted_proxies=trusted)
    assert bool(list(about_the_proxy(given))) is said


def test_a_port_in_use_is_said_in_a_sentence(serve):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = serve("--demonstration", "--port", str(port))
        assert process.wait(SECONDS) == 1
    said = process.stdout.read()
    assert f"Port {port} of 127.0.0.1 cannot be used" in said
    assert "Traceback" not in said


REFUSALS = [
    ("no database is named", lambda url: {}, "Set CASE_REVIEW_DATABASE_URL"),
    (
        "the database is not there",
        lambda url: {"CASE_REVIEW_DATABASE_URL": address_of(url, database="nowhere")},
        'FATAL:  database "nowhere" does not exist',
    ),
    (
        "the address is none",
        lambda url: {"CASE_REVIEW_DATABASE_URL": "case_review"},
        "CASE_REVIEW_DATABASE_URL must look like postgresql://",
    ),
    (
        "nobody chose that no letter leaves",
        lambda url: {"CASE_REVIEW_MAIL_TRANSPORT": "mssante"},
        "set CASE_REVIEW_MAIL_HOST",
    ),
    (
        "letters cannot be written",
        lambda url: {"CASE_REVIEW_MAIL_FOLDER": "/dev/null/mail"},
        "Letters cannot be written to /dev/null/mail",
    ),
    (
        "the server would be its owner",
        lambda url: {"CASE_REVIEW_DATABASE_URL": url},
        "it must connect as case_review_app",
    ),
]


@pytest.mark.parametrize(
    ("title", "environment", "sentence"), REFUSALS, ids=[row[0] for row in REFUSALS]
)
def test_it_refuses_to_start_and_says_why(serve, port, database, title, environment, sentence):
    process = serve("--port", port, **environment(database.owner_url))
    assert process.wait(SECONDS) == 1
    said = process.stdout.read()
    assert sentence in said
    assert "Traceback" not in said


def test_it_waits_for_a_database_that_is_not_there_yet(serve, port, database, tmp_path):
    socket_folder = tmp_path / "postgresql"
    there = make_url(database.app_url)
    waiting = there.set(query={**there.query, "host": str(socket_folder)})
    process = serve("--port", port, CASE_REVIEW_DATABASE_URL=waiting.render_as_string(False))
    said = lines_until(process, "Waiting: The database does not answer")
    assert re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING ", said[-1])
    socket_folder.symlink_to(there.query["host"])
    assert f"http://localhost:{port}" in lines_until(process, "Started on port")
    stop(process, signal.SIGTERM)


def test_stopping_while_it_waits_for_the_database_ends_it(serve, port, tmp_path):
    nowhere = f"postgresql://case_review_app@/none?host={tmp_path}"
    process = serve("--port", port, CASE_REVIEW_DATABASE_URL=nowhere)
    lines_until(process, "Waiting")
    assert "Traceback" not in stop(process, signal.SIGTERM)


def test_it_says_where_people_reach_it_and_logs_when_it_starts_and_stops(serve, port, database):
    process = serve(
        "--port",
        port,
        CASE_REVIEW_DATABASE_URL=database.app_url,
        CASE_REVIEW_PUBLIC_URL="https://revue.example.fr",
    )
    said = lines_until(process, "Started on port")
    assert "Public address: https://revue.example.fr" in said
    assert re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO Started", said[-1])
    assert re.search(r"^20\S+ INFO Stopped$", stop(process, signal.SIGTERM), re.MULTILINE)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_its_log_has_no_address_of_a_request(serve, port, database, log_format):
    secret = "WyJmb3JnZWQiXQ"  # noqa: S105
    process = serve(
        "--port",
        port,
        CASE_REVIEW_DATABASE_URL=database.app_url,
        CASE_REVIEW_LINK_KEY="k" * 32,
        CASE_REVIEW_LOG_FORMAT=log_format,
    )
    lines_until(process, "Started on port")
    paths = (f"/answer/{secret}", f"/invitation/{secret}", f"/calendar/{secret}.ics", f"/?{secret}")
    statuses = [
        requests.get(f"http://127.0.0.1:{port}{path}", timeout=SECONDS).status_code
        for path in paths
    ]
    assert statuses == [404, 404, 404, 200]
    assert secret not in stop(process, signal.SIGTERM)


def test_it_does_not_start_on_a_published_password(serve, port, database):
    """Outside the demonstration."""
    with database.owner().begin() as connection:
        add_account(connection, database.practitioner("gp"), "petit", DEMONSTRATION_PASSWORD)
    process = serve("--port", port, CASE_REVIEW_DATABASE_URL=database.app_url)
    assert process.wait(SECONDS) == 1
    assert "password" in process.stdout.read()


@pytest.mark.parametrize(
    ("title", "environment", "sentence"),
    [
        (
            "a second factor and no key",
            {"CASE_REVIEW_SECOND_FACTOR_ROLES": "nurse,gp"},
            "required for gp, nurse: set CASE_REVIEW_SEALING_KEY",
        ),
        (
            "a key that is too short",
            {"CASE_REVIEW_SECOND_FACTOR_ROLES": "gp", "CASE_REVIEW_SEALING_KEY": "x" * 31},
            "CASE_REVIEW_SEALING_KEY must be 32 random characters or more",
        ),
        (
            "half an identity provider",
            {"CASE_REVIEW_OIDC_ISSUER": "https://provider.example"},
            "needs CASE_REVIEW_OIDC_CLIENT_ID, CASE_REVIEW_OIDC_CLIENT_SECRET",
        ),
    ],
)
def test_it_does_not_start_with_half_of_what_signing_in_needs(
    serve, port, database, title, environment, sentence
):
    process = serve("--port", port, CASE_REVIEW_DATABASE_URL=database.app_url, **environment)
    assert process.wait(SECONDS) == 1
    said = process.stdout.read()
    assert sentence in said
    assert "Traceback" not in said


def test_without_a_setting_every_role_needs_a_second_factor(monkeypatch):
    monkeypatch.setattr(settings(), "second_factor_roles", None)
    assert second_factor.roles_that_need_it() == {"psychiatrist", "nurse", "gp", "lead"}
    monkeypatch.setattr(second_factor, "_without_demand", True)
    assert second_factor.roles_that_need_it() == set()
    monkeypatch.setattr(settings(), "second_factor_roles", frozenset({"gp"}))
    assert second_factor.roles_that_need_it() == {"gp"}

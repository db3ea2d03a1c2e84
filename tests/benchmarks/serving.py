"""The server that is measured, an empty Streamlit page beside it, and clients of both."""

import hashlib
import os
import secrets
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import text

from dashboard.database import administering
from tests.browser.conftest import free_port

EMPTY = Path(__file__).parent / "empty"


@contextmanager
def dashboard_server(app_url: str) -> Iterator[str]:
    """Yield the address of the dashboard on this database."""
    port = free_port()
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]
    environment = os.environ | {
        "CASE_REVIEW_DATABASE_URL": app_url,
        "CASE_REVIEW_MAIL_TRANSPORT": "folder",
        "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
    }
    address = f"http://127.0.0.1:{port}"
    with _running(command, environment, address, "/healthz"):
        yield address


@contextmanager
def quiet_server(
    app_url: str, tree: Path | None = None, **settings: str
) -> Iterator[tuple[str, psutil.Process]]:
    """Yield the address and the process of a dashboard that does nothing in the background.

    ``tree`` is the worktree whose code is served, by default this one.
    """
    port, tree = free_port(), tree or Path.cwd()
    command = [sys.executable, "-m", "dashboard", "serve", "--port", str(port)]
    environment = os.environ | {
        "CASE_REVIEW_DATABASE_URL": app_url,
        "CASE_REVIEW_MAIL_TRANSPORT": "folder",
        "CASE_REVIEW_SECOND_FACTOR_ROLES": "",
        "CASE_REVIEW_BACKGROUND_COUNTING": "false",
        "CASE_REVIEW_BACKGROUND_DELIVERY": "false",
        "PYTHONPATH": str(tree),
        **settings,
    }
    address = f"http://127.0.0.1:{port}"
    with _running(command, environment, address, "/healthz", tree) as process:
        yield address, process


@contextmanager
def empty_server() -> Iterator[str]:
    """Yield the address of a Streamlit server whose page has one word: the cost of nothing."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "tests.benchmarks.empty.server:app"),
        *("--port", str(port), "--log-level", "warning", "--ws", "websockets-sansio"),
    ]
    address = f"http://127.0.0.1:{port}"
    with _running(command, dict(os.environ), address, "/_stcore/health"):
        yield address


def cookie_of(owner_url: str, practitioner_id: int) -> str:
    """Return the cookie of a person who has just signed in."""
    token = secrets.token_urlsafe(32)
    with administering(owner_url) as connection:
        connection.execute(
            text(
                "INSERT INTO review.account (practitioner_id, username, password_hash)"
                " VALUES (:id, :name, 'none') ON CONFLICT DO NOTHING"
            ),
            {"id": practitioner_id, "name": f"practitioner-{practitioner_id}"},
        )
        connection.execute(
            text(
                "INSERT INTO review.sign_in (id, practitioner_id, token_hash)"
                " VALUES (:id, :practitioner, :hash)"
            ),
            {
                "id": uuid.uuid4(),
                "practitioner": practitioner_id,
                "hash": hashlib.sha256(token.encode()).hexdigest(),
            },
        )
    return f"session={token}"


@contextmanager
def _running(
    command: list[str],
    environment: dict[str, str],
    address: str,
    health: str,
    folder: Path | None = None,
) -> Iterator[psutil.Process]:
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        wait(address + health, process)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def wait(url: str, process: subprocess.Popen) -> None:
    """Wait until the server answers at this address."""
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("A server that is to be measured did not start.")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("A server that is to be measured does not answer.")

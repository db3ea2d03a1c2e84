"""The attacker itself: it gets everything of a page whose fragments check no rights."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.attacks.attacker import Attacker
from tests.attacks.leaking import NAME
from tests.browser.conftest import SECONDS_TO_START, free_port
from tests.browser.identities import as_text


@pytest.fixture
def leaking(tmp_path):
    """Yield the address of a page that leaks; its rights end with a file in this folder."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "tests.attacks.leaking.server:app"),
        *("--port", str(port), "--log-level", "warning"),
    ]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(command, env=environment, cwd=tmp_path)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310
            break
        time.sleep(0.2)
    yield url
    process.terminate()
    process.wait(SECONDS_TO_START)


def test_of_a_page_that_asks_nobody_it_gets_everything(leaking, tmp_path):
    attacker = Attacker(leaking, "", "")
    attacker.visit()
    [fragment] = attacker.known.fragments
    attacker.forget()
    (tmp_path / "signed_out").touch()
    attacker.replay(fragment)
    attacker.replay_files()
    attacker.replay(None)
    attacker.close()
    heard = "\n".join(map(as_text, attacker.heard))
    for leak in ("clicked", "opened", "called back"):
        assert f"{leak}: {NAME}" in heard
    assert set(attacker.files) == {f"downloaded: {NAME}".encode()}

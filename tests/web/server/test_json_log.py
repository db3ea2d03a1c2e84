"""The log as lines of JSON: each line is one object, and none holds a name or a text."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from dashboard.web.server import error_reporting
from dashboard.web.server.json_log import JsonLines

PROGRAM = """
import logging, warnings
from dashboard.web.server.error_reporting import keep_messages_out_of_the_log, note, say_when
import streamlit.logger
keep_messages_out_of_the_log()
say_when()
logging.getLogger("dashboard.test").info("Started on port %s", 8501)
for library in ("streamlit.runtime", "streamlit.web.later", "uvicorn.error", "websockets.server"):
    streamlit.logger.get_logger(library) if library.startswith("streamlit.r") else None
    logging.getLogger(library).error("it failed: %s", ValueError("Camille Lefevre"))
warnings.warn("deprecated")
try:
    raise ValueError("Camille Lefevre") from KeyError("Camille")
except ValueError as error:
    note(error)
"""
"""Log lines of this program, of its libraries and of an incident, as in a server."""


@pytest.fixture
def without_messages() -> Iterator[None]:
    before, hook = logging.getLogRecordFactory(), threading.excepthook
    error_reporting.keep_messages_out_of_the_log()
    yield
    logging.setLogRecordFactory(before)
    threading.excepthook = hook


def line_of(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    written = JsonLines().format(caplog.records[-1])
    assert "\n" not in written
    return json.loads(written)


def test_a_line_has_time_level_logger_and_message(caplog):
    logging.getLogger("dashboard.test").warning("A letter was not delivered: %s", "refused")
    line = line_of(caplog)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "dashboard.test",
        "message": "A letter was not delivered: refused",
    }


def test_an_incident_has_its_number_and_places_and_no_text(caplog, without_messages):
    try:
        raise ValueError("Camille Lefèvre")
    except ValueError as error:
        number = error_reporting.note(error)
    line = line_of(caplog)
    assert line["incident"] == number
    assert "builtins.ValueError" in line["message"]
    assert "test_json_log.py" in line["message"]
    assert "Camille" not in str(line)


@pytest.mark.programs
def test_every_line_of_a_process_is_an_object_without_what_an_error_says():
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"CASE_REVIEW_LOG_FORMAT": "json", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {line["logger"] for line in lines} == {
        "dashboard.test",
        "dashboard.web.server.error_reporting",
        "py.warnings",
        "streamlit.runtime",
        "streamlit.web.later",
        "uvicorn.error",
        "websockets.server",
    }
    assert "Camille" not in ran.stderr

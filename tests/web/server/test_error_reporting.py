"""The handling of an unexpected error."""

import logging
import re
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.web.server import error_reporting


@pytest.fixture
def incident(caplog):
    """Return a function that gives the page and the log after this error."""

    def raise_it(error):
        def page(error):
            from dashboard.web.server.error_reporting import on_script_error

            try:
                raise error from ValueError("Camille Lefèvre")
            except type(error) as raised:
                on_script_error(raised)

        tab = AppTest.from_function(page, kwargs={"error": error}).run()
        return tab, caplog.text

    return raise_it


def test_the_page_shows_a_number_that_the_log_knows(incident):
    tab, log = incident(RuntimeError("Lefèvre Camille, 02/05/1983"))
    number = re.search(r"incident (\w{8})", tab.error[0].value).group(1)
    assert f"Incident {number}: builtins.RuntimeError from builtins.ValueError" in log


def test_neither_tells_what_the_error_says(incident):
    tab, log = incident(RuntimeError("Lefèvre Camille, 02/05/1983"))
    for told in (log, str(tab.main)):
        assert "Camille" not in told
        assert "1983" not in told


def test_the_log_says_where(incident):
    assert re.search(r":\d+ page\n", incident(KeyError("Lefèvre"))[1])


# The log of everybody else


@pytest.fixture
def quiet(monkeypatch):
    """Messages are kept out of the log, until the test is over."""
    before, hook = logging.getLogRecordFactory(), threading.excepthook
    error_reporting.keep_messages_out_of_the_log()
    yield
    logging.setLogRecordFactory(before)
    threading.excepthook = hook


def failed():
    try:
        raise ValueError("Camille Lefèvre") from KeyError("Lefèvre")
    except ValueError as error:
        return error


def test_streamlits_own_report_of_the_error_is_dropped(caplog, quiet):
    from streamlit.error_util import _LOGGER

    _LOGGER.error("Uncaught app execution", exc_info=failed())
    assert caplog.text == ""


@pytest.mark.parametrize(
    "said",
    [
        ("Exception in ASGI application",),
        ("it failed: %s", failed()),
        ("it failed: %s %r", "here", failed()),
        ("100 % of it failed",),
    ],
)
def test_no_library_logs_what_an_error_says(caplog, quiet, said):
    logging.getLogger("uvicorn.error").error(*said, exc_info=failed())
    assert "Lefèvre" not in caplog.text
    assert "builtins.ValueError from builtins.KeyError" in caplog.text
    assert Path(__file__).name in caplog.text
    assert said[0].partition("%")[0] in caplog.text


def test_a_thread_that_dies_says_where_and_not_what(caplog, quiet):
    def dies():
        raise ValueError("Camille Lefèvre")

    thread = threading.Thread(target=dies)
    thread.start()
    thread.join()
    assert "builtins.ValueError" in caplog.text
    assert "dies" in caplog.text
    assert "Lefèvre" not in caplog.text

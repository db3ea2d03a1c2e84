"""What becomes of an error that nobody expected."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.web import incidents


@pytest.fixture
def incident(caplog):
    """The page and the log after this error."""

    def raise_it(error):
        def page(error):
            from dashboard.web.incidents import on_script_error

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


def test_streamlits_own_report_of_the_error_is_dropped(caplog):
    from streamlit.error_util import _LOGGER

    incidents.keep_messages_out_of_the_log()
    try:
        raise ValueError("Camille Lefèvre")
    except ValueError as error:
        _LOGGER.error("Uncaught app execution", exc_info=error)
    assert "Camille" not in caplog.text

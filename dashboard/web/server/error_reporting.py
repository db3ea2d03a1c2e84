"""Reporting of unexpected errors.

The page shows the number of the incident, and the log has this number with the place in the code.
The message of the error is neither shown nor logged, because it may contain patient data: a
database quotes the row that it refuses, and a library quotes a text that it cannot read.
"""

import logging
import secrets
import threading
import traceback
from typing import Any

import streamlit as st

from dashboard.clinical.advice.drafts import OutcomeUnknown
from dashboard.database.committing import is_out_of_reach
from dashboard.locale import _
from dashboard.metrics import INCIDENTS
from dashboard.settings import settings
from dashboard.web import database_retry
from dashboard.web.server.json_log import write_json_lines

log = logging.getLogger(__name__)


def on_script_error(error: Exception) -> bool:
    """Show the incident number and log where the error happened.

    If the database does not answer, or the outcome of an action is unknown, show a warning without
    an incident number. Return True, which tells Streamlit not to report the error itself.
    """
    if isinstance(error, OutcomeUnknown):
        log.warning("The outcome of an action is unknown (%s)", _kinds(error))
        st.warning(
            _(
                "It is not certain that this was recorded: the database did not answer. Load this"
                " page again before you repeat it."
            ),
            icon=":material/cloud_off:",
        )
        return True
    if is_out_of_reach(error):
        log.warning("The database does not answer (%s)", type(error).__name__)
        st.warning(database_retry.message(), icon=":material/cloud_off:")
        return True
    st.error(
        _(
            "Something went wrong. What was saved is safe. If it happens again, report incident "
            "{number}.",
            number=note(error),
        ),
        icon=":material/error:",
    )
    return True


def note(error: BaseException) -> str:
    """Log where this error happened, and return the new incident number."""
    number = secrets.token_hex(4)
    INCIDENTS.inc()
    log.error(
        "Incident %s: %s\n%s", number, _kinds(error), _places(error), extra={"incident": number}
    )
    return number


def keep_messages_out_of_the_log() -> None:
    """Keep the messages of errors out of this process's log, also those that libraries log.

    Streamlit's own log entry for an error of a page is dropped, because ``on_script_error`` makes
    one.
    """
    logging.getLogger("streamlit.error_util").addFilter(_is_no_error)
    logging.setLogRecordFactory(record_without_messages)
    threading.excepthook = _thread_ended


def say_when() -> None:
    """Write the log of this program to the console, with time and level.

    With ``CASE_REVIEW_LOG_FORMAT=json`` all lines are JSON, including the lines of libraries.
    """
    ours = logging.getLogger("dashboard")
    if settings().log_format == "json":
        ours.setLevel(logging.INFO)
        write_json_lines()
        return
    if ours.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)


def record_without_messages(*arguments: Any, **named: Any) -> logging.LogRecord:
    """Return a log record without the messages of errors.

    The error that the record reports is replaced by its class and its place in the code. An error
    among the arguments is replaced by its class.
    """
    record = logging.LogRecord(*arguments, **named)
    if isinstance(record.args, tuple):
        record.args = tuple(
            _kinds(one) if isinstance(one, BaseException) else one for one in record.args
        )
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        record.msg, record.args = (
            "%s (%s)\n%s",
            (record.getMessage(), _kinds(error), _places(error)),
        )
    record.exc_info = record.exc_text = None
    return record


def _is_no_error(record: logging.LogRecord) -> bool:
    return record.levelno < logging.ERROR


def _thread_ended(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        note(arguments.exc_value)


def _kinds(error: BaseException) -> str:
    """Return the class names of the error and of the errors that caused it."""
    kinds = [f"{type(error).__module__}.{type(error).__qualname__}"]
    cause = error.__cause__ or error.__context__
    return " from ".join([*kinds, _kinds(cause)] if cause else kinds)


def _places(error: BaseException) -> str:
    """Return the places in the code that the traceback names, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)

"""What happens with an error that nobody expected.

The page shows a number, the log the number and the place in the code. Messages of errors
are in neither: a database puts the row that it refuses in them.
"""

import logging
import secrets
import traceback

import streamlit as st

from dashboard.locale import _
from dashboard.web import outage

log = logging.getLogger(__name__)


def on_script_error(error: Exception) -> bool:
    """Show the incident, log where it happened; Streamlit shows nothing of its own."""
    if outage.is_out_of_reach(error):
        log.warning("The database does not answer (%s)", type(error).__name__)
        st.warning(outage.message(), icon=":material/cloud_off:")
        return True
    number = secrets.token_hex(4)
    log.error("Incident %s: %s\n%s", number, _kinds(error), _places(error))
    st.error(
        _(
            "Something went wrong. What was saved is safe. If it happens again, report incident "
            "{number}.",
            number=number,
        ),
        icon=":material/error:",
    )
    return True


def keep_messages_out_of_the_log() -> None:
    """Streamlit logs each error with its message before anyone is asked: not here."""
    logging.getLogger("streamlit.error_util").addFilter(lambda record: record.exc_info is None)


def _kinds(error: BaseException) -> str:
    """The kind of the error and of those that led to it."""
    kinds = [f"{type(error).__module__}.{type(error).__qualname__}"]
    cause = error.__cause__ or error.__context__
    return " from ".join([*kinds, _kinds(cause)] if cause else kinds)


def _places(error: BaseException) -> str:
    """Where in the code, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)

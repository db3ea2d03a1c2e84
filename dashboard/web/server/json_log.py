"""Log records as lines of JSON (``CASE_REVIEW_LOG_FORMAT=json``), for programs that collect logs.

The message is the same as in the text log. The record factory of ``error_reporting`` has already
replaced each error by its class and its place in the code. So no line contains a name or a typed
text.
"""

import json
import logging
from datetime import UTC, datetime

import streamlit.logger

LIBRARIES = ("streamlit", "uvicorn", "uvicorn.error", "websockets", "asyncio", "py.warnings")
"""Loggers of libraries with their own handlers. This module replaces these handlers."""


class JsonLines(logging.Formatter):
    """A formatter that writes one record as one line: time (UTC), level, logger and message.

    A record about an incident also has ``incident``, the number that the reader saw.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, without line breaks."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        incident = getattr(record, "incident", None)
        if incident is not None:
            line["incident"] = incident
        return json.dumps(line, ensure_ascii=False)


def write_json_lines() -> None:
    """Write the records of this program and of its libraries to the console as lines of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers = [handler]
    known = [name for name in logging.root.manager.loggerDict if name.startswith("streamlit")]
    for name in (*LIBRARIES, *known):
        _leave_to_root(logging.getLogger(name))
    # Streamlit gives each of its loggers a handler when the logger's module is imported, which can
    # be long after the start. So the function that adds the handler is replaced too.
    streamlit.logger.setup_formatter = _leave_to_root


def _leave_to_root(logger: logging.Logger) -> None:
    logger.handlers, logger.propagate = [], True

"""Log records as lines of JSON, for programs that collect logs (``CASE_REVIEW_LOG_FORMAT=json``).

The messages are those of the text log. ``error_reporting`` has already replaced each error by its
class and its place in the code, so that no line contains a name or a typed text.
"""

import json
import logging
from datetime import UTC, datetime

import streamlit.logger

LIBRARIES = ("streamlit", "uvicorn", "uvicorn.error", "websockets", "asyncio", "py.warnings")
"""The names of the libraries' loggers whose own handlers are removed, so that the root logger
writes their records as JSON too.
"""


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
    # Streamlit gives each of its loggers a handler of its own when it imports a module, which can
    # be long after the start. The function that adds the handler is therefore replaced too.
    streamlit.logger.setup_formatter = _leave_to_root


def _leave_to_root(logger: logging.Logger) -> None:
    logger.handlers, logger.propagate = [], True

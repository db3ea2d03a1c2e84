"""Functions that find out why a database cannot be used, from the error that it caused."""

import re

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

# The first characters of SQLSTATE codes: connection exception (08), and operator intervention
# (57P), such as the start or the stop of the server.
_AWAY = ("08", "57P")

# If a connection is refused, the error has no SQLSTATE, and its text is in the language of the
# server. The text is therefore searched for words in English and French.
_NOT_YET = re.compile(
    r"starting up|shutting down|not yet accepting connections|recovery"
    r"|se lance|s'arrête|en cours d'arrêt|n'accepte pas encore|restauration",
    re.IGNORECASE,
)


def reason_of(error: SQLAlchemyError) -> str:
    """Return the line of the error's text that gives the reason.

    It is the line with FATAL, or else the first line. It may name a host, a role or a database, and
    may quote a bad value, but contains no password. The lines with details of a row are left out.
    For an error that is not the database's, return the name of its class.
    """
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return next((line for line in lines if "FATAL" in line), lines[0]).strip()


def may_answer_later(error: SQLAlchemyError) -> bool:
    """Return whether the error means that the server is unreachable, starting or stopping.

    For any other error, such as a refused password, return False.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_AWAY)
    reason = reason_of(error)
    return "FATAL" not in reason or bool(_NOT_YET.search(reason))

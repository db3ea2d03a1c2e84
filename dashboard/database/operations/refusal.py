"""The reasons in the errors of a database that cannot be used."""

import re

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

# SQLSTATE classes: connection exception, operator intervention (starting up, shutting down).
_AWAY = ("08", "57P")

# An error of a refused connection has no SQLSTATE, and its text is in the server's language.
_NOT_YET = re.compile(
    r"starting up|shutting down|not yet accepting connections|recovery"
    r"|se lance|s'arrête|en cours d'arrêt|n'accepte pas encore|restauration",
    re.IGNORECASE,
)


def reason_of(error: SQLAlchemyError) -> str:
    """Return the line of the error that gives the reason: the FATAL line, or else the first line.

    The line names a host, a role or a database; it never holds a password or a row.
    """
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return next((line for line in lines if "FATAL" in line), lines[0]).strip()


def may_answer_later(error: SQLAlchemyError) -> bool:
    """Return whether the server is unreachable, starting or stopping. False if it refused."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_AWAY)
    reason = reason_of(error)
    return "FATAL" not in reason or bool(_NOT_YET.search(reason))

"""Functions that find the reason in the error of a database that cannot be used."""

import re

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

# The beginnings of SQLSTATE codes. They mean connection exception, and operator intervention such
# as starting up or shutting down.
_AWAY = ("08", "57P")

# The error of a refused connection has no SQLSTATE, and its text is in the server's language. So
# the text is searched for English and French words.
_NOT_YET = re.compile(
    r"starting up|shutting down|not yet accepting connections|recovery"
    r"|se lance|s'arrête|en cours d'arrêt|n'accepte pas encore|restauration",
    re.IGNORECASE,
)


def reason_of(error: SQLAlchemyError) -> str:
    """Return the line of the error that gives the reason.

    It is the line with FATAL, or else the first line. It may name a host, a role or a database, but
    never holds a password or a row.
    """
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return next((line for line in lines if "FATAL" in line), lines[0]).strip()


def may_answer_later(error: SQLAlchemyError) -> bool:
    """Return whether the server is unreachable, starting or stopping.

    Return False if the server refused the connection.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_AWAY)
    reason = reason_of(error)
    return "FATAL" not in reason or bool(_NOT_YET.search(reason))

"""A connection to PostgreSQL that is lost at the COMMIT of one chosen transaction."""

import threading

from sqlalchemy import make_url

from dashboard.database import connect_to
from tests.faults.tcp_proxy import Line, PostgresCable, Strike, unix
from tests.support.factories import Database


class CommitCable(PostgresCable):
    """A proxy to PostgreSQL that cuts a connection once, at the COMMIT of the first transaction
    with this statement.

    ``moment`` is one of ``tests.faults.tcp_proxy.MOMENTS``.
    """

    def __init__(self, path: str, statement: str, moment: str) -> None:
        self._statement, self._moment = statement, moment
        self._chosen: set[Line] = set()
        super().__init__(unix(path))

    @property
    def struck(self) -> threading.Event:
        """Set once the connection has been cut."""
        return self._heard.struck

    def _pass(self, line: Line, message: bytes, statement: str) -> None:
        heard = self._heard
        if self._statement in statement:
            self._chosen.add(line)
        if statement == "COMMIT" and line in self._chosen and heard.strike is None:
            heard.strike = Strike(len(heard.statements) + 1, self._moment, Line.cut)
        super()._pass(line, message, statement)


def cut_at_commit(database: Database, statement: str, moment: str) -> CommitCable:
    """Connect the program to this database through such a proxy, and return the proxy."""
    url = make_url(database.app_url)
    cable = CommitCable(f"{url.query['host']}/.s.PGSQL.5432", statement, moment)
    through = url.set(host="127.0.0.1", port=cable.port, query={})
    connect_to(through.render_as_string(hide_password=False))
    return cable

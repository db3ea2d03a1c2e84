"""Files that are made when the download button is clicked, outside of any run of a page.

By itself, Streamlit makes such a file for any browser that sends the file's id, even in another
session. Two conditions are therefore checked before a file is made: the browser must have the token
for which the button was drawn, and the sign-in of this token must still have the right to the file.
"""

from collections.abc import Callable
from typing import NoReturn

from sqlalchemy import Connection

from dashboard.components.elements.guarded import DeferredFile
from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.client_origin import NOWHERE, coming_from
from dashboard.database.security.identity import Proof
from dashboard.locale import language, speaking
from dashboard.web.auth import authorization, rights, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.server import sockets
from dashboard.web.server.sockets import Socket


class NotAllowed(Exception):
    """The error raised for a download by somebody who has no right to the file, or has lost it."""


def at_the_click(
    make: Callable[[Connection], bytes], roles: tuple[str, ...], *, while_presenting: bool = False
) -> DeferredFile:
    """Return a file that is made from the database when its button is clicked.

    Only people with one of ``roles`` may download it. While the screen is shared, nobody may,
    unless ``while_presenting`` is set. Set it only for a file that names no patient. A click
    without the right to the file raises ``NotAllowed``.
    """

    def allowed(now: Rights) -> bool:
        return now.person.role in roles and (while_presenting or not now.person.presenting)

    return DeferredFile(_for_this_token(make, allowed))


def while_shown(make: Callable[[], bytes]) -> DeferredFile:
    """Return a file with data that the current run has read.

    The download is refused if the rights of the sign-in have changed since.
    """
    drawn = authorization.rights_of_run()
    return DeferredFile(_for_this_token(lambda _connection: make(), lambda now: now == drawn))


def _for_this_token(
    make: Callable[[Connection], bytes], allowed: Callable[[Rights], bool]
) -> Callable[[], bytes]:
    # The token and the language are read during the run, because the function below is called
    # outside of any run, where both are unknown.
    token, spoken = sessions.presented_token(), language()

    def made() -> bytes:
        asking = sockets.asking()
        if asking is None or token is None or not asking.presents(token):
            _refuse(asking, None, None)
        with coming_from(asking.origin):
            now = rights.rights_of(token, seen=True)
            if now is None or not allowed(now):
                _refuse(asking, now, token)
            with (
                acting_as(now.person.practitioner_id, by=Proof(token=token)) as connection,
                speaking(spoken),
            ):
                file = make(connection)
        asking.made_under[token] = now
        return file

    return made


def _refuse(asking: Socket | None, known: Rights | None, token: str | None) -> NoReturn:
    practitioner_id = known.person.practitioner_id if known else None
    with (
        coming_from(asking.origin if asking else NOWHERE),
        acting_as(practitioner_id, by=Proof(token=token)) as connection,
    ):
        log_access(connection, "download_refused")
    raise NotAllowed

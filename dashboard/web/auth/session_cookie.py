"""The session cookie: unreachable for scripts, other sites and other hosts."""

from starlette.responses import Response

from dashboard.database.security.identity import ABSOLUTE
from dashboard.web.auth import sessions


def set_session_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Set the session cookie to this token.

    ``secure`` says that the browser speaks https, perhaps to a proxy before this server.
    """
    response.set_cookie(
        sessions.SECURE_COOKIE if secure else sessions.PLAIN_COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )

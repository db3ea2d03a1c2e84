"""The session cookie. Scripts, other sites and other hosts cannot read this cookie."""

from starlette.responses import Response

from dashboard.database.security.identity import ABSOLUTE
from dashboard.web.auth import sessions


def set_session_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Set the session cookie with this token on the response.

    ``secure`` means that the browser uses https, to this server or to the proxy in front of it.
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

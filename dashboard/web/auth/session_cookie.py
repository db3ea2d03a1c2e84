"""The cookie that signs somebody in: out of reach of scripts, of other sites, of other hosts."""

from starlette.responses import Response

from dashboard.database.security.identity import ABSOLUTE
from dashboard.web.auth import sessions


def set_session_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser this token. ``secure``: it speaks https, perhaps to a proxy before us."""
    response.set_cookie(
        sessions.SECURE_COOKIE if secure else sessions.PLAIN_COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )

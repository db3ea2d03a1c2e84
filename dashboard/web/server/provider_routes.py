"""HTTP routes for signing in at the site's identity provider, such as Pro Santé Connect.

After a sign-in by these routes, the database row and the cookie are the same as after a sign-in
with a password. While the person is at the provider, an encrypted cookie holds the request for 10
minutes. It is ``SameSite=Lax``, because the browser returns from a page of the provider.

Streamlit's ``st.login`` (as of version 1.67) is not used, for three reasons. It identifies the
person by the ID token alone, but Pro Santé Connect gives the identity at the userinfo endpoint. It
requests neither ``acr`` nor a new authentication, so the next person at a shared machine would be
signed in as the person before. Its cookie lasts 30 days, is not ``Secure`` and cannot be revoked.
"""

import base64
import json
import time
from dataclasses import asdict
from typing import Any

from authlib.common.errors import AuthlibBaseError
from requests import RequestException
from sqlalchemy import Row, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import account
from dashboard.locale import _, speaking
from dashboard.settings import settings
from dashboard.web.auth import encryption, rate_limiting, sessions
from dashboard.web.auth.provider import (
    CALLBACK,
    START,
    Asked,
    Provider,
    Refused,
    ask,
    configured_provider,
    person_behind,
)
from dashboard.web.auth.session_cookie import set_session_cookie
from dashboard.web.server import answer_page
from dashboard.web.server.plain_page import plain_page

SECURE_COOKIE, PLAIN_COOKIE = "__Host-provider", "provider"
MINUTES_TO_COME_BACK = 10

_PURPOSE = "sign-in under way"


def start(request: Request) -> Response:
    """Redirect the browser to the identity provider.

    The parameter ``back`` is the address to open after the sign-in. Return status 404 if the
    settings name no provider.
    """
    provider = configured_provider(settings())
    if provider is None:
        return Response(status_code=404)
    try:
        address, asked = ask(provider, own_address(request.query_params.get("back", "")))
    except (Refused, RequestException, AuthlibBaseError, ValueError):
        return _away(request)
    response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    secure = _is_secure(provider)
    response.set_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE,
        _sealed(asked),
        max_age=MINUTES_TO_COME_BACK * 60,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response


def callback(request: Request) -> Response:
    """Sign in the person whom the identity provider has authenticated, if every check passes.

    Otherwise return a page that says that the sign-in was refused. Return status 404 if the
    settings name no provider.
    """
    provider = configured_provider(settings())
    if provider is None:
        return Response(status_code=404)
    with serving() as connection:
        if rate_limiting.address_waits(connection, _address_of(request)):
            return _refused(request, None, None)
    secure = _is_secure(provider)
    found = None
    try:
        asked = _unsealed(request.cookies.get(SECURE_COOKIE if secure else PLAIN_COOKIE))
        rpps = person_behind(provider, asked, request.query_params, time.time())
        found = _practitioner(rpps)
        if not found.may_sign_in:
            raise Refused("closed")
    except Refused as refused:
        return _refused(request, refused.reason, found.practitioner_id if found else None)
    except RequestException:
        return _away(request)
    except (AuthlibBaseError, ValueError):
        return _refused(request, "provider_away", None)
    with serving(found.practitioner_id) as connection:
        log_access(connection, "sign_in", address=_address_of(request), steps=["provider"])
        ticket = sessions.begin(connection, found.practitioner_id, _address_of(request))
        token = sessions.redeem(connection, ticket, sessions.tokens_in(request.cookies))
    response = RedirectResponse(asked.back, 303, headers={"Cache-Control": "no-store"})
    response.delete_cookie(
        SECURE_COOKIE if secure else PLAIN_COOKIE, secure=secure, httponly=True, samesite="lax"
    )
    set_session_cookie(response, token or "", secure=secure)
    return response


def own_address(back: str) -> str:
    """Return ``back`` if it is an address of this site; otherwise "/"."""
    inside = back.startswith("/") and not back.startswith(("//", "/\\", "/auth"))
    return back if inside and back.isascii() and back.isprintable() and len(back) < 500 else "/"


def _practitioner(rpps: str) -> Row[Any]:
    """Return the account of the practitioner with this RPPS number.

    Raise ``Refused`` if there is no such account, or more than one.
    """
    with serving() as connection:
        rows = connection.execute(
            select(
                account.c.practitioner_id,
                (account.c.locked_at.is_(None) & practitioner.c.active).label("may_sign_in"),
            )
            .join(practitioner, practitioner.c.id == account.c.practitioner_id)
            .where(practitioner.c.rpps == rpps)
        ).all()
    if len(rows) != 1:
        raise Refused("unknown" if not rows else "ambiguous")
    return rows[0]


def _away(request: Request) -> Response:
    """Return the page of a refused sign-in, because the provider does not answer.

    The access log records this. It counts as no failure of the address. Otherwise nobody at a site
    could sign in with a password either while the provider is down.
    """
    with serving() as connection:
        rate_limiting.log_refusal(connection, None, "provider_away", _address_of(request))
    return _refused(request, None, None)


def _refused(request: Request, reason: str | None, practitioner_id: int | None) -> Response:
    """Return the page that says that a sign-in was refused. It is the same for every reason.

    The failure is counted, and recorded in the access log with ``reason``. If ``reason`` is None,
    neither is done.
    """
    if reason is not None:
        with serving() as connection:
            rate_limiting.count_failure(connection, practitioner_id, reason, _address_of(request))
    with speaking(answer_page.language_of(request)):
        response = plain_page(
            _("Case review"),
            [
                _(
                    "Signing in was refused. Try again; if it goes on, ask whoever looks after "
                    "the accounts of your site."
                )
            ],
            403,
            back=_("Back to signing in"),
        )
    for name in (SECURE_COOKIE, PLAIN_COOKIE):
        if name in request.cookies:
            response.delete_cookie(name, secure=name == SECURE_COOKIE, httponly=True)
    return response


def _sealed(asked: Asked) -> str:
    content = json.dumps({"at": time.time(), **asdict(asked)}).encode()
    return base64.urlsafe_b64encode(encryption.seal(content, _PURPOSE)).decode()


def _unsealed(cookie: str | None) -> Asked:
    try:
        content = encryption.unseal(base64.urlsafe_b64decode(cookie or ""), _PURPOSE)
    except (encryption.Broken, ValueError) as error:
        raise Refused("cookie") from error
    kept = json.loads(content)
    if time.time() - kept.pop("at") > MINUTES_TO_COME_BACK * 60:
        raise Refused("too_late")
    return Asked(**kept)


def _address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _is_secure(provider: Provider) -> bool:
    """Return whether browsers reach these pages by https, directly or through a proxy."""
    return provider.redirect_uri.startswith("https://")


routes = [Route(START, start), Route(CALLBACK, callback)]

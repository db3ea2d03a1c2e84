"""The page that the link of an invitation opens.

Its button begins a sign-in, in which the invited person chooses a password and sets up the second
factor. Opening the page changes nothing, because mail gateways open links too.
"""

from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.database import serving
from dashboard.database.committing import is_out_of_reach
from dashboard.delivery.invitation_link import PATH, invitation_in
from dashboard.locale import _, speaking
from dashboard.locale.formats import moment
from dashboard.settings import settings
from dashboard.web.auth import sessions, sign_in_flow
from dashboard.web.auth.client_origin import of_request
from dashboard.web.auth.invitations import Invitation, open_invitation
from dashboard.web.auth.session_cookie import set_session_cookie
from dashboard.web.server.answer_page import language_of
from dashboard.web.server.plain_page import plain_page


async def invitation_page(request: Request) -> Response:
    """Show the invitation (GET), or begin the sign-in of the invited person (POST)."""
    key = settings().link_key
    token = request.path_params["token"]
    invitation = None if key is None else invitation_in(token, key.get_secret_value())
    try:
        if invitation is None:
            return _closed(request)
        if request.method == "POST":
            return await run_in_threadpool(_begin, request, invitation)
        return await run_in_threadpool(_show, request, invitation)
    except SQLAlchemyError as error:
        if not is_out_of_reach(error):
            raise
        said = [_("The service does not answer. Try again later.")]
        return plain_page(_("Case review"), said, 503)


def _show(request: Request, number: UUID) -> Response:
    with serving() as connection:
        invitation = open_invitation(connection, number)
    return _closed(request) if invitation is None else _opened(request, invitation)


def _begin(request: Request, number: UUID) -> Response:
    before = sessions.tokens_in(request.cookies)
    with serving() as connection:
        invitation = open_invitation(connection, number)
        if invitation is None:
            return _closed(request)
        origin = of_request(request)
        ticket = sign_in_flow.begin(connection, invitation.person, origin.address or "")
        token = sessions.redeem(connection, ticket, before)
    response = RedirectResponse("/", status_code=303, headers={"Cache-Control": "no-store"})
    if token is not None:
        secure = request.headers.get("Origin", "").startswith("https://")
        set_session_cookie(response, token, secure=secure)
    return response


def _opened(request: Request, invitation: Invitation) -> HTMLResponse:
    with speaking(invitation.language or language_of(request)):
        return plain_page(
            _("Your access to case review"),
            [
                _("Your username: {username}", username=invitation.person.username),
                _("This link works once, until {time}.", time=moment(invitation.expires_at)),
            ],
            200,
            "invitation.html",
            button=_("Choose a password"),
        )


def _closed(request: Request) -> HTMLResponse:
    with speaking(language_of(request)):
        said = [_("This invitation was used, was replaced or has expired. Ask for another one.")]
        return plain_page(_("Case review"), said, 404)


route = Route(f"{PATH}{{token}}", invitation_page, methods=["GET", "POST"])

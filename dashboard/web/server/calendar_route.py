"""The route of the calendar feeds.

Nothing but the secret in its address protects a feed. A feed therefore contains days, counts and
names of colleagues, but nothing about a patient.
"""

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.calendar import now
from dashboard.database import serving
from dashboard.database.committing import is_out_of_reach
from dashboard.exports.calendar_feed import calendar_file
from dashboard.locale import speaking
from dashboard.settings import settings
from dashboard.web.auth.calendar_feed import PATH, events_of_feed, language_of_feed

_NOT_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def calendar_of(request: Request) -> Response:
    """Return the calendar file of this address.

    Return status 404 if no active account has this address, and 503 if the database is unreachable.
    """
    token = request.path_params["token"]
    try:
        with serving() as connection:
            spoken = language_of_feed(connection, token)
            if spoken is None:
                return Response(status_code=404, headers=_NOT_KEPT)
            events = events_of_feed(connection, token)
    except SQLAlchemyError as error:
        if not is_out_of_reach(error):
            raise
        return Response(status_code=503, headers=_NOT_KEPT)
    with speaking(spoken):
        file = calendar_file(events, settings().public_url or "", now())
    return Response(file, media_type="text/calendar", headers=_NOT_KEPT)


route = Route(PATH + "{token}.ics", calendar_of)

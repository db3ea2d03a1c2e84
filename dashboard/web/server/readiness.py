"""Whether the server may start: what refuses it, and waiting for the database."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from dashboard.database import acting_as, serving
from dashboard.database.connection import NoDatabase
from dashboard.database.operations.refusal import may_answer_later, reason_of
from dashboard.database.security.startup_checks import unsafe, unsafe_service
from dashboard.delivery.configuration import (
    MailMisconfigured,
    Post,
    configured_post,
    refuse_unchosen_folder,
    refuse_unwritable_folder,
)
from dashboard.settings import DEMONSTRATION_PASSWORD, SHORTEST_KEY, settings
from dashboard.web.auth.encryption import can_seal
from dashboard.web.auth.provider import wrong_with_provider
from dashboard.web.auth.second_factor import roles_that_need_it

SECONDS_BETWEEN_TRIES = 2.0
"""Between two looks for a database that does not answer yet."""

_log = logging.getLogger(__name__)


class CannotServe(Exception):
    """Why the server does not start, in sentences."""


class DatabaseAway(CannotServe):
    """The database does not answer now, and may later."""


def wait_until_safe(*, pages: bool = True) -> None:
    """Return once the database answers and is safe. Raises ``CannotServe`` where it refuses.

    A machine that starts may have this program up before PostgreSQL. Each reason for which the
    database does not answer is logged once.
    """
    logged = None
    while True:
        try:
            refuse_if_unsafe(demonstration=False, pages=pages)
        except DatabaseAway as reason:
            if str(reason) != logged:
                logged = str(reason)
                _log.warning("Waiting: %s", logged)
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return


def refuse_if_unsafe(*, demonstration: bool, pages: bool = True) -> None:
    """Raise ``CannotServe`` with every reason for which the database is not safe.

    ``DatabaseAway`` where it does not answer. ``pages`` is false for what shows none, and
    so connects as the server's own role alone.
    """
    published = None if demonstration else DEMONSTRATION_PASSWORD
    reasons: list[str] = []
    try:
        if pages:
            with acting_as(None) as connection:
                reasons += unsafe(connection)
        with serving() as connection:
            found = unsafe_service(connection, published_password=published)
            reasons += [reason for reason in found if reason not in reasons]
    except NoDatabase as error:
        raise CannotServe("Set CASE_REVIEW_DATABASE_URL to the database.") from error
    except SQLAlchemyError as error:
        if may_answer_later(error):
            raise DatabaseAway(f"The database does not answer: {reason_of(error)}") from error
        raise CannotServe(f"The database refused: {reason_of(error)}") from error
    if reasons:
        raise CannotServe("\n".join(["The server does not start.", *reasons]))


def refuse_without_key() -> None:
    """Raise ``CannotServe`` where a second factor is demanded and nothing can seal one."""
    roles = roles_that_need_it()
    if roles and not can_seal():
        raise CannotServe(
            "The server does not start.\n"
            f"A second factor is demanded of {', '.join(sorted(roles))}:"
            f" set CASE_REVIEW_SEALING_KEY to {SHORTEST_KEY} random characters or more,"
            " or CASE_REVIEW_SECOND_FACTOR_ROLES to fewer roles, or to nothing."
        )


def refuse_half_a_provider() -> None:
    """Raise ``CannotServe`` with what is missing to sign in at the identity provider."""
    wrong = wrong_with_provider(settings())
    if wrong is not None:
        raise CannotServe(f"The server does not start.\n{wrong}")


def mail_as_configured(*, demonstration: bool = False, sends_here: bool = True) -> Post:
    """How this site sends letters; raises ``CannotServe`` with what is wrong with that.

    ``sends_here`` is false where another process sends them, perhaps as another user.
    """
    try:
        post = configured_post(settings())
        if not demonstration:
            refuse_unchosen_folder(settings())
        if sends_here:
            refuse_unwritable_folder(post)
        return post
    except MailMisconfigured as error:
        raise CannotServe(str(error)) from error

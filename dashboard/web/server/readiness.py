"""The conditions for starting the server, and the wait for its database."""

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
"""Seconds between two attempts to reach a database that does not answer yet."""

_log = logging.getLogger(__name__)


class CannotServe(Exception):
    """Error: the server cannot start. The text gives the reasons, in sentences."""


class DatabaseAway(CannotServe):
    """Error: the database does not answer, but may answer later."""


def wait_until_safe(*, pages: bool = True) -> None:
    """Wait until the database answers. Raise ``CannotServe`` if it fails a safety check.

    The wait is needed because this program may start before PostgreSQL does. The reason why the
    database does not answer is logged when it changes.
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
    """Check that the database is safe to use.

    Raise ``CannotServe`` with the reasons if it is not. Raise ``DatabaseAway`` if the database does
    not answer. Set ``demonstration`` to allow accounts with the published password. Set ``pages``
    to False for a process that serves no pages, which connects only with the server's own database
    role.
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
    """Raise ``CannotServe`` if a second factor is required but no encryption key is configured."""
    roles = roles_that_need_it()
    if roles and not can_seal():
        raise CannotServe(
            "The server does not start.\n"
            f"A second factor is required for {', '.join(sorted(roles))}:"
            f" set CASE_REVIEW_SEALING_KEY to {SHORTEST_KEY} random characters or more,"
            " or CASE_REVIEW_SECOND_FACTOR_ROLES to fewer roles, or to nothing."
        )


def refuse_half_a_provider() -> None:
    """Raise ``CannotServe`` if a setting of the identity provider is wrong. The error names the
    setting.
    """
    wrong = wrong_with_provider(settings())
    if wrong is not None:
        raise CannotServe(f"The server does not start.\n{wrong}")


def mail_as_configured(*, demonstration: bool = False, sends_here: bool = True) -> Post:
    """Return how this site sends letters. Raise ``CannotServe`` if the mail settings are wrong.

    Set ``demonstration`` to allow a folder for letters that the settings do not ask for. Set
    ``sends_here`` to False if another process sends the letters. The folder is then not checked,
    because that process may run as another user.
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

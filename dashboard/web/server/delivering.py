"""Delivery of letters without serving pages: ``python -m dashboard deliver``."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from dashboard.delivery.configuration import Post
from dashboard.delivery.sender import EVERY, Done, deliver_due
from dashboard.web.server.error_reporting import say_when
from dashboard.web.server.readiness import mail_as_configured, refuse_if_unsafe, wait_until_safe
from dashboard.web.server.signals import until_stopped

_log = logging.getLogger(__name__)


def deliver_once() -> Done:
    """Send the letters and the mails about accounts that are due now, and return the results.

    Raise ``CannotServe`` if the mail settings are wrong or the database cannot be used.
    """
    post = mail_as_configured()
    # This command reads the same database as the server, so it makes the same safety checks.
    refuse_if_unsafe(demonstration=False, pages=False)
    return deliver_due(post)


def deliver_for_ever() -> Done:
    """Send mails when they are due, until the process is stopped; return the sum of the results.

    Raise ``CannotServe`` if the mail settings are wrong or the database cannot be used.
    """
    say_when()
    post, done = mail_as_configured(), Done()
    with until_stopped():
        wait_until_safe(pages=False)
        _log.info("Started sending letters")
        while True:
            done += _delivered(post)
            time.sleep(EVERY)
    _log.info("Stopped sending letters")
    return done


def _delivered(post: Post) -> Done:
    """Send the mails that are due, and return the results.

    An error of the database is only logged, because the next call retries.
    """
    try:
        return deliver_due(post)
    except SQLAlchemyError as error:
        _log.error("Delivery: %s", type(error).__name__)
        return Done()

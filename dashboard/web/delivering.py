"""Sending letters without serving pages: ``python -m dashboard deliver``."""

import time

from dashboard.delivery.configuration import Post
from dashboard.delivery.sender import EVERY, Done, deliver_due
from dashboard.web.serving import mail_as_configured, refuse_if_unsafe, until_stopped


def deliver_once() -> Done:
    """Send what is due now. Raises ``CannotServe``."""
    return deliver_due(_post())


def deliver_for_ever() -> Done:
    """Send what is due until somebody stops it. Raises ``CannotServe``."""
    post, done = _post(), Done()
    with until_stopped():
        while True:
            done += deliver_due(post)
            time.sleep(EVERY)
    return done


def _post() -> Post:
    post = mail_as_configured()
    # The same database as the server, under the same conditions.
    refuse_if_unsafe(demonstration=False)
    return post

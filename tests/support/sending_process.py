"""A sender in a process of its own, to be killed."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from dashboard.database import connect_to
from dashboard.delivery.schedule import Schedule
from dashboard.delivery.sender import deliver_due
from dashboard.delivery.transport import Gateway
from tests.delivery.conftest import by
from tests.support.mail_server import PostOffice

EVER_AGAIN = Schedule(first=timedelta(0), attempts=1000)


@dataclass(frozen=True)
class Hurried(Gateway):
    """A gateway of known duration."""

    seconds: float = 1.0

    @property
    def longest(self) -> float:
        return self.seconds


def run(app_url: str, port: int, longest: float) -> None:
    """Send the due letters, again and again, until the process is ended."""
    connect_to(app_url)
    post = replace(
        by(PostOffice(port)),
        transport=Hurried("127.0.0.1", port, "none", timeout=longest, seconds=longest),
    )
    while True:
        deliver_due(post, EVER_AGAIN)
        time.sleep(0.02)

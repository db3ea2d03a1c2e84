"""People who read pages through the balancer, and notice when something is wrong."""

import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import text
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from dashboard.database import administering, serving
from dashboard.web.auth import sessions
from tests.browser.websocket import client, run
from tests.faults.cluster.region import Region
from tests.support.factories import Case

THINKS = (0.3, 1.5)
"""Seconds between two pages, at least and at most."""
SECONDS_TO_RECONNECT = 0.5

_ACCOUNT = text(
    "INSERT INTO review.account (practitioner_id, username, password_hash)"
    " VALUES (:id, :name, 'none') ON CONFLICT DO NOTHING"
)


@dataclass
class Reader:
    """A person with an open page, who turns to another one and comes back when it is cut."""

    url: str
    cookie: str
    authority: Path
    pages: list[tuple[str, str]]
    chance: Random
    stopped: threading.Event = field(default_factory=threading.Event)
    errors: list[str] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    """The seconds of each interruption, until a page was whole again."""
    read: int = 0

    def work(self) -> None:
        """Read until stopped."""
        gone_at: float | None = None
        while not self.stopped.is_set():
            try:
                with self._page() as page:
                    while not self.stopped.is_set():
                        self._read(page)
                        if gone_at is not None:
                            self.away.append(time.monotonic() - gone_at)
                            gone_at = None
                        self.stopped.wait(self.chance.uniform(*THINKS))
            except (WebSocketException, OSError, TimeoutError):
                gone_at = gone_at or time.monotonic()
                self.stopped.wait(SECONDS_TO_RECONNECT)
        if gone_at is not None:
            self.away.append(time.monotonic() - gone_at)

    @contextmanager
    def _page(self) -> Iterator[ClientConnection]:
        with ExitStack() as stack:
            trusted = ssl.create_default_context(cafile=self.authority)
            yield stack.enter_context(client(self.url, cookie=self.cookie, tls=trusted))

    def _read(self, page: ClientConnection) -> None:
        messages = run(page, *self.chance.choice(self.pages))
        assert any(one.WhichOneof("type") == "navigation" for one in messages), "not signed in"
        self.read += 1
        self.errors += [one for message in messages if (one := _complaint(message))]


@dataclass
class Visitor:
    """A browser that loads the site anew again and again."""

    url: str
    authority: Path
    stopped: threading.Event = field(default_factory=threading.Event)
    errors: list[str] = field(default_factory=list)
    loaded: int = 0

    def work(self) -> None:
        """Load the page until stopped."""
        trusted = ssl.create_default_context(cafile=self.authority)
        while not self.stopped.is_set():
            try:
                with urllib.request.urlopen(self.url, timeout=10, context=trusted) as answer:  # noqa: S310
                    answer.read()
                self.loaded += 1
            except urllib.error.HTTPError as error:
                self.errors.append(f"loading the site was answered with {error.code}")
            except OSError as error:
                self.errors.append(f"loading the site failed: {type(error).__name__}")
            self.stopped.wait(0.3)


@contextmanager
def at_work(*people: Reader | Visitor) -> Iterator[None]:
    """Let these people work during the block."""
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for person in people:
            person.stopped.set()
        for thread in threads:
            thread.join(60)


def readers(region: Region, cases: list[Case], chance: Random) -> list[Reader]:
    """Return one reader for each case, its psychiatrist, with the list and the case."""
    return [
        Reader(
            region.site.url,
            f"{sessions.SECURE_COOKIE}={token_of(region, case.team.psychiatrist)}",
            region.site.folder / "authority.pem",
            [("", ""), ("case", f"episode={case.episode}")],
            Random(chance.random()),  # noqa: S311
        )
        for case in cases
    ]


def visitor(region: Region) -> Visitor:
    return Visitor(region.site.url, region.site.folder / "authority.pem")


def token_of(region: Region, person: int) -> str:
    """Return the token of a new sign-in of this person, who gets an account."""
    with administering(region.database.owner_url) as owner:
        owner.execute(_ACCOUNT, {"id": person, "name": f"practitioner-{person}"})
    with serving() as connection:
        token = sessions.redeem(connection, sessions.begin(connection, person, "192.0.2.1"))
    assert token is not None
    return token


def until(done: Callable[[], bool], seconds: float) -> bool:
    """Return whether it is done within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if done():
                return True
        time.sleep(0.1)
    return False


def _complaint(message: ForwardMsg) -> str | None:
    """Return the text of an error on the page; None if this part of it is none."""
    element = message.delta.new_element
    if element.WhichOneof("type") == "exception":
        return f"an exception on a page: {element.exception.type}"
    if element.WhichOneof("type") == "alert" and "incident" in element.alert.body:
        return f"on a page: {element.alert.body}"
    return None

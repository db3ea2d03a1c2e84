"""Running the server: ``python -m dashboard serve``."""

import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

import uvicorn
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
from dashboard.delivery.transport import Folder
from dashboard.settings import DEMONSTRATION_PASSWORD, SHORTEST_KEY, Settings, settings
from dashboard.web.incidents import say_when
from dashboard.web.provider import wrong_with_provider
from dashboard.web.sealing import can_seal
from dashboard.web.second_factor import roles_that_need_it

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SECONDS_TO_FINISH = 5

LONGEST_MESSAGE = 4_000_000
"""Bytes that a browser sends at once: all that is typed on a page is a hundredth of it. Whoever
is not signed in can send that too."""


SECONDS_BETWEEN_TRIES = 2.0
"""Between two looks for a database that does not answer yet."""

_log = logging.getLogger(__name__)


class CannotServe(Exception):
    """Why the server does not start, in sentences."""


class DatabaseAway(CannotServe):
    """The database does not answer now, and may later."""


def serve(
    address: str,
    port: int,
    database: AbstractContextManager[Sequence[str]],
    say: Callable[[str], object],
    *,
    demonstration: bool = False,
) -> None:
    """Serve the pages from this database until somebody stops it.

    Entering ``database`` connects to it and gives what to say, after the address, once the
    pages are there. Raises ``CannotServe``.
    """
    say_when()
    post = mail_as_configured(
        demonstration=demonstration, sends_here=settings().background_delivery
    )
    with until_stopped(), listening(address, port) as listener, database as remarks:

        def announce() -> None:
            said = (*_addresses(address, port, settings()), *about_the_proxy(settings()))
            for line in (*said, *_about_letters(post), *remarks):
                say(line)
            _log.info("Started on port %s of %s", port, address)

        _Server(_configuration(), announce).run(sockets=[listener])
    _log.info("Stopped")


@contextmanager
def configured_database() -> Iterator[Sequence[str]]:
    """Wait for the database that the settings name; ``CannotServe`` with every reason against it.

    What the settings alone say wrong is said at once.
    """
    refuse_without_key()
    refuse_half_a_provider()
    wait_until_safe()
    yield ()


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


@contextmanager
def listening(address: str, port: int) -> Iterator[socket.socket]:
    """A socket at this address and port; raises ``CannotServe`` if they cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            raise CannotServe(
                f"Port {port} of {address} cannot be used ({error.strerror})."
                " Choose another with --port."
            ) from error
        yield listener


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


@contextmanager
def until_stopped() -> Iterator[None]:
    """The block ends, without an error, on Ctrl-C and on the signals that end a process.

    What the block has opened is closed; a second signal does not disturb that.
    """
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def about_the_proxy(given: Settings) -> Iterator[str]:
    """What goes wrong where browsers come by https and no proxy is trusted."""
    if (given.public_url or "").startswith("https://") and not given.trusted_proxies:
        yield (
            "CASE_REVIEW_TRUSTED_PROXIES names no proxy: everybody seems to come from its address,"
            " and waits after anybody's wrong passwords (docs/reverse_proxy.md)."
        )


def _addresses(address: str, port: int, given: Settings) -> Iterator[str]:
    """Where the pages are, on this machine and for people."""
    yield f"http://{_host(address)}:{port}"
    if given.public_url:
        yield f"People reach it at {given.public_url}"


def _about_letters(post: Post) -> Iterator[str]:
    if isinstance(post.transport, Folder):
        yield f"No letter leaves by mail: letters go to {post.transport.path}"


def _host(address: str) -> str:
    """The address as a browser on this machine writes it."""
    if address in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104  # nosec B104
        return "localhost"
    return f"[{address}]" if ":" in address else address


class _Server(uvicorn.Server):
    """uvicorn, which says when it is there."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], object]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn itself listens to the other signals alone.
        signal.signal(signal.SIGHUP, self.handle_exit)
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Finish, in a few seconds at most, however often somebody asks."""
        if not self.should_exit:
            super().handle_exit(sig, frame)


def _configuration() -> uvicorn.Config:
    """What Streamlit's own command gives, from the same settings, but for what is said here."""
    from streamlit import config

    from dashboard.web.server import app

    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_ping_interval=config.get_option("server.websocketPingInterval"),
        ws_ping_timeout=config.get_option("server.websocketPingInterval"),
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        # Not the environment's FORWARDED_ALLOW_IPS, nor everybody on this machine.
        proxy_headers=bool(settings().trusted_proxies),
        forwarded_allow_ips=list(settings().trusted_proxies),
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        server_header=False,
        access_log=False,
        log_level="warning",
    )


def _stop(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt

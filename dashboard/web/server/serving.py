"""The server process: ``python -m dashboard serve``."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from dashboard.delivery.configuration import Post
from dashboard.delivery.transport import Folder
from dashboard.settings import Settings, settings
from dashboard.web.server import draining, load_balancing
from dashboard.web.server.error_reporting import say_when
from dashboard.web.server.metrics import metrics_served
from dashboard.web.server.readiness import (
    CannotServe,
    mail_as_configured,
    refuse_half_a_provider,
    refuse_without_key,
    wait_until_safe,
)
from dashboard.web.server.signals import until_stopped

_SECONDS_TO_END = 2.0
"""Seconds that the process has to end after the server has stopped. It is then ended by force."""

LONGEST_MESSAGE = 4_000_000
"""Maximum size of a message from a browser, in bytes: a hundred times the text that people type.

A higher limit would be risky, because it also applies to people who are not signed in.
"""


_log = logging.getLogger(__name__)


def serve(
    address: str,
    port: int,
    database: AbstractContextManager[Sequence[str]],
    say: Callable[[str], object],
    *,
    demonstration: bool = False,
) -> None:
    """Serve the pages from a database until the process is stopped.

    ``database`` is a context manager that makes the database available. It yields the lines to
    print after the address of the pages. Raise ``CannotServe`` if the server cannot start.
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

        with metrics_served(settings().metrics_address):
            _Server(_configuration(), announce).run(sockets=[listener])
    _log.info("Stopped")
    if draining.is_stopping():
        _end_soon()


def _end_soon() -> None:
    """End the process by force after ``_SECONDS_TO_END``.

    Otherwise Python would wait for all threads, even for one that waits for a frozen database.
    """
    ending = threading.Timer(_SECONDS_TO_END, os._exit, (0,))
    ending.daemon = True
    ending.start()


@contextmanager
def configured_database() -> Iterator[Sequence[str]]:
    """Wait until the database of the settings answers, then run the block.

    Raise ``CannotServe`` if a setting is wrong, before any wait. Raise ``CannotServe`` with all
    reasons if the database is not safe to use.
    """
    refuse_without_key()
    refuse_half_a_provider()
    wait_until_safe()
    yield ()


@contextmanager
def listening(address: str, port: int) -> Iterator[socket.socket]:
    """Open a socket that is closed at the end of the block.

    Raise ``CannotServe`` if the address and port are not available.
    """
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


def about_the_proxy(given: Settings) -> Iterator[str]:
    """Yield a warning if the public address is https and the settings name no trusted proxy."""
    if (given.public_url or "").startswith("https://") and not given.trusted_proxies:
        yield (
            "CASE_REVIEW_TRUSTED_PROXIES names no proxy: every browser seems to have its address,"
            " so wrong passwords of one person delay everybody (docs/reverse_proxy.md)."
        )


def _addresses(address: str, port: int, given: Settings) -> Iterator[str]:
    """Yield the address of the pages on this machine, and their public address."""
    yield f"http://{_host(address)}:{port}"
    if given.public_url:
        yield f"Public address: {given.public_url}"


def _about_letters(post: Post) -> Iterator[str]:
    if isinstance(post.transport, Folder):
        yield f"No letter leaves by mail: letters go to {post.transport.path}"


def _host(address: str) -> str:
    """Return the host name or address to use in a browser on this machine."""
    if address in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104  # nosec B104
        return "localhost"
    return f"[{address}]" if ":" in address else address


class _Server(uvicorn.Server):
    """A uvicorn server that prints its address once it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], object]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn does not handle SIGHUP, the signal that is sent when the terminal is closed.
        signal.signal(signal.SIGHUP, self.handle_exit)
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let runs in progress end, make the browsers of open pages connect to other servers, then
        stop.

        Pages work until the load balancer has noticed the stop. Then new connections are refused,
        so that a load balancer that does not ask ``/readyz`` also chooses another server.
        """
        from dashboard.web.server.sockets import close_pages

        draining.ask_workers_to_stop()
        await load_balancing.wait_until_noticed()
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        kept = draining.SECONDS_FOR_REQUESTS + draining.SECONDS_FOR_WORKERS
        await close_pages(draining.seconds_left() - kept)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the stop at the first signal; ignore further signals."""
        if not self.should_exit:
            draining.ask_to_stop()
            super().handle_exit(sig, frame)


def _configuration() -> uvicorn.Config:
    """Return the configuration of uvicorn that Streamlit itself would use, with some options
    changed.
    """
    from streamlit import config

    from dashboard.web.server.asgi import app

    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_ping_interval=config.get_option("server.websocketPingInterval"),
        ws_ping_timeout=config.get_option("server.websocketPingInterval"),
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        # Only the proxies of the settings are trusted. Without this option, uvicorn would also
        # trust the variable FORWARDED_ALLOW_IPS, and every process on this machine.
        proxy_headers=bool(settings().trusted_proxies),
        forwarded_allow_ips=list(settings().trusted_proxies),
        timeout_graceful_shutdown=draining.SECONDS_FOR_REQUESTS,
        server_header=False,
        access_log=False,
        # The handlers of uvicorn would write lines that are not JSON.
        log_config=None if settings().log_format == "json" else LOGGING_CONFIG,
        log_level="warning",
    )

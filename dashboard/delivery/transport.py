"""The ways out: the site's mail gateway, or a folder where none is configured."""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer
from typing import NoReturn, Protocol

from dashboard.clinical.delivery import Failure, without_addresses
from dashboard.delivery.message import Mail
from dashboard.vocabulary import MailTransport


class NotSent(Exception):
    """The letter was not accepted, or nobody knows whether it was."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Refused(NotSent):
    """It will not be accepted later either."""


class TryLater(NotSent):
    """It may be accepted later."""


class GatewayDown(TryLater):
    """It is not about this letter: no other would get through now."""


class Transport(Protocol):
    """A way out."""

    @property
    def name(self) -> str:
        """What is written of a letter that left this way."""

    @property
    def longest(self) -> float:
        """After how many seconds ``send`` has come to an end, whatever the other side does."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over; returns once it is accepted, else raises ``NotSent``."""


@dataclass(frozen=True)
class Folder:
    """Letters as ``.eml`` files, named after their Message-ID: the same letter, the same file."""

    path: Path
    name: str = MailTransport.FOLDER
    longest: float = 30.0

    def try_out(self) -> None:
        """Make the folder and write a file into it that does not stay. Raises ``OSError``."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=self.path):
            pass

    def send(self, mail: Mail) -> None:
        """Write the file whole or not at all, for the eyes of the server's account alone."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.path / mail.file_name, mail.content)
        except OSError as error:
            raise GatewayDown(Failure("folder", error.strerror or "")) from error


@dataclass(frozen=True)
class Gateway:
    """A mail server that takes letters (SMTP, RFC 5321)."""

    host: str
    port: int
    tls: str
    """``starttls``, ``tls`` from the first byte, or ``none``."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 30.0
    name: str = MailTransport.MSSANTE

    @property
    def longest(self) -> float:
        # A server that lets a byte through now and then would never time out by itself.
        return 4 * self.timeout

    def send(self, mail: Mail) -> None:
        """Hand the mail over in a conversation of its own."""
        with self._conversation() as (server, late):
            try:
                server.sendmail(mail.sender, [mail.recipient], mail.content)
            except smtplib.SMTPRecipientsRefused as refusal:
                _refuse(*next(iter(refusal.recipients.values())))
            except smtplib.SMTPResponseException as refusal:
                _refuse(refusal.smtp_code, refusal.smtp_error)
            except OSError as error:
                was_slow = late.is_set() or _timed_out(error)
                raise TryLater(Failure("timeout" if was_slow else "dropped")) from error

    @contextmanager
    def _conversation(self) -> Iterator[tuple[smtplib.SMTP, Event]]:
        """A server that has greeted, encrypted and let us in, and whether it was cut off."""
        server = self._client()
        try:
            with _cut_off(server, self.longest) as late:
                self._introduce(server)
                yield server, late
        finally:
            # What is accepted stays accepted, however the farewell goes.
            with suppress(OSError):
                server.quit()
            server.close()

    def _client(self) -> smtplib.SMTP:
        client = (
            smtplib.SMTP_SSL(timeout=self.timeout, context=self._context())
            if self.tls == "tls"
            else smtplib.SMTP(timeout=self.timeout)
        )
        # The name that the certificate must hold. Given to the constructor it would connect
        # there, where nothing can cut it off.
        client._host = self.host  # type: ignore[attr-defined]
        return client

    def _introduce(self, server: smtplib.SMTP) -> None:
        with _gateway_up("unreachable"):
            _check(*server.connect(self.host, self.port))
            server.ehlo_or_helo_if_needed()
        if self.tls == "starttls":
            with _gateway_up("encryption"):
                server.starttls(context=self._context())
        if self.username is not None:
            with _gateway_up("authentication"):
                server.login(self.username, self.password or "")

    def _context(self) -> ssl.SSLContext:
        """The server's certificate is verified, and its name."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@contextmanager
def _gateway_up(step: str) -> Iterator[None]:
    """What goes wrong at this step is about the gateway, not about a letter.

    Where it does not offer to encrypt, nothing is sent in the clear instead.
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise GatewayDown(_said(step, error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPServerDisconnected as error:
        raise GatewayDown(Failure("unreachable")) from error
    except smtplib.SMTPException as error:
        raise GatewayDown(Failure(step)) from error
    except ssl.SSLError as error:
        raise GatewayDown(Failure("encryption")) from error
    except OSError as error:
        raise GatewayDown(Failure("unreachable")) from error


@contextmanager
def _cut_off(server: smtplib.SMTP, seconds: float) -> Iterator[Event]:
    """Shut the connection down if the block takes longer than this; whether that was done."""
    late = Event()

    def cut() -> None:
        late.set()
        if server.sock is not None:
            with suppress(OSError):
                # Not the method of an encrypted socket, which is in use in another thread.
                socket.socket.shutdown(server.sock, socket.SHUT_RDWR)

    watch = Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield late
    finally:
        watch.cancel()


def _check(code: int, greeting: bytes) -> None:
    if code != 220:
        raise smtplib.SMTPConnectError(code, greeting)


def _timed_out(error: BaseException) -> bool:
    """smtplib tells of a timeout as of any end of the connection."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


_ABOUT_US = (530, 535)
"""The server wants us to say who we are: not about this letter."""


def _refuse(code: int, reply: bytes | str) -> NoReturn:
    if code in _ABOUT_US:
        raise GatewayDown(_said("authentication", code, reply))
    if 500 <= code < 600:
        raise Refused(_said("refused", code, reply))
    raise TryLater(_said("deferred", code, reply))


def _said(what: str, code: int, reply: bytes | str) -> Failure:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return Failure(what, without_addresses(f"{code} {words}"))


def _write_whole(path: Path, content: bytes) -> None:
    """Other programs see the whole file or none; a power cut leaves none or the whole."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)

"""The transports for mails: the gateway of the site, or a folder if no gateway is configured."""

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
    """Error: the letter was not accepted, or it is unknown whether it was."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Refused(NotSent):
    """Error: the letter is refused for good; a later attempt would be refused too."""


class TryLater(NotSent):
    """Error: the letter may be accepted later."""


class GatewayDown(TryLater):
    """Error: the gateway accepts no letter at all now."""


class Transport(Protocol):
    """A transport for mails."""

    @property
    def name(self) -> str:
        """The name recorded for a letter sent by this transport."""

    @property
    def longest(self) -> float:
        """The longest duration of ``send`` in seconds, even if the server responds slowly or not at
        all.
        """

    def send(self, mail: Mail) -> None:
        """Hand over the mail, and return once it is accepted.

        Raises ``NotSent`` if it is not accepted.
        """


@dataclass(frozen=True)
class Folder:
    """A folder of ``.eml`` files, one for each letter.

    The name of a file is made from the Message-ID.
    """

    path: Path
    name: str = MailTransport.FOLDER
    longest: float = 30.0

    def try_out(self) -> None:
        """Create the folder and write a temporary file into it. Raises ``OSError``."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=self.path):
            pass

    def send(self, mail: Mail) -> None:
        """Write the file completely or not at all.

        Only the account of the server can read the file.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.path / mail.file_name, mail.content)
        except OSError as error:
            raise GatewayDown(Failure("folder", error.strerror or "")) from error


@dataclass(frozen=True)
class Gateway:
    """A mail server that accepts letters (SMTP, RFC 5321)."""

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
        """Longest duration of ``send`` in seconds."""
        # The timeout of a socket is not enough: a server that sends a byte from time to time never
        # reaches it.
        return 4 * self.timeout

    def send(self, mail: Mail) -> None:
        """Hand over the mail in a new SMTP session."""
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
        """Open an SMTP session: connect, encrypt and authenticate.

        Yields the SMTP client, and an event. The event is set if the session took
        too long and was cut off.
        """
        server = self._client()
        try:
            with _cut_off(server, self.longest) as late:
                self._introduce(server)
                yield server, late
        finally:
            # An accepted letter stays accepted, even if the QUIT command fails.
            with suppress(OSError):
                server.quit()
            server.close()

    def _client(self) -> smtplib.SMTP:
        client = (
            smtplib.SMTP_SSL(timeout=self.timeout, context=self._context())
            if self.tls == "tls"
            else smtplib.SMTP(timeout=self.timeout)
        )
        # The host name that the certificate must match. It is set here because a constructor that
        # is given a host connects at once, before ``_cut_off`` watches the time.
        client._host = self.host  # type: ignore[attr-defined]  # Not public.
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
        """Return a TLS context that verifies the server's certificate and its name."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@contextmanager
def _gateway_up(step: str) -> Iterator[None]:
    """Raise ``GatewayDown`` for errors in the block, because they concern every letter.

    ``step`` names what failed, such as ``authentication``. A gateway that does not offer encryption
    is an error too: no letter is sent unencrypted instead.
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
    """Shut down the connection if the block takes longer than ``seconds``.

    Yield an event that is set in that case.
    """
    late = Event()

    def cut() -> None:
        late.set()
        if server.sock is not None:
            with suppress(OSError):
                # The method of the plain socket is called, because the encrypted socket is in use
                # in another thread.
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
    """Return whether the cause of the error was a timeout. smtplib reports a timeout like any lost
    connection.
    """
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


_ABOUT_US = (530, 535)
"""The SMTP codes for missing or wrong credentials. They concern the gateway, not a letter."""


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
    """Write the file atomically.

    Other programs see the whole file or no file, even after a power cut.
    """
    unfinished = path.with_suffix(f".{os.getpid()}")
    with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)

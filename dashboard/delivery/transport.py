"""The transports of mails: the site's mail gateway, or a folder if no gateway is configured."""

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
    """The error raised if a mail was not accepted, or if it is unknown whether it was accepted."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Refused(NotSent):
    """The error raised if a mail was refused permanently, so that it is useless to try again."""


class TryLater(NotSent):
    """The error raised if a mail was not accepted now, but may be accepted later."""


class GatewayDown(TryLater):
    """The error raised if the mail gateway accepts no mail at all now."""


class Transport(Protocol):
    """The interface of a transport, which sends mails."""

    @property
    def name(self) -> str:
        """The name of the transport, which the outbox records with each letter that was sent."""

    @property
    def longest(self) -> float:
        """The time after which ``send`` gives up, in seconds, even if the server does not respond.

        Opening and closing the connection may take more time.
        """

    def send(self, mail: Mail) -> None:
        """Send the mail, and return once it was accepted.

        Raise ``NotSent`` if the mail was not accepted, or if it is unknown whether it was accepted.
        """


@dataclass(frozen=True)
class Folder:
    """A transport that writes each mail to a folder, as a file with the extension ``.eml``.

    The file is named after the Message-ID, so a mail that is sent twice gives one file.
    """

    path: Path
    name: str = MailTransport.FOLDER
    longest: float = 30.0

    def try_out(self) -> None:
        """Create the folder and write a temporary file into it.

        Raise ``OSError`` if the folder cannot be created or no file can be written.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=self.path):
            pass

    def send(self, mail: Mail) -> None:
        """Write the mail to a file that only its owner can read.

        The file is written completely or not at all. Raise ``GatewayDown`` if the file cannot be
        written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.path / mail.file_name, mail.content)
        except OSError as error:
            raise GatewayDown(Failure("folder", error.strerror or "")) from error


@dataclass(frozen=True)
class Gateway:
    """A transport that sends each mail to a mail server (SMTP, RFC 5321).

    ``timeout`` is the longest wait for one response of the server, in seconds.
    """

    host: str
    port: int
    tls: str
    """The encryption: ``none``, ``tls`` (from the first byte) or ``starttls`` (after a command)."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 30.0
    name: str = MailTransport.MSSANTE

    @property
    def longest(self) -> float:
        """The time after which an SMTP session is shut down, in seconds.

        Opening the connection and the command QUIT are limited only by the timeouts of the socket.
        """
        # The whole session needs a limit, because a server that sends one byte from time to time
        # never reaches the timeout of a single response.
        return 4 * self.timeout

    def send(self, mail: Mail) -> None:
        """Send the mail in an SMTP session of its own.

        Raise ``NotSent`` if the mail was not accepted, or if it is unknown whether it was accepted.
        """
        with self._conversation() as (server, late):
            try:
                server.sendmail(mail.sender, [mail.recipient], mail.content)
            except smtplib.SMTPRecipientsRefused as refusal:
                _refuse(*next(iter(refusal.recipients.values())))
            except smtplib.SMTPSenderRefused as refusal:
                _refuse_sender(refusal.smtp_code, refusal.smtp_error)
            except smtplib.SMTPResponseException as refusal:
                _refuse(refusal.smtp_code, refusal.smtp_error)
            except OSError as error:
                was_slow = late.is_set() or _timed_out(error)
                raise TryLater(Failure("timeout" if was_slow else "dropped")) from error

    @contextmanager
    def _conversation(self) -> Iterator[tuple[smtplib.SMTP, Event]]:
        """Open an SMTP session: connect, encrypt and authenticate.

        Yield the SMTP client, and an event that is set if the session takes too long (``longest``).
        """
        server = self._client()
        try:
            with _cut_off(server, self.longest) as late:
                self._introduce(server)
                yield server, late
        finally:
            # An error of the command QUIT does not matter, because the result of sending is already
            # known.
            with suppress(OSError):
                server.quit()
            server.close()

    def _client(self) -> smtplib.SMTP:
        client = (
            smtplib.SMTP_SSL(timeout=self.timeout, context=self._context())
            if self.tls == "tls"
            else smtplib.SMTP(timeout=self.timeout)
        )
        # smtplib compares ``_host`` with the name in the server's certificate. The host is not
        # given to the constructor, because the constructor would connect at once, without the time
        # limit of ``_cut_off``.
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
        """Return a TLS context that verifies the server's certificate and host name."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


@contextmanager
def _gateway_up(step: str) -> Iterator[None]:
    """Replace an SMTP, TLS or network error by ``GatewayDown``, because it concerns every mail.

    ``step`` is the code of a failure that SMTP reports, such as ``authentication``. The code of a
    lost connection is always ``unreachable``, and that of a TLS error ``encryption``.
    ``GatewayDown`` is also raised if the server does not offer the configured encryption, so that
    no mail is then sent unencrypted.
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

    Yield an event that is set after ``seconds``. A connection that is still being opened then is
    not shut down; only the timeouts of the socket limit it.
    """
    late = Event()

    def cut() -> None:
        late.set()
        if server.sock is not None:
            with suppress(OSError):
                # Shut down the plain socket below the encryption. The encrypted socket is in use by
                # the other thread.
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
    """Return whether a timeout caused ``error``.

    The timeout may be the context of ``error``, because smtplib reports a timeout as a lost
    connection.
    """
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


_ABOUT_US = (530, 535)
"""The SMTP codes for missing or wrong credentials. Such an error concerns all mails, not only
one.
"""


_ABOUT_THE_SIZE = (523, 552)
"""The SMTP codes for a mail that is too large, which a server may give to the sender's address."""


def _refuse_sender(code: int, reply: bytes | str) -> NoReturn:
    """Raise the error for a refused sender's address.

    The address is the site's own, so the refusal concerns all mails.
    """
    if 500 <= code < 600 and code not in _ABOUT_THE_SIZE:
        raise GatewayDown(_said("authentication", code, reply))
    _refuse(code, reply)


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
    """Write ``content`` to the file ``path`` in one step.

    Other programs see either the whole file or no file, even after a power failure. After the
    return, the file survives one, unless the file system cannot write a folder to the disk at once.
    """
    unfinished = path.with_suffix(f".{os.getpid()}")
    with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)

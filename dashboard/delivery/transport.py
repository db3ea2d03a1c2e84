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
    """Error: the mail was not accepted, or it is unknown whether it was accepted."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class Refused(NotSent):
    """Error: the mail was refused permanently. It is useless to try again."""


class TryLater(NotSent):
    """Error: the mail was not accepted now, but may be accepted later."""


class GatewayDown(TryLater):
    """Error: the gateway accepts no mail at all now."""


class Transport(Protocol):
    """The interface of a transport for mails."""

    @property
    def name(self) -> str:
        """The name that is recorded with each letter that this transport has sent."""

    @property
    def longest(self) -> float:
        """The longest possible duration of ``send``, in seconds.

        It also holds for a server that responds slowly or not at all.
        """

    def send(self, mail: Mail) -> None:
        """Send the mail and return when it has been accepted.

        Raise ``NotSent`` if it was not accepted.
        """


@dataclass(frozen=True)
class Folder:
    """A transport that writes each mail to a folder, as a file ``.eml``.

    The name of the file is made from the Message-ID.
    """

    path: Path
    name: str = MailTransport.FOLDER
    longest: float = 30.0

    def try_out(self) -> None:
        """Create the folder and write a temporary file into it.

        Raise ``OSError`` if one of the two is not possible.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=self.path):
            pass

    def send(self, mail: Mail) -> None:
        """Write the file completely or not at all. Only its owner can read the file.

        Raise ``GatewayDown`` if the file cannot be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.path / mail.file_name, mail.content)
        except OSError as error:
            raise GatewayDown(Failure("folder", error.strerror or "")) from error


@dataclass(frozen=True)
class Gateway:
    """A transport that hands each mail to a mail server (SMTP, RFC 5321).

    ``timeout`` is the longest wait for one response, in seconds.
    """

    host: str
    port: int
    tls: str
    """The encryption: ``starttls``, ``tls`` (from the first byte) or ``none``."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 30.0
    name: str = MailTransport.MSSANTE

    @property
    def longest(self) -> float:
        """The longest possible duration of ``send``, in seconds."""
        # The timeout of the socket is not enough, because a server that sends one byte from time to
        # time never causes a timeout.
        return 4 * self.timeout

    def send(self, mail: Mail) -> None:
        """Send the mail in a new SMTP session. Raise ``NotSent`` if it was not accepted."""
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

        Yield the SMTP client and an event. The event is set if the session takes too long and is
        cut off.
        """
        server = self._client()
        try:
            with _cut_off(server, self.longest) as late:
                self._introduce(server)
                yield server, late
        finally:
            # An error of the command QUIT is ignored, because the mail has already been accepted.
            with suppress(OSError):
                server.quit()
            server.close()

    def _client(self) -> smtplib.SMTP:
        client = (
            smtplib.SMTP_SSL(timeout=self.timeout, context=self._context())
            if self.tls == "tls"
            else smtplib.SMTP(timeout=self.timeout)
        )
        # ``_host`` is the host name that the certificate must match. It is not given to the
        # constructor, which would then connect at once, before ``_cut_off`` watches the time.
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
    """Turn each error of the block into ``GatewayDown``, because the error concerns every mail.

    ``step`` is the code of the failure, such as ``authentication``. A gateway that offers no
    encryption also causes this error, so that no mail is sent unencrypted.
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

    Yield an event that is set when the connection is shut down.
    """
    late = Event()

    def cut() -> None:
        late.set()
        if server.sock is not None:
            with suppress(OSError):
                # The method of the plain socket is called, because another thread is using the
                # encrypted socket.
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

    smtplib reports a timeout as a lost connection, so the original error is looked at too.
    """
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


_ABOUT_US = (530, 535)
"""The SMTP codes for missing or wrong credentials. They concern every mail, not a single one."""


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
    """Write ``content`` to the file ``path`` atomically.

    Other programs see either the whole file or no file, even after a power cut.
    """
    unfinished = path.with_suffix(f".{os.getpid()}")
    with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)

"""A real mail server for the tests: with a certificate, with accounts, and with moods."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USERNAME, PASSWORD = "avis", "mot de passe"

Reply = str | Callable[[Any], str]


@dataclass
class PostOffice:
    """A mail server that records the messages it has accepted.

    ``moods`` are used one by one, one for each message: the answer at MAIL, RCPT or DATA.
    Afterwards every message is accepted.
    """

    port: int
    options: dict[str, Any] = field(default_factory=dict)
    moods: list[tuple[str, str]] = field(default_factory=list)
    accepted: list[tuple[list[str], bytes]] = field(default_factory=list)
    on: Callable[[str], None] = lambda _moment: None
    """Told each moment of a conversation."""
    conversations: int = 0
    _controller: Controller | None = None

    def open(self) -> None:
        """Begin to listen at the port."""
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=10, **self.options
        )
        self._controller.start()

    def close(self) -> None:
        """Stop, as a server that is restarted does."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for _, content in self.accepted]  # type: ignore[misc]

    @property
    def message_ids(self) -> Counter[str]:
        """How often each message was accepted, by its Message-ID."""
        return Counter(str(message["Message-ID"]) for message in self.messages)

    # Methods that aiosmtpd calls.

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.conversations += 1
        session.host_name = hostname
        self.on("EHLO")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return await self._mood("MAIL", server)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._mood("RCPT", server)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = await self._mood("DATA", server)
        if answer.startswith(("250", "lost")):
            self.accepted.append((list(envelope.rcpt_tos), envelope.original_content))
        self.on("accepted")
        if answer.startswith("lost"):
            server.transport.abort()
        return answer.replace("lost", "250 OK")

    async def _mood(self, step: str, server: Any) -> str:
        self.on(step)
        if not self.moods or self.moods[0][0] != step:
            return "250 OK"
        mood = self.moods.pop(0)[1]
        if mood == "slow":
            await asyncio.sleep(3)
        elif mood == "dropped":
            server.transport.abort()
        else:
            return mood
        return "451 nobody reads this"


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1 and localhost."""

    path: Path
    context: SSLContext


def make_certificate(folder: Path, *names: str) -> Certificate:
    """Make it under this folder; clients trust it by its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "certificate.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return Certificate(path, context)


def authenticator(server, session, envelope, mechanism, auth_data) -> AuthResult:
    """Accept anyone who knows the password."""
    known = isinstance(auth_data, LoginPassword) and (
        auth_data.login.decode(),
        auth_data.password.decode(),
    ) == (USERNAME, PASSWORD)
    return AuthResult(success=known, handled=False)


@contextmanager
def silent_server(sends: Sequence[bytes] = ()) -> Iterator[int]:
    """Yield the port of a server that sends these bytes one by one, and then stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()
        thread = threading.Thread(target=_drip, args=(listener, sends, ended), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()


def _drip(listener: socket.socket, sends: Sequence[bytes], ended: threading.Event) -> None:
    with suppress(OSError):
        connection, _ = listener.accept()
        with connection:
            for some in sends:
                connection.sendall(some)
                if ended.wait(0.05):
                    return
            ended.wait(10)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)

"""A reverse proxy that speaks TLS, small enough for a test: one request per connection.

It does what docs/reverse_proxy.md requires: it passes on ``Host`` and upgrades, and adds the
address of the client to ``X-Forwarded-For``.
"""

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLIENT = "203.0.113.9"
"""Where every browser comes from, as this proxy sees it."""


@contextmanager
def tls_proxy(port: int, behind: int, folder: Path) -> Iterator[None]:
    """Listen with TLS on ``port`` and ask the server at ``behind``, until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    loop = asyncio.new_event_loop()

    async def begin() -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _one_request(reader, writer, behind)

        return await asyncio.start_server(serve, "127.0.0.1", port, ssl=context)

    # In a thread of its own: the browser's loop runs in this one.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _one_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int
) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", behind)
        to_writer.write(_forwarded(head))
        await asyncio.gather(_copy(reader, to_writer), _copy(to_reader, writer))


def _forwarded(head: bytes) -> bytes:
    """Return the head of the request as it is passed on."""
    first, *lines = head.rstrip().split(b"\r\n")
    said = dict.fromkeys((b"x-forwarded-for", b"x-forwarded-proto", b"connection"), b"")
    kept = []
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() in said:
            said[name.lower()] = value.strip()
        else:
            kept.append(line)
    came = b", ".join(filter(None, (said[b"x-forwarded-for"], CLIENT.encode())))
    upgrades = b"upgrade" in said[b"connection"].lower()
    kept += [b"X-Forwarded-For: " + came, b"X-Forwarded-Proto: https"]
    kept.append(b"Connection: " + (b"Upgrade" if upgrades else b"close"))
    return b"\r\n".join([first, *kept]) + b"\r\n\r\n"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    with suppress(OSError):
        writer.close()


def _certificate(folder: Path) -> Path:
    """Return a self-signed certificate for a day, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path

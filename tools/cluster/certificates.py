"""A certificate authority, and one certificate that all programs of a cluster on this machine
share.
"""

import subprocess
from pathlib import Path

from tools.cluster.processes import give
from tools.cluster.programs import program

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def make_certificates(folder: Path) -> None:
    """Write ``authority.pem``, ``node.pem`` with ``node.key``, and both together as ``site.pem``.

    They are valid for a week.
    """
    authority, key = folder / "authority.pem", folder / "authority.key"
    subject = "/CN=Case review cluster"
    _openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "7", "-subj", subject),
        *("-addext", "basicConstraints=critical,CA:TRUE", "-keyout", key, "-out", authority),
    )
    request, names = folder / "node.csr", folder / "names.txt"
    names.write_text(_NAMES)
    _openssl(
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
        *("-keyout", folder / "node.key", "-out", request),
    )
    _openssl(
        *("x509", "-req", "-days", "7", "-in", request, "-CA", authority, "-CAkey", key),
        *("-CAcreateserial", "-extfile", names, "-out", folder / "node.pem"),
    )
    both = (folder / "node.pem").read_text() + (folder / "node.key").read_text()
    (folder / "site.pem").write_text(both)
    for name in ("node.key", "site.pem"):
        give(folder / name, 0o600)
    for name in ("authority.pem", "node.pem"):
        give(folder / name, 0o644)


def _openssl(*arguments: str | Path) -> None:
    command = [program("openssl"), *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)

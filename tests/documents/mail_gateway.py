"""A mail gateway for the copy of this machine: ``python -m tests.documents.mail_gateway FOLDER``.

It speaks STARTTLS as ``smtp.example.fr`` and stores each message that it accepts in the folder, and
its certificate authority in ``gateway-ca.pem``.
"""

import shutil
import sys
import time
from pathlib import Path

from tests.support.mail_server import PostOffice, make_certificate


def main(folder: Path) -> None:
    """Accept messages until the process is ended."""
    certificate = make_certificate(folder, "smtp.example.fr")
    office = PostOffice(587, {"tls_context": certificate.context, "require_starttls": True})
    office.open()
    shutil.copy(certificate.path, folder / "gateway-ca.pem")
    written = 0
    while True:
        for recipients, content in office.accepted[written:]:
            (folder / f"{recipients[0]}.{written}.eml").write_bytes(content)
            written += 1
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

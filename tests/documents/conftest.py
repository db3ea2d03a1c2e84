"""A copy of this machine on which docs/installing.md was followed."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest

from tests.documents import machine as machines
from tests.documents import programs
from tests.documents.blocks import ROOT, Block, blocks
from tests.documents.machine import Machine

HOSTS = "127.0.0.1 localhost revue.example.fr smtp.example.fr\n"
PACKAGES = "/opt/packages"
"""Where the copy has the packages that these tests run with: the copy has no network."""


@pytest.fixture(scope="module")
def bare_machine() -> Iterator[Machine]:
    """Yield a temporary copy of this machine with PostgreSQL and without the program."""
    if programs.missing():
        packages = " ".join(programs.missing())
        pytest.fail(programs.HOW_TO_GET_THEM.format(packages=packages), pytrace=False)
    if (reason := machines.why_not()) is not None:
        pytest.skip(reason)
    if not machines.same_python():
        pytest.skip("Debian's python3 cannot load the packages of these tests: another version")
    with machines.machine() as made:
        made.write("/etc/hosts", HOSTS)
        made.run(f"mkdir {PACKAGES} && mount --bind {machines.site_packages()} {PACKAGES}")
        # Nothing newer is known, so that nothing is fetched.
        made.run("rm -rf /var/lib/apt/lists/*")
        made.run(f"pg_dropcluster --stop {_postgresql()} main || true")
        made.run(f"pg_createcluster {_postgresql()} main && systemctl start postgresql")
        yield made


def _postgresql() -> int:
    """Return the version of PostgreSQL that is installed here, the latest if there are several."""
    return max(int(folder.name) for folder in Path("/usr/lib/postgresql").iterdir())


@pytest.fixture(scope="package")
def wheel() -> Iterator[Path]:
    """Yield the program as a wheel, built from the current files."""
    with TemporaryDirectory(prefix="case-review-wheel-") as folder:
        source = Path(folder, "source")
        for name in _files_of_the_repository():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name, follow_symlinks=False)
        command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps")
        subprocess.run([*command, "--wheel-dir", folder, str(source)], check=True)
        [built] = Path(folder).glob("*.whl")
        yield built


def _files_of_the_repository() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def of_version(wheel: Path, version: str) -> Path:
    """Return a copy of a wheel that says it is of another version."""
    before = re.search(r"-(\d[^-]*)-", wheel.name)[1]
    copy = wheel.with_name(wheel.name.replace(f"-{before}-", f"-{version}-"))
    with ZipFile(wheel) as old, ZipFile(copy, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith((".dist-info/METADATA", ".dist-info/RECORD")):
                content = content.replace(
                    f"\nVersion: {before}\n".encode(), f"\nVersion: {version}\n".encode()
                ).replace(f"-{before}.dist-info".encode(), f"-{version}.dist-info".encode())
            renamed = name.replace(f"-{before}.dist-info", f"-{version}.dist-info")
            new.writestr(renamed, content)
    return copy


def follow(machine: Machine, block: Block) -> str:
    """Write the file that a block is, or run it; what it says."""
    if block.file is not None:
        machine.write(block.file, block.text)
        return ""
    if block.language == "sql":
        machine.write("/root/block.sql", block.text)
        psql = "runuser --user postgres -- psql --quiet --set=ON_ERROR_STOP=1 hospital"
        return machine.run(f"{psql} < /root/block.sql")
    said = machine.run(f"cd /root\n{block.text}")
    if "python3 -m venv" in block.text:
        # In place of fetching the packages of the lock, which these tests run with.
        folder = re.search(r"python3 -m venv (\S+)", block.text)[1]
        machine.run(f"cd {folder}/lib/python3*/site-packages && echo {PACKAGES} > locked.pth")
    return said


def install(
    machine: Machine, wheel: Path, way: str, before: Callable[[str | None], None] = lambda _: None
) -> None:
    """Follow docs/installing.md up to the service, the registry made in one of two ways.

    ``before`` is told the purpose of each block before it is followed.
    """
    purposes = {"without-registry": (None, way), "with-registry": (None, way, "again")}[way]
    machine.write(f"/root/{wheel.name}", wheel.read_bytes())
    machine.write("/root/requirements.lock", (ROOT / "requirements.lock").read_bytes())
    for block in blocks("docs/installing.md"):
        if block.purpose in purposes:
            before(block.purpose)
            follow(machine, block)


def connect_gateway(machine: Machine) -> None:
    """Start a mail gateway in the copy, which is trusted as docs/certificates.md says."""
    machine.run("mkdir /root/gateway")
    machine.start(f"env -C {ROOT} {sys.executable} -m tests.documents.mail_gateway /root/gateway")
    until(lambda: machine.exists("/root/gateway/gateway-ca.pem"))
    machine.run("cp /root/gateway/gateway-ca.pem /root/")
    follow(machine, only("docs/certificates.md", "gateway"))


def letters_to(machine: Machine, address: str) -> list[str]:
    """Return the texts of the letters that the gateway has for this address, oldest first."""
    files = (machine.files / "root/gateway").glob(f"{address}.*.eml")
    in_order = sorted(files, key=lambda file: file.stat().st_mtime)
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in in_order]
    return [next(message.iter_parts()).get_content() for message in read]


def sign(machine: Machine, psychiatrist: int, episode: int, owner_role: str) -> None:
    """Sign a review with a line for whom this names, with the installed program."""
    machine.write("/root/signing.py", Path(__file__).with_name("signing.py").read_text())
    machine.run(
        "systemd-run --wait --pipe --quiet --uid=case-review"
        " --property=EnvironmentFile=/etc/case-review/server.env --working-directory=/"
        " /opt/case-review/current/bin/python -"
        f" {psychiatrist} {episode} {owner_role} < /root/signing.py"
    )


def reviews(machine: Machine) -> int:
    """Return how many reviews are kept."""
    query = "SELECT count(*) FROM review.case_review"
    psql = f"psql --tuples-only --no-align --command='{query}' hospital"
    return int(machine.run(f"cd / && runuser --user postgres -- {psql}"))


def well(machine: Machine, port: int = 8501) -> str:
    """Wait until the server is well; what it says."""
    return machine.run(
        "curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors"
        f" http://127.0.0.1:{port}/healthz"
    )


def lose_and_restore(machine: Machine) -> None:
    """Back up, lose the database with its roles, and restore, as docs/keeping.md says."""
    document = [block for block in blocks("docs/keeping.md") if block.purpose != "erase"]
    # The anchors that were kept elsewhere.
    machine.run("cd /root && case-review audit anchor --append anchors.jsonl")
    for block in document:
        if block.purpose == "backup":
            follow(machine, block)
    machine.run(
        "systemctl stop 'case-review@*'\n"
        f"pg_dropcluster --stop {_postgresql()} main && pg_createcluster {_postgresql()} main\n"
        "systemctl start postgresql"
    )
    restoring = [block for block in document if block.purpose != "backup"]
    follow(machine, restoring[0])
    # Step 2 of docs/installing.md: the owner's new password.
    follow(machine, next(one for one in blocks("docs/installing.md") if "owner.env" in one.text))
    for block in restoring[1:]:
        follow(machine, block)


def only(document: str, purpose: str) -> Block:
    """Return the block of this document that is for this."""
    [found] = [block for block in blocks(document) if block.purpose == purpose]
    return found


def until(reached: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so; fails where it does not come."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)

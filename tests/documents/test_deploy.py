"""The files of ``deploy/``, read by the programs that they are for."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.documents.blocks import blocks
from tests.support.repository import ROOT
from tools import debian
from tools.cluster import programs
from tools.cluster.certificates import make_certificates
from tools.cluster.processes import Program, give, make_folder, wait_until
from tools.cluster.programs import program
from tools.cluster.rendering import DEPLOY, names, rendered, variables_of
from tools.cluster.site import files_in, free_ports, listens

pytestmark = pytest.mark.thorough

UNITS = sorted((DEPLOY / "systemd").iterdir())
MOST_EXPOSED = 1.5
"""Largest exposure of the program's process, on systemd's scale from 0 (none) to 10."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield a folder with certificates, which the account of the engines may read."""
    if packages := debian.missing(programs.PACKAGES):
        pytest.fail(programs.HOW_TO_GET_THEM.format(packages=" ".join(packages)), pytrace=False)
    made = make_folder()
    made.chmod(0o711)
    make_certificates(made)
    (made / "servers").write_text("1\n")
    yield made
    subprocess.run(["rm", "-r", str(made)], check=True)


@pytest.fixture(scope="module")
def variables(folder: Path) -> dict[str, str]:
    """Return the variables of the example with files and ports of this machine."""
    port, postgresql, patroni = map(str, free_ports(3))
    own = {
        "SITE_CERTIFICATE_CHAIN": str(folder / "node.pem"),
        "SITE_CERTIFICATE_KEY": str(folder / "node.key"),
        "SITE_PGBOUNCER_DIRECTORY": str(folder),
        "SITE_PGBOUNCER_PORT": port,
        "SITE_NODE_POSTGRESQL_PORT": postgresql,
        "SITE_NODE_PATRONI_PORT": patroni,
        "SITE_DATA": str(folder / "data"),
    }
    return variables_of(DEPLOY / "site.env") | files_in(folder) | own


def write(folder: Path, name: str, text: str) -> str:
    """Write a file for the account of the engines; return its path."""
    (folder / name).write_text(text)
    give(folder / name, 0o600)
    return str(folder / name)


def answer_of(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_variable_has_a_value():
    variables = variables_of(DEPLOY / "site.env")
    for name in names():
        assert "${" not in rendered(name, variables).replace("${capture", "")


@pytest.mark.parametrize("name", ["haproxy.cfg", "haproxy-database.cfg"])
def test_haproxy_accepts_its_files(folder, variables, name):
    done = answer_of(program("haproxy"), "-c", "-f", write(folder, name, rendered(name, variables)))
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_nginx_accepts_its_file(folder, variables):
    site = write(folder, "site.conf", rendered("nginx.conf", variables))
    whole = write(folder, "nginx.conf", f"events {{}}\nhttp {{ include {site}; }}\n")
    done = answer_of(program("nginx"), "-t", "-q", "-c", whole)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", ["deploy/site.env", "docs/deploying.md"])
def test_a_silent_primary_is_given_time_for_two_retries(source):
    site = variables_of(DEPLOY / "site.env")
    [ttl] = re.findall(r"(?:SITE_TTL|--set ttl)=(\d+)", (ROOT / source).read_text())
    assert int(ttl) >= int(site["SITE_LOOP"]) + 2 * int(site["SITE_RETRY"])


def test_the_nightly_backup_has_the_variables_that_the_document_gives_it():
    [nightly] = [block.text for block in blocks("docs/deploying.md") if block.purpose == "nightly"]
    pattern = re.search(r"grep --extended-regexp '(.*)' site.env", nightly)[1]
    given = re.findall(f"{pattern.removesuffix('=')}=.*", (DEPLOY / "site.env").read_text(), re.M)
    unit = (DEPLOY / "systemd/case-review-base-backup.service").read_text()
    assert {f"SITE_NODE_{name}" for name in given} == set(re.findall(r"\$\{(\w+)\}", unit))


def test_patroni_accepts_its_file(folder, variables):
    path = write(folder, "patroni.yml", rendered("patroni.yml", variables))
    done = answer_of(program("patroni"), "--validate-config", path)
    # Patroni keeps pg_hba.conf as the section of PostgreSQL says, from the first start on.
    assert (done.stdout + done.stderr).split("\n") == ["bootstrap.pg_hba  is not defined.", ""]


def test_pgbouncer_starts_with_its_file(folder, variables):
    write(folder, "userlist.txt", '"pgbouncer_admin" "secret"\n')
    path = write(folder, "pgbouncer.ini", rendered("pgbouncer.ini", variables))
    pooler = Program("pgbouncer", [program("pgbouncer"), path], folder)
    pooler.start()
    port = variables["SITE_PGBOUNCER_PORT"]
    try:
        wait_until(lambda: listens(int(port)), 10, pooler.log.read_text())
        address = f"postgresql://pgbouncer_admin@127.0.0.1:{port}/pgbouncer"
        known = {"password": "secret"}  # of the list of users above
        with psycopg.connect(address, autocommit=True, **known) as connection:
            shown = dict(row[:2] for row in connection.execute("SHOW CONFIG").fetchall())
        assert (shown["pool_mode"], shown["server_tls_sslmode"]) == ("transaction", "verify-ca")
    finally:
        pooler.stop()


def test_systemd_accepts_the_units():
    # It says which programs of the units are not installed on this machine.
    done = answer_of("systemd-analyze", "verify", *map(str, UNITS))
    found = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert found == []


def test_the_process_of_the_program_is_hardly_exposed():
    done = answer_of(
        *("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}"),
        str(DEPLOY / "systemd/case-review@.service"),
    )
    assert done.returncode == 0, done.stdout


def test_timers_are_those_of_the_document():
    written = {
        Path(block.file).name: block.text
        for block in blocks("docs/scheduled.md")
        if block.file and block.language == "ini"
    }
    assert written == {name: (DEPLOY / "systemd" / name).read_text() for name in written}

"""The life of a service, by the documents alone: installed, used, kept, upgraded, restored.

The tests of this module share one machine and follow each other, as the documents do.
"""

import re
from pathlib import Path

import pytest

from tests.documents.blocks import ROOT, Block, blocks, documents
from tests.documents.conftest import (
    connect_gateway,
    follow,
    install,
    letters_to,
    lose_and_restore,
    of_version,
    only,
    reviews,
    sign,
    until,
    well,
)
from tests.documents.machine import Machine
from tests.documents.registry_files import (
    ANOTHER_EPISODE,
    EPISODE,
    PATIENT,
    PSYCHIATRIST,
    registry_files,
)

pytestmark = pytest.mark.thorough

NUMBER_OF_A_CASE = "4711"
SECRET_OF_A_LINK = "WyJmb3JnZWQiXQ"  # noqa: S105
ENTRANCE = "https://revue.example.fr"

FOLLOWED = {
    "docs/access_log.md",
    "docs/certificates.md",
    "docs/installing.md",
    "docs/keeping.md",
    "docs/logs.md",
    "docs/registry.md",
    "docs/reverse_proxy.md",
    "docs/runbook.md",
    "docs/scheduled.md",
    "docs/secrets.md",
    "docs/sizing.md",
    "docs/time_zone.md",
    "docs/upgrading.md",
}
ELSEWHERE = {
    "docs/connecting.md": "test_connecting.py",
    "docs/deploying.md": "tests/faults/cluster",
    "docs/faults.md": "tests/faults",
    # Its settings are those of a real provider.
    "docs/signing_in.md": "tests/web/auth/test_provider.py",
}
DROP_IN = "/etc/systemd/system/case-review-audit.service.d/metrics.conf"


def test_every_document_with_a_command_is_followed():
    assert set(documents()) - set(ELSEWHERE) == FOLLOWED


@pytest.fixture(scope="module")
def machine(bare_machine: Machine, wheel: Path) -> Machine:
    """Return a machine with the service, a registry of two patients, and a mail gateway."""
    connect_gateway(bare_machine)
    install(bare_machine, wheel, "without-registry")
    for name, content in registry_files():
        bare_machine.write(f"/root/registry/{name}", content)
    bare_machine.run("case-review import /root/registry")
    return bare_machine


def at(document: str, file: str) -> Block:
    """Return the block of this document that is this file."""
    [found] = [block for block in blocks(document) if block.file == file]
    return found


def show(machine: Machine, what: str) -> str:
    return machine.run(f"systemctl show --value --property={what} case-review@8501").strip()


# Installed


def test_the_service_is_well_and_says_where_people_reach_it(machine):
    assert well(machine) == "ok"
    log = machine.run("journalctl --unit=case-review@8501 --output=cat")
    assert f"Public address: {ENTRANCE}" in log
    assert re.search(r"^20\S+ INFO Started on port 8501", log, re.MULTILINE)


def test_it_runs_as_a_user_of_its_own_who_cannot_read_the_settings(machine):
    assert machine.run(f"ps --no-headers -o user:20 -p {show(machine, 'MainPID')}").strip() == (
        "case-review"
    )
    for name in ("server.env", "owner.env"):
        refused = machine.run(
            f"runuser --user case-review -- cat /etc/case-review/{name}", check=False
        )
        assert "Permission denied" in refused


def test_the_unit_of_several_machines_serves_with_fewer_rights(machine):
    unit = (ROOT / "deploy/systemd/case-review@.service").read_text()
    # The kernel makes no namespace of users in a copy, whose root is changed.
    unit = unit.replace("PrivateUsers=yes\n", "")
    machine.write("/etc/systemd/system/case-review-deployed@.service", unit)
    machine.run("systemctl daemon-reload && systemctl start case-review-deployed@8503")
    log = "journalctl --unit=case-review-deployed@8503 --output=cat"
    until(lambda: "INFO Started on port 8503" in machine.run(log), seconds=120)
    said = machine.run(f"{log} && systemctl stop case-review-deployed@8503")
    assert "INFO Started on port 8503" in said


def test_it_is_started_again_when_it_dies(machine):
    before = show(machine, "MainPID")
    machine.run(f"kill -9 {before}")
    until(lambda: show(machine, "MainPID") not in (before, "0"))
    assert well(machine) == "ok"


def test_it_waits_for_postgresql_and_does_not_end(machine):
    machine.run("systemctl stop postgresql")
    machine.run("systemctl restart case-review@8501")
    until(lambda: "Waiting: The database does not answer" in log_of(machine))
    before = show(machine, "NRestarts")
    machine.run("systemctl start postgresql")
    assert well(machine) == "ok"
    assert show(machine, "NRestarts") == before


def log_of(machine: Machine) -> str:
    """Return the log of this start of the service."""
    identity = show(machine, "InvocationID")
    return machine.run(f"journalctl _SYSTEMD_INVOCATION_ID={identity} --output=cat")


def test_systemd_finds_nothing_wrong_with_any_unit(machine):
    for document in ("docs/installing.md", "docs/scheduled.md", "docs/secrets.md"):
        for block in blocks(document):
            if (block.file or "").endswith((".service", ".timer")):
                machine.write(f"/root/units/{Path(block.file).name}", block.text)
    machine.run("touch /usr/local/sbin/case-review-secrets; chmod 0700 /usr/local/sbin/*")
    said = machine.run("cd /root/units && systemd-analyze verify $(ls | sed 's/@/@8501/')")
    assert said == ""


def test_no_password_was_on_a_command_line():
    for document in FOLLOWED:
        for block in blocks(document):
            for line in block.text.splitlines():
                on_stdin = "<<" in line or line.startswith(("CREATE", "ALTER", "CASE_REVIEW_"))
                assert on_stdin or "$password" not in line, (document, line)


# Behind a proxy


@pytest.fixture(scope="module")
def certificate(machine):
    """Return the certificate that the hospital's authority issues for the document's request."""
    for block in blocks("docs/certificates.md"):
        if block.purpose is None:
            follow(machine, block)
    machine.run(
        "cd /etc/ssl/revue.example.fr\n"
        "openssl req -x509 -newkey rsa:2048 -noenc -subj '/CN=Hospital' -days 90"
        " -keyout /root/ca.key -out /usr/local/share/ca-certificates/hospital.crt\n"
        "update-ca-certificates\n"
        "openssl x509 -req -in request.pem -copy_extensions copy -days 60 -out fullchain.pem"
        " -CA /usr/local/share/ca-certificates/hospital.crt -CAkey /root/ca.key"
    )


@pytest.fixture
def nginx(machine, certificate):
    """nginx with the configuration of the document."""
    machine.run("rm -f /etc/nginx/sites-enabled/default /etc/nginx/conf.d/*")
    follow(machine, at("docs/reverse_proxy.md", "/etc/nginx/conf.d/case_review.conf"))
    follow(machine, only("docs/reverse_proxy.md", "nginx"))
    yield machine
    machine.run("systemctl stop nginx")


@pytest.fixture
def caddy(machine, certificate):
    """Caddy with the configuration of the document."""
    follow(machine, only("docs/certificates.md", "caddy"))
    follow(machine, at("docs/reverse_proxy.md", "/etc/caddy/Caddyfile"))
    follow(machine, only("docs/reverse_proxy.md", "caddy"))
    yield machine
    machine.run("systemctl stop caddy")


@pytest.fixture(params=["nginx", "caddy"])
def proxied(request):
    """Return the machine behind nginx, and behind Caddy."""
    return request.getfixturevalue(request.param)


def reconfigure(machine: Machine, change: str) -> None:
    """Change nginx's configuration by this command of sed."""
    machine.run(f"sed --in-place '{change}' /etc/nginx/conf.d/case_review.conf")
    machine.run("nginx -t && systemctl reload nginx")


def test_the_checks_of_the_document_pass_behind_each_proxy(proxied):
    well(proxied)
    said = follow(proxied, only("docs/reverse_proxy.md", "check")).splitlines()
    assert re.match(r"strict-transport-security: max-age=\d+", said[0], re.IGNORECASE)
    assert said[1:] == ["404", "ok"]
    assert follow(proxied, only("docs/reverse_proxy.md", "websocket")).startswith("HTTP/1.1 101")


def test_what_is_asked_in_the_clear_is_sent_to_the_encrypted_page(proxied):
    answer = proxied.run("curl --silent --head 'http://revue.example.fr/case?episode=1'")
    assert re.search(r"^HTTP/1.1 30[18] ", answer)
    assert f"ocation: {ENTRANCE}/case?episode=1" in answer


def test_neither_numbers_of_cases_nor_links_are_in_any_log(proxied):
    paths = (
        f"/case?episode={NUMBER_OF_A_CASE}",
        f"/answer/{SECRET_OF_A_LINK}",
        f"/invitation/{SECRET_OF_A_LINK}",
        f"/calendar/{SECRET_OF_A_LINK}.ics",
    )
    asked = [
        f"{start}{path}"
        for start in (ENTRANCE, ENTRANCE.replace("https", "http"))
        for path in paths
    ]
    referring = f"--referer '{asked[0]}'"
    for address in asked:
        proxied.run(f"curl --silent --output /dev/null {referring} '{address}'")
    # While the server is gone, while one is too quick, and where the body is too long.
    proxied.run("systemctl stop case-review@8501")
    for address in asked:
        proxied.run(f"curl --silent --output /dev/null {referring} '{address}'")
    proxied.run("systemctl start case-review@8501")
    quick = f"curl --silent --output /dev/null '{ENTRANCE}/auth/x?{NUMBER_OF_A_CASE}'"
    proxied.run(f"for n in $(seq 60); do {quick} & done; wait")
    long = f"curl --silent --output /dev/null --data-binary @- '{asked[0]}'"
    proxied.run(f"head --bytes=200000 /dev/zero | {long}", check=False)
    well(proxied)
    logged = proxied.run(
        "cat /var/log/nginx/* /var/log/caddy/* 2>/dev/null; journalctl --output=cat", check=False
    )
    assert "/case" in logged
    # As a word: a time of day may hold the same figures.
    assert not re.search(rf"\b{NUMBER_OF_A_CASE}\b", logged)
    assert SECRET_OF_A_LINK not in logged


def test_a_port_of_its_own_is_refused_and_logged_until_the_public_address_has_it(nginx):
    reconfigure(nginx, "s/443 ssl/8443 ssl/")
    check = only("docs/reverse_proxy.md", "websocket").text.replace(ENTRANCE, f"{ENTRANCE}:8443")
    until(lambda: nginx.run(check).startswith("HTTP/1.1 403"))
    assert f"WARNING Refused a page: its Origin is '{ENTRANCE}:8443'" in log_of(nginx)
    set_public_url(nginx, f"{ENTRANCE}:8443")
    assert nginx.run(check).startswith("HTTP/1.1 101")
    set_public_url(nginx, ENTRANCE)


def set_public_url(machine: Machine, address: str) -> None:
    """Give the server another public address."""
    setting = f"CASE_REVIEW_PUBLIC_URL={address}"
    machine.run(
        f"sed --in-place 's|^CASE_REVIEW_PUBLIC_URL=.*|{setting}|' /etc/case-review/server.env"
    )
    machine.run("systemctl restart case-review@8501")
    well(machine)


def test_a_browser_stays_with_one_of_several_servers(nginx):
    follow(nginx, only("docs/reverse_proxy.md", "second"))
    follow(nginx, at("docs/reverse_proxy.md", "/etc/nginx/conf.d/case_review_servers.conf"))
    follow(nginx, only("docs/reverse_proxy.md", "several"))
    well(nginx, 8502)
    reconfigure(nginx, "s/proxy_buffering off;/& add_header X-Server $upstream_addr always;/")

    def asked(cookie: str) -> str:
        answer = nginx.run(
            f"curl --silent --head --cookie '__Host-session={cookie}' {ENTRANCE}/healthz"
        )
        return re.search(r"x-server: 127.0.0.1:(\d+)", answer)[1]

    until(lambda: "x-server" in nginx.run(f"curl --silent --head {ENTRANCE}/healthz"))
    served = {cookie: {asked(cookie) for _ in range(3)} for cookie in map(str, range(12))}
    assert all(len(servers) == 1 for servers in served.values())
    assert set().union(*served.values()) == {"8501", "8502"}
    assert follow(nginx, only("docs/reverse_proxy.md", "websocket")).startswith("HTTP/1.1 101")
    nginx.run("systemctl disable --now case-review@8502")


# Used


def test_the_first_account_is_for_the_practitioner_of_the_registry(machine):
    assert re.search(
        r"^Password: \S+$", follow(machine, only("docs/installing.md", "accounts")), re.M
    )


def test_a_signed_review_reaches_the_gp_and_the_nurse_as_a_letter(machine):
    sign(machine, PSYCHIATRIST, EPISODE, "gp")
    until(lambda: all(letters_to(machine, f"{role}@example.fr") for role in ("gp", "nurse")))
    [letter] = letters_to(machine, "gp@example.fr")
    assert "Revoir dans un mois" in letter
    assert f"{ENTRANCE}/answer/" in letter


def test_a_gp_without_an_account_whom_the_letter_asks_nothing_is_not_told_to_sign_in(machine):
    sign(machine, PSYCHIATRIST, ANOTHER_EPISODE, "nurse")
    until(lambda: len(letters_to(machine, "gp@example.fr")) == 2)
    assert ENTRANCE not in letters_to(machine, "gp@example.fr")[1]


# Kept


def test_what_is_done_by_the_clock(machine):
    for block in blocks("docs/scheduled.md"):
        follow(machine, block)
    folder = machine.files / "var/backups/case-review"
    assert len(list(folder.glob("review-*.backup"))) == 1
    assert machine.read("/var/backups/case-review/anchors.jsonl").count("\n") == 1
    machine.run("systemctl start case-review-audit")
    assert machine.run("systemctl list-units --failed --no-legend") == ""
    waiting = machine.run("systemctl list-timers --no-legend")
    assert all(f"case-review-{name}.timer" in waiting for name in ("backup", "audit", "purge"))


def test_the_verification_of_the_access_log_is_a_figure_for_prometheus(machine):
    follow(machine, only("docs/deploying.md", "audit-folder"))
    follow(machine, at("docs/deploying.md", DROP_IN))
    follow(machine, only("docs/deploying.md", "audit-metrics"))
    figures = machine.read("/var/lib/prometheus/node-exporter/case_review.prom")
    assert "case_review_log_chain_findings 0.0" in figures


def test_the_counts_for_leads_are_made_by_hand(machine):
    said = follow(machine, only("docs/runbook.md", "summarise"))
    assert re.search(r"^Sites counted: \d+\. Nurses: \d+\.$", said, re.MULTILINE)


def test_the_commands_about_the_access_log(machine):
    said = "".join(follow(machine, block) for block in blocks("docs/access_log.md"))
    assert "The access log is as it was written." in said
    assert machine.run("stat --format=%a /root/accesses.csv").strip() == "600"


def test_the_indexes_that_pages_count_on(machine):
    for block in blocks("docs/registry.md"):
        follow(machine, block)


def test_the_logs_and_whether_it_is_well(machine):
    for block in blocks("docs/logs.md"):
        follow(machine, block)
    assert well(machine) == "ok"


def test_the_last_day_of_the_certificate(machine, certificate):
    assert "notAfter=" in follow(machine, only("docs/certificates.md", "check"))


def test_the_time_zone(machine):
    said = [follow(machine, block) for block in blocks("docs/time_zone.md")]
    assert said[-1].split()[-1] in ("CET", "CEST")


def test_the_limits_of_memory_and_connections(machine):
    for block in blocks("docs/sizing.md"):
        follow(machine, block)
    assert well(machine) == "ok"
    assert show(machine, "MemoryMax") == str(1500 * 2**20)
    asked = (
        "runuser --user postgres -- psql --tuples-only --no-align --command='SHOW max_connections'"
    )
    assert machine.run(f"cd / && {asked}") == "120\n"


def test_secrets_from_a_vault(machine):
    """Check it with a stand-in for the vault's program, which Debian does not have."""
    machine.write(
        "/usr/local/bin/vault",
        "#!/usr/bin/python3\nimport json\n"
        "lines = open('/etc/case-review/in-the-vault').read().split()\n"
        "print(json.dumps({'data': {'data': dict(line.split('=', 1) for line in lines)}}))\n",
    )
    machine.run("chmod 0755 /usr/local/bin/vault")
    machine.run("mv /etc/case-review/server.env /etc/case-review/in-the-vault")
    for block in blocks("docs/secrets.md"):
        follow(machine, block)
    assert well(machine) == "ok"
    machine.run(
        "mv /etc/case-review/in-the-vault /etc/case-review/server.env\n"
        "rm -r /etc/systemd/system/case-review@.service.d\n"
        "systemctl daemon-reload && systemctl restart case-review@8501"
    )


def test_another_version_goes_into_a_directory_of_its_own(machine, wheel):
    built = of_version(wheel, "0.2.0")
    machine.write(f"/root/{built.name}", built.read_bytes())
    blocks_before_restart, restart = (
        blocks("docs/upgrading.md")[:-1],
        blocks("docs/upgrading.md")[-1],
    )
    before = show(machine, "MainPID")
    for block in blocks_before_restart:
        follow(machine, block)
    assert (well(machine), show(machine, "MainPID")) == ("ok", before)
    assert "0.1.0" in machine.run(f"tr '\\0' '\\n' < /proc/{before}/cmdline")
    assert follow(machine, restart).endswith("ok")
    assert "0.2.0" in machine.run(f"tr '\\0' '\\n' < /proc/{show(machine, 'MainPID')}/cmdline")


def test_a_server_that_is_lost_is_restored_and_serves(machine):
    signed = reviews(machine)
    machine.run("cp /etc/case-review/server.env /root/server.env")
    lose_and_restore(machine)
    assert well(machine) == "ok"
    assert reviews(machine) == signed == 2
    kept = {line for line in machine.read("/root/server.env").split() if "DATABASE_URL" not in line}
    assert kept <= set(machine.read("/etc/case-review/server.env").split())
    assert machine.run("stat --format=%a /etc/case-review/server.env").strip() == "600"


def test_a_patient_is_erased(machine):
    [erase] = [block for block in blocks("docs/keeping.md") if block.purpose == "erase"]
    said = machine.run(f"echo {PATIENT} | {erase.text.strip()}")
    assert "rows erased" in said
    assert reviews(machine) == 1


def test_everybody_of_a_site_is_invited(machine):
    said = follow(machine, only("docs/signing_in.md", "invite"))
    assert re.search(r"^Invited: [1-9]", said, re.MULTILINE)

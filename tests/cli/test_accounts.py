"""``python -m dashboard account add|reset|lock|unlock|invite``."""

import re

import pytest
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import serving
from dashboard.database.schema import registry
from dashboard.settings import DEMONSTRATION_PASSWORD, settings
from dashboard.web.auth import sessions
from dashboard.web.auth.sign_in import admit
from tests.web.conftest import PASSWORD, english, people, quick_hashes, run_as_owner

__all__ = ["english", "people", "quick_hashes", "run_as_owner"]


@pytest.fixture
def account(database):
    def run(*arguments, typed=""):
        return CliRunner().invoke(
            app,
            ["account", *map(str, arguments), "--database-url", database.owner_url],
            input=typed,
        )

    return run


def test_a_password_is_asked_for_twice_and_not_shown(account, database):
    gp = database.practitioner("gp")
    result = account("add", gp, "petit", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert admit("petit", PASSWORD, "192.0.2.1")


def test_the_password_of_the_demonstration_is_refused(account, database):
    typed = f"{DEMONSTRATION_PASSWORD}\n{DEMONSTRATION_PASSWORD}\n"
    result = account("add", database.practitioner("gp"), "petit", typed=typed)
    assert result.exit_code == 1
    assert "published" in result.output
    assert not admit("petit", DEMONSTRATION_PASSWORD, "192.0.2.1")


def test_two_different_passwords_are_asked_for_again(account, database):
    typed = f"{PASSWORD}\nanother\n{PASSWORD}\n{PASSWORD}\n"
    assert account("add", database.practitioner("gp"), "petit", typed=typed).exit_code == 0


def test_a_generated_password_is_printed_and_works(account, database):
    result = account("add", database.practitioner("gp"), "petit", "--generate")
    password = re.search(r"Password: (\S+)", result.output).group(1)
    assert admit("petit", password, "192.0.2.1")


def test_a_new_password(account, people):
    result = account("reset", "roux", "--generate")
    assert admit("roux", re.search(r"Password: (\S+)", result.output).group(1), "192.0.2.1")
    assert not admit("roux", PASSWORD, "192.0.2.1")


def test_locking_and_unlocking(account, people):
    assert account("lock", "roux").exit_code == 0
    assert not admit("roux", PASSWORD, "192.0.2.1")
    assert account("unlock", "roux").exit_code == 0
    assert admit("roux", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("add", 404, "nobody", "--generate"), "", "no practitioner 404"),
        (("reset", "nobody", "--generate"), "", "no account with this username"),
        (("reset", "roux"), "short\nshort\n", "at least 12 characters"),
        (("lock", "nobody"), "", "no account with this username"),
        (("reset-second-factor", "nobody"), "", "no account with this username"),
        (("reset", "roux"), f"{PASSWORD}\n{PASSWORD}\n", "must not be the present one"),
        (("reset", "roux"), "Azertyuiop2026\nAzertyuiop2026\n", "too easy to guess"),
    ],
)
def test_what_is_wrong_is_said_and_no_password_is_printed(
    account, people, arguments, typed, sentence
):
    result = account(*arguments, typed=typed)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Password: " not in result.output.replace("Password: \n", "")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [("add", "petit"), ("reset", "roux")])
def test_a_password_that_somebody_else_knows_is_good_for_one_sign_in(
    account, people, run_as_owner, arguments
):
    command, username = arguments
    if command == "add":
        run_as_owner("DELETE FROM review.account WHERE username = 'petit'")
    who = (people.practitioner(username), username) if command == "add" else (username,)
    password = re.search(r"Password: (\S+)", account(command, *who, "--generate").output).group(1)
    with serving() as connection:
        token = sessions.redeem(connection, admit(username, password, "192.0.2.1"))
        assert sessions.holder(connection, token) is None
        assert sessions.waiting(connection, token).awaits == "new_password"


def test_an_account_without_a_password_takes_none(account, people, run_as_owner):
    run_as_owner("DELETE FROM review.account WHERE username = 'petit'")
    result = account("add", people.team.gp, "petit", "--without-password")
    assert result.exit_code == 0
    assert "Password" not in result.output
    for password in ("", "None", PASSWORD):
        assert not admit("petit", password, "192.0.2.1")


def test_a_second_factor_is_forgotten_and_its_sign_ins_end(account, people, run_as_owner):
    token = people.token("moreau")
    run_as_owner(
        "INSERT INTO review.second_factor (practitioner_id, secret, last_step, recovery_hashes)"
        " VALUES (:id, '', 0, '{}')",
        id=people.team.psychiatrist,
    )
    assert account("reset-second-factor", "moreau").exit_code == 0
    assert run_as_owner("SELECT FROM review.second_factor") == []
    with serving() as connection:
        assert sessions.holder(connection, token) is None


@pytest.mark.parametrize("command", ["add", "reset"])
def test_a_password_is_never_an_argument(account, command):
    options = re.findall(r"--[a-z-]+", account(command, "--help").output)
    assert "--password" not in options
    assert account(command, "1", "petit", PASSWORD).exit_code == 2


@pytest.fixture
def linked(monkeypatch):
    """Configure a site that can make links."""
    monkeypatch.setenv("CASE_REVIEW_PUBLIC_URL", "https://revue.example")
    monkeypatch.setenv("CASE_REVIEW_LINK_KEY", "k" * 40)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_invited_person_has_an_account_and_a_mail_that_waits(
    account, database, linked, run_as_owner
):
    gp = database.practitioner("gp", "Petit", secure_email="petit@mss.example")
    result = account("invite", gp)
    assert (result.exit_code, result.output) == (0, "Invited: 1.\n")
    assert run_as_owner("SELECT action, state FROM review.account_notice") == [("invite", "queued")]


def test_everybody_of_a_site_is_invited_once(account, database, linked):
    site = database.site()
    for name in ("Petit", "Roux"):
        gp = database.practitioner("gp", name, secure_email=f"{name}@mss.example")
        database.add(registry.practitioner_site, practitioner_id=gp, site_id=site)
    assert account("invite", "--site", site).output == "Invited: 2.\n"
    assert account("invite", "--site", site).output == "Invited: 0.\n"


@pytest.mark.parametrize("arguments", [(), (1, "--site", 2)])
def test_one_person_or_one_site_is_invited(account, linked, arguments):
    result = account("invite", *arguments)
    assert result.exit_code == 1
    assert "Give the id of a practitioner, or --site" in result.output


def test_unknown_person_is_not_invited(account, linked):
    result = account("invite", 999)
    assert result.exit_code == 1
    assert "cannot be invited" in result.output


def test_nobody_is_invited_without_a_key_for_links(account, database):
    result = account("invite", database.practitioner("gp"))
    assert result.exit_code == 1
    assert "CASE_REVIEW_LINK_KEY" in result.output

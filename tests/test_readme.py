"""The README says how to set and how to call everything that can be set and called."""

import pytest

from dashboard.cli.accounts import account
from dashboard.cli.app import app
from dashboard.cli.audit import audit
from dashboard.settings import Settings
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name):
    assert f"`CASE_REVIEW_{name.upper()}`" in README


@pytest.mark.parametrize(
    "name", [command.name or command.callback.__name__ for command in app.registered_commands]
)
def test_every_command_is_documented(name):
    assert f"| `{name}" in README


@pytest.mark.parametrize(
    "name", [command.name or command.callback.__name__ for command in account.registered_commands]
)
def test_every_command_about_accounts_is_documented(name):
    line = next(line for line in README.splitlines() if line.startswith("| `account"))
    assert f"`account {name}`" in line or f"`{name}`" in line


@pytest.mark.parametrize(
    "command", audit.registered_commands, ids=lambda one: one.callback.__name__
)
def test_every_command_about_the_access_log_is_documented(command):
    line = next(line for line in README.splitlines() if line.startswith("| `audit"))
    name = command.name or command.callback.__name__
    assert f"`audit {name}`" in line or f"`{name}`" in line


@pytest.mark.parametrize("picture", ["review_list", "case"])
def test_the_pictures_are_there(picture):
    path = f"docs/images/{picture}.png"
    assert path in README
    assert (ROOT / path).is_file()

"""The documents name every setting and command, and the index every document."""

import re

import pytest

from dashboard.cli.accounts import account
from dashboard.cli.app import app
from dashboard.cli.audit import audit
from dashboard.settings import Settings
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
DOCUMENTS = ("README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name):
    assert f"`CASE_REVIEW_{name.upper()}`" in SETTINGS


@pytest.mark.parametrize(
    "name", [command.name or command.callback.__name__ for command in app.registered_commands]
)
def test_every_command_is_documented(name):
    assert f"| `{name}" in COMMANDS


@pytest.mark.parametrize(
    "name", [command.name or command.callback.__name__ for command in account.registered_commands]
)
def test_every_command_about_accounts_is_documented(name):
    line = next(line for line in COMMANDS.splitlines() if line.startswith("| `account"))
    assert f"`account {name}`" in line or f"`{name}`" in line


@pytest.mark.parametrize(
    "command", audit.registered_commands, ids=lambda one: one.callback.__name__
)
def test_every_command_about_the_access_log_is_documented(command):
    line = next(line for line in COMMANDS.splitlines() if line.startswith("| `audit"))
    name = command.name or command.callback.__name__
    assert f"`audit {name}`" in line or f"`{name}`" in line


@pytest.mark.parametrize("picture", ["review_list", "case"])
def test_the_pictures_are_there(picture):
    path = f"docs/images/{picture}.png"
    assert path in README
    assert (ROOT / path).is_file()


def test_every_document_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages == {page for page in pages if f"({page})" in index}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_between_documents_leads_somewhere(document):
    page = ROOT / document
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (page.parent / link).exists()] == []

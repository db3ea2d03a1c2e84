"""CONTRIBUTING.md and docs/decisions/ name files, commands and tests that there are."""

import re

import pytest

from tests.support.repository import PACKAGE, ROOT

PAGES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
NAMED = sorted(
    {
        (page.name, path)
        for page in PAGES
        for path in re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", page.read_text())
    }
)
COMMANDS = sorted(
    {command for page in PAGES for command in re.findall(r"`make ([a-z-]+)`", page.read_text())}
)


@pytest.mark.parametrize(("page", "path"), NAMED)
def test_what_is_named_is_there(page, path):
    assert (ROOT / path).exists() or (PACKAGE / path).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one_of_the_makefile(command):
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(), re.MULTILINE)

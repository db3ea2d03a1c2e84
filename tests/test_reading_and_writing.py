"""Modules of queries that write are told apart by their name: a verb, such as ``signing``."""

import re

import pytest

from tests.support.repository import PACKAGE

QUERIES = PACKAGE / "queries"

NOUNS = {"monitoring", "standing_lines"}
"""Nouns that sound like verbs."""

WRITES = re.compile(
    r"\b(INSERT INTO|UPDATE review|DELETE FROM|FOR UPDATE|begin_emergency_access"
    r"|review\.store_counts|review\.manage_account)\b"
)
IMPORTS = re.compile(r"from dashboard\.queries\.(?:\w+\.)?(\w+) import")


def is_named_as_writing(name) -> bool:
    return name not in NOUNS and name.split("_")[0].endswith("ing")


def writes(code) -> bool:
    """Return whether its own SQL writes, or it imports a module that does."""
    return bool(WRITES.search(code)) or any(map(is_named_as_writing, IMPORTS.findall(code)))


MODULES = [path for path in sorted(QUERIES.rglob("*.py")) if path.name != "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(QUERIES)))
def test_a_module_is_named_by_a_verb_exactly_if_it_writes(path):
    assert is_named_as_writing(path.stem) == writes(path.read_text())

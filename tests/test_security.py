"""SECURITY.md and docs/asvs.md are true: their tests exist, their figures are current."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tools.security_figures import (
    ASVS,
    PAGE,
    ROOT,
    STATES,
    asvs_not_applying,
    asvs_states,
    with_figures,
)

LEVELS_1_AND_2 = 253
"""Requirements of ASVS 5.0.0 at these levels."""

NAMED = sorted(
    {
        named
        for page in (PAGE, ASVS)
        for named in re.findall(
            r"`((?:tests|tools|dashboard)/[\w/]+\.\w+(?:::\w+)?)`", page.read_text()
        )
    }
)

PROMISES = [
    line
    for line in PAGE.read_text()
    .partition("## What is promised")[2]
    .partition("\n## ")[0]
    .splitlines()
    if line.startswith("| ") and not line.startswith(("| promise", "| ---"))
]


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("named", NAMED)
def test_what_is_named_is_there(named):
    path, _, function = named.partition("::")
    assert (ROOT / path).is_file()
    assert not function or function in functions(path)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda line: line[2:60])
def test_each_promise_names_a_test(promise):
    assert re.search(r"`tests/\S+\.py(::test_\w+)?`", promise)


def test_every_requirement_is_placed_once():
    page = ASVS.read_text()
    placed = Counter([*asvs_states(page), *asvs_not_applying(page)])
    assert [number for number, times in placed.items() if times > 1] == []
    assert len(placed) == LEVELS_1_AND_2


def test_what_is_met_says_by_what_and_what_is_not_is_said_in_known_words():
    for line in ASVS.read_text().splitlines():
        if re.match(r"\| \d", line):
            number, state, _what, where = (cell.strip() for cell in line.split("|")[1:5])
            assert state in STATES, number
            assert state != "met" or re.search(r"`[\w/.]+\.\w+(::\w+)?`", where), number


def test_the_figures_are_those_of_now():
    page = PAGE.read_text()
    assert with_figures(page) == page, "make security-figures writes them"


def test_figures_that_were_changed_by_hand_would_be_found():
    page = PAGE.read_text()
    assert with_figures(re.sub(r"\| (\d+) \|", "| 1000 |", page)) == page


def test_the_page_is_linked_from_the_readme():
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text()
    assert Path(ROOT / "docs" / "keeping.md").is_file()

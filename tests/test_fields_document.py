"""docs/fields.md says the limits that the code has, and names tests that there are."""

import importlib
import re

import pytest

from tests.support.repository import ROOT

DOCUMENT = (ROOT / "docs" / "fields.md").read_text()
LIMITS = re.findall(r"`([\w.]+):(\w+)` = (\d+)", DOCUMENT)


@pytest.mark.parametrize(("module", "name", "limit"), LIMITS)
def test_a_limit_is_the_codes(module, name, limit):
    assert getattr(importlib.import_module(module), name) == int(limit)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", DOCUMENT))))
def test_what_holds_a_rule_is_there(path):
    assert (ROOT / path).is_file()


@pytest.mark.parametrize(
    "module", ["advice.lines", "access.cover", "access.emergency", "advice.tele_expertise"]
)
def test_no_limit_of_the_domain_is_left_out(module):
    source = (ROOT / "dashboard" / "clinical" / f"{module.replace('.', '/')}.py").read_text()
    names = re.findall(r"^((?:LONGEST|SHORTEST|FURTHEST)\w*) =", source, re.MULTILINE)
    listed = {name for where, name, _ in LIMITS if where == f"dashboard.clinical.{module}"}
    assert set(names) == listed

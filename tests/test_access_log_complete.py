"""The access log is complete: docs/access_log.md lists exactly the actions that the code writes.

The tests fail for an undocumented action and for a documented one that is no longer written. They
also fail for a module that reads patients for a page and never writes to the log.
"""

import ast
import re
from pathlib import Path

import pytest

from dashboard.database.audit.access_log import TECHNICAL
from dashboard.words.access.accesses import action_name
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "access_log.md").read_text()

LISTED = {
    row[1]: set(re.findall(r"`([\w/]+\.py)`", row[2]))
    for line in PAGE.splitlines()
    if (row := re.fullmatch(r"\| `(\w+)` \| .+ \| (`.+\.py`) \| \w+ \|", line))
}
"""The actions of the table, and the modules from which each comes."""

WRITERS = {"log_access", "log_agenda", "_log", "_change", "_write_agenda"}
"""The function that writes the log, and those of the modules that call it with an action."""


def written() -> dict[str, set[str]]:
    """Return the actions in the code, with the modules that write them."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in WRITERS:
                for argument in node.args:
                    for action in _texts(argument):
                        found.setdefault(action, set()).add(_module(path))
            if isinstance(node, ast.Assign) and [_name(one) for one in node.targets] == ["action"]:
                for action in _texts(node.value):
                    found.setdefault(action, set()).add(_module(path))
    return found


def _module(path: Path) -> str:
    return str(path.relative_to(ROOT / "dashboard"))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


WRITTEN = written()


def test_every_action_is_listed_with_the_module_that_writes_it():
    assert LISTED == WRITTEN


def test_the_technical_ones_are_written_and_say_so_in_the_list():
    assert set(WRITTEN) >= TECHNICAL
    said = {
        action
        for line in PAGE.splitlines()
        for action in re.findall(r"^\| `(\w+)` \|.*\| technical \|$", line)
    }
    assert said == TECHNICAL


@pytest.mark.parametrize("action", [one for one in LISTED if f"| `{one}` | of a patient:" in PAGE])
def test_what_is_about_one_patient_has_words_for_the_report(action):
    assert action_name(action) != action


READS_FOR_OTHERS = {
    "begun_reviews.py": "for the list and the inbox, which log",
    "case_facts.py": "reads nothing: makes facts of a case that was opened",
    "case_rows.py": "reads nothing: makes lines of rows",
    "episode_facts.py": "for the lists, which log",
    "changes.py": "of a case that was opened",
    "looking.py": "of a case that was opened, in the same transaction",
    "cover.py": "of practitioners alone",
    "drafts.py": "one's own text, of a case that was opened",
    "drafting.py": "one's own text, of a case that was opened",
    "emergency.py": "for the lists and the case, which log",
    "deciding.py": "of a meeting, by way of the module holding",
    "signed_reviews.py": "for signing and drafts, of a case that was opened",
    "snapshot.py": "for signing and the preview, which log",
    "people.py": "reads nothing: makes people of rows",
    "registry_imports.py": "reads numbers of imports, of no patient",
    "registry_age.py": "reads no patient: when the registry was loaded",
    "counting.py": "counts where nobody looks; of a patient nothing is kept",
}
"""Modules of queries that write nothing to the log, and why."""


@pytest.mark.parametrize("path", sorted((ROOT / "dashboard" / "queries").rglob("*.py")))
def test_every_module_that_reads_patients_writes_to_the_log(path):
    code = path.read_text()
    if "registry." in code and path.name not in READS_FOR_OTHERS:
        assert "log_access(" in code, f"{path.name} reads the registry without a trace"

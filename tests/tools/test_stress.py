"""Tests are run beside busy cores, until one of them fails."""

import os
from pathlib import Path

import psutil
import pytest

from tools.stress import loaded_cores, run

pytestmark = pytest.mark.programs


def test_every_core_is_busy_within_the_block_alone():
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    with loaded_cores():
        busy = {one.pid for one in psutil.Process().children(recursive=True)} - before
        assert busy
    assert not busy & {one.pid for one in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize(("asserted", "status"), [("True", 0), ("False", 1)])
def test_the_status_and_the_failure_are_those_of_pytest(tmp_path, asserted, status):
    test = tmp_path / "test_one.py"
    test.write_text(f"def test_one():\n    assert {asserted}\n")
    found, said = run([os.fspath(Path(test))], "0", "")
    assert found == status
    assert ("test_one" in said) == bool(status)


def test_only_tests_with_the_marks_are_run(tmp_path):
    test = tmp_path / "test_two.py"
    test.write_text(
        "import pytest\n\n\ndef test_one():\n    pass\n\n\n"
        "@pytest.mark.thorough\ndef test_two():\n    assert False\n"
    )
    assert run([os.fspath(Path(test))], "0", "not thorough")[0] == 0
    assert run([os.fspath(Path(test))], "0", "thorough")[0] == 1

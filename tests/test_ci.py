"""The command of continuous integration, with a ``make`` that only notes its targets."""

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.programs

CI = Path(__file__).parents[1] / ".ci/run"

MAKE = """\
#!/bin/sh
echo "make $1"
test "$1" != "$FAILING"
"""


@pytest.fixture
def make(tmp_path) -> Path:
    """Return a folder with a ``make`` that fails for the target of ``FAILING``."""
    program = tmp_path / "make"
    program.write_text(MAKE)
    program.chmod(0o755)
    return tmp_path


def ci(make: Path, failing: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{make}:{os.environ['PATH']}", "FAILING": failing}
    return subprocess.run([CI], env=environment, capture_output=True, text=True, check=False)


def test_the_tests_and_the_faults_of_a_site_are_run(make):
    done = ci(make)
    said = ["make test-all", "make cluster-programs", "make cluster-faults-short"]
    assert (done.returncode, done.stdout.splitlines()) == (0, said)


def test_the_faults_of_a_site_are_left_out_where_a_program_is_missing(make):
    done = ci(make, failing="cluster-programs")
    assert done.returncode == 0
    assert "The faults of a site were not run" in done.stdout
    assert "make cluster-faults-short" not in done.stdout


@pytest.mark.parametrize("failing", ["test-all", "cluster-faults-short"])
def test_a_failure_is_a_failure(make, failing):
    assert ci(make, failing).returncode != 0

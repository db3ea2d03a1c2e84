"""Put random faults into ``dashboard/`` one at a time, and name the test that finds each.

``python -m tools.mutations --faults 30 --seed 1`` works on a clone of the last commit. The exit
status is 1 if no test of any stage finds a fault. Such a fault needs a test, or an explanation why
it changes nothing.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.mutations.faults import Fault, chosen

ROOT = Path(__file__).parents[2]
SECONDS_A_STAGE = 1800

STAGES = {
    "mirrored": ["-m", "not thorough"],
    "unit": ["-m", "unit"],
    "rest": ["-m", "not unit and not thorough", "--ignore", "tests/browser"],
    "browser": ["-m", "not thorough", "tests/browser"],
    "thorough": ["-m", "thorough", "--ignore", "tests/documents"],
}
"""The arguments of pytest of each stage, in the order in which they run. ``make test`` has all
tests of the first four; the last stage is only in ``make test-all``.
"""


def main() -> int:
    """Print a line for each fault; return 1 if one survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--only", type=int, nargs="+", help="the numbers of the faults to try")
    wanted = parser.parse_args()
    survived = 0
    with clone() as root:
        for number, fault in enumerate(chosen(root, wanted.faults, wanted.seed), start=1):
            if wanted.only and number not in wanted.only:
                continue
            begun = time.monotonic()
            found_by = try_fault(root, fault, wanted.stages, wanted.workers)
            survived += found_by is None
            print(
                f"{number:3} {fault.kind:24} {fault.path}:{fault.line}"
                f" | {found_by or 'SURVIVED'} | {time.monotonic() - begun:.0f} s",
                flush=True,
            )
            if found_by is None:
                print(f"    {line_of(root, fault)}\n    becomes {fault.replacement!r}", flush=True)
    print(f"{survived} survived")
    return min(survived, 1)


@contextmanager
def clone() -> Iterator[Path]:
    """Yield a clone of the last commit that uses the environment of this one."""
    with TemporaryDirectory(prefix="case-review-mutations-") as folder:
        root = Path(folder, "clone")
        command = ["git", "clone", "--quiet", "--shared", str(ROOT), str(root)]
        subprocess.run(command, check=True)
        (root / ".venv").symlink_to((ROOT / ".venv").resolve())
        yield root


def try_fault(root: Path, fault: Fault, stages: list[str], workers: str) -> str | None:
    """Return the first test that fails with this fault, with its stage; None if none does."""
    file = root / fault.path
    text = file.read_text()
    file.write_text(fault.put_into(text))
    try:
        for stage in stages:
            tests = [str(one) for one in mirrored(root, fault.path)] if stage == "mirrored" else []
            if stage == "mirrored" and not tests:
                continue
            failed = first_failure(root, [*STAGES[stage], *tests], "0" if tests else workers)
            if failed:
                file.write_text(text)
                return f"{stage}: {failed}{_without_fault(root, failed)}"
        return None
    finally:
        file.write_text(text)


def _without_fault(root: Path, failed: str) -> str:
    """Return a remark if the test that found the fault also fails without the fault."""
    test = failed.partition(" ")[2]
    if "::" in test and first_failure(root, [test], "0"):
        return " (FAILS WITHOUT THE FAULT TOO)"
    return ""


def mirrored(root: Path, module: Path) -> list[Path]:
    """Return the tests named after a module, then those of its folder that import it.

    The paths are relative to the repository.
    """
    folder = root / "tests" / module.parent.relative_to("dashboard")
    named = [*folder.glob(f"test_{module.stem}.py"), *folder.glob(f"test_{module.stem}_*.py")]
    dotted = f"from {'.'.join(module.with_suffix('').parts)} import"
    importing = [path for path in folder.glob("test_*.py") if dotted in path.read_text()]
    return [path.relative_to(root) for path in dict.fromkeys([*sorted(named), *sorted(importing)])]


def first_failure(root: Path, arguments: list[str], workers: str) -> str | None:
    """Run pytest until a test fails. Return its name, or the reason why pytest did not finish.

    Return None if all tests pass, or if there are none.
    """
    command = [".venv/bin/python", "-m", "pytest", "-x", "-q", "--no-header", "--tb=no"]
    command += ["-p", "no:cacheprovider", "-n", workers, "--dist", "loadfile", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=SECONDS_A_STAGE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {SECONDS_A_STAGE} s"
    if done.returncode in (0, 5):
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0] if failed else f"pytest ended with {done.returncode}"


def line_of(root: Path, fault: Fault) -> str:
    """Return the line of the source that the fault changes."""
    return (root / fault.path).read_text().splitlines()[fault.line - 1].strip()


if __name__ == "__main__":
    sys.exit(main())

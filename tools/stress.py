"""Run tests again and again while every core is loaded: ``python -m tools.stress --runs 20``.

A test that sometimes fails is likely to fail here. The first failure is printed and ends the runs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

BUSY = [sys.executable, "-c", "while True: pass"]


def main() -> int:
    """Print a line for each run. Return the exit status of the first run that fails, or 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--marks", default="", help="as pytest's -m, such as 'not thorough'")
    parser.add_argument("tests", nargs="*", default=["tests/browser"])
    wanted = parser.parse_args()
    with loaded_cores():
        for number in range(1, wanted.runs + 1):
            begun = time.monotonic()
            status, said = run(wanted.tests, wanted.workers, wanted.marks)
            summary = said.strip().splitlines()[-1]
            print(f"run {number}: {summary}, load {os.getloadavg()[0]:.1f}", flush=True)
            if status != 0:
                print(said, f"failed after {time.monotonic() - begun:.0f} s", sep="\n")
                return status
    return 0


@contextmanager
def loaded_cores() -> Iterator[None]:
    """Keep each core busy during the block, with stress-ng if it is installed, otherwise with
    Python.
    """
    cores = os.cpu_count() or 1
    program = shutil.which("stress-ng")
    commands = [[program, "--cpu", str(cores), "--quiet"]] if program else [BUSY] * cores
    busy = [subprocess.Popen(command) for command in commands]
    try:
        yield
    finally:
        for process in busy:
            process.terminate()
            process.wait()


def run(tests: list[str], workers: str, marks: str) -> tuple[int, str]:
    """Run the tests with these marks until one fails; return pytest's exit status and its output.

    ``marks`` is an expression of marks; all tests are run if it is empty.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-n", workers, "--dist", "loadfile", "-m", marks, *tests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())

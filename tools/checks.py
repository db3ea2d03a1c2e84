"""All checks that read the code without running it: lint, types, layers, prose, security."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

CHECKS = {
    "types": ["mypy"],
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "layers": ["lint-imports", "--no-logo"],
    "dead code": ["vulture"],
    "mirrored tests": ["python", "-m", "tools.mirrored_tests"],
    "prose": ["python", "-m", "tools.prose"],
    "scripts": ["python", "-m", "tools.script_linter"],
    "security": ["bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "dashboard"],
}


def main() -> int:
    """Run all checks, one on each core, print which of them failed, and return their number."""
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        for name, done in zip(CHECKS, cores.map(_run, CHECKS.values()), strict=True):
            print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
            if done.returncode != 0:
                failed += 1
                print(done.stdout, done.stderr, sep="\n")
    return failed


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    module, *arguments = command
    program = [f"{sys.prefix}/bin/{module}", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())

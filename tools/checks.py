"""All checks that read the code without running it: lint, types, layers, prose, security."""

import subprocess
import sys

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "layers": ["lint-imports", "--no-logo"],
    "dead code": ["vulture"],
    "mirrored tests": ["python", "-m", "tools.mirrored_tests"],
    "prose": ["python", "-m", "tools.prose"],
    "scripts": ["python", "-m", "tools.script_linter"],
    "security": ["bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "dashboard"],
}


def main() -> int:
    """Run all checks, print which of them failed, and return their number."""
    failed = []
    for name, command in CHECKS.items():
        module, *arguments = command
        program = [f"{sys.prefix}/bin/{module}", *arguments]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout, done.stderr, sep="\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Audit of the locked packages for known vulnerabilities: pip-audit, if its service answers.

The exit status of a lock is 0 if every package was checked and none has a known vulnerability, 1 if
one has, and else 2: no answer is no good news. The highest status of the locks is returned.
"""

import json
import subprocess
import sys

LOCKS = ("requirements.lock", "requirements-dev.lock")
SERVICES = ("pypi", "osv")


def main() -> int:
    """Audit each lock and return the highest exit status."""
    return max(audit(lock) for lock in LOCKS)


def audit(lock: str) -> int:
    """Ask the services in turn about this lock, print the result and return its exit status."""
    for service in SERVICES:
        packages = _answer(lock, service)
        asked = [one for one in packages if "skip_reason" not in one]
        if asked:
            return _tell(lock, service, asked, len(packages) - len(asked))
    print(f"{lock}: not audited. Neither {' nor '.join(SERVICES)} answers from this machine.")
    return 2


def _answer(lock: str, service: str) -> list[dict]:
    """Return the service's data on each package; empty if it does not answer."""
    command = ["pip_audit", "--requirement", lock, "--no-deps", "--disable-pip"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", *command),
            *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout)["dependencies"]
    except ValueError:
        return []


def _tell(lock: str, service: str, asked: list[dict], unknown: int) -> int:
    faulty = [one for one in asked if one["vulns"]]
    for one in faulty:
        for fault in one["vulns"]:
            fixed = ", ".join(fault["fix_versions"]) or "no version"
            print(f"{lock}: {one['name']} {one['version']}: {fault['id']}, fixed in {fixed}")
    print(f"{lock}: {len(asked)} packages audited by {service}, {len(faulty)} with known faults.")
    if unknown:
        print(f"{lock}: {unknown} packages it does not know.")
    return 1 if faulty else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())

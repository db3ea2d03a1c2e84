"""The linter of the scripts and styles: Biome, in the version of package-lock.json.

``python -m tools.script_linter`` installs it by npm if it is missing or outdated, then lints.
"""

import os
import shutil
import subprocess
import sys

from tests.support.repository import ROOT

BIOME = ROOT / "node_modules" / ".bin" / "biome"
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
LOCK = ROOT / "package-lock.json"

HOW_TO_GET_NPM = """\
The scripts are linted with Biome, which npm installs, and npm was not found. Install it, e.g.
    sudo apt-get install npm        (Debian)
    sudo dnf install npm            (Fedora)
and start again."""


def install_npm() -> None:
    """Install Debian's package, if this process may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "npm"]
    subprocess.run(command, env=environment, check=False)


def is_current() -> bool:
    """Return whether Biome is installed and not older than the lock."""
    return BIOME.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime


def main() -> int:
    """Install the linter if necessary and lint; return a status other than 0 if either fails."""
    if not is_current():
        if shutil.which("npm") is None:
            install_npm()
        if shutil.which("npm") is None:
            print(HOW_TO_GET_NPM, file=sys.stderr)
            return 1
        installed = subprocess.run(["npm", "ci", "--loglevel=error"], cwd=ROOT, check=False)
        if installed.returncode != 0:
            return installed.returncode
    return subprocess.run([BIOME, "lint", "--error-on-warnings"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

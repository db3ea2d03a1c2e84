"""Programs of Debian packages: finding the missing ones, and installing them."""

import os
import shutil
import subprocess
from collections.abc import Mapping

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing(packages: Mapping[str, str]) -> list[str]:
    """Return the packages whose program is missing on this machine. The argument has a program for
    each package.
    """
    return [name for name, program in packages.items() if not shutil.which(program, path=PATH)]


def install(packages: list[str]) -> None:
    """Install Debian packages, if this process has the right."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, env=environment, check=False)

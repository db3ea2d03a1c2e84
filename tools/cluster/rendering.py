"""The files of ``deploy/``, in which the variables are replaced by the values of a site.

``python3 -m tools.cluster.rendering deploy/site.env FOLDER`` writes all of them into the folder.
"""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
_VARIABLE = re.compile(r"\$\{(SITE_\w+)\}")


def rendered(name: str, variables: Mapping[str, str]) -> str:
    """Return this file of ``deploy/``; raise ``KeyError`` for a variable without a value."""
    return _VARIABLE.sub(lambda found: variables[found[1]], (DEPLOY / name).read_text())


def variables_of(path: Path) -> dict[str, str]:
    """Return the variables of a file such as ``deploy/site.env``."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: " ".join(shlex.split(value)) for name, _, value in pairs}


def names() -> list[str]:
    """Return the names of the files that may contain variables."""
    return sorted(path.name for path in DEPLOY.iterdir() if path.is_file())


def main() -> int:
    """Write the files; return 2 if the arguments are wrong."""
    if len(sys.argv) != 3:
        print("python3 -m tools.cluster.rendering SITE.env FOLDER", file=sys.stderr)
        return 2
    variables, folder = variables_of(Path(sys.argv[1])), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names():
        target = folder / name
        # Some files contain passwords.
        target.touch(mode=0o600)
        target.write_text(rendered(name, variables))
    return 0


if __name__ == "__main__":
    sys.exit(main())

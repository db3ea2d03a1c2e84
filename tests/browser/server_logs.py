"""The logs of the servers under test, and the incidents that a test has caused."""

from pathlib import Path

_read: dict[Path, int] = {}


def watch(log: Path) -> None:
    """Read this log of a server after each test, from its present end."""
    _read.setdefault(log, log.stat().st_size if log.exists() else 0)


def new_incidents() -> list[str]:
    """Return the incidents since the last call, each with the places that it went through."""
    return [incident for log in _read if log.exists() for incident in _incidents(_new_text(log))]


def _new_text(log: Path) -> str:
    with log.open() as text:
        text.seek(_read[log])
        new = text.read()
        _read[log] = text.tell()
    return new


def _incidents(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        if " ERROR Incident " in line:
            found.append(line)
        elif found and line.startswith("  "):
            found[-1] += f"\n{line}"
    return found

"""The code blocks of a document, in their order."""

import re
from dataclasses import dataclass

from tests.support.repository import ROOT

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block, with the file that it is or the purpose that it has, named after its language.

    A block with a purpose is run when a test says so; the others are followed in order.
    """

    language: str
    text: str
    file: str | None
    purpose: str | None
    line: int


def blocks(document: str) -> list[Block]:
    """Return the code blocks of a document, such as ``docs/keeping.md``."""
    text = (ROOT / document).read_text()
    return [
        Block(
            language=found[1],
            text=found[3],
            file=found[2] if (found[2] or "").startswith("/") else None,
            purpose=None if (found[2] or "/").startswith("/") else found[2],
            line=text.count("\n", 0, found.start()) + 1,
        )
        for found in _BLOCK.finditer(text)
    ]


def documents() -> list[str]:
    """Return every document under ``docs/`` that has a code block."""
    paths = sorted((ROOT / "docs").glob("*.md"))
    return [name for path in paths if blocks(name := str(path.relative_to(ROOT)))]

"""Print a seeded sample of docstrings and comments, for a reader who judges them.

Run ``python -m tools.prose_sample --seed 7 --number 72``. The same seed gives the same sample of
one tree. Each folder of ``dashboard/`` gives as many texts as the others, if it has them.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from tools.prose import comments, docstrings

PACKAGE = Path("dashboard")


def sample(root: Path, seed: int, number: int) -> list[tuple[str, str]]:
    """Return ``number`` places (path and line) with their texts, drawn folder by folder."""
    generator = random.Random(seed)  # noqa: S311
    folders = [sorted(_texts(folder)) for folder in sorted(root.iterdir()) if folder.is_dir()]
    for texts in folders:
        generator.shuffle(texts)
    drawn: list[tuple[str, str]] = []
    while len(drawn) < number and any(folders):
        for texts in folders:
            if texts and len(drawn) < number:
                drawn.append(texts.pop())
    return drawn


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        if "versions" in path.parts:
            continue
        for _node, text, line in docstrings(path):
            yield f"{path}:{line}", " ".join(text.split())
        for text, line in comments(path):
            yield f"{path}:{line}", f"# {text}"


def main() -> None:
    """Print the sample, numbered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=72)
    given = parser.parse_args()
    for place, (where, text) in enumerate(sample(PACKAGE, given.seed, given.number), start=1):
        print(f"{place}. {where}\n   {text}\n")


if __name__ == "__main__":
    main()

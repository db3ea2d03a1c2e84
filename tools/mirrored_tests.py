"""Check that the tests mirror the package: ``tests/X/test_Y.py`` tests ``dashboard/X/Y.py``.

``test_Y_<aspect>.py`` tests it too. Two kinds are exempt: suites about several modules together,
and the tests at the top of ``tests/``, which are about the whole repository.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

SUITES = (
    *("attacks", "benchmarks", "browser", "documents", "faults", "fuzz"),
    *("locale", "oracles", "support", "tools"),
)
"""Folders of tests that do not mirror a folder of the package."""

TESTED = ("clinical", "delivery", "exports", "letters", "queries", "words")
"""Layers in which each module with a function needs a test."""


def main() -> int:
    """Print stray tests and untested modules; return 1 if there are any."""
    found = [*stray_tests(ROOT), *untested_modules(ROOT)]
    print("\n".join(found))
    return min(len(found), 1)


def stray_tests(root: Path) -> Iterator[str]:
    """Yield a sentence for each test file without a module of that name."""
    for path in sorted((root / "tests").rglob("test_*.py")):
        folder = path.parent.relative_to(root / "tests")
        if folder.parts and folder.parts[0] not in SUITES:
            modules = _modules(root / "dashboard" / folder)
            if not any(_is_about(path, module) for module in modules):
                yield f"{path.relative_to(root)} is about no module of dashboard/{folder}"


def untested_modules(root: Path) -> Iterator[str]:
    """Yield a sentence for each module that no test in its folder is named after or imports."""
    for layer in TESTED:
        for module in sorted((root / "dashboard" / layer).rglob("*.py")):
            where = module.parent.relative_to(root / "dashboard")
            if not _has_functions(module):
                continue
            tests = list((root / "tests" / where).rglob("test_*.py"))
            name = ".".join(("dashboard", *where.parts, module.stem))
            if not any(_is_about(one, module.stem) or _imports(one, name) for one in tests):
                yield f"dashboard/{where}/{module.name} has no test in tests/{where}"


def _modules(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]


def _is_about(test: Path, module: str) -> bool:
    name = test.stem.removeprefix("test_")
    return name == module or name.startswith(f"{module}_")


def _has_functions(module: Path) -> bool:
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(_tree(module)))


def _imports(test: Path, module: str) -> bool:
    """Return whether a test imports a module: one test may cover a reading and a writing module."""
    package, _, name = module.rpartition(".")
    return any(
        isinstance(node, ast.ImportFrom)
        and (
            node.module == module
            or (node.module == package and name in [one.name for one in node.names])
        )
        for node in ast.walk(_tree(test))
    )


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


if __name__ == "__main__":
    sys.exit(main())

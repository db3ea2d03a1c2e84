"""The faults that can be put into a source file: small mistakes that a person could make."""

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

LEFT_OUT = ("/migrations/", "/demo/", "/locale/")
"""Folders in which no faults are made: earlier schemas, made-up patients, catalogues."""

_FLIPPED = {
    ast.Lt: (" < ", " <= "),
    ast.LtE: (" <= ", " < "),
    ast.Gt: (" > ", " >= "),
    ast.GtE: (" >= ", " > "),
    ast.Eq: (" == ", " != "),
    ast.NotEq: (" != ", " == "),
}
_MASKS = frozenset({"mask", "masked", "deidentified", "presented_identity", "initials", "plain"})
_POLICY = re.compile(r"(?<=USING \()\{\w+\}|(?<=WITH CHECK \()\{\w+\}")


@dataclass(frozen=True)
class Fault:
    """A change at one place of a file. The place is given by offsets into the text."""

    path: Path
    """The path of the file, relative to the repository."""
    line: int
    kind: str
    start: int
    end: int
    replacement: str

    def put_into(self, text: str) -> str:
        """Return the text of the file with this fault."""
        return text[: self.start] + self.replacement + text[self.end :]


def chosen(root: Path, count: int, seed: int) -> list[Fault]:
    """Return this number of faults of ``dashboard/``, with each kind in turn. A seed always gives
    the same faults.
    """
    chance = random.Random(seed)  # noqa: S311
    by_kind: dict[str, list[Fault]] = {}
    for path in sorted((root / "dashboard").rglob("*.py")):
        relative = path.relative_to(root)
        if not any(folder in f"/{relative.as_posix()}" for folder in LEFT_OUT):
            for fault in faults_in(relative, path.read_text()):
                by_kind.setdefault(fault.kind, []).append(fault)
    for found in by_kind.values():
        chance.shuffle(found)
    picked: list[Fault] = []
    for kind in cycle(sorted(by_kind)):
        if len(picked) == count or not any(by_kind.values()):
            return picked
        if by_kind[kind]:
            picked.append(by_kind[kind].pop())
    return picked


def faults_in(path: Path, text: str) -> Iterator[Fault]:
    """Yield every fault of the known kinds that can be put into a file."""
    source = _Source(path, text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            yield from _flipped(source, node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _dropped_check(source, node)
        elif isinstance(node, ast.Call):
            yield from _removed_mask(source, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.col_offset == 0:
            yield from _moved_limit(source, node)
        elif isinstance(node, ast.If):
            yield source.fault("negated condition", node.test, f"not ({source.of(node.test)})")
    for place in _POLICY.finditer(text):
        line = text.count("\n", 0, place.start()) + 1
        yield Fault(path, line, "dropped policy", place.start(), place.end(), "true")


@dataclass
class _Source:
    """The text of a file, and the offsets of its lines."""

    path: Path
    text: str

    def __post_init__(self) -> None:
        self.begins = [0]
        for line in self.text.splitlines(keepends=True):
            self.begins.append(self.begins[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place; ``ast`` counts columns in bytes."""
        begin = self.begins[line - 1]
        encoded = self.text[begin : self.begins[line]].encode()
        return begin + len(encoded[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def fault(self, kind: str, node: ast.expr | ast.stmt, replacement: str) -> Fault:
        return Fault(self.path, node.lineno, kind, *self.span(node), replacement)


def _flipped(source: _Source, node: ast.Compare) -> Iterator[Fault]:
    before, after = _FLIPPED.get(type(node.ops[0]), ("", ""))
    text = source.of(node)
    if len(node.ops) == 1 and before and text.count(before) == 1:
        yield source.fault("flipped comparison", node, text.replace(before, after))


def _dropped_check(source: _Source, node: ast.Expr) -> Iterator[Fault]:
    name = _name_of(node.value)
    if name.startswith(("check_", "require_")):
        yield source.fault("dropped permission check", node, "pass")


def _removed_mask(source: _Source, node: ast.Call) -> Iterator[Fault]:
    if _name_of(node) in _MASKS and node.args:
        yield source.fault("removed mask", node, f"({source.of(node.args[0])})")


def _moved_limit(source: _Source, node: ast.Assign | ast.AnnAssign) -> Iterator[Fault]:
    """Yield faults that add one to a number, such as a number of days or minutes."""
    value = node.value
    if isinstance(value, ast.Call) and _name_of(value) == "timedelta" and value.keywords:
        value = value.keywords[0].value
    if isinstance(value, ast.Constant) and type(value.value) is int:
        yield source.fault("limit off by one", value, str(value.value + 1))


def _name_of(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")

"""Check the prose of docstrings, comments and documents: plain technical English.

There are four rules. A function's docstring opens with an imperative verb. No sentence opens with a
relative clause that has no noun. No sentence has more than 30 words. No word of ``AVOIDED`` is
used. Run: ``python -m tools.prose [folder or file …]``.
"""

import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST = 30
"""Maximum number of words of a sentence."""

READ = (
    "dashboard",
    "tests",
    "tools",
    "docs",
    "README.md",
    "SECURITY.md",
    "GLOSSARY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
"""Folders and documents that are checked by default."""

HEADLESS = re.compile(
    r"(?:^|[.!?]\s+)(What|Whose|Whom|Who|Whoever|Whatever|Of (?:what|whom|which)|From where|"
    r"In which|By which|For whom)\s(?![^.?]*\?)"
)
NO_VERB = frozenset(
    """
    What Whose Whom Who Which Where When Whether How If The A An One Two Three Those
    That This These It Its Of In On As At By For From To With Without No None Not All
    Any Every Each Everything Everybody Nobody Nothing Somebody Some Several Many Only
    Also So Such Same Both Either Neither Another Other There Their They He She His Her
    More Most Less Least First Last Until Since After Before While
    """.split()  # noqa: SIM905
)
THIRD_PERSON = re.compile(
    r"^(?:Gives|Returns|Says|Makes|Takes|Holds|Shows|Tells|Asks|Raises|Yields|Goes)\b"
)
AVOIDED = re.compile(
    r"\b(gainsay\w*|whoso\w*|hitherto|thereof|wherein|whereof|betwixt|of whom there is)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """A text that breaks a rule, and its place."""

    path: Path
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text[:100]}"


def findings_in(path: Path) -> Iterator[Finding]:
    """Yield the findings of one Python module or Markdown document."""
    if path.suffix == ".md":
        yield from _in_document(path)
    else:
        yield from _in_docstrings(path)
        yield from _in_comments(path)


def _in_docstrings(path: Path) -> Iterator[Finding]:
    for node, text, line in docstrings(path):
        first = text.strip().split(maxsplit=1)[0] if text.strip() else ""
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        lacks_verb = first.strip(",.:;") in NO_VERB or THIRD_PERSON.match(text)
        if is_function and not _is_property(node) and lacks_verb:
            yield Finding(path, line, "open with an imperative verb", text)
        yield from _in_text(path, line, text)


def docstrings(path: Path) -> Iterator[tuple[ast.AST, str, int]]:
    """Yield each docstring of a module, also of constants, with its owner and its line."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for statement in body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = statement.value.value
                if isinstance(text, str):
                    owner = node if statement is body[0] else statement
                    yield owner, text, statement.lineno


def comments(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each block of comment lines of a module as one text, with its first line."""
    block: list[str] = []
    start = before = 0
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type != tokenize.COMMENT or token.string.startswith(
                ("# noqa", "# type:", "#!")
            ):
                continue
            if block and token.start[0] != before + 1:
                yield " ".join(block), start
                block = []
            if not block:
                start = token.start[0]
            block.append(token.string.lstrip("# "))
            before = token.start[0]
    if block:
        yield " ".join(block), start


def _in_comments(path: Path) -> Iterator[Finding]:
    for text, line in comments(path):
        yield from _in_text(path, line, text)


def _in_document(path: Path) -> Iterator[Finding]:
    code = False
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if line.startswith("```"):
            code = not code
        if not code and not line.startswith(("|", "    ", "#", "<", "![")):
            yield from _in_text(path, number, line.lstrip("-*0123456789. "))


def _in_text(path: Path, line: int, text: str) -> Iterator[Finding]:
    plain = re.sub(r"``[^`]*``|`[^`]*`|\([^)]*\)", "x", text)
    if found := HEADLESS.search(plain):
        yield Finding(path, line, "give the clause a head", plain[found.start() :].strip(". \n"))
    for paragraph in re.split(r"\n\s*\n|\n\s*[-*] ", plain):
        for sentence in re.split(r"(?<=[.!?:;])\s+", " ".join(paragraph.split())):
            if len(sentence.split()) > LONGEST:
                yield Finding(path, line, f"over {LONGEST} words", sentence)
    if found := AVOIDED.search(plain):
        yield Finding(path, line, "use a plain word", found.group())


def _is_property(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(
        ast.unparse(one).split(".")[-1] in ("property", "cached_property") for one in decorators
    )


def main() -> int:
    """Print the findings of the given folders and files; return 1 if there are any."""
    roots = [Path(one) for one in sys.argv[1:]] or list(map(Path, READ))
    found = []
    for root in roots:
        paths = [root] if root.is_file() else sorted([*root.rglob("*.py"), *root.rglob("*.md")])
        for path in paths:
            if "versions" not in path.parts:
                found += findings_in(path)
    print("\n".join(map(str, found)))
    print(f"{len(found)} to be rewritten")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Constructs that are forbidden in the code, read from its syntax tree."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.repository import PACKAGE, ROOT

MODULES = sorted(PACKAGE.rglob("*.py"))

# The code that a person causes to run; statements in dashboard/database are made at its setup.
ASKED_BY_PAGES = [
    path
    for path in MODULES
    if path.relative_to(PACKAGE).parts[0] in ("queries", "web", "pages", "delivery")
]


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a module, by the name that is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func), node


# HTML

AS_HTML = ("html", "iframe")
"""The names that put markup, or a foreign page, into ours.

They are ``st.html`` and ``st.components.v1.html``.
"""


def markup_in(module: ast.Module) -> list[str]:
    """Return the parts of a module that the browser would read as HTML."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in AS_HTML:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
            found.append(f"line {node.lineno}: {node.arg}")
        if isinstance(node, ast.Constant) and node.value == "unsafe_allow_html":
            found.append(f"line {node.lineno}: {node.value}")
    return found


APPLIES_STYLES = "components/elements/stylesheet.py"
"""Gives Streamlit the path of a CSS file of the package, which it puts into a style element."""


def test_no_module_puts_html_into_a_page():
    found = {named(path): found for path in MODULES if (found := markup_in(tree(path)))}
    assert list(found) == [APPLIES_STYLES]


def test_stylesheets_are_files_of_the_package():
    [path] = [path for path in MODULES if named(path) == APPLIES_STYLES]
    applied = [ast.unparse(call) for name, call in calls(path) if name == "st.html"]
    assert applied == ["st.html(Path(module).with_suffix('.css'))"]
    given = {
        ast.unparse(call)
        for path in MODULES
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "stylesheet"
    }
    assert given == {"stylesheet(__file__)"}


@pytest.mark.parametrize(
    "source",
    [
        "st.markdown(x, unsafe_allow_html=True)",
        "place.markdown(x, unsafe_allow_html=allowed)",
        "st.markdown(x, **{'unsafe_allow_html': True})",
        "st.html(x)",
        "streamlit.st.html('<b>')",
        "st.iframe(address)",
        "st.components.v1.html(x)",
    ],
)
def test_html_is_found_however_it_is_written(source):
    assert markup_in(ast.parse(source))


# Headings: the anchor of one puts its text, perhaps a name, into the address when it is clicked.

HEADINGS = ("title", "header", "subheader")


def anchored_headings_in(module: ast.Module) -> list[str]:
    """Return the headings of a module that Streamlit would give an anchor."""
    return [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not _is_without_anchor(node, node.func.attr)
    ]


def _is_without_anchor(call: ast.Call, name: str) -> bool:
    if name in HEADINGS:
        without = "anchor"
    elif name in ("markdown", "write") and call.args and _begins_with_hash(call.args[0]):
        without = "anchors"
    else:
        return True
    return any(
        keyword.arg == without
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
        for keyword in call.keywords
    )


def _begins_with_hash(text: ast.expr) -> bool:
    """Return whether a text begins with ``#`` in Markdown, as far as the code shows."""
    if isinstance(text, ast.BinOp):
        return _begins_with_hash(text.left)
    if isinstance(text, ast.JoinedStr) and text.values:
        return _begins_with_hash(text.values[0])
    return isinstance(text, ast.Constant) and str(text.value).lstrip().startswith("#")


DRAWING = [path for path in MODULES if "import streamlit" in path.read_text()]


def test_no_heading_has_an_anchor():
    assert {
        named(path): found for path in DRAWING if (found := anchored_headings_in(tree(path)))
    } == {}


@pytest.mark.parametrize(
    "source",
    [
        "st.title(name)",
        "place.header(name)",
        "st.subheader(name, anchor='x')",
        "st.subheader(name, anchor=None)",
        "st.markdown(f'#### {name}')",
        "st.markdown('# ' + name, width='stretch')",
        "st.write('## Name')",
    ],
)
def test_an_anchor_is_found_however_the_heading_is_written(source):
    assert anchored_headings_in(ast.parse(source))


# Components: their markup is constant, their scripts and styles are files of the package; what
# they show comes as data.

FILE_OF_THE_PACKAGE = re.compile(
    r"Path\(__file__\)\.with_(name|suffix)\('[\w.]+'\)\.read_text\(encoding='utf-8'\)"
)


def test_the_markup_of_components_is_constant():
    found = [
        (path, call)
        for path in MODULES
        for name, call in calls(path)
        if name.endswith("components.v2.component")
    ]
    assert found
    for path, call in found:
        constants = _constants(path)
        for keyword in call.keywords:
            value = keyword.value
            if keyword.arg in ("js", "css"):
                fixed = FILE_OF_THE_PACKAGE.fullmatch(ast.unparse(value))
            else:
                fixed = isinstance(value, ast.Constant) or ast.unparse(value) in constants
            assert fixed, f"{named(path)}: {keyword.arg}"


def test_no_component_writes_html():
    for path in [*MODULES, *PACKAGE.rglob("*.js")]:
        written = re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text()
        )
        assert not written, named(path)


def _constants(path: Path) -> set[str]:
    """Return the names to which a module assigns a literal."""
    return {
        target.id
        for node in tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


# Files beside the modules


def test_the_wheel_takes_every_script_and_style():
    package_data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    shipped = {
        path
        for pattern in package_data["package-data"]["dashboard"]
        for path in PACKAGE.glob(pattern)
    }
    needed = {*PACKAGE.rglob("*.js"), *PACKAGE.rglob("*.css")}
    assert needed
    assert needed <= shipped


def test_no_lock_names_a_host():
    for name in ("package-lock.json", "requirements.lock", "requirements-dev.lock"):
        hosts = set(re.findall(r"https?://([\w.-]+)", (ROOT / name).read_text()))
        assert hosts <= {"opencollective.com"}, name


# Tables


ESCAPING = {
    "st.dataframe": "legible_table",
    "st.data_editor": "legible_table",
    "st.table": "plain_table",
}
"""The function that must prepare each kind of table. ``st.table`` reads Markdown."""


def unescaped_tables(path: Path) -> list[str]:
    """Return the tables that are drawn as they come.

    A browser would obey the unseen letters in them, and ``st.table`` their Markdown.
    """
    return [
        f"line {call.lineno}: {name}"
        for name, call in calls(path)
        if name in ESCAPING
        and not any(
            isinstance(part, ast.Call) and _named_by(part) == ESCAPING[name]
            for part in ast.walk(call.args[0])
        )
    ]


def _named_by(call: ast.Call) -> str:
    return ast.unparse(call.func)


def test_every_table_is_escaped():
    found = {named(path): unescaped_tables(path) for path in MODULES}
    assert [name for name, tables in found.items() if tables] == []


# SQL

STATEMENT = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|GRANT|SET LOCAL|FROM|WHERE)\b"
)
CONSTANT = re.compile(r"(\w+\.)?_?[A-Z][A-Z0-9_]*(\.format\('[\w.]+'\))?")

BUILT_OF_NAMES_IN_THE_CODE = {
    # Each is a name or a condition written in this module, chosen by a selection's fields.
    "queries/sites/indicators.py": {
        "', '.join([*by, *sums])",
        "where(selection)",
        "grouped",
        "table",
    },
    "queries/meeting/preparation.py": {"whose"},
    "queries/monitoring.py": {"int(longest_seconds * 1000)"},
    "queries/sites/site_figures.py": {
        "', '.join(WORK)",
        "_of(everybody)",
    },
}


def test_sql_is_made_of_constants_and_bound_parameters():
    built = {named(path): set(built_into_sql(tree(path))) for path in ASKED_BY_PAGES}
    assert {path: found for path, found in built.items() if found} == BUILT_OF_NAMES_IN_THE_CODE


def test_a_value_in_a_statement_is_found():
    for source in (
        'f"SELECT * FROM x WHERE name = {name} AND {_MINE}"',
        '"SELECT " + name',
        '"SELECT %s" % name',
        '"SELECT {}".format(name)',
        '_ALL = "SELECT {}"\n_ALL.format(name)',
    ):
        assert built_into_sql(ast.parse(source)) == ["name"]


def built_into_sql(module: ast.Module) -> list[str]:
    """Return the parts of a statement's text that are not constants."""
    found = []
    texts = {
        node.targets[0].id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(module):
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            said = "".join(one.value for one in node.values if isinstance(one, ast.Constant))
            parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
            said, parts = str(node.left.value), [node.right]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".format"):
            text = node.func.value  # type: ignore[attr-defined]
            text = texts.get(text.id) if isinstance(text, ast.Name) else text
            said = "" if text is None else ast.unparse(text)
            parts = [*node.args, *(one.value for one in node.keywords)]
        else:
            continue
        if STATEMENT.search(said):
            found += [ast.unparse(one) for one in parts]
    return [one for one in found if not CONSTANT.fullmatch(one)]


# Secrets


SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bglpat-\w{20}"
    r"|\bxox[bp]-\w{10,}|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}|://[^\s:/@{}…]+:(?!\$\w+@)[^\s@/{}…]{3,}@"
)
"""Keys and tokens by how they look, and addresses with a password, no variable of a shell."""

PLACEHOLDERS = ("://user:password@", "://owner:hush@", "://o:p%40ss%20@")
"""Passwords that are none, where a text is about such an address."""

TEXTS = [
    path
    for folder in ("dashboard", "tests", "tools", "docs", ".streamlit", ".ci")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix not in (".pyc", ".png", ".ttf", ".woff2", ".mo")
] + [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]


def test_no_secret_is_in_the_repository():
    found = [
        (str(path.relative_to(ROOT)), match[0])
        for path in TEXTS
        for match in SECRET.finditer(path.read_text(errors="replace"))
        if match[0] not in PLACEHOLDERS
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "A" * 16,
        "postgresql://owner:" + "hunter2@db.example/x",
    ],
)
def test_a_secret_is_found(text):
    assert SECRET.search(text)

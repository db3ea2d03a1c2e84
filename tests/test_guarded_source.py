"""Guards on what Streamlit runs without the page, read from the syntax tree.

A fragment, a dialog and a deferred file run over any connection that requests them, and so come
from ``components.elements.guarded`` alone. A callback runs before the person is known, and so draws
nothing: it notes something, or acts through the guard.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.test_source import MODULES, named, tree

GUARDED = "components/elements/guarded.py"
MAKERS_OF_FILES = (GUARDED, "web/page_support/deferred.py")

RUN_BY_THEMSELVES = ("fragment", "dialog", "experimental_fragment", "experimental_dialog")
"""The names in Streamlit that make a function run without the page."""

IN_A_CALLBACK = ("rerun", "switch_page", "toast", "session_state", "query_params", "context")
"""The names in Streamlit that a callback may use. A toast reports an unavailable database."""


def bare(module: ast.Module) -> list[str]:
    """Return the uses of Streamlit's fragments, dialogs and downloads without the guard."""
    found = []
    forbidden = (*RUN_BY_THEMSELVES, "download_button")
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in forbidden:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.Constant) and node.value in forbidden:
            found.append(f"line {node.lineno}: {node.value!r}")
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streamlit"):
            names = [one.name for one in node.names if one.name in forbidden]
            found += [f"line {node.lineno}: {one}" for one in names]
    return found


def test_fragments_dialogs_and_downloads_are_those_of_the_guard():
    found = {named(path): bare(tree(path)) for path in MODULES if named(path) != GUARDED}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "@st.fragment\ndef draw(): ...",
        "st.fragment(draw, key='x')()",
        "st.dialog('Letter')(draw)()",
        "from streamlit import fragment",
        "getattr(st, 'fragment')(draw)",
        "st.download_button('Print', lambda: agenda())",
        "place.download_button('Print', b'')",
    ],
)
def test_a_bare_one_is_found_however_it_is_written(source):
    assert bare(ast.parse(source))


def test_only_who_asks_for_the_rights_makes_a_deferred_file():
    makers = {
        named(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "DeferredFile"
    }
    assert makers == set(MAKERS_OF_FILES)


# Callbacks


def is_callback(keyword: ast.keyword) -> bool:
    """Return whether Streamlit runs this argument after a click or a change."""
    name = keyword.arg or ""
    # The handler of a script's error shows the error.
    by_streamlit = name.startswith("on_") and name != "on_script_error"
    return by_streamlit and not isinstance(keyword.value, ast.Constant)


def names_in(expression: ast.expr) -> Iterator[str]:
    """Yield the functions that this expression may be, by the last part of their names."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@cache
def functions() -> dict[str, list[tuple[Path, ast.AST]]]:
    """Return every function of the interface by name, including those passed under a name."""
    found: dict[str, list[tuple[Path, ast.AST]]] = {}
    for path in MODULES:
        if named(path).split("/")[0] not in ("components", "pages", "web"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append((path, node))
            elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Lambda):
                found.setdefault(node.arg or "", []).append((path, node.value))
    return found


def drawn_in(function: ast.AST) -> list[str]:
    """Return the calls by which a function draws on its own."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "st"
        and node.attr not in IN_A_CALLBACK
    ]


def callbacks() -> Iterator[tuple[str, ast.AST]]:
    """Yield each function that may run as a callback, by where it is passed to Streamlit."""
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.keyword) and is_callback(node)):
                continue
            for name in {*names_in(node.value)}:
                for place, function in functions().get(name, []):
                    # A private function is its module's; another may come from any page.
                    if place == path or not name.startswith("_"):
                        yield f"{named(path)}: {ast.unparse(node)} ({name})", function


def test_no_callback_draws():
    found = {where: drawn for where, function in callbacks() if (drawn := drawn_in(function))}
    assert found == {}


def test_the_callbacks_are_found():
    assert len({function for _where, function in callbacks()}) > 20


def test_what_a_callback_draws_is_found():
    assert drawn_in(ast.parse("def act():\n    st.session_state['x'] = 1\n    st.text(name)"))
    assert not drawn_in(ast.parse("def act():\n    st.session_state['x'] = 1\n    st.rerun()"))

"""What opens a popover can be read while it is open, in the dark theme too."""

import ast
from pathlib import Path

import dashboard


def popovers():
    for path in sorted(Path(dashboard.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.popover":
                yield f"{path.name}:{node.lineno}", {one.arg: one.value for one in node.keywords}


def test_no_popover_is_tertiary():
    """Streamlit darkens the accent for the label of an open one: 1.1 to 1 on the dark page."""
    assert len(list(popovers())) > 8
    assert [place for place, given in popovers() if "type" in given] == []

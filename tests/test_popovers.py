"""The button of a popover can be read while it is open, in the dark theme too."""

from tests.test_source import MODULES, calls


def popovers():
    for path in MODULES:
        if "st.popover" in path.read_text():
            for called, node in calls(path):
                if called == "st.popover":
                    given = {one.arg: one.value for one in node.keywords}
                    yield f"{path.name}:{node.lineno}", given


def test_no_popover_is_tertiary():
    """Streamlit darkens the accent for the label of an open one: 1.1 to 1 on the dark page."""
    assert len(list(popovers())) > 8
    assert [place for place, given in popovers() if "type" in given] == []

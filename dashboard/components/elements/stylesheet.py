"""The stylesheets of the pages: each is a CSS file next to the module that uses it.

Streamlit's theme sets fonts and colours. A stylesheet sets only what the theme has no option for. A
rule selects a container by the class that Streamlit makes of its key, ``st-key-…``, and never by a
generated class name.
"""

from pathlib import Path

import streamlit as st


def stylesheet(module: str) -> None:
    """Apply the rules of the CSS file beside this module, given by its ``__file__``."""
    # Given the path of a CSS file, Streamlit makes a style element, which takes no room on the
    # page.
    st.html(Path(module).with_suffix(".css"))

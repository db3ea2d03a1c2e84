"""The stylesheets of the pages. Each stylesheet is a CSS file next to the module that uses it.

Streamlit's theme sets fonts and colours. A stylesheet sets only what the theme has no option for. A
rule selects a container by the class ``st-key-…``, which Streamlit makes from the key of the
container. A rule never uses a generated class name.
"""

from pathlib import Path

import streamlit as st


def stylesheet(module: str) -> None:
    """Apply the CSS file that is next to a module. ``module`` is the ``__file__`` of the module."""
    # Pass the path of the CSS file. Streamlit then adds a style element, which takes no room on the
    # page.
    st.html(Path(module).with_suffix(".css"))

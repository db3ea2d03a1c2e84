"""One page, which signs no one in: a file ``signed_out`` beside the server ends every right."""

from pathlib import Path

import streamlit as st

from tests.attacks.leaking import NAME


@st.fragment
def bare() -> None:
    """Tell who the patient is once something is clicked or opened."""
    if st.button("More"):
        st.text(f"clicked: {NAME}")
    with st.popover("Letter", on_change="rerun", key="letter") as letter:
        if letter.open:
            st.text(f"opened: {NAME}")
            st.download_button("File", lambda: f"downloaded: {NAME}".encode(), key="file")


def told() -> None:
    """Tell who the patient is, from a callback."""
    st.text(f"called back: {NAME}")


if Path("signed_out").exists():
    st.text("Sign in")
    st.stop()
st.button("Tell", on_click=told)
bare()

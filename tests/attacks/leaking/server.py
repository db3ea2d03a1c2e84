"""The server of that page."""

from pathlib import Path

import streamlit as st

app = st.App(Path(__file__).parent / "main.py")

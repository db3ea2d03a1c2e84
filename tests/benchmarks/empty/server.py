"""The server of the empty page, with the same care for the garbage collector."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Import the same modules as the dashboard, and do not use them."""
    import altair  # noqa: F401
    import pandas  # noqa: F401

    gc.collect()
    gc.freeze()
    yield


app = st.App(Path(__file__).parent / "page.py", lifespan=lifespan)

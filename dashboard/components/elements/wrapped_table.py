"""A table whose cells show long texts on several lines. ``st.dataframe`` would cut them."""

from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.components.elements.escaping import plain_table


def wrapped_table(
    table: pd.DataFrame, alt: str, *, border: Literal["horizontal"] | bool = "horizontal"
) -> None:
    """Draw the table without its index. A dash stands for a missing value.

    ``alt`` describes the table to a screen reader.
    """
    shown = table.astype(object).where(table.notna(), "–")
    st.table(plain_table(shown), hide_index=True, border=border, alt=alt)

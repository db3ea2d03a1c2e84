"""The page that costs nothing."""

import streamlit as st

st.write("empty")

"""A page with nothing but charts of made-up cases, for the tests in the browser."""

import streamlit as st

from dashboard.components.charts.trajectory import trajectory
from dashboard.locale import speaking
from tests.support.chart_cases import CASES

st.set_page_config(layout="wide")
chart, _beside = st.columns([3, 2], gap="medium")
with chart, speaking(st.query_params.get("language", "fr")):
    codes = st.query_params.get("instruments", "phq9,gad7").split(",")
    for name in st.query_params["cases"].split(","):
        trajectory(CASES[name](), codes, key=name)

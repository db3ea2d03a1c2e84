"""A widget redraws other fragments; a page that no longer has them is drawn as usual."""

from streamlit.testing.v1 import AppTest


def page(keys):
    import streamlit as st

    from dashboard.components.elements.fragment_rerun import rerun_fragments

    @st.fragment(key="chart")
    def chart():
        st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1

    chart()
    st.text_input("Summary", on_change=rerun_fragments, args=(keys,))
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1


def typed(keys):
    tab = AppTest.from_function(page, args=(keys,)).run()
    tab.text_input[0].input("better").run()
    assert not tab.exception
    return tab.session_state["runs"], tab.session_state["drawn"]


def test_a_text_redraws_the_named_fragment_alone():
    assert typed(["chart"]) == (1, 2)


def test_a_text_whose_page_has_been_replaced_draws_the_whole_page():
    assert typed(["form of another case", "chart"]) == (2, 2)

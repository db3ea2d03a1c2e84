"""The sentence about the changes since the last review, above the chart."""

import streamlit as st

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.since_review import since_review
from dashboard.components.elements.escaping import plain
from dashboard.words.case.since_review import since_review_in_words


def since_review_line(case: CaseFile) -> None:
    """Draw the changes since the last review. Draw nothing if the case has no review yet."""
    changes = since_review(case)
    if changes is not None:
        st.markdown(plain(since_review_in_words(changes, case.as_of)))

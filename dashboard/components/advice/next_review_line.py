"""The line under the choice of the next review: its day, and the earlier days that it passes."""

import streamlit as st

from dashboard.clinical.advice.next_review import NextReview
from dashboard.components.elements.escaping import plain
from dashboard.locale import _
from dashboard.locale.formats import long_day


def next_review_line(next_review: NextReview, *, with_day: bool) -> None:
    """Draw the day of the next review, and a warning for each earlier day that it passes.

    ``with_day`` is false if a field above this line shows the day.
    """
    if with_day and (said := _day_in_words(next_review)):
        st.caption(plain(said))
    for warning in warnings_in_words(next_review):
        st.markdown(f":small[:orange[:material/warning: {plain(warning)}]]")


def _day_in_words(next_review: NextReview) -> str:
    if next_review.on is not None:
        return _("On {day}", day=long_day(next_review.on))
    if next_review.by_need is not None:
        return _("By {day}", day=long_day(next_review.by_need))
    return ""


def warnings_in_words(next_review: NextReview) -> list[str]:
    """Return a sentence for each earlier day that the next review passes."""
    said = []
    if next_review.by_need is not None and next_review.passes_need:
        by_need = long_day(next_review.by_need)
        said.append(_("Later than the need asks for: {day} at the latest.", day=by_need))
    if next_review.reassess_on is not None and next_review.passes_reassessment:
        reassess_on = long_day(next_review.reassess_on)
        said.append(_("The risk is to be reassessed earlier: by {day}.", day=reassess_on))
    return said

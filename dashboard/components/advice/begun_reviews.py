"""Notices about reviews that were begun and are not signed."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.clinical.advice.begun_reviews import BegunReview
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext
from dashboard.locale.formats import moment

DRAWN_OPENLY = 2
"""The maximum number of notices that are drawn outside an expander.

If there are more notices, all of them are drawn inside one expander.
"""


def begun_reviews_notice(begun: Sequence[BegunReview], open_case: Callable[[int], None]) -> None:
    """Draw a line for each review that was begun and is not signed.

    The button of a line calls ``open_case`` with the id of the episode.
    """
    if not begun:
        return
    if len(begun) <= DRAWN_OPENLY:
        with st.container(gap="xxsmall"):
            for review in begun:
                _line(review, open_case)
        return
    title = ngettext(
        "{n} review was begun and is not signed",
        "{n} reviews were begun and are not signed",
        len(begun),
    )
    with st.expander(title, icon=":material/edit_note:"):
        for review in begun:
            _line(review, open_case)


def _line(review: BegunReview, open_case: Callable[[int], None]) -> None:
    patient = plain(patient_name(review.patient))
    finish = _("Finish the review of {patient}", patient=patient)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/edit_note: {_sentence(review)}")
        st.button(
            finish if review.mine else _("Open the case of {patient}", patient=patient),
            key=f"begun/{review.episode_id}/{review.author.id}/open",
            on_click=open_case,
            args=(review.episode_id,),
            type="tertiary",
            width="content",
        )


def _sentence(review: BegunReview) -> str:
    patient = plain(patient_name(review.patient))
    if review.mine:
        return _(
            "You began a review of {patient} on {time}; it is not signed.",
            patient=patient,
            time=plain(moment(review.begun_at)),
        )
    return _(
        "Dr {name} began a review of {patient} on {time}; it is not signed.",
        name=plain(review.author.family_name),
        patient=patient,
        time=plain(moment(review.begun_at)),
    )

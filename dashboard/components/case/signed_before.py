"""The confirmation that a review was signed. It is shown on the case that was opened after the
signing.
"""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from dashboard.clinical.case.case_file import CaseFile
from dashboard.locale import _
from dashboard.locale.formats import moment


def signed_before(
    case: CaseFile, signed: tuple[int, int, datetime] | None, go_to: Callable[[int], None]
) -> None:
    """Draw the confirmation if this case was opened by signing the review of the previous case.

    ``signed`` contains the id of the opened episode, the id of the signed episode, and the time of
    the signature. ``go_to`` opens a case.
    """
    if signed is None or signed[0] != case.episode_id:
        return
    when = moment(signed[2])
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(
            _(
                "Case no. {number} signed and sent on {time}",
                number=signed[1],
                time=when,
            ),
            color="green",
            icon=":material/task_alt:",
        )
        st.button(
            _("Back to it"),
            key="back_to_signed",
            type="tertiary",
            on_click=go_to,
            args=(signed[1],),
        )

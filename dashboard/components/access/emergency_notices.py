"""Emergency access on the screen: a banner above the case during the access, and notices for the
patient's team.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.access.emergency import Emergency
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext
from dashboard.words.access.emergency import practitioner_in_words, reason_name, span_in_words

SHOWN_AT_ONCE = 2
"""The maximum number of notices that are drawn outside an expander.

If there are more notices, all of them are drawn inside one expander.
"""

_SECONDS_BETWEEN_LOOKS = 20


def emergency_banner(
    emergency: Emergency, is_over: Callable[[], bool], end: Callable[[], None]
) -> None:
    """Draw the banner of a running emergency access. Rerun the page when the access is over.

    The banner calls ``is_over`` every 20 seconds. Its button calls ``end``.
    """
    banner = fragment(_banner, run_every=_SECONDS_BETWEEN_LOOKS, key="emergency/banner")
    banner(emergency, is_over, end)


def _banner(emergency: Emergency, is_over: Callable[[], bool], end: Callable[[], None]) -> None:
    if is_over():
        st.rerun(scope="app")
    until = f"{emergency.ends_at.astimezone(PARIS):%H:%M}"
    with st.container(horizontal=True, vertical_alignment="center", key="emergency/banner/line"):
        st.warning(
            _(
                "Emergency access until {time}. The patient’s team and the medical lead have been"
                " informed. You can read and answer, but not sign.",
                time=until,
            ),
            icon=":material/emergency_home:",
        )
        st.button(_("End now"), key="emergency/end", on_click=end, width="content")


def emergency_notices(told: Sequence[Emergency], open_case: Callable[[int], None]) -> None:
    """Draw a notice for each emergency access to the records of the reader's patients.

    The button of a notice calls ``open_case`` with the number of the case.
    """
    if not told:
        return
    if len(told) <= SHOWN_AT_ONCE:
        for one in told:
            _notice(one, open_case)
        return
    title = ngettext(
        "{n} record of your patients was opened in an emergency",
        "{n} records of your patients were opened in an emergency",
        len(told),
    )
    with st.expander(title, icon=":material/emergency_home:"):
        for one in told:
            _notice(one, open_case)


def _notice(one: Emergency, open_case: Callable[[int], None]) -> None:
    who = _("no. {number}", number=one.episode_id)
    if one.patient is not None:
        who = f"{patient_name(one.patient)} ({who})"
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            ":material/emergency_home: "
            + _(
                "**Emergency access** to the record of {patient} by {who}, {when}.",
                patient=plain(who),
                who=plain(practitioner_in_words(one)),
                when=plain(span_in_words(one)),
            )
            + f" {plain(reason_name(one.reason))}: «\u00a0{plain(one.explanation)}\u00a0»"
        )
        st.button(
            _("Open the case of {patient}", patient=plain(who)),
            key=f"emergency/{one.id}/open",
            on_click=open_case,
            args=(one.episode_id,),
            width="content",
        )

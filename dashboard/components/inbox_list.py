"""The inbox: recommendations received, by patient, each with its answers."""

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboard.clinical.case_file import CaseReview, Recommendation
from dashboard.clinical.inbox import Received, is_open, is_overdue, open_lines
from dashboard.components.advice_line import advice_line
from dashboard.components.answer_controls import Give, answer_controls, answer_key
from dashboard.components.cover_words import signed_by, titled
from dashboard.components.guarded import fragment
from dashboard.components.letter_view import Read, letter_menu, letter_withheld
from dashboard.components.patient_name import identity_in_words
from dashboard.components.plain import legible, plain
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, moment

PATIENTS_ON_A_PAGE = 15


def inbox_list(
    inbox: list[Received],
    role: str,
    today: date,
    give: Give,
    open_case: Callable[[int], None],
    read: Read,
    name: str = "inbox",
) -> None:
    """Draw the inbox of someone with this role.

    ``open_case`` opens an episode's case, ``read`` the letter of a review. ``name`` tells the
    parts of an inbox apart that stand on one page.
    """
    if not inbox:
        st.info(
            _("Nothing is waiting for an answer. What psychiatrists sign for you comes here."),
            icon=":material/inbox:",
        )
        return
    awaited = sum(len(open_lines(received)) for received in inbox)
    patients = ngettext("{n} patient", "{n} patients", len(inbox))
    lines = ngettext("{n} line to answer", "{n} lines to answer", awaited)
    st.caption(f"{lines} · {patients}")
    for received in _page_of(inbox, name):
        with st.container(border=True, gap="small", key=f"{name}/{received.episode_id}"):
            _patient(received, role, today, give, open_case, read, name)


def _page_of(inbox: list[Received], name: str) -> list[Received]:
    pages = -(-len(inbox) // PATIENTS_ON_A_PAGE)
    if pages < 2:
        return inbox
    # Drawn above the patients: answering the last one of a page must not move it.
    first = (st.pagination(pages, key=f"{name}/page") - 1) * PATIENTS_ON_A_PAGE
    return inbox[first : first + PATIENTS_ON_A_PAGE]


def _patient(
    received: Received,
    role: str,
    today: date,
    give: Give,
    open_case: Callable[[int], None],
    read: Read,
    name: str,
) -> None:
    years = received.identity.age_on(today)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {plain(identity_in_words(received.identity, years))}", anchors=False)
        if received.covered is not None:
            covered = plain(titled(received.covered, role))
            st.badge(_("for {who}", who=covered), color="blue", icon=":material/swap_horiz:")
        if received.closed:
            st.badge(_("episode closed"), color="gray")
        st.button(
            _("Open the case"),
            key=f"{name}/{received.episode_id}/open",
            type="tertiary",
            icon=":material/open_in_new:",
            on_click=open_case,
            args=(received.episode_id,),
        )
    for review in received.reviews:
        _review(received, review, role, today, give, read)


def _review(
    received: Received, review: CaseReview, role: str, today: date, give: Give, read: Read
) -> None:
    head = [_("Signed on {time}", time=moment(review.signed_at)), signed_by(review)]
    if review.next_review_on:
        head.append(_("next review {day}", day=day(review.next_review_on)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(" · ".join(head)), width="content")
        if review.superseded_by is not None:
            st.badge(_("superseded: not to be answered"), color="gray")
        elif review.supersedes is not None:
            st.badge(_("amended"), color="blue")
        if received.identity.is_presented:
            letter_withheld()
        else:
            letter_menu(review.id, role, read)
    st.text(legible(review.summary))
    standing = review.superseded_by is None
    for line in review.recommendations:
        awaited = is_open(review, line, closed=received.closed)
        advice_line(line, standing=standing, overdue=awaited and is_overdue(line, today))
        if standing:
            _answering(line, role, give, awaited=awaited)


def _answering(line: Recommendation, role: str, give: Give, *, awaited: bool) -> None:
    """The answers at hand where this reader owes one, else one click away."""
    controls = fragment(answer_controls, key=answer_key(line))
    if awaited and line.owner_role == role:
        controls(line, give)
        return
    label = _("Answer for the other") if awaited else _("Change the answer")
    with st.popover(
        label,
        key=f"inbox/{line.id}/{len(line.answers)}",
        on_change="rerun",
    ) as popover:
        if popover.open:
            controls(line, give)

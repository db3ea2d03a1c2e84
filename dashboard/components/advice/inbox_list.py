"""The inbox: the received recommendations by patient, each with its answers."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard.clinical.advice.inbox import (
    Received,
    WithdrawnLine,
    is_open,
    is_overdue,
    left_lines,
    lines_of,
    open_lines,
)
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.components.advice.advice_line import advice_line
from dashboard.components.advice.answer_controls import Give, answer_controls, answer_key
from dashboard.components.advice.letter_view import Read, letter_menu, letter_withheld
from dashboard.components.advice.risk_line import risk_line
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import identity_in_words, patient_name
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, moment
from dashboard.vocabulary import Role
from dashboard.words.access.cover import signed_by, titled
from dashboard.words.advice.lines import recommendation_in_words
from dashboard.words.advice.settlements import end_in_words, origin_in_words

PATIENTS_ON_A_PAGE = 15


def inbox_list(
    inbox: list[Received],
    role: str,
    today: date,
    give: Give,
    open_case: Callable[[int], None],
    read: Read,
    name: str = "inbox",
    *,
    with_left: bool = False,
) -> None:
    """Draw the inbox of a person with this role.

    ``open_case`` opens the case of an episode, ``read`` returns the letter of a review. ``name`` is
    part of the widget keys, so that one page can have two inboxes. With ``with_left``, lines are
    drawn even if a later review has kept, replaced or withdrawn them.
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
            _patient(received, role, today, give, open_case, read, name, with_left)


def withdrawn_notices(withdrawn: Sequence[WithdrawnLine], open_case: Callable[[int], None]) -> None:
    """Draw a notice for each line withdrawn between reviews, for its recipients."""
    for one in withdrawn:
        by = titled(one.by, Role.PSYCHIATRIST) if one.by else "?"
        said = _(
            "{patient}: withdrawn by {who} on {time}, not wanted any more: {advice}",
            patient=patient_name(one.identity),
            who=by,
            time=moment(one.at),
            advice=recommendation_in_words(one.line),
        )
        if one.reason:
            said = _("{text}; reason: {reason}", text=said, reason=one.reason)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(plain(said), icon=":material/remove_circle:")
            st.button(
                _("Open the case"),
                key=f"withdrawn/{one.line.id}/open",
                type="tertiary",
                icon=":material/open_in_new:",
                on_click=open_case,
                args=(one.episode_id,),
                width="content",
            )


def _page_of(inbox: list[Received], name: str) -> list[Received]:
    pages = -(-len(inbox) // PATIENTS_ON_A_PAGE)
    if pages < 2:
        return inbox
    # The choice of the page is above the patients. So it does not move when the last answer on a
    # page is given.
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
    with_left: bool,
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
        if with_left:
            for line in left_lines(review):
                advice_line(line)


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
    risk_line(review)
    st.text(legible(review.summary))
    standing = review.superseded_by is None
    for line in lines_of(review):
        awaited = is_open(review, line, closed=received.closed)
        kept = line.course is not None and line.course.line.review_id != review.id
        overdue = awaited and is_overdue(line, today)
        advice_line(line, standing=standing, overdue=overdue, kept=kept)
        if standing:
            _answering(line, role, give, awaited=awaited)
    if standing and review.ended:
        _ended(review.ended)


def _ended(lines: Sequence[Recommendation]) -> None:
    """Draw the earlier lines that this review has ended, so that nobody continues to carry them
    out.
    """
    st.markdown(f"**{plain(_('Not wanted any more'))}**")
    for line in lines:
        st.markdown(
            f"~~{plain(recommendation_in_words(line))}~~  \n"
            f":gray[:small[{plain(origin_in_words(line))} · {plain(end_in_words(line))}]]"
        )


def _answering(line: Recommendation, role: str, give: Give, *, awaited: bool) -> None:
    """Draw the possible answers.

    They are in a popover, unless the line awaits an answer from this reader.
    """
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

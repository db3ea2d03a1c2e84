"""The inbox, with one line for each recommendation, sorted by urgency. A click on a line opens
it.
"""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard.clinical.advice.inbox import (
    InboxLine,
    Part,
    Received,
    WithdrawnLine,
    in_parts,
    is_overdue,
)
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.components.advice.advice_line import advice_line
from dashboard.components.advice.answer_controls import Give, answer_controls
from dashboard.components.advice.letter_view import Read, letter_menu, letter_withheld
from dashboard.components.advice.risk_line import risk_line
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import identity_in_words, patient_name
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, moment, near_day
from dashboard.vocabulary import PAIR, Role
from dashboard.words.access.cover import signed_by, titled
from dashboard.words.advice.lines import (
    recommendation_in_words,
    state_name,
    summary_in_words,
)
from dashboard.words.advice.settlements import end_in_words, origin_in_words
from dashboard.words.roles import role_name

LINES_ON_A_PAGE = 100
"""The number of answered or ended lines on a page of the inbox.

All lines that need an answer are on one page.
"""

OpenCase = Callable[[int], None]


def inbox_list(
    inbox: list[Received],
    role: str,
    today: date,
    give: Give,
    open_case: OpenCase,
    read: Read,
    *,
    with_ended: bool = False,
) -> None:
    """Draw the inbox of a reader with the role ``role``. The lines to answer come first, by
    urgency.

    If ``with_ended`` is true, the answered and ended lines follow. ``give`` records an answer.
    ``open_case`` opens the case of an episode. ``read`` returns the letter of a review.
    """
    stylesheet(__file__)
    parts = in_parts(inbox, today, with_ended=with_ended)
    awaited = sum(len(lines) for part, lines in parts.items() if part is not Part.ENDED)
    if not awaited:
        st.info(
            _("Nothing is waiting for an answer. What psychiatrists sign for you comes here."),
            icon=":material/inbox:",
        )
    # Draw all lines in one fragment. Streamlit loses a click in one fragment if a text from another
    # fragment arrives together with the click.
    fragment(_draw, key="inbox/lines")(parts, role, today, give, open_case, read)


def _draw(
    parts: dict[Part, list[InboxLine]],
    role: str,
    today: date,
    give: Give,
    open_case: OpenCase,
    read: Read,
) -> None:
    for part, lines in parts.items():
        with st.container(key=f"inbox/{part}", gap="xxsmall"):
            st.markdown(f"## {plain(part_name(part))} · {len(lines)}", anchors=False)
            if part is Part.NOT_DELIVERED and role in PAIR:
                st.caption(
                    _("The letter has not arrived. The page “Follow-up” can send it again."),
                )
            for one in _page_of(lines) if part is Part.ENDED else lines:
                key = f"inbox/{one.line.id}"
                _line(one, key, role, today, give, open_case, read)


def part_name(part: Part) -> str:
    """Return the heading of ``part`` of the inbox."""
    return {
        Part.NOT_DELIVERED: _("Not delivered"),
        Part.OVERDUE: _("Overdue"),
        Part.SAFETY: _("Safety"),
        Part.THIS_WEEK: _("Within a week"),
        Part.LATER: _("Later"),
        Part.ENDED: _("Answered or ended"),
    }[part]


def lines_in_words(inbox: list[Received], role: str, today: date) -> str:
    """Return the number of recommendations that await an answer, in words: those addressed to the
    reader's ``role``, those addressed to others, and the number of patients.
    """
    lines = [one for found in in_parts(inbox, today).values() for one in found]
    own = sum(one.line.owner_role == role for one in lines)
    counts = [
        ngettext("{n} recommendation to answer", "{n} recommendations to answer", own),
        ngettext("{n} addressed to others", "{n} addressed to others", len(lines) - own),
        ngettext("{n} patient", "{n} patients", len({one.received.episode_id for one in lines})),
    ]
    return " · ".join(counts if len(lines) > own else (counts[0], counts[2]))


def withdrawn_notices(withdrawn: Sequence[WithdrawnLine], open_case: OpenCase) -> None:
    """Draw a notice for each line of advice that a psychiatrist withdrew between two reviews."""
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
            _case_button(f"withdrawn/{one.line.id}/open", one, open_case)


def _page_of(lines: list[InboxLine]) -> list[InboxLine]:
    pages = -(-len(lines) // LINES_ON_A_PAGE)
    if pages < 2:
        return lines
    first = (st.pagination(pages, key="inbox/page") - 1) * LINES_ON_A_PAGE
    return lines[first : first + LINES_ON_A_PAGE]


def _line(
    one: InboxLine,
    key: str,
    role: str,
    today: date,
    give: Give,
    open_case: OpenCase,
    read: Read,
) -> None:
    """Draw one line of the inbox. Its content is drawn only while the line is expanded."""
    with st.expander(label(one, role, today), key=f"{key}/line", on_change="rerun") as line:
        if line.open:
            _opened(one, key, role, today, give, open_case, read)


def label(one: InboxLine, role: str, today: date) -> str:
    """Return the label of the line as Markdown: due day, patient, advice, and owner with state.

    The stylesheet arranges these four parts in columns.
    """
    due_on = one.line.current_due_on if one.line.stands else one.line.due_on
    due = near_day(due_on, today) if due_on else "–"
    who = f"{patient_name(one.received.identity)}, {one.received.identity.age_on(today)}"
    what = plain(recommendation_in_words(one.line))
    mark = "red" if one.is_safety and one.part is not Part.ENDED else "small"
    end = [role_name(one.line.owner_role), state_name(one.state)]
    if one.received.covered is not None:
        end.insert(0, _("for {who}", who=titled(one.received.covered, role)))
    said = plain(" · ".join(end))
    late = one.part is not Part.ENDED and is_overdue(one.line, today)
    colour = "red" if late else "gray"
    return f":{colour}[{plain(due)}] **{plain(who)}** :{mark}[{what}] :gray[{said}]"


def _opened(
    one: InboxLine,
    key: str,
    role: str,
    today: date,
    give: Give,
    open_case: OpenCase,
    read: Read,
) -> None:
    received, review, line = one.received, one.review, one.line
    identity = identity_in_words(received.identity, received.identity.age_on(today))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(identity)}**", width="content")
        if received.covered is not None:
            covered = plain(titled(received.covered, role))
            st.badge(_("for {who}", who=covered), color="blue", icon=":material/swap_horiz:")
        if received.closed:
            st.badge(_("episode closed"), color="gray")
        _case_button(f"{key}/open", received, open_case)
        if received.identity.is_presented:
            letter_withheld()
        else:
            letter_menu(review.id, role, read, under=f"/{line.id}")
    st.caption(plain(_head(review)))
    risk_line(review)
    st.text(legible(summary_in_words(review.summary)))
    standing = review.superseded_by is None
    awaited = one.part is not Part.ENDED
    kept = line.course is not None and line.course.line.review_id != review.id
    late = awaited and is_overdue(line, today)
    advice_line(line, today, state=one.state, standing=standing, overdue=late, kept=kept)
    if standing and line.stands and not received.closed:
        _answering(line, key, role, give, awaited=awaited)
    if standing and review.ended:
        _ended(review.ended)


def _head(review: CaseReview) -> str:
    head = [_("Signed on {time}", time=moment(review.signed_at)), signed_by(review)]
    if review.next_review_on:
        head.append(_("next review {day}", day=day(review.next_review_on)))
    if review.superseded_by is not None:
        head.append(_("superseded: not to be answered"))
    elif review.supersedes is not None:
        head.append(_("amended"))
    return " · ".join(head)


def _case_button(key: str, of: Received | WithdrawnLine, open_case: OpenCase) -> None:
    """Draw the button that opens the case.

    The label names the patient, because a page has many such buttons.
    """
    st.button(
        plain(_("Open the case of {patient}", patient=patient_name(of.identity))),
        key=key,
        type="tertiary",
        icon=":material/open_in_new:",
        on_click=open_case,
        args=(of.episode_id,),
        width="content",
    )


def _ended(lines: Sequence[Recommendation]) -> None:
    """Draw the recommendations of earlier reviews that this review replaced or withdrew.

    The reader must know that they are no longer to be carried out.
    """
    st.markdown(f"**{plain(_('Not wanted any more'))}**")
    for line in lines:
        st.markdown(
            f"~~{plain(recommendation_in_words(line))}~~  \n"
            f":gray[:small[{plain(origin_in_words(line))} · {plain(end_in_words(line))}]]"
        )


def _answering(line: Recommendation, key: str, role: str, give: Give, *, awaited: bool) -> None:
    """Draw the possible answers to the recommendation ``line``.

    If the recommendation awaits an answer from this reader, the answers are on the page. Otherwise
    they are in a popover.
    """
    if awaited and line.owner_role == role:
        answer_controls(line, give)
        return
    label = _("Answer on their behalf") if awaited else _("Change the answer")
    with st.popover(label, key=f"{key}/{len(line.answers)}", on_change="rerun") as popover:
        if popover.open:
            answer_controls(line, give)

"""The page of one case: patient, news, trajectory chart, treatment and recommendations."""

from contextlib import suppress
from functools import partial
from uuid import UUID

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    Draft,
    DraftInTheWay,
    NotYours,
    Seen,
    SignedReview,
    latest_scores,
)
from dashboard.clinical.advice.tele_expertise import can_read_record
from dashboard.clinical.case.case_file import CaseFile, CaseReview
from dashboard.components.access.emergency_notices import emergency_banner
from dashboard.components.advice.advice_problems import amendment_refused_in_words
from dashboard.components.advice.question_line import question_line
from dashboard.components.advice.recommendation_form import (
    Actions,
    recommendation_form,
    sign_what_was_left,
    written_prospect,
)
from dashboard.components.case.case_chart import CHART, case_chart, wait_for_chart
from dashboard.components.case.case_details import ReviewActions, case_details
from dashboard.components.case.case_header import case_header, next_in
from dashboard.components.case.in_sight import FORM
from dashboard.components.case.last_note import last_note
from dashboard.components.case.news_line import news_line
from dashboard.components.case.signed_before import signed_before
from dashboard.components.case.since_review import since_review_line
from dashboard.components.case.to_form import to_form
from dashboard.components.elements.registry_age import registry_age
from dashboard.components.elements.undo_notice import undo_notice
from dashboard.delivery.sender import wake
from dashboard.locale import _
from dashboard.queries.access.emergency import running
from dashboard.queries.access.opening_in_emergency import end_emergency
from dashboard.queries.advice.changes import changed_since
from dashboard.queries.advice.drafting import begin_amendment, discard_draft, save_draft
from dashboard.queries.advice.letters import open_letter, preview_letter
from dashboard.queries.advice.signing import sign
from dashboard.queries.advice.withdrawing import withdraw
from dashboard.queries.case.looking import take_back
from dashboard.queries.opening_case import opened_case
from dashboard.settings import settings
from dashboard.vocabulary import CARE_TEAM, Role
from dashboard.web.page_support.record_downloads import record_actions
from dashboard.web.page_support.undoable_answers import give
from dashboard.web.page_support.viewer import Viewer, viewer_for
from dashboard.web.shell import meeting_session

viewer = viewer_for(*CARE_TEAM)
practitioner, psychiatrist = viewer.person, Viewer((Role.PSYCHIATRIST,))
day = today()


def chosen_episode() -> int | None:
    """Return the id of the episode in the address of the page; None if the address has no id."""
    named = st.query_params.get("episode", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def go_to(episode_id: int) -> None:
    """Write the id of the episode into the address of the page, so that the page shows its case."""
    st.query_params["episode"] = str(episode_id)


def sign_and_send(written: Draft, seen: Seen) -> SignedReview:
    """Sign the draft ``written``, and start the delivery of the letters."""
    signed = psychiatrist.write_in_steps(sign, written, seen, day, latest_scores(case))
    wake()
    return signed


def go_on(next_id: int, signed: SignedReview | None) -> None:
    """Open the next case of the list.

    If ``signed`` is given, the page of the next case says that the review ``signed`` was signed.
    """
    if signed is not None:
        st.session_state["signed_before"] = next_id, signed.episode_id, signed.signed_at
    go_to(next_id)


def withdraw_line(recommendation_id: UUID, reason: str) -> None:
    """Withdraw a recommendation, and start the delivery of the notices."""
    psychiatrist.write(withdraw, recommendation_id, reason, day)
    wake()


def amend(review: CaseReview) -> None:
    """Begin a draft that will supersede ``review``.

    If no draft can be begun, store the reason, so that the page shows it.
    """
    try:
        psychiatrist.write(begin_amendment, review.id, day)
    except (AlreadyAmended, DraftInTheWay) as refusal:
        st.session_state["amendment_refused"] = amendment_refused_in_words(refusal)
    except NotYours:
        # The page that is drawn next says so, because the case is no longer one of the reader's.
        pass
    # Rerun the whole page, because the new draft also changes other parts of the page. After a
    # click on the button, Streamlit would rerun only the fragment that contains the button.
    st.rerun()


def mark_as_not_looked_at(case: CaseFile) -> None:
    """Undo the reader's last look at the case."""
    # If the case is no longer one of the reader's, the page that is drawn next says so.
    with suppress(NotYours):
        viewer.write(take_back, case)


def is_over(patient_id: int) -> bool:
    """Return whether the emergency access has ended.

    The page calls this function at intervals, without a click.
    """
    automatic = Viewer(viewer.roles, automatic=True)
    return automatic.read(running, patient_id) is None


meeting = meeting_session.followed(practitioner, day)
episode_id = chosen_episode()
in_haste, opened = False, None
if episode_id is not None:
    in_haste, opened = viewer.about(episode_id).read(
        opened_case, episode_id, practitioner.practitioner_id, practitioner.role, day
    )

if in_haste:
    st.warning(
        _("You have opened many records within a minute. Wait a moment, then open this one.")
    )
    st.stop()
if opened is None:
    st.warning(_("This case does not exist, or it is not one of yours."))
    if st.button(_("Emergency access"), icon=":material/emergency:"):
        st.switch_page("../pages/emergency.py")
    st.stop()

if (signed_on_leaving := sign_what_was_left(opened.case.episode_id)) is not None:
    st.session_state["signed_before"] = (
        opened.case.episode_id,
        signed_on_leaving.episode_id,
        signed_on_leaving.signed_at,
    )
case, news, draft, mask = opened.case, opened.news, opened.draft.written, opened.draft.mask
newly_opened = st.session_state.get("case_in_hand") != case.episode_id
st.session_state["case_in_hand"] = case.episode_id
if (emergency := opened.emergency) is not None:
    emergency_banner(
        emergency,
        lambda: is_over(case.identity.patient_id),
        partial(viewer.write, end_emergency, emergency.id),
    )
meeting_session.show_meeting(meeting, case, day, practitioner, mask)
order = [] if meeting else st.session_state.get("case_order", [])
case_header(case, order, go_to)
registry_age(opened.loaded, now(), settings().registry_stale_hours)
if draft is not None:
    to_form()
news_line(case, news, partial(mark_as_not_looked_at, case))
undo_notice()
# If the page has no form for a review, the chart takes the full width.
left, right = st.columns([3, 2], gap="medium") if draft is not None else (st.container(),) * 2
with left:
    with st.container(gap="xsmall"):
        if draft is None:
            for question in case.questions:
                question_line(question)
        since_review_line(case)
        last_note(case)
    case_chart(case, partial(written_prospect, case, draft, mask))
    if newly_opened:
        wait_for_chart()
    if refused := st.session_state.pop("amendment_refused", None):
        st.warning(refused)
    reads_record = can_read_record(practitioner.role, is_outside=opened.is_outside)
    actions = ReviewActions(
        give=partial(give, viewer),
        read=lambda review_id, role: viewer.read(open_letter, review_id, role),
        amend=None if draft is None else amend,
        records=record_actions() if reads_record else None,
        withdraw=None if draft is None else withdraw_line,
    )
    case_details(case, practitioner.role, actions, news)
with right, st.container(key=FORM):
    signed_before(case, st.session_state.get("signed_before"), go_to)
    if draft is not None:
        following = next_in(order, case.episode_id)
        about_them = psychiatrist.through(mask)
        recommendation_form(
            case,
            draft,
            Actions(
                save=lambda held, content: psychiatrist.write(save_draft, held, content),
                discard=lambda held: psychiatrist.write(discard_draft, held),
                changes=lambda seen: about_them.read(changed_since, case.episode_id, seen, day),
                letter=lambda held, role: psychiatrist.read(preview_letter, held, role, day),
                sign=sign_and_send,
                go_on=None if following is None else partial(go_on, following),
                chart=CHART,
            ),
            mask,
        )

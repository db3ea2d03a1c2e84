"""One case: who, why, the trajectory over the treatment, the recommendations beside them."""

from functools import partial
from time import sleep
from uuid import UUID

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.emergency import is_outside
from dashboard.clinical.advice.drafts import AlreadyAmended, DraftInTheWay, latest_scores
from dashboard.clinical.case.case_file import CaseReview
from dashboard.clinical.case.last_look import NOTHING_NEW
from dashboard.clinical.deidentification import as_it_is, mask_of, presented
from dashboard.components.access.emergency_notices import emergency_banner
from dashboard.components.advice.advice_problems import amendment_refused_in_words
from dashboard.components.advice.recommendation_form import Acts, recommendation_form
from dashboard.components.case.case_chart import case_chart
from dashboard.components.case.case_details import ReviewActs, case_details
from dashboard.components.case.case_header import case_header
from dashboard.components.case.news_line import news_line
from dashboard.components.elements.registry_age import registry_age
from dashboard.database import acting_as
from dashboard.delivery.sender import wake
from dashboard.locale import _
from dashboard.queries.access.emergency import running
from dashboard.queries.access.haste import opens_in_haste
from dashboard.queries.access.opening_in_emergency import end_emergency
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import begin_amendment, discard_draft, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.letters import open_letter, preview_letter
from dashboard.queries.advice.signing import changed_since, sign
from dashboard.queries.advice.withdrawing import withdraw
from dashboard.queries.case.case_file import open_case
from dashboard.queries.case.looking import look, take_back
from dashboard.queries.registry_age import registry_loaded_at
from dashboard.vocabulary import CARE_TEAM, Role
from dashboard.web.auth.authorization import signed_in
from dashboard.web.page_support.as_current_user import acting
from dashboard.web.page_support.record_downloads import record_acts
from dashboard.web.shell import meeting_session

practitioner = signed_in(*CARE_TEAM)
clinician, psychiatrist = acting(*CARE_TEAM), acting(Role.PSYCHIATRIST)
day = today()

SECONDS_TO_DRAW = 0.06
"""In which the browser draws the chart of a case that is opened, while nothing else comes.

Otherwise it lays out the whole page first.
"""


def chosen_episode() -> int | None:
    """The episode that the address names."""
    named = st.query_params.get("episode", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def go_to(episode_id: int) -> None:
    """Name another episode in the address."""
    st.query_params["episode"] = str(episode_id)


def sign_and_send(*what):
    """Sign, and let the letters leave at once."""
    signed = psychiatrist(sign, *what, day, latest_scores(case))
    wake()
    return signed


def withdraw_line(recommendation_id: UUID, reason: str) -> None:
    """Withdraw a line, and let the notices leave at once."""
    psychiatrist(withdraw, recommendation_id, reason, day)
    wake()


def amend(review: CaseReview) -> None:
    """Begin a draft that supersedes a review, unless something is in its way."""
    try:
        psychiatrist(begin_amendment, review.id)
    except (AlreadyAmended, DraftInTheWay) as refusal:
        st.session_state["amendment_refused"] = amendment_refused_in_words(refusal)
    # The button is in a fragment; what it changes is beside it.
    st.rerun()


def is_over(patient_id: int) -> bool:
    """Whether the emergency access has ended; asked by the page itself."""
    person = signed_in(*CARE_TEAM, automatic=True)
    with acting_as(person.practitioner_id) as connection:
        return running(connection, patient_id) is None


meeting = meeting_session.followed(practitioner, day)
episode_id = chosen_episode()
draft = None
with acting_as(practitioner.practitioner_id, about=episode_id) as connection:
    in_haste = episode_id is not None and opens_in_haste(connection, episode_id)
    case = None if episode_id is None or in_haste else open_case(connection, episode_id, as_of=day)
    news = NOTHING_NEW if case is None else look(connection, case)
    outside = case is not None and is_outside(case, practitioner.practitioner_id)
    emergency = running(connection, case.identity.patient_id) if case and outside else None
    may_write = (
        case is not None and practitioner.role == Role.PSYCHIATRIST and case.is_open and not outside
    )
    loaded_at = registry_loaded_at(connection)
    if case is not None and may_write:
        draft = open_draft(connection, case.episode_id)

if in_haste:
    st.warning(
        _("You have opened many records within a minute. Wait a moment, then open this one.")
    )
    st.stop()
if case is None:
    st.warning(_("This case does not exist, or it is not one of yours."))
    st.page_link("../pages/emergency.py", label=_("Emergency access"))
    st.stop()

mask = as_it_is
if practitioner.presenting:
    mask, case = mask_of(case.identity), presented(case, case.as_of)
newly_opened = st.session_state.get("case_in_hand") != case.episode_id
st.session_state["case_in_hand"] = case.episode_id
if emergency is not None:
    emergency_banner(
        emergency,
        lambda: is_over(case.identity.patient_id),
        lambda: clinician(end_emergency, emergency.id),
    )
meeting_session.show_meeting(meeting, case, day, practitioner, mask)
case_header(case, [] if meeting else st.session_state.get("case_order", []), go_to)
registry_age(loaded_at, now())
news_line(case, news, partial(clinician, take_back, case))
left, right = st.columns([3, 2], gap="medium")
with left:
    case_chart(case)
    if newly_opened:
        sleep(SECONDS_TO_DRAW)
    if refused := st.session_state.pop("amendment_refused", None):
        st.warning(refused)
    records = None if practitioner.role == Role.GP or outside else record_acts()
    acts = ReviewActs(
        give=partial(clinician, answer),
        read=partial(clinician, open_letter),
        amend=amend if may_write else None,
        records=records,
        withdraw=withdraw_line if may_write else None,
    )
    case_details(case, practitioner.role, acts, news)
with right:
    if draft is not None:
        recommendation_form(
            case,
            draft,
            Acts(
                save=partial(psychiatrist, save_draft),
                discard=partial(psychiatrist, discard_draft),
                changes=lambda seen: psychiatrist(changed_since, case.episode_id, seen, day),
                letter=lambda *what: psychiatrist(preview_letter, *what, day),
                sign=sign_and_send,
            ),
            mask,
        )

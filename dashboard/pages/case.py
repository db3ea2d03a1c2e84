"""One case: who, why, the trajectory over the treatment, the recommendations beside them."""

from uuid import UUID

import streamlit as st

from dashboard.clinical.case_file import CaseReview
from dashboard.clinical.drafts import AlreadyAmended, DraftInTheWay, latest_scores
from dashboard.components.advice_problems import amendment_refused_in_words
from dashboard.components.case_chart import case_chart
from dashboard.components.case_details import case_details
from dashboard.components.case_header import case_header
from dashboard.components.recommendation_form import Acts, recommendation_form
from dashboard.database import acting_as
from dashboard.locale import _
from dashboard.queries.case import open_case
from dashboard.queries.drafts import begin_amendment, discard_draft, open_draft, save_draft
from dashboard.queries.inbox import answer
from dashboard.queries.signing import changed_since, sign
from dashboard.web.clock import today
from dashboard.web.guard import signed_in

practitioner = signed_in("psychiatrist", "nurse", "gp")
day = today()


def chosen_episode() -> int | None:
    """The episode that the address names."""
    named = st.query_params.get("episode", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None


def go_to(episode_id: int) -> None:
    """Name another episode in the address."""
    st.query_params["episode"] = str(episode_id)


def as_psychiatrist(act, *arguments):
    """Do this in a transaction of whoever is signed in at the moment of the click."""
    with acting_as(signed_in("psychiatrist").practitioner_id) as connection:
        return act(connection, *arguments)


def give(recommendation_id: UUID, outcome: str, reason: str | None, key: UUID) -> None:
    """Record an answer."""
    person = signed_in("psychiatrist", "nurse", "gp")
    with acting_as(person.practitioner_id) as connection:
        answer(connection, recommendation_id, outcome, reason, key)


def amend(review: CaseReview) -> None:
    """Begin a draft that supersedes a review, unless something is in its way."""
    try:
        as_psychiatrist(begin_amendment, review.id)
    except (AlreadyAmended, DraftInTheWay) as refusal:
        st.session_state["amendment_refused"] = amendment_refused_in_words(refusal)
    # The button is in a fragment; what it changes is beside it.
    st.rerun()


episode_id = chosen_episode()
draft = None
with acting_as(practitioner.practitioner_id) as connection:
    case = None if episode_id is None else open_case(connection, episode_id, as_of=day)
    may_write = case is not None and practitioner.role == "psychiatrist" and case.is_open
    if case is not None and may_write:
        draft = open_draft(connection, case.episode_id)

if case is None:
    st.warning(_("This case does not exist, or it is not one of yours."))
    st.stop()

case_header(case, st.session_state.get("case_order", []), go_to)
left, right = st.columns([3, 2], gap="medium")
with left:
    case_chart(case)
    if refused := st.session_state.pop("amendment_refused", None):
        st.warning(refused)
    case_details(case, practitioner.role, give, amend if may_write else None)
with right:
    if draft is not None:
        recommendation_form(
            case,
            draft,
            Acts(
                save=lambda *what: as_psychiatrist(save_draft, *what),
                discard=lambda *what: as_psychiatrist(discard_draft, *what),
                changes=lambda seen: as_psychiatrist(changed_since, case.episode_id, seen, day),
                sign=lambda *what: as_psychiatrist(sign, *what, day, latest_scores(case)),
            ),
        )

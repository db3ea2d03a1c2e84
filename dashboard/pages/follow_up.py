"""The follow-up page: the unanswered, overdue and answered recommendations."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.calendar import now, today
from dashboard.clinical.access.cover import Cover
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import FollowedReview, NoLongerInCare, list_of
from dashboard.clinical.delivery import FailedDelivery
from dashboard.components.advice.delivery_lines import DeliveryActions, failed_deliveries_list
from dashboard.components.advice.follow_up_list import follow_up_list
from dashboard.components.caseload.list_choice import list_choice
from dashboard.components.elements.registry_age import registry_age
from dashboard.delivery.configuration import uses_folder
from dashboard.locale import _
from dashboard.queries.access.cover import covered_on
from dashboard.queries.advice.delivering import send_again, settle
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.advice.reminding import remind
from dashboard.queries.case.deliveries import failed_deliveries
from dashboard.queries.registry_age import registry_load
from dashboard.settings import settings
from dashboard.vocabulary import PAIR
from dashboard.web.page_support.record_downloads import period_file
from dashboard.web.page_support.viewer import PageConnection, viewer_for
from dashboard.words.advice.delivery import no_gateway_in_words

viewer = viewer_for(*PAIR)
practitioner = viewer.person
day = today()


def open_case(episode_id: int) -> None:
    """Open the page of the case ``episode_id``."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


def change_delivery(command: Callable[..., None], *arguments: object) -> None:
    """Run a command on a delivery. Streamlit calls this function when a button is clicked.

    The patient may have got other clinicians since the page was drawn.
    """
    try:
        viewer.write(command, *arguments)
    except NoLongerInCare:
        st.toast(_("The recipient no longer follows this patient."), icon=":material/error:")
    except NotYours:
        st.toast(_("This case is no longer one of yours."), icon=":material/error:")


def everything_followed(
    connection: PageConnection,
) -> tuple[list[FollowedReview], list[Cover], list[FailedDelivery]]:
    """Return all data of this page, read in one transaction."""
    return (
        follow_up(connection, day),
        covered_on(connection, practitioner.practitioner_id, day),
        failed_deliveries(connection),
    )


reviews, covered, failed = viewer.read(everything_followed)
registry_age(viewer.read(registry_load), now(), settings().registry_stale_hours)
whose = list_choice(practitioner.practitioner_id, practitioner.role, covered)

if uses_folder(settings()):
    st.caption(no_gateway_in_words())
failed_deliveries_list(
    failed,
    practitioner.role,
    DeliveryActions(
        partial(change_delivery, send_again),
        partial(change_delivery, settle),
    ),
)

follow_up_list(
    list_of(reviews, practitioner.role, whose),
    practitioner,
    day,
    lambda review_id, recipient_id: viewer.write(remind, review_id, recipient_id),
    open_case,
    period_file(),
)

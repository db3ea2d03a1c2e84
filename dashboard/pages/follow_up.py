"""What became of the advice: what nobody has answered, what is overdue, what followed."""

from functools import partial
from uuid import UUID

import streamlit as st

from dashboard.calendar import today
from dashboard.clinical.advice.follow_up import list_of, presented_follow_up
from dashboard.clinical.deidentification import presented
from dashboard.components.advice.delivery_lines import DeliveryActs, failed_deliveries_list
from dashboard.components.advice.follow_up_list import follow_up_list
from dashboard.components.caseload.list_choice import list_choice
from dashboard.database import acting_as
from dashboard.delivery.configuration import uses_folder
from dashboard.queries.access.cover import covered_on
from dashboard.queries.advice import reminding
from dashboard.queries.advice.delivering import send_again, settle
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.case.deliveries import failed_deliveries
from dashboard.settings import settings
from dashboard.vocabulary import PAIR
from dashboard.web.auth.authorization import signed_in
from dashboard.web.page_support.record_downloads import period_file
from dashboard.words.advice.delivery import no_gateway_in_words

practitioner = signed_in(*PAIR)
day = today()


def remind(case_review_id: UUID, recipient_id: int) -> None:
    """Queue a reminder in the name of whoever is signed in at the moment of the click."""
    person = signed_in(*PAIR)
    with acting_as(person.practitioner_id) as connection:
        reminding.remind(connection, case_review_id, recipient_id)


def open_case(episode_id: int) -> None:
    """Show this case."""
    st.switch_page("../pages/case.py", query_params={"episode": str(episode_id)})


def see_to(act, *arguments):
    """Do this about a letter, in the name of whoever is signed in at the moment of the click."""
    with acting_as(signed_in(*PAIR).practitioner_id) as connection:
        act(connection, *arguments)


with acting_as(practitioner.practitioner_id) as connection:
    reviews = follow_up(connection, day)
    covered = covered_on(connection, practitioner.practitioner_id, day)
    failed = failed_deliveries(connection)

whose = list_choice(practitioner.practitioner_id, practitioner.role, covered)
reviews = list_of(reviews, practitioner.role, whose)
if practitioner.presenting:
    reviews = presented_follow_up(reviews, day)
    failed = [presented(delivery, day) for delivery in failed]

if uses_folder(settings()):
    st.caption(no_gateway_in_words())
failed_deliveries_list(failed, DeliveryActs(partial(see_to, send_again), partial(see_to, settle)))

follow_up_list(reviews, practitioner, day, remind, open_case, period_file())

"""The state of letters: the list of failures, and the reply of a mail server as it was written."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clinical.delivery import Delivery, FailedDelivery, Failure
from dashboard.clinical.people import Identity, Person
from dashboard.components.advice.delivery_lines import (
    DeliveryActions,
    delivery_lines,
    failed_deliveries_list,
)
from dashboard.components.elements.escaping import plain

REPLY = "550 **full** [read](https://mail.example) :red[now] $x$"
SIGNED_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
DELIVERY = Delivery(
    id=UUID(int=1),
    recipient=Person(300, "Petit", "Anne"),
    role="gp",
    channel="mail",
    reminder=0,
    state="failed",
    attempts=3,
    queued_at=SIGNED_AT,
    failure=Failure("refused", REPLY),
)
FAILED = FailedDelivery(
    DELIVERY,
    Identity(1, "Lefèvre", "Camille", date(1983, 5, 2), "female", None, None),
    episode_id=1,
    case_review_id=UUID(int=2),
    signed_at=SIGNED_AT,
    lacks_letter=False,
    recipient_left=False,
    can_be_sent=True,
)


def page(draw, *arguments):
    from dashboard.locale import speaking

    with speaking("en"):
        draw(*arguments)


@pytest.mark.parametrize(
    "drawn",
    [
        (delivery_lines, [DELIVERY]),
        (failed_deliveries_list, [FAILED], "nurse", DeliveryActions(print, print)),
    ],
    ids=["under its review", "in the list of the failed"],
)
def test_the_reply_of_a_mail_server_is_not_read_as_markdown(drawn):
    tab = AppTest.from_function(page, args=drawn).run()
    assert not tab.exception
    (caption,) = [one for one in tab.caption if "refused" in one.value]
    assert "550" not in caption.value
    assert caption.proto.help == plain(f"Reply of the mail server: {REPLY}")


def listed(count):
    letters = [
        replace(FAILED, delivery=replace(DELIVERY, id=UUID(int=number)))
        for number in range(1, count + 1)
    ]
    drawn = (failed_deliveries_list, letters, "nurse", DeliveryActions(print, print))
    return AppTest.from_function(page, args=drawn).run()


def test_letters_beyond_the_first_are_a_click_away():
    tab = listed(7)
    assert len([one for one in tab.markdown if "Lefèvre" in one.value]) == 5
    tab.button(key="failed_deliveries/more").click().run()
    assert len([one for one in tab.markdown if "Lefèvre" in one.value]) == 7
    assert not [one for one in tab.button if one.key == "failed_deliveries/more"]


def test_a_letter_about_a_covered_patient_names_the_colleague():
    covered = replace(FAILED, covered=Person(9, "Cohen", "Nadia"))
    drawn = (failed_deliveries_list, [covered], "psychiatrist", DeliveryActions(print, print))
    tab = AppTest.from_function(page, args=drawn).run()
    assert "for Dr Cohen" in plain(tab.markdown[-1].value)

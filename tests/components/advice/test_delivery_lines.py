"""The state of letters: what a mail server replied is shown as it was written."""

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
        (failed_deliveries_list, [FAILED], DeliveryActions(print, print)),
    ],
    ids=["under its review", "in the list of the failed"],
)
def test_the_reply_of_a_mail_server_is_not_read_as_markdown(drawn):
    tab = AppTest.from_function(page, args=drawn).run()
    assert not tab.exception
    (caption,) = [one.value for one in tab.caption if "refused" in one.value]
    assert plain(f"({REPLY})") in caption

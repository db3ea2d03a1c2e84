"""The delivery of letters on the screen.

``delivery_lines`` shows the deliveries of one review. ``failed_deliveries_list`` shows all letters
that were not delivered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from dashboard.clinical.delivery import Delivery, FailedDelivery
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import moment
from dashboard.vocabulary import ToldBy
from dashboard.words.advice.delivery import (
    delivery_in_words,
    failure_in_words,
    recipient_in_words,
    settlement_name,
)

SHOWN = 5
"""The maximum number of failed letters in the list. When one of these letters is settled, the next
one appears.
"""


@dataclass(frozen=True)
class DeliveryActions:
    """The functions that the buttons of a failed letter call."""

    send_again: Callable[[UUID], None]
    settle: Callable[[UUID, str], None]
    """A function that records how a recipient learned the content of a letter that was not
    delivered.

    Its arguments are the id of the delivery and the way in which the recipient learned the content
    (``ToldBy``).
    """


def delivery_lines(deliveries: Sequence[Delivery]) -> None:
    """Draw the state of each delivery. A review has one delivery for each recipient."""
    fine = [one for one in deliveries if not one.needs_someone]
    if fine:
        st.caption("  ·  ".join(map(_line, fine)))
    for one in deliveries:
        if one.needs_someone:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(
                    pgettext("letter", "not delivered"), color="red", icon=":material/unsubscribe:"
                )
                st.caption(
                    _(
                        "{text}: {detail}",
                        text=_who(one),
                        detail=plain(failure_in_words(one.failure)),
                    )
                )


def failed_deliveries_list(failed: Sequence[FailedDelivery], actions: DeliveryActions) -> None:
    """Draw the letters that were not delivered, each with its buttons.

    Draw nothing if there are none.
    """
    if not failed:
        return
    with st.container(border=True, gap="xsmall", key="failed_deliveries"):
        count = ngettext("{n} letter not delivered", "{n} letters not delivered", len(failed))
        st.markdown(f"## :material/unsubscribe: {plain(count)}", anchors=False)
        for one in failed[:SHOWN]:
            _failed(one, actions)
        if len(failed) > SHOWN:
            more = ngettext("… and {n} more", "… and {n} more", len(failed) - SHOWN)
            st.caption(plain(more))


def _failed(one: FailedDelivery, actions: DeliveryActions) -> None:
    delivery = one.delivery
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(
                f"**{plain(patient_name(one.identity))}** · {_who(delivery)}"
                f" · {plain(_('signed on {moment}', moment=moment(one.signed_at)))}"
            )
            st.caption(plain(failure_in_words(delivery.failure)))
            if one.lacks_letter:
                st.caption(_("No letter was made with this review."))
        if one.can_be_sent:
            st.button(
                _("Send again"),
                key=f"send_again_{delivery.id}",
                icon=":material/forward_to_inbox:",
                on_click=actions.send_again,
                args=(delivery.id,),
            )
        _settling(delivery, actions)


def _settling(delivery: Delivery, actions: DeliveryActions) -> None:
    with st.popover(_("Told otherwise"), key=f"told_{delivery.id}"):
        st.caption(plain(_("How does {name} know?", name=recipient_in_words(delivery))))
        for how in ToldBy:
            st.button(
                settlement_name(how).capitalize(),
                key=f"told_{delivery.id}_{how}",
                on_click=actions.settle,
                args=(delivery.id, how),
                width="stretch",
            )


def _line(delivery: Delivery) -> str:
    return _("{text}: {detail}", text=_who(delivery), detail=plain(delivery_in_words(delivery)))


def _who(delivery: Delivery) -> str:
    return plain(recipient_in_words(delivery))

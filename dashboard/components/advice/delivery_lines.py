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
from dashboard.components.elements.stylesheet import stylesheet
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import moment
from dashboard.vocabulary import ToldBy
from dashboard.words.access.cover import on_behalf_of
from dashboard.words.advice.delivery import (
    delivery_in_words,
    failure_in_words,
    no_longer_in_care_in_words,
    recipient_in_words,
    reply_of,
    settlement_name,
)

SHOWN = 5
"""The number of failed letters in the list until the reader asks for all. When one of these letters
is settled, the next one appears.
"""

_ALL = "failed_deliveries/all"


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
                    ),
                    help=_reply(one),
                )


def failed_deliveries_list(
    failed: Sequence[FailedDelivery], role: str, actions: DeliveryActions
) -> None:
    """Draw the letters that were not delivered, each with its buttons.

    ``role`` is the role of the reader. Draw nothing if there are no such letters.
    """
    if not failed:
        return
    stylesheet(__file__)
    shown = failed if st.session_state.get(_ALL) else failed[:SHOWN]
    with st.container(border=True, gap="xsmall", key="failed_deliveries"):
        count = ngettext("{n} letter not delivered", "{n} letters not delivered", len(failed))
        st.markdown(f"## :material/unsubscribe: {plain(count)}", anchors=False)
        st.caption(_("A letter can have several recommendations. They are counted below."))
        for one in shown:
            _failed(one, role, actions)
        if len(failed) > len(shown):
            st.button(
                ngettext("Show {n} more", "Show {n} more", len(failed) - len(shown)),
                key="failed_deliveries/more",
                icon=":material/expand_more:",
                on_click=_show_all,
            )


def _show_all() -> None:
    st.session_state[_ALL] = True


def _failed(one: FailedDelivery, role: str, actions: DeliveryActions) -> None:
    delivery = one.delivery
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"failed/{delivery.id}"
    ):
        with st.container(gap=None, width="stretch"):
            said = [
                _who(delivery),
                plain(_("signed on {moment}", moment=moment(one.signed_at))),
            ]
            if one.covered is not None:
                said.append(plain(on_behalf_of(one.covered, role)))
            st.markdown(" · ".join((f"**{plain(patient_name(one.identity))}**", *said)))
            st.caption(plain(failure_in_words(delivery.failure)), help=_reply(delivery))
            if delivery.answered_at:
                st.caption(
                    plain(
                        _(
                            "{name} has answered a recommendation of this review on {moment}.",
                            name=recipient_in_words(delivery),
                            moment=moment(delivery.answered_at),
                        )
                    )
                )
            if one.lacks_letter:
                st.caption(_("No letter was made with this review."))
            if one.recipient_left and not _says_who_left(delivery):
                name = delivery.recipient.family_name if delivery.recipient else "?"
                st.caption(plain(no_longer_in_care_in_words(delivery.role, name)))
        if one.can_be_sent:
            st.button(
                _("Send again"),
                key=f"send_again_{delivery.id}",
                icon=":material/forward_to_inbox:",
                on_click=actions.send_again,
                args=(delivery.id,),
            )
        _settling(delivery, actions)


def _says_who_left(delivery: Delivery) -> bool:
    return delivery.failure is not None and delivery.failure.code in ("inactive", "not_in_care")


def _settling(delivery: Delivery, actions: DeliveryActions) -> None:
    with st.popover(_("Told by other means"), key=f"told_{delivery.id}"):
        st.caption(plain(_("How does {name} know?", name=recipient_in_words(delivery))))
        for how in ToldBy:
            st.button(
                settlement_name(how).capitalize(),
                key=f"told_{delivery.id}_{how}",
                on_click=actions.settle,
                args=(delivery.id, how),
                width="stretch",
            )


def _reply(delivery: Delivery) -> str | None:
    """Return the reply of the mail server, for a tooltip; None if there is none."""
    return plain(reply_of(delivery.failure)) or None


def _line(delivery: Delivery) -> str:
    return _("{text}: {detail}", text=_who(delivery), detail=plain(delivery_in_words(delivery)))


def _who(delivery: Delivery) -> str:
    return plain(recipient_in_words(delivery))

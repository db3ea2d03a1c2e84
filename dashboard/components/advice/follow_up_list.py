"""The list of the follow-up page.

It shows each recommendation with its state, its reminders, and the change of the scores since the
advice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

import streamlit as st

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import (
    DeliveryFact,
    FollowedLine,
    FollowedReview,
    NoLongerInCare,
    NothingAwaited,
    Recipient,
    TooSoon,
)
from dashboard.clinical.advice.inbox import Superseded
from dashboard.clinical.delivery import Failure
from dashboard.components.advice.advice_line import STATE_BADGES
from dashboard.components.advice.follow_up_filters import follow_up_filters
from dashboard.components.advice.record_panel import PeriodFile, record_export
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, short_day
from dashboard.vocabulary import DeliveryState, Role
from dashboard.words.advice.delivery import (
    failure_in_words,
    no_longer_in_care_in_words,
    reply_of,
)
from dashboard.words.advice.lines import answer_in_words, recommendation_in_words, state_name
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.advice.settlements import end_in_words, kept_from_in_words, unanswered_in_words
from dashboard.words.case.scores import scores_in_words
from dashboard.words.roles import role_name

REVIEWS_ON_A_PAGE = 12

Remind = Callable[[UUID, int], object]
"""A function that queues a reminder.

Its arguments are the id of the review and the id of the recipient.
"""


class Reader(Protocol):
    """The person who reads the page."""

    @property
    def practitioner_id(self) -> int: ...
    @property
    def role(self) -> str: ...


@dataclass
class Told:
    """The result of the last click on a reminder button. The next run of the whole page shows it.

    ``queued`` is true after the click, until that run has begun. It is true also if the reminder
    was refused.
    """

    said: str | None = None
    queued: bool = False


@fragment
def follow_up_list(
    reviews: list[FollowedReview],
    reader: Reader,
    today: date,
    remind: Remind,
    open_case: Callable[[int], None],
    period_file: PeriodFile | None,
) -> None:
    """Draw the filters and the reviews of the follow-up page.

    The buttons of a review call ``remind`` and ``open_case``. ``period_file`` makes the file with
    the records of a period; None if no file is offered. After a change of the filters, only this
    fragment runs again. After a click on a reminder button, the whole page runs again.
    """
    told = st.session_state.setdefault("follow_up/told", Told())
    if told.queued:
        told.queued = False
        st.rerun()
    if told.said:
        st.info(told.said)
        told.said = None
    if not reviews:
        st.info(_("No advice yet. What is recommended in a signed review is followed here."))
        record_export(today, period_file)
        return
    chosen = follow_up_filters(
        reviews, today, reader.role, lambda: record_export(today, period_file)
    )
    shown = chosen.kept(reviews, today)
    lines = sum(len(review.lines) for review in shown)
    if not shown:
        st.info(_("No advice matches these filters."))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{ngettext('{n} recommendation', '{n} recommendations', lines)}"
            f" · {ngettext('{n} review', '{n} reviews', len(shown))}",
            width="content",
        )
        page = _page_of(shown)
    whole = {review.id: review for review in reviews}
    for review in page:
        with st.container(border=True, gap="xsmall", key=f"follow_up/{review.id}"):
            _head(whole[review.id], reader, today, remind, told, open_case)
            for one in review.lines:
                _line(review, one, whole[review.id].recipients, today)


def _page_of(reviews: list[FollowedReview]) -> list[FollowedReview]:
    pages = -(-len(reviews) // REVIEWS_ON_A_PAGE)
    if pages < 2:
        return reviews
    first = (st.pagination(pages, key="follow_up/page") - 1) * REVIEWS_ON_A_PAGE
    return reviews[first : first + REVIEWS_ON_A_PAGE]


def _head(
    review: FollowedReview,
    reader: Reader,
    today: date,
    remind: Remind,
    told: Told,
    open_case: Callable[[int], None],
) -> None:
    name = plain(patient_name(review.identity))
    years = ngettext("{n} year", "{n} years", review.identity.age_on(today))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {name} · {years}", anchors=False, width="stretch")
        for recipient in _others(review, reader):
            _reminder(review, recipient, today, remind, told)
        st.button(
            _("Open the case of {patient}", patient=name),
            key=f"follow_up/{review.id}/open",
            type="tertiary",
            icon=":material/open_in_new:",
            on_click=open_case,
            args=(review.episode_id,),
        )
    st.caption(_facts(review, today))


def _others(review: FollowedReview, reader: Reader) -> list[Recipient]:
    """Return the recipients of the review, but not the reader, who needs no reminder by mail."""
    return [one for one in review.recipients if one.person.id != reader.practitioner_id]


def _facts(review: FollowedReview, today: date) -> str:
    by = review.signed_by.family_name if review.signed_by else "?"
    age = ngettext("{n} day ago", "{n} days ago", review.age_in_days(today))
    facts = [
        _("Signed on {day}, {age}", day=day(review.signed_on), age=age),
        _("Dr {name}", name=by),
        _("Nurse {name}", name=review.nurse.family_name) if review.nurse else None,
        review.site,
        risk_in_words(review.risk) if review.risk else None,
        scores_in_words(review.scores, today),
    ]
    return "  ·  ".join(plain(fact) for fact in facts if fact)


def _reminder(
    review: FollowedReview, recipient: Recipient, today: date, remind: Remind, told: Told
) -> None:
    if not review.awaited_of(recipient.role) or not recipient.got_letter:
        return
    if not recipient.in_care:
        st.caption(plain(_no_longer_in_care(recipient)), width="content")
        return
    if recipient.undelivered(today):
        return
    allowed_on = recipient.may_be_reminded_on()
    if recipient.reminders:
        st.caption(
            plain(
                ngettext(
                    "{n} reminder, on {day}",
                    "{n} reminders, the last on {day}",
                    len(recipient.reminders),
                    day=short_day(recipient.reminders[-1].queued_on),
                )
            ),
            width="content",
        )
    if allowed_on is not None and allowed_on > today:
        st.caption(plain(_("next from {day}", day=short_day(allowed_on))), width="content")
        return
    st.button(
        _remind_in_words(recipient),
        key=f"follow_up/{review.id}/remind/{recipient.person.id}",
        icon=":material/notifications:",
        on_click=_remind,
        args=(remind, told, review.id, recipient),
        help=_("Sends a new mail in the same thread; at most one a week."),
    )


def _no_longer_in_care(recipient: Recipient) -> str:
    return no_longer_in_care_in_words(recipient.role, recipient.person.family_name)


def _remind_in_words(recipient: Recipient) -> str:
    name = plain(recipient.person.family_name)
    if recipient.role == Role.GP:
        return _("Remind Dr {name}", name=name)
    return _("Remind nurse {name}", name=name)


def _remind(remind: Remind, told: Told, review_id: UUID, recipient: Recipient) -> None:
    """Queue a reminder. Streamlit calls this function when the button is clicked.

    The result is stored in ``told``, and the next run shows it.
    """
    try:
        remind(review_id, recipient.person.id)
    except TooSoon as refusal:
        told.said = _(
            "Already reminded: the next reminder is possible on {day}.", day=day(refusal.allowed_on)
        )
    except (NothingAwaited, Superseded):
        told.said = _("Nothing is awaited any more: no reminder was sent.")
    except NoLongerInCare:
        told.said = _no_longer_in_care(recipient)
    except NotYours:
        told.said = _("This case is no longer one of yours.")
    else:
        told.said = _("The reminder is on its way.")
    told.queued = True


def _line(
    review: FollowedReview, one: FollowedLine, recipients: tuple[Recipient, ...], today: date
) -> None:
    line = one.line
    kept = line.course is not None and line.course.line.review_id != review.id
    colour, icon = STATE_BADGES[one.state]
    number = "" if kept else f"{line.position}\\. "
    said = [
        f"{number}{plain(recommendation_in_words(line))}",
        f"**{plain(role_name(line.owner_role))}**",
    ]
    if line.current_due_on is not None:
        said.append(plain(_due(line.current_due_on, one.state, today)))
    below = [
        kept_from_in_words(line) if kept else "",
        end_in_words(line),
        answer_in_words(line.current_answer) if line.current_answer else "",
    ]
    failures = [Failure.read(failed.error) for failed in _failed(one, recipients, today)]
    with st.container(horizontal=True, gap="small"):
        st.badge(plain(_state_in_words(one, today)), color=colour, icon=icon)
        with st.container(gap=None):
            st.markdown(" · ".join(said))
            for words in filter(None, below):
                st.caption(plain(words))
            for failure in failures:
                st.caption(plain(failure_in_words(failure)), help=plain(reply_of(failure)) or None)


def _state_in_words(one: FollowedLine, today: date) -> str:
    since = unanswered_in_words(one.line, today) if one.state == one.line.state else ""
    return since or state_name(one.state)


def _failed(
    one: FollowedLine, recipients: tuple[Recipient, ...], today: date
) -> list[DeliveryFact]:
    """Return the mails to the owner of the line ``one`` that could not be delivered.

    Return an empty list if the line does not have the state ``not_delivered``.
    """
    if one.state != "not_delivered":
        return []
    mails = [each.undelivered(today) for each in recipients if each.role == one.line.owner_role]
    return [mail for mail in mails if mail is not None and mail.state == DeliveryState.FAILED]


def _due(due_on: date, state: str, today: date) -> str:
    by = _("by {day}", day=day(due_on))
    if state != "overdue":
        return by
    return f"{by}, {ngettext('{n} day late', '{n} days late', (today - due_on).days)}"

"""The bar of a running meeting: the current case, the time, and the decision on the case.

The bar is a fragment that reads the state of the meeting every two seconds. It is drawn only while
the meeting runs and the reader follows it. When the other person moves to another case or decides
the current case, the page of the reader changes too. A text that the reader is typing is saved
before the page changes.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import streamlit as st

from dashboard.clinical.advice.lines import LONGEST_FIELD
from dashboard.clinical.meeting.meetings import (
    AlreadyDecided,
    Arrived,
    Meeting,
    MeetingItem,
    next_item,
    place,
    previous_item,
    runs_over,
    seconds_in_all,
    seconds_on,
    undecided,
)
from dashboard.components.elements.autosave_text import held_text, live_text
from dashboard.components.elements.colours import ColourName
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.page_turning import page_turning
from dashboard.locale import _, ngettext
from dashboard.vocabulary import Outcome
from dashboard.words.meeting.meetings import (
    arrivals_in_words,
    decision_in_words,
    minutes,
    outcome_name,
    refusal_in_words,
    with_whom,
)

EVERY = "2s"
"""The interval at which the bar reads the state of the meeting.

It is short enough for both people to see the same case within three seconds.
"""

TURNED_AFTER = 6.0
"""The time in seconds after which the page changes even if the browser has not reported that it is
ready.

It must be longer than the time for which ``page_turning`` waits for a text. Otherwise the page
could change before that wait ends, and a text typed in the last second would be lost.
"""

AFTER_THE_END = "case_after_the_end"
"""The state of a page with a case that was drawn after the meeting had ended."""

STAYS_AFTER_THE_END = 1.0
"""The time for which a page in the state ``AFTER_THE_END`` stays open, in seconds.

During this time, the browser sends the texts that it has kept for the fields of the page.
"""

PREVIOUS, NEXT = "Alt+Up", "Alt+Down"
"""The keys that change the case.

Single letters are not used, because they could change the case while a person is typing.
"""

OUTCOME_BADGES: Mapping[Outcome, tuple[ColourName, str]] = {
    Outcome.REVIEWED: ("green", ":material/task_alt:"),
    Outcome.NO_CHANGE: ("blue", ":material/done_all:"),
    Outcome.DEFERRED: ("gray", ":material/event_repeat:"),
}
"""The colour and the icon of each outcome of a case in the meeting.

The name of the outcome is always written beside them.
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeetingActions:
    """The actions of the bar. Each action is one transaction.

    The actions raise the errors of ``dashboard.queries.meeting.holding``. ``no_change`` is None for
    a reader who does not sign.
    """

    follow: Callable[[], Meeting | None]
    turn_to: Callable[[UUID], object]
    no_change: Callable[[UUID], object] | None
    defer: Callable[[UUID, str], object]
    take_up: Callable[[UUID], object]
    end: Callable[[], object]
    follow_page: Callable[[], None]
    """A function that opens the page for the state of the meeting: another case, or the summary."""


def meeting_bar(
    meeting: Meeting, me: int, pace: int, actions: MeetingActions, mask: Callable[[str], str]
) -> None:
    """Draw the bar for the case on the page, and follow the meeting from now on.

    ``me`` is the id of the reader. ``pace`` is the usual time for a case, in seconds. While the
    screen is shared, ``mask`` removes identifying parts of a text.
    """
    key = f"meeting/{meeting.id}"
    follow = fragment(_follow, run_every=EVERY, key=key)
    # If the meeting has ended, the bar must open the summary. The state ``AFTER_THE_END`` makes the
    # bar do so.
    drawn = _page_for(meeting) if meeting.is_running else AFTER_THE_END
    follow(key, drawn, meeting.current_item_id, me, pace, actions, mask)


def other_meetings(running: list[Meeting], me: int, go_on: Callable[[Meeting], None]) -> None:
    """Draw the running meetings that this page does not follow.

    The button of a meeting calls ``go_on``, which joins the meeting.
    """
    for meeting in running:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_("running"), color="blue", icon=":material/groups:")
            st.caption(plain(with_whom(meeting, me)), width="content")
            clicked = st.button(
                _("Join the meeting"), key=f"meeting/{meeting.id}/join", type="tertiary"
            )
        if clicked:
            go_on(meeting)


def arrivals(arrived: Arrived) -> None:
    """Draw the facts that were added to the case since the meeting began."""
    if arrived:
        st.info(
            plain(
                _(
                    "New since the meeting began: {facts}",
                    facts=" · ".join(arrivals_in_words(arrived)),
                )
            ),
            icon=":material/fiber_new:",
        )


@dataclass
class _Bar:
    """The state of the bar between two runs.

    Callbacks change only this object, because Streamlit may end a callback that uses the session
    state. The times are values of ``time.monotonic``, in seconds.
    """

    refusal: Exception | None = None
    """The error of the last clicked button, or None if the click succeeded."""
    about: UUID | None = None
    """The id of the case on which the last button was clicked."""
    turning_to: str | None = None
    """The state to which the page is about to change."""
    waits_since: float = 0.0
    """The time at which the page began to wait for the change to ``turning_to``."""
    after_the_end_since: float | None = None
    """The time at which a case was first drawn after the end of the meeting."""
    deferring: UUID | None = None
    """The case for which the button "Defer it" was clicked."""
    unexplained: UUID | None = None
    """The case that was not deferred because no reason was typed."""


def _follow(
    key: str,
    drawn: str,
    shown: UUID | None,
    me: int,
    pace: int,
    actions: MeetingActions,
    mask: Callable[[str], str],
) -> None:
    bar: _Bar = st.session_state.setdefault(key, _Bar())
    _defer(key, bar, actions)
    meeting = actions.follow()
    _turn(key, bar, drawn, _page_for(meeting), actions)
    item = meeting.item(shown) if meeting else None
    if meeting is None:
        return
    with st.container(border=True, gap="xxsmall", key=f"{key}/bar"):
        if item is None:
            st.caption(_("The meeting is at a case that is not one of yours."))
        else:
            _draw(key, bar, meeting, item, me, pace, actions, mask)


def _page_for(meeting: Meeting | None) -> str:
    """Return the state of the page that belongs to the state of the meeting.

    The state is ``end``, ``not_mine``, or the current case with its decision. When it changes, the
    page is redrawn.
    """
    if meeting is None or not meeting.is_running:
        return "end"
    item = meeting.current
    # The item is None if the reader is not allowed to see the current patient. The reader then
    # waits for the next case.
    return "not_mine" if item is None else f"{item.id}/{item.outcome}/{item.case_review_id}"


def _turn(key: str, bar: _Bar, drawn: str, now: str, actions: MeetingActions) -> None:
    target = now if now != drawn and not _stays(bar, drawn) else None
    ready = page_turning(target, key=f"{key}/turning")
    if bar.turning_to != target:
        bar.turning_to, bar.waits_since = target, time.monotonic()
    waited = time.monotonic() - bar.waits_since >= TURNED_AFTER
    if target is not None and (waited or ready == target):
        bar.turning_to = None
        actions.follow_page()


def _stays(bar: _Bar, drawn: str) -> bool:
    """Return whether the page must not change yet.

    A page with a case that was drawn after the end of the meeting stays open for
    ``STAYS_AFTER_THE_END`` seconds.
    """
    if drawn != AFTER_THE_END:
        return False
    if bar.after_the_end_since is None:
        bar.after_the_end_since = time.monotonic()
    return time.monotonic() - bar.after_the_end_since < STAYS_AFTER_THE_END


def _draw(
    key: str,
    bar: _Bar,
    meeting: Meeting,
    item: MeetingItem,
    me: int,
    pace: int,
    actions: MeetingActions,
    mask: Callable[[str], str],
) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
    ):
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="small"
        ):
            _turning(key, bar, meeting, item, actions)
            _time(meeting, item, pace)
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="small"
        ):
            _outcome(key, bar, item, actions)
            _ending(key, bar, meeting, me, actions)
    if item.outcome is not None:
        _decided(key, bar, item, actions, mask)
    if bar.refusal is not None and bar.about == item.id:
        st.warning(plain(mask(refusal_in_words(bar.refusal))), icon=":material/info:")


def _turning(
    key: str, bar: _Bar, meeting: Meeting, item: MeetingItem, actions: MeetingActions
) -> None:
    number, count = place(meeting, item)
    before, after = previous_item(meeting, item), next_item(meeting, item)
    turn = partial(_turn_button, bar, item, actions)
    turn(f"{key}/previous", before, _("Previous case"), "left", PREVIOUS)
    st.markdown(f"**{number} / {count}**", width="content")
    turn(f"{key}/next", after, _("Next case"), "right", NEXT)


def _turn_button(
    bar: _Bar,
    here: MeetingItem,
    actions: MeetingActions,
    key: str,
    target: MeetingItem | None,
    label: str,
    side: str,
    shortcut: str,
) -> None:
    st.button(
        label,
        key=key,
        icon=f":material/chevron_{side}:",
        shortcut=shortcut,
        disabled=target is None,
        on_click=_try,
        args=(bar, here.id, actions.turn_to, target and target.id),
    )


def _time(meeting: Meeting, item: MeetingItem, pace: int) -> None:
    here = seconds_on(meeting, item)
    st.caption(
        _(
            "{case} on this case · {all} in all",
            case=minutes(here),
            all=minutes(seconds_in_all(meeting)),
        ),
        width="content",
    )
    if runs_over(here, pace):
        st.badge(
            _("over {usual}", usual=minutes(pace)),
            color="gray",
            icon=":material/hourglass_bottom:",
            help=_("Longer than a case usually takes you."),
        )


def _outcome(key: str, bar: _Bar, item: MeetingItem, actions: MeetingActions) -> None:
    if item.outcome is not None:
        return
    if actions.no_change is not None:
        st.button(
            _("No change"),
            key=f"{key}/{item.id}/no_change",
            icon=":material/done_all:",
            help=_("Signs a review that says so, with the next review."),
            on_click=_try,
            args=(bar, item.id, actions.no_change, item.id),
        )
    _deferral(key, bar, item)


def _decided(
    key: str, bar: _Bar, item: MeetingItem, actions: MeetingActions, mask: Callable[[str], str]
) -> None:
    outcome = Outcome(item.outcome or Outcome.DEFERRED)
    colour, icon = OUTCOME_BADGES[outcome]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(outcome_name(outcome), color=colour, icon=icon)
        st.caption(plain(mask(decision_in_words(item))), width="content")
        if outcome == Outcome.DEFERRED:
            st.button(
                _("Take it up again"),
                key=f"{key}/{item.id}/take_up",
                type="tertiary",
                on_click=_try,
                args=(bar, item.id, actions.take_up, item.id),
            )


def _deferral(key: str, bar: _Bar, item: MeetingItem) -> None:
    with st.popover(_("Defer"), icon=":material/event_repeat:", key=f"{key}/{item.id}/defer"):
        live_text(
            _("Why it is put off"),
            held_text(_reason_key(key, item.id), LONGEST_FIELD),
            key=_reason_key(key, item.id),
            longest=LONGEST_FIELD,
            error=_("Say why.") if bar.unexplained == item.id else None,
            held=True,
        )
        st.caption(_("It comes first at the next meeting."))
        st.button(
            _("Defer it"), key=f"{key}/{item.id}/defer_it", on_click=_want, args=(bar, item.id)
        )


def _ending(key: str, bar: _Bar, meeting: Meeting, me: int, actions: MeetingActions) -> None:
    left = len(undecided(meeting))
    with st.popover(_("End the meeting"), key=f"{key}/ending"):
        st.caption(plain(with_whom(meeting, me)))
        if left:
            st.text(
                ngettext(
                    "{n} case has no decision yet. It will stay undecided and keep its rank.",
                    "{n} cases have no decision yet. They will stay undecided and keep their rank.",
                    left,
                )
            )
        else:
            st.text(_("Every case has a decision."))
        st.button(
            _("End it"),
            key=f"{key}/end",
            type="primary",
            on_click=_try,
            args=(bar, meeting.current_item_id, lambda _item: actions.end(), None),
        )


def _want(bar: _Bar, item_id: UUID) -> None:
    bar.deferring = item_id


def _defer(key: str, bar: _Bar, actions: MeetingActions) -> None:
    """Defer the case for which the button "Defer it" was clicked.

    The browser has sent the reason with the click. If the reason is empty, do not defer the case,
    and ask for a reason in the bar.
    """
    item_id = bar.deferring
    if item_id is None:
        return
    reason = held_text(_reason_key(key, item_id), LONGEST_FIELD)
    bar.deferring = bar.unexplained = None
    if reason.strip():
        _try(bar, item_id, lambda one: actions.defer(one, reason), item_id)
    else:
        bar.unexplained = item_id


def _reason_key(key: str, item_id: UUID) -> str:
    return f"{key}/{item_id}/reason"


def _try(bar: _Bar, about: UUID | None, act: Callable[[UUID], object], item_id: UUID) -> None:
    """Call ``act`` with ``item_id``. If ``act`` fails, store the error, so that the bar shows it.

    ``about`` is the id of the case on whose page the button was clicked.
    """
    bar.refusal, bar.about = None, about
    try:
        act(item_id)
    except AlreadyDecided as refusal:
        bar.refusal = refusal
    except Exception as error:
        # Log only the type, because the message of a database error may contain data of the case.
        _log.error("A step of a meeting was not taken: %s", type(error).__name__)
        bar.refusal = error

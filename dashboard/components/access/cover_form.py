"""The parts of the page about covers.

A cover lets a colleague see the list of a practitioner for some days. The page shows who covers the
signed-in person, and whom this person covers. It also has the form that hands over a list.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import streamlit as st

from dashboard.clinical.access.cover import LONGEST_DAYS, Colleague, Cover, Handover, NotPossible
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.locale import _
from dashboard.locale.formats import full_name
from dashboard.words.access.cover import colleague_in_words, problem_in_words, span_in_words, titled

USUAL_DAYS = 14
"""The default length of a cover, in days: a holiday of two weeks [proposal]."""

_ROW: dict[str, Any] = {
    "horizontal": True,
    "horizontal_alignment": "distribute",
    "vertical_alignment": "center",
    "border": True,
}

_log = logging.getLogger(__name__)


def covers_of_mine(covers: Sequence[Cover], today: date, end: Callable[[UUID], None]) -> None:
    """Draw the colleagues who cover the signed-in person now or later.

    The button beside each cover calls ``end`` with the id of the cover.
    """
    st.header(_("Who covers me"), anchor=False)
    if not covers:
        st.caption(_("Nobody. Your list is yours alone."))
    for cover in covers:
        with st.container(**_ROW):
            st.markdown(
                _who(cover, today, full_name(cover.covering.family_name, cover.covering.given_name))
            )
            st.button(
                _("End now") if cover.holds_on(today) else _("Cancel"),
                key=f"cover/{cover.id}/end",
                icon=":material/event_busy:",
                on_click=end,
                args=(cover.id,),
                width="content",
            )


def covers_by_me(
    covers: Sequence[Cover], role: str, today: date, open_list: Callable[[int], None]
) -> None:
    """Draw the colleagues whom the signed-in person covers now or later.

    The button beside a cover that holds today calls ``open_list`` with the id of the covered
    colleague.
    """
    st.header(_("Whom I cover"), anchor=False)
    if not covers:
        st.caption(_("Nobody."))
    for cover in covers:
        with st.container(**_ROW):
            st.markdown(_who(cover, today, titled(cover.covered, role)))
            if cover.holds_on(today):
                st.button(
                    _("Open the list"),
                    key=f"cover/{cover.id}/open",
                    icon=":material/open_in_new:",
                    on_click=open_list,
                    args=(cover.covered.id,),
                    width="content",
                )


def _who(cover: Cover, today: date, name: str) -> str:
    return f"**{plain(name)}** · {plain(span_in_words(cover, today))}"


def handover_form(
    colleagues: Sequence[Colleague],
    by_me: Sequence[Cover],
    today: date,
    hand_over: Callable[[Handover], object],
) -> None:
    """Draw the form that hands over the signed-in person's list.

    The form is a fragment, so that a choice redraws only the form. ``by_me`` are the covers in
    which this person covers a colleague. If such a cover is on the chosen days, the form warns that
    the colleague's list is not handed over too. ``hand_over`` raises the errors of
    ``dashboard.queries.access.covering.hand_over``.
    """
    st.header(_("Hand my list over"), anchor=False)
    if not colleagues:
        st.info(_("The registry knows no other colleague of your role."))
        return
    fragment(_form, key="cover/form")(colleagues, by_me, today, hand_over)


@dataclass
class _Wish:
    """The state of the form that hands over a list.

    The button sets ``wanted``, and the next run of the page hands over the list. ``made`` is the
    number of covers that were made with this form. It is part of the widget keys, so that the
    fields are empty after each cover. ``told`` is the number of covers whose confirmation was
    shown.
    """

    wanted: bool = False
    made: int = 0
    told: int = 0


def _form(
    colleagues: Sequence[Colleague],
    by_me: Sequence[Cover],
    today: date,
    hand_over: Callable[[Handover], object],
) -> None:
    wish: _Wish = st.session_state.setdefault("cover/wish", _Wish())
    if wish.told < wish.made:
        wish.told = wish.made
        st.success(_("Handed over. You can end it at any time."), icon=":material/task_alt:")
    handover = _chosen(colleagues, today, wish)
    _warn(colleagues, by_me, handover)
    st.button(
        _("Hand over"),
        key="cover/hand_over",
        type="primary",
        icon=":material/swap_horiz:",
        on_click=_want,
        args=(wish,),
    )
    if wish.wanted:
        wish.wanted = False
        _make(handover, wish, hand_over)


def _want(wish: _Wish) -> None:
    wish.wanted = True


def _chosen(colleagues: Sequence[Colleague], today: date, wish: _Wish) -> Handover:
    known = {one.person.id: one for one in colleagues}
    who, first, last = st.columns([2, 1, 1])
    furthest = today + timedelta(days=LONGEST_DAYS)
    with who:
        colleague_id = st.selectbox(
            _("To"),
            list(known),
            index=None,
            format_func=lambda one: colleague_in_words(known[one]) if one in known else "",
            placeholder=_("Choose a colleague"),
            key=f"cover/{wish.made}/colleague",
        )
    with first:
        starts_on = _day(_("First day"), today, today, furthest, f"cover/{wish.made}/first")
    with last:
        ends_on = _day(
            _("Last day"),
            today + timedelta(days=USUAL_DAYS - 1),
            today,
            furthest + timedelta(days=LONGEST_DAYS),
            f"cover/{wish.made}/last",
        )
    return Handover(colleague_id, starts_on, ends_on)


def _day(label: str, value: date, first: date, last: date, key: str) -> date | None:
    chosen = st.date_input(
        label, value, min_value=first, max_value=last, format="DD/MM/YYYY", key=key
    )
    return chosen if isinstance(chosen, date) else None


def _warn(colleagues: Sequence[Colleague], by_me: Sequence[Cover], handover: Handover) -> None:
    if handover.colleague_id is None:
        return
    if any(one.person.id == handover.colleague_id and not one.has_account for one in colleagues):
        st.warning(_("This colleague has no account yet, and cannot see your list until then."))
    if handover.starts_on is None or handover.ends_on is None:
        return
    for cover in by_me:
        if cover.meets(handover.starts_on, handover.ends_on):
            name = full_name(cover.covered.family_name, cover.covered.given_name)
            st.warning(
                plain(
                    _("On some of these days you cover {name}. That does not pass on.", name=name)
                )
            )


def _make(handover: Handover, wish: _Wish, hand_over: Callable[[Handover], object]) -> None:
    try:
        hand_over(handover)
    except NotPossible as refusal:
        st.error(problem_in_words(refusal.problem))
    except Exception as error:
        _log.error("A list could not be handed over: %s", type(error).__name__)
        st.error(_("Your list was not handed over. Try again."))
    else:
        wish.made += 1
        st.rerun(scope="app")

"""The filters of the follow-up page: state, owner, nurse, site and age of the advice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.clinical.advice.follow_up import (
    AWAITED,
    STATES,
    FollowedLine,
    FollowedReview,
    counts,
    with_lines,
)
from dashboard.clinical.people import folded
from dashboard.components.elements.escaping import choice
from dashboard.locale import _
from dashboard.locale.formats import full_name
from dashboard.vocabulary import OWNER_ROLES, Role
from dashboard.words.advice.lines import state_name
from dashboard.words.roles import role_name

AGES = {"week": (0, 7), "month": (8, 30), "quarter": (31, 90), "older": (91, 10**6)}
"""The age groups of advice: the lowest and the highest age of each group, in days.

The age is counted from the signature of the review to today.
"""


@dataclass(frozen=True)
class Filter:
    """The chosen filters. An empty filter matches everything.

    ``nurses`` and ``sites`` hold ids. ``age`` is a key of ``AGES``.
    """

    states: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    nurses: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    age: str | None = None

    def kept(self, reviews: Iterable[FollowedReview], today: date) -> list[FollowedReview]:
        """Return the reviews that match the filters. Each of them has only its matching lines."""
        matching = (
            with_lines(review, [one for one in review.lines if self._has(one)])
            for review in reviews
            if self._is_of(review, today)
        )
        return [review for review in matching if review is not None]

    def _has(self, one: FollowedLine) -> bool:
        return (not self.states or one.state in self.states) and (
            not self.owners or one.line.owner_role in self.owners
        )

    def _is_of(self, review: FollowedReview, today: date) -> bool:
        first, last = AGES[self.age] if self.age else (0, 10**6)
        nurse = review.nurse.id if review.nurse else 0
        return (
            (not self.nurses or nurse in self.nurses)
            and (not self.sites or review.site_id in self.sites)
            and first <= review.age_in_days(today) <= last
        )


def follow_up_filters(
    reviews: list[FollowedReview], today: date, role: str, beside: Callable[[], None]
) -> Filter:
    """Draw the filters of the follow-up page and return the chosen filters.

    The number of recommendations is shown beside each state. ``beside`` draws the element to the
    right of the states.
    """
    with st.container(horizontal=True):
        states = st.container()
        with st.container(width="content"):
            beside()
    columns = st.columns(4)
    with columns[0]:
        owners = _several(_("For whom"), {one: role_name(one) for one in OWNER_ROLES}, "owner")
    with columns[1]:
        nurses = _several(_("Nurse"), _nurses(reviews), "nurse") if role != Role.NURSE else ()
    with columns[2 if role != Role.NURSE else 1]:
        sites = _several(_("Site"), _sites(reviews), "site")
    with columns[3 if role != Role.NURSE else 2]:
        age = _age()
    others = Filter(owners=owners, nurses=nurses, sites=sites, age=age)
    with states:
        chosen = _states(counts(others.kept(reviews, today)))
    return Filter(chosen, owners, nurses, sites, age)


def _states(found: dict[str, int]) -> tuple[str, ...]:
    return tuple(
        st.pills(
            _("State"),
            STATES,
            selection_mode="multi",
            default=AWAITED,
            format_func=lambda state: choice(f"{state_name(state)} · {found[state]}"),
            label_visibility="collapsed",
            key="follow_up/state",
            persist_state="session",
        )
    )


def _several(label: str, names: dict[Any, str], key: str) -> tuple[Any, ...]:
    return tuple(
        st.multiselect(
            label,
            list(names),
            format_func=lambda one: names.get(one, str(one)),
            placeholder=label,
            label_visibility="collapsed",
            # Hide Streamlit's option that selects everything. The option is in English only, and an
            # empty choice already means all options.
            select_all=False,
            key=f"follow_up/{key}",
            persist_state="session",
        )
    )


def _age() -> str | None:
    return st.selectbox(
        _("Age"),
        list(AGES),
        index=None,
        format_func=age_name,
        placeholder=_("Age"),
        label_visibility="collapsed",
        key="follow_up/age",
        persist_state="session",
    )


def age_name(age: str) -> str:
    """Return the name of the age group ``age``."""
    return {
        "week": _("7 days or less"),
        "month": _("8 to 30 days"),
        "quarter": _("31 to 90 days"),
        "older": _("more than 90 days"),
    }[age]


def _nurses(reviews: list[FollowedReview]) -> dict[int, str]:
    found = {review.nurse.id: review.nurse for review in reviews if review.nurse}
    named = {
        number: full_name(nurse.family_name, nurse.given_name) for number, nurse in found.items()
    }
    return dict(sorted(named.items(), key=lambda one: folded(one[1])))


def _sites(reviews: list[FollowedReview]) -> dict[int, str]:
    return dict(
        sorted(
            {review.site_id: review.site for review in reviews}.items(),
            key=lambda one: folded(one[1]),
        )
    )

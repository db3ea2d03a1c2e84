"""The review list on the screen: the tiers with their counts, the filters, and the table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import streamlit as st

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.review_list import ReviewListRow
from dashboard.clinical.caseload.rules import RULES, Tier
from dashboard.clinical.people import folded
from dashboard.components.account.help_page import tiers as meanings_of_tiers
from dashboard.components.caseload.review_rows import SEARCH_FIELD, opened_episode, review_rows
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.keyboard import Effect, Shortcut, keyboard
from dashboard.components.elements.patient_name import patient_name
from dashboard.components.elements.url_state import pills, several_of
from dashboard.locale import _, ngettext
from dashboard.locale.formats import full_name
from dashboard.words.caseload.places import NEED_SHAPES, need_name
from dashboard.words.caseload.reasons import rule_name, tier_name

_KEY = "review_list_rows"
_SHOWN = "review_list_shown"


@fragment
def review_table(
    rows: Sequence[ReviewListRow],
    today: date,
    open_case: Callable[[int, list[int]], None],
    *,
    marked: int | None = None,
    kept: frozenset[int] = frozenset(),
    sort_again: Callable[[], None] = lambda: None,
) -> None:
    """Draw the review list.

    A click on a row calls ``open_case`` with the episode and the ids of the shown episodes in their
    order. A change of the filters reruns only this fragment, so the rows keep their order.
    ``marked`` is the episode that was open last, whose row is marked. ``kept`` are the episodes
    whose rows have not moved down the list, although their rank is worse now. A button calls
    ``sort_again``, which moves them.
    """
    chosen = opened_episode(_KEY)
    if chosen is not None and chosen in st.session_state.get(_SHOWN, ()):
        # Open the case before the list is drawn. The page of the case then replaces this page, so
        # the list need not be drawn.
        open_case(chosen, st.session_state[_SHOWN])
    if not rows:
        st.info(_("No open episode. Patients appear here on the day they are enrolled."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        tiers = _tiers(rows)
        _meanings()
        search = Shortcut("/", _("search a name"), (SEARCH_FIELD,), Effect.FOCUS)
        keyboard((search,), key="list_keys", listed=False)
        count = st.container(width="content")
        if kept:
            _kept_rows(len(kept), sort_again)
    shown, searched = _filtered(rows, tiers)
    count.caption(_counted(len(shown), len(rows)))
    if not shown:
        st.info(_("No patient matches these filters."))
        return
    st.session_state[_SHOWN] = [row.episode_id for row in shown]
    review_rows(shown, today, key=_KEY, marked=marked, searched=searched, kept=kept)


def list_in_hand(
    rows: Sequence[ReviewListRow],
    in_hand: int | None,
    today: date,
    open_case: Callable[[int, list[int]], None],
) -> None:
    """Draw the list while the screen is shared: the number of patients in each tier, and one row.

    The row is the case that was opened last. ``in_hand`` is the episode id of this case, or None if
    no case was opened.
    """
    counts = Counter(row.tier for row in rows)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for tier in Tier:
            st.badge(
                plain(f"{int(tier)} {tier_name(tier)} · {counts[tier]}"),
                color=TIER_COLOURS[tier],
            )
        st.caption(_counted(len(rows), len(rows)), width="content")
    st.caption(_("While you present, the list shows the case in hand alone."))
    order = [row.episode_id for row in rows]
    shown = [row for row in rows if row.episode_id == in_hand]
    if shown:
        review_rows(shown, today, key="review_list_in_hand", can_open=False)
        ways = [(_("Open this case"), shown[0].episode_id)]
    else:
        ways = [(_("Open the first case of the list"), episode) for episode in order[:1]]
    for label, episode in ways:
        if st.button(label, icon=":material/open_in_new:"):
            open_case(episode, order)


def _tiers(rows: Sequence[ReviewListRow]) -> list[int]:
    """Draw the tiers with their numbers of patients as a filter. Return the chosen tiers."""
    counts = Counter(row.tier for row in rows)
    return pills(
        _("Tier"),
        {int(tier): f"{tier} {tier_name(tier)} · {counts[tier]}" for tier in Tier},
        "tier",
    )


def _meanings() -> None:
    """Draw the button that explains the tiers and the need."""
    with (
        st.popover(_("What the tiers mean"), icon=":material/help:", width="content"),
        st.container(gap="xsmall"),
    ):
        meanings_of_tiers()


def _kept_rows(number: int, sort_again: Callable[[], None]) -> None:
    """Draw the button that sorts the rows again. Its label has the number of rows that have not
    moved.
    """
    if st.button(
        ngettext(
            "{n} reviewed patient not moved: sort again",
            "{n} reviewed patients not moved: sort again",
            number,
        ),
        icon=":material/sort:",
        help=_("Patients whom you review stay where they are in the list until you sort it again."),
        key="sort_again",
    ):
        sort_again()
        # Rerun the whole page, because the script of the page sorts the rows. After a click on the
        # button, Streamlit would rerun only the fragment that contains the button.
        st.rerun()


def _filtered(rows: Sequence[ReviewListRow], tiers: list[int]) -> tuple[list[ReviewListRow], str]:
    """Draw the filters for need, nurse, site, rule and name.

    Return the rows that pass all filters, and the searched name.
    """
    need, nurse, site, rule, name = st.columns([2, 2, 3, 3, 3])
    with need:
        named = {int(one): f"{NEED_SHAPES[one]} {need_name(one)}" for one in reversed(Need)}
        needs = several_of(_("Need"), named, "need")
    with nurse:
        nurses = several_of(
            _("Nurse"),
            _by_name((row.nurse_id, _nurse(row)) for row in rows),
            "nurse",
        )
    with site:
        sites = several_of(_("Site"), _by_name((row.site_id, row.site) for row in rows), "site")
    with rule:
        holding = {reason.rule.id for row in rows for reason in row.reasons}
        names = {rule_id: rule_name(rule_id) for rule_id in RULES if rule_id in holding}
        rules = several_of(_("Reason"), names, "rule")
    with name:
        # Do not keep the searched name in the address, because an address must not identify a
        # patient.
        searched = st.text_input(
            _("Name"),
            type="search",
            live=True,
            placeholder=_("Name (key /)"),
            label_visibility="collapsed",
            key=SEARCH_FIELD,
            persist_state="session",
        )
    sought = folded(searched) if searched else ""
    shown = [
        row
        for row in rows
        if (not tiers or row.tier in tiers)
        and (not needs or row.need in needs)
        and (not nurses or row.nurse_id in nurses)
        and (not sites or row.site_id in sites)
        and (not rules or any(reason.rule.id in rules for reason in row.reasons))
        and (not sought or sought in folded(patient_name(row.identity)))
    ]
    return shown, searched or ""


def _by_name(named: Iterable[tuple[int | None, str | None]]) -> dict[int | None, str]:
    names = {id_: str(name) for id_, name in named}
    return dict(sorted(names.items(), key=lambda item: folded(item[1])))


def _counted(shown: int, total: int) -> str:
    patients = ngettext("{n} patient", "{n} patients", total)
    return (
        patients if shown == total else _("{shown} of {patients}", shown=shown, patients=patients)
    )


def _nurse(row: ReviewListRow) -> str:
    if row.nurse is None:
        return _("no nurse")
    return full_name(row.nurse.family_name, row.nurse.given_name)

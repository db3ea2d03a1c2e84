"""The head of a case: the patient, the care, and the reasons why the case is on the list."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Literal

import streamlit as st

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.missing import missing, odd_rows, unknown_codes
from dashboard.clinical.caseload.need import Need, Needed
from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.clinical.episodes import PREGNANCY_CODES
from dashboard.clinical.people import Person
from dashboard.clinical.remarks import Remark
from dashboard.components.case.case_keys import case_keys
from dashboard.components.case.in_sight import HEAD, keep_in_view
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.patient_name import identity_in_words
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, near_day
from dashboard.vocabulary import EpisodeStatus, Role, SequenceKind
from dashboard.words.access.cover import on_behalf_of
from dashboard.words.case.remarks import missing_in_words, oddity_in_words, unknown_code_in_words
from dashboard.words.caseload.places import need_in_words
from dashboard.words.caseload.reasons import in_words

TIER_ICONS = {
    Tier.SAFETY: ":material/emergency:",
    Tier.OWED: ":material/gavel:",
    Tier.REVIEW_DUE: ":material/visibility:",
    Tier.FOLLOW_UP: ":material/schedule:",
    Tier.STEP_DOWN: ":material/trending_down:",
    Tier.NOTHING_DUE: ":material/check:",
}

NEED_COLOURS: dict[Need, Literal["gray", "red"]] = {
    Need.LOW: "gray",
    Need.MODERATE: "gray",
    Need.MARKED: "gray",
    Need.HIGH: "red",
}


def case_header(case: CaseFile, order: list[int], go_to: Callable[[int], None]) -> None:
    """Draw the identity line, the need with the reasons, and the care facts.

    The identity, the need and the reasons stay visible when the page scrolls. ``order`` is the list
    from which the case was opened, as episode ids. ``go_to`` opens another case of this list.
    """
    with st.container(key=HEAD, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _neighbours(case, order, go_to)
            st.markdown(f"## {_identity(case)}", anchors=False, width="stretch")
            _remarks(case)
            case_keys(case.episode_id)
            keep_in_view(case.episode_id)
        with st.container(horizontal=True, gap="xsmall"):
            if case.covered is not None:
                _cover(case, case.covered)
            if case.need is not None and case.is_open:
                st.badge(plain(_need(case.need, case.as_of)), color=NEED_COLOURS[case.need.level])
            for reason in reasons_shown(case):
                _badge(reason, case.as_of)
            if not case.is_open:
                st.badge(_("episode closed"), color="gray")
            elif not case.reasons:
                st.badge(_("On track: no rule holds"), color="gray", icon=":material/check:")
    st.caption(_care(case))


def reasons_shown(case: CaseFile) -> tuple[Reason, ...]:
    """Return the reasons to show. If the episode is closed, they are only those of tier 0 (safety).

    Nothing else is due in a closed episode, although the rules count its days up to today.
    """
    return tuple(one for one in case.reasons if case.is_open or one.tier is Tier.SAFETY)


def _need(needed: Needed, today: date) -> str:
    return _("need: {need}", need=need_in_words(needed, today))


def _cover(case: CaseFile, covered: Person) -> None:
    """Draw the name of the covered colleague.

    The reader must see this name, because the choice of the list may no longer be on the screen.
    """
    role = Role.NURSE if covered == case.nurse else Role.PSYCHIATRIST
    st.badge(plain(on_behalf_of(covered, role)), color="blue", icon=":material/swap_horiz:")


def next_in(order: list[int], episode_id: int) -> int | None:
    """Return the id that follows ``episode_id`` in ``order``.

    Return None if ``episode_id`` is the last id, or is not in ``order``.
    """
    return dict(pairwise(order)).get(episode_id)


def _neighbours(case: CaseFile, order: list[int], go_to: Callable[[int], None]) -> None:
    if case.episode_id not in order:
        return
    place = order.index(case.episode_id)
    before = order[place - 1] if place > 0 else None
    after = next_in(order, case.episode_id)
    for target, icon, label, key in (
        (before, ":material/chevron_left:", _("Previous"), "previous_case"),
        (after, ":material/chevron_right:", _("Next"), "next_case"),
    ):
        if key == "next_case":
            st.caption(f"{place + 1} / {len(order)}", width="content")
        st.button(
            label,
            icon=icon,
            key=key,
            disabled=target is None,
            on_click=go_to,
            args=(target,),
            width="content",
        )


def _identity(case: CaseFile) -> str:
    who = identity_in_words(case.identity, case.identity.age_on(case.as_of))
    return f"{plain(who)} · {_('no. {number}', number=case.episode_id)}"


def _care(case: CaseFile) -> str:
    return "  ·  ".join(
        plain(fact)
        for fact in (
            sequence_in_words(case),
            ngettext("{n} week", "{n} weeks", case.weeks_in_care),
            _("relapse prevention") if case.status == EpisodeStatus.RELAPSE_PREVENTION else None,
            *map(unknown_code_in_words, unknown_codes([("status", case.status, None)])),
            _("closed on {day}", day=day(case.closed_on)) if case.closed_on else None,
            _named(_("Dr {name}"), case.gp),
            _named(_("Nurse {name}"), case.nurse),
            case.site,
            _diagnosis(case),
            _("pregnancy") if _is_pregnant(case) else None,
        )
        if fact
    )


def sequence_in_words(case: CaseFile) -> str | None:
    """Return the current sequence in words, such as "classic 2/4, ends 12/12".

    Return None if there is no current sequence.
    """
    current = case.current_sequence
    if current is None:
        return None
    end = near_day(current.ends_on, case.as_of)
    if current.kind == SequenceKind.LIGHT:
        return _("light sequence, ends {day}", day=end)
    if current.kind == SequenceKind.CLASSIC:
        return _("classic {number}/4, ends {day}", number=current.number, day=end)
    return f"{current.kind} {current.number}, {end}"


def _is_pregnant(case: CaseFile) -> bool:
    return any(
        one.code.startswith(PREGNANCY_CODES) and one.resolved_on is None for one in case.conditions
    )


def _named(pattern: str, person: Person | None) -> str | None:
    return pattern.format(name=person.family_name) if person else None


def _diagnosis(case: CaseFile) -> str | None:
    return " ".join(filter(None, (case.diagnosis_code, case.diagnosis_label))) or case.problem


def _badge(reason: Reason, today: date) -> None:
    st.badge(
        plain(in_words(reason, today)),
        color=TIER_COLOURS[reason.tier],
        icon=TIER_ICONS[reason.tier],
        help=plain(_("Source: {source}", source=reason.rule.source)),
    )


def _remarks(case: CaseFile) -> None:
    lacking, odd = missing(case), odd_rows(case)
    if lacking:
        _remark_list(_("Missing"), ":material/help:", lacking, missing_in_words)
    if odd:
        _remark_list(_("To check"), ":material/warning:", odd, oddity_in_words)


def _remark_list(
    label: str, icon: str, remarks: tuple[Remark, ...], words: Callable[[Remark], str]
) -> None:
    with st.popover(f"{label} · {len(remarks)}", icon=icon):
        for remark in remarks:
            st.text(words(remark))

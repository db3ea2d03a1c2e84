"""The form with which a nurse prepares one patient for a meeting.

The form shows the reasons, the missing data, and the question to the psychiatrist. It is one
fragment, so that typing redraws nothing else. Each run first reads and saves the typed and chosen
values. Then it draws the form. The form of a review works in the same way.
"""

from datetime import date
from typing import Any

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.advice.lines import LONGEST_FIELD
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.deidentification import AsWritten, Mask
from dashboard.clinical.meeting.agenda import AgendaItem, CaseToPrepare, Preparation
from dashboard.components.case.case_header import TIER_ICONS
from dashboard.components.elements.autosave_text import form_of_texts, held_text, live_text
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.form_widgets import inputs, widget
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import identity_in_words, patient_name
from dashboard.components.meeting.preparation_form_state import (
    PreparationActions,
    PreparationFormState,
    Wish,
    taken_over,
)
from dashboard.locale import _, ngettext
from dashboard.locale.formats import near_day, number, short_day, signed
from dashboard.words.caseload.reasons import in_words
from dashboard.words.meeting.agenda import missing_before_in_words


def preparation_form(
    case: CaseToPrepare,
    item: AgendaItem | None,
    today: date,
    actions: PreparationActions,
    *,
    written: AsWritten[Preparation],
    movable: bool = True,
) -> None:
    """Draw the facts of the patient, and the form.

    ``item`` is the patient's entry on the agenda or among the patients who were taken off the
    agenda, or None if there is no such entry. ``written`` is the saved preparation. ``movable`` is
    true if the agenda can still be changed.
    """
    key = f"preparing/{case.episode_id}"
    st.session_state[key] = taken_over(st.session_state.get(key), written.written)
    with st.container(gap="small", key=f"{key}/head"):
        _head(case, today, actions)
    fragment(_draw, key=key)(key, item, actions, movable, written.mask)


# Functions that draw the facts of the patient.


def _head(case: CaseToPrepare, today: date, actions: PreparationActions) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"## {_identity(case, today)}", anchors=False, width="stretch")
        st.button(
            _("Open the case"),
            key=f"preparing/{case.episode_id}/open",
            type="tertiary",
            icon=":material/open_in_new:",
            on_click=actions.open_case,
        )
    st.caption(plain(_facts(case, today)))
    with st.container(horizontal=True, gap="xsmall"):
        for reason in case.reasons:
            st.badge(
                plain(in_words(reason, today)),
                color=TIER_COLOURS[reason.tier],
                icon=TIER_ICONS[reason.tier],
            )
        if not case.reasons:
            st.badge(_("On track: no rule holds"), color="gray", icon=":material/check:")
    if case.missing:
        missing = " · ".join(missing_before_in_words(one, today) for one in case.missing)
        before = _("To get before the meeting:")
        st.markdown(f":orange[:material/assignment_late: **{before}** {plain(missing)}]")


def _identity(case: CaseToPrepare, today: date) -> str:
    who = case.identity
    number = _("no. {number}", number=case.episode_id)
    years = who.age_on(today)
    if who.is_presented:
        return f"{plain(identity_in_words(who, years))} · {number}"
    sex = {"female": _("F"), "male": _("M")}.get(who.sex, _("sex unknown"))
    age = ngettext("{n} year", "{n} years", years)
    return f"{plain(patient_name(who))} · {age} · {sex} · {number}"


def _facts(case: CaseToPrepare, today: date) -> str:
    """Return the facts on one line: scores, week in care, last contact, last review, drugs."""
    facts = case.facts
    kept_days = [contact.day for contact in facts.contacts if contact.attended]
    review = facts.last_review
    current = [row for row in facts.medications if row.current_on(today)]
    drugs = ", ".join(
        f"{row.name} {number(row.daily_dose_mg)} mg" if row.daily_dose_mg else row.name
        for row in current
    )
    return "  ·  ".join(
        said
        for said in (
            _scores("PHQ-9", facts.phq9, today),
            _scores("GAD-7", facts.gad7, today),
            _("week {n}", n=(today - facts.enrolled_on).days // 7),
            _("contact {day}", day=near_day(kept_days[-1], today))
            if kept_days
            else _("no contact"),
            _("review {day}", day=near_day(review.signed_on, today))
            if review
            else _("never reviewed"),
            drugs or _("no treatment"),
        )
        if said
    )


def _scores(label: str, scores: tuple[Any, ...], today: date) -> str:
    if not scores:
        return ""
    change = f" ({signed(scores[-1].value - scores[0].value)})" if len(scores) > 1 else ""
    when = near_day(scores[-1].day, today)
    return _("{label} {score} on {day}", label=label, score=f"{scores[-1].value}{change}", day=when)


# Functions that draw the form.


def _draw(
    key: str, item: AgendaItem | None, actions: PreparationActions, movable: bool, mask: Mask
) -> None:
    form: PreparationFormState = st.session_state[key]
    listed_otherwise = form.take_up(inputs(), actions.save)
    reason = held_text(f"{key}/off/reason", LONGEST_FIELD).strip()
    if form.grant_wish(actions, reason) or listed_otherwise:
        # Rerun the whole page, because the list beside the form and the duration of the agenda have
        # changed.
        st.rerun(scope="app")
    with form_of_texts(key):
        if form.trouble:
            st.error(_troubles()[form.trouble], icon=":material/error:")
        if item is not None and item.deferral:
            said = _("Deferred at an earlier meeting:")
            st.markdown(f":blue[:material/redo: **{said}** {plain(item.deferral)}]")
        if item is not None and item.not_reached:
            st.markdown(f":blue[:material/redo: {plain(_('Not reached at the last meeting.'))}]")
        with st.container(gap="small"):
            _texts(form, mask)
            _choice(form)
        _buttons(key, form, item, movable)


def _texts(form: PreparationFormState, mask: Mask) -> None:
    labels = {"question": _("Question for the psychiatrist"), "tried": _("What was tried")}
    for name, longest in form.texts().items():
        live_text(
            labels[name],
            getattr(form.saved, name),
            key=form.key(name),
            longest=longest,
            rows=3 if name == "question" else 2,
            mask=mask,
        )


def _choice(form: PreparationFormState) -> None:
    value = form.saved.wants_discussion
    st.checkbox(
        _("I wish to discuss this patient"),
        value=value,
        key=widget(form, "wants_discussion", value),
    )


def _buttons(key: str, form: PreparationFormState, item: AgendaItem | None, movable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if form.saved.ready_at is None:
            _button(key, form, Wish.READY, _("Ready, next patient"), type="primary")
        else:
            ready = form.saved.ready_at.astimezone(PARIS)
            when = f"{short_day(ready.date())} {ready:%H:%M}"
            st.badge(_("ready since {time}", time=when), color="green", icon=":material/check:")
            _button(key, form, Wish.NEXT, _("Next patient"))
            _button(key, form, Wish.WITHDRAW, _("Not ready yet"), type="tertiary")
        if movable and item is not None and item.removed_reason is None:
            _taking_off(key, form, item.case.tier)
    if item is not None and item.removed_reason is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(legible(_("Taken off: {reason}", reason=item.removed_reason)))
            if movable:
                _button(key, form, Wish.PUT_BACK, _("Put back"), type="tertiary")


def _button(key: str, form: PreparationFormState, wish: Wish, label: str, **looks: Any) -> None:
    st.button(label, key=f"{key}/{wish}", on_click=form.wish_for, args=(wish,), **looks)


def _taking_off(key: str, form: PreparationFormState, tier: Tier) -> None:
    """Draw the reasons for taking a patient of this ``tier`` off the agenda.

    A usual reason takes one click. The user types any other reason.
    """
    with (
        st.popover(_("Take off the agenda"), key=f"{key}/off"),
        st.container(gap="small"),
    ):
        st.caption(_("Why is this patient not to be seen this time?"))
        for place, reason in enumerate(_usual_reasons(tier)):
            st.button(
                reason,
                key=f"{key}/off/{place}",
                width="stretch",
                on_click=form.wish_for,
                args=(Wish.TAKE_OFF, reason),
            )
        reason = held_text(f"{key}/off/reason", LONGEST_FIELD)
        live_text(
            _("Another reason"),
            reason,
            key=f"{key}/off/reason",
            longest=LONGEST_FIELD,
            error=_("Say why.") if form.asked and not reason.strip() else None,
            held=True,
        )
        st.button(
            _("Take off"),
            key=f"{key}/off/take",
            on_click=form.wish_for,
            args=(Wish.TAKE_OFF,),
        )


def _usual_reasons(tier: Tier) -> tuple[str, ...]:
    """Return the reasons that take one click. A patient with a sign of danger is not stable."""
    reasons = (_("Settled with the GP"), _("To be measured or seen first"))
    return reasons if tier is Tier.SAFETY else (_("Stable, nothing to decide"), *reasons)


def _troubles() -> dict[str, str]:
    return {
        "not_saved": _("Not saved. What you typed stays here and is sent again."),
        "not_yours": _("This patient is not in your care any more."),
        "started": _("The meeting has started: its agenda does not change any more."),
        "not_on_agenda": _("This patient is not on the agenda any more."),
    }

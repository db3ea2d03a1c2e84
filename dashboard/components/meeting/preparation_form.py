"""Preparing one patient: why they are due, what is missing, what is asked of the psychiatrist.

One fragment, so that typing redraws nothing else. As in the form of a review, what was typed
or ticked is taken up and saved at the beginning of each run, before anything is drawn; buttons
note a wish, which that run grants.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.lines import LONGEST_FIELD
from dashboard.clinical.deidentification import AsWritten, Mask
from dashboard.clinical.meeting.agenda import AgendaItem, CaseToPrepare, MeetingStarted, Preparation
from dashboard.components.case.case_header import TIER_ICONS
from dashboard.components.elements.autosave_text import (
    form_of_texts,
    held_text,
    kept,
    live_text,
    newly_typed,
)
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import identity_in_words, patient_name
from dashboard.locale import _, ngettext
from dashboard.locale.formats import number, short_day, signed
from dashboard.words.caseload.reasons import in_words
from dashboard.words.meeting.agenda import missing_before_in_words

LONGEST_QUESTION = 1000
TEXTS = {"question": LONGEST_QUESTION, "tried": LONGEST_QUESTION}
"""What is typed, with the longest text that each takes."""

TYPED_REASON = "take_off_for_a_typed_reason"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreparationActs:
    """What the page lets the form do; each is one transaction.

    ``save`` takes what has changed. ``go_on`` shows the next patient to prepare, or stays where
    there is none.
    """

    save: Callable[..., Preparation]
    make_ready: Callable[[], Preparation]
    withdraw: Callable[[], Preparation]
    take_off: Callable[[str], object]
    put_back: Callable[[], object]
    go_on: Callable[[], None]
    open_case: Callable[[], None]


def preparation_form(
    case: CaseToPrepare,
    item: AgendaItem | None,
    today: date,
    acts: PreparationActs,
    *,
    written: AsWritten[Preparation],
    movable: bool = True,
) -> None:
    """Draw what is known of the patient, and the form.

    ``item`` is their place on the agenda or among those taken off, none if there is none;
    ``written`` is what the nurse has written so far; ``movable`` says that the agenda can still
    be changed.
    """
    key = f"preparing/{case.episode_id}"
    form: _Form | None = st.session_state.get(key)
    if form is None:
        form = st.session_state[key] = _Form(written.written)
    elif not form.unsaved:
        form.saved = written.written
    with st.container(gap="small", key=f"{key}/head"):
        _head(case, today, acts)
    fragment(_draw, key=key)(key, item, acts, movable, written.mask)


@dataclass
class _Form:
    """The form between two runs: the preparation as it was saved, and what was clicked."""

    saved: Preparation
    shown: dict[str, Any] = field(default_factory=dict)
    wish: str | None = None
    reason: str | None = None
    trouble: str | None = None
    unsaved: bool = False
    asked: bool = False

    def key(self, name: str) -> str:
        """The key of a widget: another preparation has other widgets."""
        return f"{self.saved.id}/{name}"


# What is known.


def _head(case: CaseToPrepare, today: date, acts: PreparationActs) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {_identity(case, today)}", anchors=False, width="stretch")
        st.button(
            _("Open the case"),
            key=f"preparing/{case.episode_id}/open",
            type="tertiary",
            icon=":material/open_in_new:",
            on_click=acts.open_case,
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
        missing = " · ".join(missing_before_in_words(one) for one in case.missing)
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
    """PHQ-9 19 (+4) on 18/11 · GAD-7 14 · week 14 · contact 21/11 · review 12/10 · drugs."""
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
            _scores("PHQ-9", facts.phq9),
            _scores("GAD-7", facts.gad7),
            _("week {n}", n=(today - facts.enrolled_on).days // 7),
            _("contact {day}", day=short_day(kept_days[-1])) if kept_days else _("no contact"),
            _("review {day}", day=short_day(review.signed_on)) if review else _("never reviewed"),
            drugs or _("no treatment"),
        )
        if said
    )


def _scores(label: str, scores: tuple[Any, ...]) -> str:
    if not scores:
        return ""
    change = f" ({signed(scores[-1].value - scores[0].value)})" if len(scores) > 1 else ""
    when = short_day(scores[-1].day)
    return _("{label} {score} on {day}", label=label, score=f"{scores[-1].value}{change}", day=when)


# The form.


def _draw(
    key: str, item: AgendaItem | None, acts: PreparationActs, movable: bool, mask: Mask
) -> None:
    form: _Form = st.session_state[key]
    taken_up, granted = _take_up(form, acts), _grant_wish(form, acts, f"{key}/off/reason")
    if taken_up or granted:
        # The list beside it and the time that the agenda takes have changed.
        st.rerun(scope="app")
    with form_of_texts(key):
        if form.trouble:
            st.error(_troubles()[form.trouble], icon=":material/error:")
        if item is not None and item.deferral:
            said = _("Deferred at the last meeting:")
            st.markdown(f":blue[:material/redo: **{said}** {plain(item.deferral)}]")
        with st.container(gap="small"):
            _texts(form, mask)
            _choice(form)
        _buttons(key, form, item, movable)


def _texts(form: _Form, mask: Mask) -> None:
    labels = {"question": _("Question for the psychiatrist"), "tried": _("What was tried")}
    for name, longest in TEXTS.items():
        live_text(
            labels[name],
            getattr(form.saved, name),
            key=form.key(name),
            longest=longest,
            rows=3 if name == "question" else 2,
            mask=mask,
        )


def _choice(form: _Form) -> None:
    widget, value = form.key("wants_discussion"), form.saved.wants_discussion
    if st.session_state.get(widget, value) != value:
        st.session_state[widget] = value
    form.shown["wants_discussion"] = value
    st.checkbox(_("I wish to discuss this patient"), value=value, key=widget)


def _buttons(key: str, form: _Form, item: AgendaItem | None, movable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if form.saved.ready_at is None:
            _button(key, form, "ready", _("Ready, next patient"), type="primary")
        else:
            ready = form.saved.ready_at.astimezone(PARIS)
            when = f"{short_day(ready.date())} {ready:%H:%M}"
            st.badge(_("ready since {time}", time=when), color="green", icon=":material/check:")
            _button(key, form, "next", _("Next patient"))
            _button(key, form, "withdraw", _("Not ready yet"), type="tertiary")
        if movable and item is not None and item.removed_reason is None:
            _taking_off(key, form)
    if item is not None and item.removed_reason is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(legible(_("Taken off: {reason}", reason=item.removed_reason)))
            if movable:
                _button(key, form, "put_back", _("Put back"), type="tertiary")


def _button(key: str, form: _Form, wish: str, label: str, **looks: Any) -> None:
    st.button(label, key=f"{key}/{wish}", on_click=_wish, args=(form, wish), **looks)


def _taking_off(key: str, form: _Form) -> None:
    """Why is said with one click, or typed."""
    with (
        st.popover(_("Take off the agenda"), key=f"{key}/off"),
        st.container(gap="small"),
    ):
        st.caption(_("Why is this patient not to be seen this time?"))
        for place, reason in enumerate(_usual_reasons()):
            st.button(
                reason,
                key=f"{key}/off/{place}",
                type="tertiary",
                on_click=_wish,
                args=(form, "take_off", reason),
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
            on_click=_wish,
            args=(form, TYPED_REASON),
        )


def _usual_reasons() -> tuple[str, ...]:
    return (
        _("Stable, nothing to decide"),
        _("Settled with the GP"),
        _("To be measured or seen first"),
    )


# What was typed and clicked.


def _wish(form: _Form, wish: str, reason: str | None = None) -> None:
    form.wish, form.reason, form.trouble = wish, reason, None


def _take_up(form: _Form, acts: PreparationActs) -> bool:
    """Save what was typed and ticked; whether the list must say something else now."""
    typed = {
        name: text
        for name, longest in TEXTS.items()
        if (text := newly_typed(form.key(name), longest)) is not None
    }
    changed: dict[str, Any] = {**typed, **_ticked(form)}
    if not changed:
        return False
    before = form.saved
    _save(form, acts, changed)
    if form.unsaved or form.saved.saved_at is None:
        return False
    for name in typed:
        kept(form.key(name), form.saved.saved_at)
    return _says(before) != _says(form.saved)


def _says(preparation: Preparation) -> tuple[object, ...]:
    """What the list shows of it."""
    return preparation.id, preparation.wants_discussion, bool(preparation.question.strip())


def _ticked(form: _Form) -> dict[str, bool]:
    was = form.shown.get("wants_discussion")
    now = st.session_state.get(form.key("wants_discussion"), was)
    return {} if now == was else {"wants_discussion": bool(now)}


def _save(form: _Form, acts: PreparationActs, changed: dict[str, Any]) -> None:
    try:
        form.saved = acts.save(**changed)
    except NotYours:
        form.unsaved, form.trouble = True, "not_yours"
    except Exception as error:
        # What was typed stays in the browser, which sends it again. The message of a
        # database's error would name it in the log.
        _log.error("A preparation could not be saved: %s", type(error).__name__)
        form.unsaved, form.trouble = True, "not_saved"
    else:
        form.shown.update(changed)
        form.unsaved, form.trouble = False, None


def _grant_wish(form: _Form, acts: PreparationActs, reason_key: str) -> bool:
    """Do what was clicked; whether the page must be drawn anew."""
    wish, form.wish = form.wish, None
    if wish is None or form.unsaved:
        return False
    if wish == TYPED_REASON:
        wish, form.reason = "take_off", held_text(reason_key, LONGEST_FIELD).strip()
    try:
        return _granted(form, wish, acts)
    except MeetingStarted:
        form.trouble = "started"
    except NotYours:
        form.trouble = "not_yours"
    return False


def _granted(form: _Form, wish: str, acts: PreparationActs) -> bool:
    if wish == "ready":
        acts.make_ready()
    elif wish == "withdraw":
        acts.withdraw()
    elif wish == "put_back":
        acts.put_back()
    elif wish == "take_off":
        form.asked = not form.reason
        if form.asked:
            return False
        acts.take_off(form.reason)
    if wish in ("ready", "next", "take_off"):
        acts.go_on()
    return True


def _troubles() -> dict[str, str]:
    return {
        "not_saved": _("Not saved. What you typed stays here and is sent again."),
        "not_yours": _("This patient is not in your care any more."),
        "started": _("The meeting has started: its agenda does not change any more."),
    }

"""What lies under the chart: reviews, items, treatments, contacts, conditions."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.clinical.case_file import (
    Assessment,
    CaseFile,
    CaseReview,
    Treatment,
)
from dashboard.clinical.inbox import is_open
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.clinical.medication import above_maximum, age_on, below_minimum
from dashboard.clinical.missing import last_form
from dashboard.components.advice_line import advice_line
from dashboard.components.answer_controls import Give, answer_controls
from dashboard.components.chart_words import adherence_name, care_name
from dashboard.components.plain import choice, legible, plain
from dashboard.components.trajectory import trajectory_table
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, moment, number


@st.fragment
def case_details(
    case: CaseFile, role: str, give: Give, amend: Callable[[CaseReview], None] | None = None
) -> None:
    """Draw the details, one tab at a time; only the open one is computed.

    Someone with this ``role`` answers the lines that await them, through ``give``. ``amend``
    begins an amendment of a review; without it nothing can be amended.
    """
    tabs = {
        _("Reviews") + f" · {len(case.reviews)}": lambda: _reviews(case, role, give, amend),
        _("Items"): lambda: _items(case),
        _("Treatments") + f" · {len(case.treatments)}": lambda: _treatments(case),
        _("Contacts") + f" · {len(case.contacts)}": lambda: _contacts(case),
        _("Conditions") + f" · {len(case.conditions)}": lambda: _conditions(case),
        _("All facts"): lambda: _facts(case),
    }
    drawn = st.tabs(list(map(choice, tabs)), on_change="rerun", key="case_details")
    for tab, draw in zip(drawn, tabs.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _reviews(
    case: CaseFile, role: str, give: Give, amend: Callable[[CaseReview], None] | None
) -> None:
    if not case.reviews:
        st.caption(_("No review yet. The first one that is signed will stand here."))
    for place, review in reversed(list(enumerate(case.reviews, 1))):
        with st.container(border=True, gap="small"):
            _review_head(place, review, amend)
            st.text(legible(review.summary))
            for line in review.recommendations:
                advice_line(line)
                if line.owner_role == role and is_open(review, line, closed=not case.is_open):
                    answer_controls(line, give)


def _review_head(
    place: int, review: CaseReview, amend: Callable[[CaseReview], None] | None
) -> None:
    """Numbered in the order of signing, as on the chart."""
    by = review.psychiatrist.family_name if review.psychiatrist else "?"
    head = f"**R{place}** · **{moment(review.signed_at)}** · {plain(_('Dr {name}', name=by))}"
    if review.next_review_on:
        head += f" · {_('next review {day}', day=day(review.next_review_on))}"
    if review.supersedes:
        head += f" · {_('amends an earlier review')}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(head)
        if review.superseded_by:
            st.badge(_("superseded"), color="gray")
        elif amend is not None:
            st.button(
                _("Amend"),
                key=f"amend_{review.id}",
                type="tertiary",
                on_click=amend,
                args=(review,),
                width="content",
            )


def _items(case: CaseFile) -> None:
    codes = dict.fromkeys(form.instrument for form in case.assessments if form.items)
    forms = [form for code in codes if (form := last_form(case, code)) is not None]
    if not forms:
        st.caption(_("No form with its items in this episode."))
    for form in forms:
        _form(form)


def _form(form: Assessment) -> None:
    known = INSTRUMENTS.get(form.instrument)
    total = form.plotted if form.plotted is not None else _("no score")
    prorated = f" ({_('prorated')})" if form.score and form.score.origin == "prorated" else ""
    st.markdown(f"**{plain(form.label)}** · {day(form.taken_on)} · {total}{prorated}")
    if not form.items:
        st.caption(_("Total without items: item 9 is unknown, which is not an absence of risk."))
        return
    numbers = [str(position) for position in range(1, len(form.items) + 1)]
    answers = ["–" if item is None else str(item) for item in form.items]
    if known and known.risk_item and known.risk_item <= len(numbers):
        numbers[known.risk_item - 1] += " ⚑"
    st.table(pd.DataFrame([answers], columns=numbers, index=[_("answer")]))


def _treatments(case: CaseFile) -> None:
    if not case.treatments:
        st.caption(_("No treatment in this episode."))
        return
    age = age_on(case.identity.birth_date, case.as_of)
    st.dataframe(
        pd.DataFrame(
            {
                _("Drug"): [one.name for one in case.treatments],
                _("mg a day"): [_dose(one) for one in case.treatments],
                _("Dose"): [_adequacy(one, age) for one in case.treatments],
                _("From"): [day(one.started_on) for one in case.treatments],
                _("To"): [
                    day(one.stopped_on) if one.stopped_on else _("current")
                    for one in case.treatments
                ],
                _("Stopped because"): [one.stop_reason for one in case.treatments],
                _("Adherence"): [
                    adherence_name(one.adherence) if one.adherence else None
                    for one in case.treatments
                ],
                _("Side effects"): [one.side_effects for one in case.treatments],
            }
        ).iloc[::-1],
        hide_index=True,
        placeholder="–",
        alt=_("Treatment history, the latest first"),
    )


def _dose(one: Treatment) -> str | None:
    if one.as_needed:
        return _("as needed")
    return number(one.daily_dose_mg) if one.daily_dose_mg is not None else None


def _adequacy(one: Treatment, age: int) -> str | None:
    if one.as_needed:
        return None
    if above_maximum(one.atc_code, one.daily_dose_mg, age):
        return _("above maximum")
    return _("below minimum") if below_minimum(one.atc_code, one.daily_dose_mg) else None


def _contacts(case: CaseFile) -> None:
    if not case.contacts:
        st.caption(_("No contact in this episode."))
        return
    kinds = {
        "clinic": _("at the practice"),
        "phone": _("phone"),
        "video": _("video"),
        "home": _("home"),
    }
    st.dataframe(
        pd.DataFrame(
            {
                _("When"): [moment(one.happened_at) for one in case.contacts],
                _("How"): [kinds.get(one.kind, one.kind) for one in case.contacts],
                _("Kept"): [_("kept") if one.attended else _("✕ missed") for one in case.contacts],
                _("Minutes"): [one.minutes for one in case.contacts],
                _("With"): [
                    one.practitioner.family_name if one.practitioner else None
                    for one in case.contacts
                ],
                _("Note"): [one.note for one in case.contacts],
            }
        ).iloc[::-1],
        hide_index=True,
        placeholder="–",
        alt=_("Contacts, the latest first"),
    )


def _conditions(case: CaseFile) -> None:
    for one in case.conditions:
        onset = day(one.onset_on) if one.onset_on else _("onset unknown")
        end = f" – {day(one.resolved_on)}" if one.resolved_on else ""
        st.text(f"{one.code} {one.label} · {onset}{end}")
    for care in case.psychosocial:
        sessions = (
            f" · {ngettext('{n} session', '{n} sessions', care.sessions)}" if care.sessions else ""
        )
        end = f" – {day(care.ended_on)}" if care.ended_on else ""
        st.text(f"{care_name(care.kind)} · {day(care.started_on)}{end}{sessions}")
        if care.note:
            st.text(care.note)
    if not case.conditions and not case.psychosocial:
        st.caption(_("No condition and no psychosocial care recorded."))


def _facts(case: CaseFile) -> None:
    """The chart as a table, for those who cannot see it."""
    st.dataframe(trajectory_table(case), hide_index=True, alt=_("Every fact of the chart, by day"))

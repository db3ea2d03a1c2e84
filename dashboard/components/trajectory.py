"""The symptom trajectory over the treatment, on one time axis.

From top to bottom: care sequences, reviews and what became of their advice, a panel for each
questionnaire on its own scale, contacts, weeks and dates, a lane for each drug, care and
condition, and the signs in words.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.clinical.case_file import Assessment, CaseFile, Recommendation, Treatment
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.advice_words import outcome_name, recommendation_in_words
from dashboard.components.chart_drawing import specification
from dashboard.components.chart_panel import risk_answer
from dashboard.components.chart_scores import series_in_words
from dashboard.components.chart_sheet import sheet
from dashboard.components.chart_words import band_name, care_name, oddity_name, sequence_name
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, number

HEIGHT = 430
"""Pixels, where there are five lanes or fewer."""


def trajectory(
    case: CaseFile, instruments: Sequence[str], *, height: int = HEIGHT, key: str
) -> None:
    """Draw the chart of an episode.

    ``instruments`` are codes, one panel each, in this order. ``height`` is in pixels; where
    there are many lanes the chart grows rather than become illegible.
    """
    drawing, axis, needed = sheet(case, instruments, height)
    st.vega_lite_chart(
        None,
        specification(drawing, needed, axis),
        width="stretch",
        theme="streamlit",
        key=key,
        alt=trajectory_in_words(case, instruments),
    )


def trajectory_in_words(case: CaseFile, instruments: Sequence[str]) -> str:
    """The chart in words: scores and their change, current treatment, reviews."""
    series = [series_in_words(case, code) for code in instruments]
    drugs = [_drug_in_words(one) for one in case.treatments if _is_current(one, case)]
    treatment = (
        _("current treatment: {drugs}", drugs=", ".join(drugs))
        if drugs
        else _("no current treatment")
    )
    reviews = ngettext("{n} review", "{n} reviews", len(case.reviews))
    scores = [text for text in series if text] or [_("No score in this episode")]
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in (*scores, treatment, reviews))


def trajectory_table(case: CaseFile) -> pd.DataFrame:
    """Every fact of the chart, the latest first: its date, what it is, its value, as texts."""
    facts = sorted(_facts(case), key=lambda fact: fact[0], reverse=True)
    columns = [_("Date"), _("What"), _("Value")]
    return pd.DataFrame([(day(on), *words) for on, *words in facts], columns=columns)


Fact = tuple[date, str, str]


def _facts(case: CaseFile) -> Iterator[Fact]:
    yield case.enrolled_on, _("Enrolment"), ""
    if case.closed_on is not None:
        yield case.closed_on, _("Closing"), ""
    for form in case.assessments:
        yield form.taken_on, form.label, _form_in_words(form)
    for contact in case.contacts:
        yield contact.day, _("Contact"), _("kept") if contact.attended else _("missed")
    yield from _treatment_facts(case)
    yield from _care_facts(case)
    yield from _review_facts(case)


def _form_in_words(form: Assessment) -> str:
    said = [_("no score") if form.plotted is None else str(form.plotted)]
    known = INSTRUMENTS.get(form.instrument)
    band = known.band(form.score.value) if known and form.score else None
    if band:
        said.append(band_name(band))
    answer = risk_answer(form)
    if answer is not None and known is not None:
        said.append(_("i{item}: {answer}", item=known.risk_item, answer=answer))
    if form.score is not None and not form.solid:
        said.append(_("prorated") if form.score.origin == "prorated" else _("without items"))
    return ", ".join([*said, *(oddity_name(oddity) for oddity in form.oddities)])


def _treatment_facts(case: CaseFile) -> Iterator[Fact]:
    for one in case.treatments:
        yield one.started_on, _drug_in_words(one), _("started")
        if one.stopped_on is not None:
            ended = _("stopped")
            reason = one.stop_reason
            words = _("{text}: {detail}", text=ended, detail=reason) if reason else ended
            yield one.stopped_on, _drug_in_words(one), words


def _care_facts(case: CaseFile) -> Iterator[Fact]:
    for sequence in case.sequences:
        name = f"{sequence_name(sequence.kind)} {sequence.number}"
        yield sequence.starts_on, name, _("until {day}", day=day(sequence.ends_on))
    for care in case.psychosocial:
        yield care.started_on, care_name(care.kind), _("started")
        if care.ended_on is not None:
            yield care.ended_on, care_name(care.kind), _("ended")
    for condition in case.conditions:
        if condition.onset_on is not None:
            yield condition.onset_on, condition.label, _("started")
        if condition.resolved_on is not None:
            yield condition.resolved_on, condition.label, _("ended")


def _review_facts(case: CaseFile) -> Iterator[Fact]:
    for number_, review in enumerate(case.reviews, start=1):
        name = _("R{number}", number=number_)
        yield review.signed_on, name, _("superseded") if review.superseded_by else _("signed")
        for line in review.recommendations:
            yield review.signed_on, f"{name}.{line.position}", _advice_in_words(line)


def _advice_in_words(line: Recommendation) -> str:
    return f"{recommendation_in_words(line)} ({outcome_name(line.state)})"


def _drug_in_words(one: Treatment) -> str:
    dose = "" if one.daily_dose_mg is None else _("{dose} mg", dose=number(one.daily_dose_mg))
    parts = [one.name, dose, _("as needed") if one.as_needed else ""]
    return " ".join(part for part in parts if part)


def _is_current(one: Treatment, case: CaseFile) -> bool:
    return one.started_on <= case.as_of and (one.stopped_on is None or one.stopped_on > case.as_of)

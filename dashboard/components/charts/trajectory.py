"""The chart of the symptoms above the treatment, on one time axis.

The care sequences are at the top, then the reviews with the states of their advice. Below them is a
panel for each questionnaire on its own scale. Then come the contacts, the weeks and dates, a lane
for each drug, care and condition, and the legend.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.clinical.advice.prospect import Prospect
from dashboard.clinical.case.case_file import Assessment, CaseFile, Recommendation, Treatment
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.charts.on_screen import on_screen
from dashboard.components.charts.panel import risk_answer
from dashboard.components.charts.scores import series_in_words
from dashboard.components.charts.sheet import sheet
from dashboard.locale import _, language, ngettext
from dashboard.locale.formats import day, number
from dashboard.words.advice.lines import outcome_name, recommendation_in_words
from dashboard.words.case.chart import band_name, care_name, oddity_name, sequence_name
from dashboard.words.case.screening import answers_in_words

HEIGHT = 430
"""The wanted height of the chart, in pixels. A chart with many lanes is higher."""

_LAST_DRAWN = "last_trajectory"


def trajectory(
    case: CaseFile,
    instruments: Sequence[str],
    *,
    height: int = HEIGHT,
    key: str,
    prospect: Prospect | None = None,
) -> None:
    """Draw the chart of an episode.

    ``instruments`` are the codes of the questionnaires, each with one panel, in this order.
    ``height`` is in pixels. With many lanes, the chart is higher than ``height``, so that it stays
    legible. ``prospect`` is the course that a draft would set: doses, next score and next review.
    The chart shows this course with dashed lines.
    """
    drawn, words = _last_drawn(case, tuple(instruments), height, prospect)
    st.vega_lite_chart(None, drawn, width="stretch", theme="streamlit", key=key, alt=words)


def _last_drawn(
    case: CaseFile, instruments: tuple[str, ...], height: int, prospect: Prospect | None
) -> tuple[dict[str, Any], str]:
    """Return the chart and its description in words.

    If nothing has changed, return the chart and the description of the last run.
    """
    shown = (case, instruments, height, language(), prospect)
    kept = st.session_state.get(_LAST_DRAWN)
    if kept is None or kept[0] != shown:
        drawing, axis, needed = sheet(case, instruments, height, prospect)
        chart = on_screen(drawing, needed, axis)
        kept = (shown, (chart, trajectory_in_words(case, instruments)))
        st.session_state[_LAST_DRAWN] = kept
    return kept[1]


def trajectory_in_words(case: CaseFile, instruments: Sequence[str]) -> str:
    """Return the content of the chart in words: scores and their change, current treatment, number
    of reviews.
    """
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


def trajectory_table(
    case: CaseFile, mark: Callable[[str, object], str] = lambda _kind, _id: ""
) -> pd.DataFrame:
    """Return every fact of the chart as texts, latest first. The columns are date, kind and value.

    ``mark`` takes the kind and the id of a row. It returns the word that marks a new or changed
    row, or an empty text. If a row has a mark, the table has an additional column for the marks.
    """
    facts = sorted(_facts(case), key=lambda fact: fact[0], reverse=True)
    columns = [_("Date"), _("What"), _("Value")]
    words = [(day(on), what, value) for on, what, value, _row in facts]
    table = pd.DataFrame(words, columns=columns)
    marks = [mark(*row) if row else "" for *_words, row in facts]
    return table.assign(**{_("New"): marks}) if any(marks) else table


Fact = tuple[date, str, str, tuple[str, object] | None]
"""A fact of the chart: its day, its kind in words, its value in words, and the row behind the fact.

The row is given by its kind and id; for a recommendation, it is the latest answer. The last item is
None if there is no such row.
"""


def _facts(case: CaseFile) -> Iterator[Fact]:
    yield case.enrolled_on, _("Enrolment"), "", None
    if case.closed_on is not None:
        yield case.closed_on, _("Closing"), "", None
    for form in case.assessments:
        yield form.taken_on, form.label, _form_in_words(form), ("assessments", form.id)
    for contact in case.contacts:
        kept = _("kept") if contact.attended else _("missed")
        yield contact.day, _("Contact"), kept, ("contacts", contact.id)
    yield from _treatment_facts(case)
    yield from _care_facts(case)
    yield from _review_facts(case)


def _form_in_words(form: Assessment) -> str:
    if not form.has_severity:
        said = [answers_in_words(form.instrument, form.items)]
        return ", ".join([*said, *(oddity_name(oddity) for oddity in form.oddities)])
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
        row = ("treatments", one.id)
        yield one.started_on, _drug_in_words(one), _("started"), row
        if one.stopped_on is not None:
            ended = _("stopped")
            reason = one.stop_reason
            words = _("{text}: {detail}", text=ended, detail=reason) if reason else ended
            yield one.stopped_on, _drug_in_words(one), words, row


def _care_facts(case: CaseFile) -> Iterator[Fact]:
    for sequence in case.sequences:
        name = f"{sequence_name(sequence.kind)} {sequence.number}"
        yield sequence.starts_on, name, _("until {day}", day=day(sequence.ends_on)), None
    for care in case.psychosocial:
        row: tuple[str, object] = ("psychosocial", care.id)
        yield care.started_on, care_name(care.kind), _("started"), row
        if care.ended_on is not None:
            yield care.ended_on, care_name(care.kind), _("ended"), row
    for condition in case.conditions:
        row = ("conditions", condition.id)
        if condition.onset_on is not None:
            yield condition.onset_on, condition.label, _("started"), row
        if condition.resolved_on is not None:
            yield condition.resolved_on, condition.label, _("ended"), row


def _review_facts(case: CaseFile) -> Iterator[Fact]:
    for number_, review in enumerate(case.reviews, start=1):
        name = _("R{number}", number=number_)
        state = _("superseded") if review.superseded_by else _("signed")
        yield review.signed_on, name, state, ("reviews", review.id)
        for line in review.recommendations:
            latest = ("answers", line.answers[-1].id) if line.answers else None
            yield review.signed_on, f"{name}.{line.position}", _advice_in_words(line), latest


def _advice_in_words(line: Recommendation) -> str:
    return f"{recommendation_in_words(line)} ({outcome_name(line.state)})"


def _drug_in_words(one: Treatment) -> str:
    dose = "" if one.daily_dose_mg is None else _("{dose} mg", dose=number(one.daily_dose_mg))
    parts = [one.name, dose, _("as needed") if one.as_needed else ""]
    return " ".join(part for part in parts if part)


def _is_current(one: Treatment, case: CaseFile) -> bool:
    return one.started_on <= case.as_of and (one.stopped_on is None or one.stopped_on > case.as_of)

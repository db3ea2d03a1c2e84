"""The safety strip of a case, and its facts as a table for readers who cannot see the strip."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.advice.prospect import Prospect
from dashboard.clinical.case.case_file import Assessment, CaseFile, CaseReview, Flag
from dashboard.clinical.risk import RiskStatement
from dashboard.components.charts.lanes import lanes_of
from dashboard.components.charts.on_screen import on_screen
from dashboard.components.charts.panel import forms_of
from dashboard.components.charts.safety import (
    answers_to_item_9,
    decisions,
    last_decision,
    risk_is_unknown,
    safety_flags,
    safety_sheet,
)
from dashboard.components.charts.sheet import time_axis
from dashboard.components.elements.escaping import legible_table
from dashboard.locale import _
from dashboard.locale.formats import day
from dashboard.vocabulary import InstrumentCode
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.case.screening import answers_in_words

Fact = tuple[date, str, str]
"""A safety fact: its day, its kind in words, and its value in words."""


def safety_strip(
    case: CaseFile, instruments: Sequence[str], *, key: str, prospect: Prospect | None = None
) -> None:
    """Draw the safety strip.

    The strip has the same time axis as the trajectory chart for ``instruments`` and ``prospect``.
    """
    until = prospect.until if prospect else None
    axis = time_axis(case, instruments, lanes_of(case, prospect), until)
    drawing, height = safety_sheet(case, axis)
    st.vega_lite_chart(
        None,
        on_screen(drawing, height, axis),
        width="stretch",
        theme="streamlit",
        key=key,
        alt=safety_in_words(case),
    )


def safety_facts_table(case: CaseFile, *, key: str) -> None:
    """Draw the facts of the safety strip as a table, which is folded at first."""
    with st.expander(_("Safety facts as a table"), key=key, on_change="rerun") as table:
        if table.open:
            st.dataframe(
                legible_table(safety_table(case)),
                hide_index=True,
                alt=_("Every safety fact, by day"),
            )


def safety_in_words(case: CaseFile) -> str:
    """Return the latest fact of each kind, and the decision of each review, as sentences.

    An unknown answer is named as unknown, because it does not mean that there is no risk. A cleared
    flag is left out while another one stands. Of the days of reassessment, only that of the last
    decision is named, because it replaces the earlier ones.
    """
    standing = [flag for flag in safety_flags(case) if flag.cleared_at is None]
    last = last_decision(case)
    facts = [
        *_form_facts(case),
        *_flag_facts(standing or safety_flags(case)),
        *_decision_facts(case),
        *(one for risk, one in _reassessments(case) if risk is last),
        *_plan_facts(case),
    ]
    latest: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda one: one[0]):
        latest[fact[1]] = fact
    if not latest:
        return _("No safety fact in this episode: the risk is unknown.")
    said = (
        _("{what} on {day}: {value}", what=what, day=day(on), value=value)
        for on, what, value in latest.values()
    )
    return " ".join(f"{one[:1].upper()}{one[1:]}." for one in said)


def safety_table(case: CaseFile) -> pd.DataFrame:
    """Return every fact of the strip as texts, latest first. The columns are date, kind and
    value.
    """
    facts = sorted(safety_facts(case), key=lambda fact: fact[0], reverse=True)
    rows = [(day(on), what, value) for on, what, value in facts]
    return pd.DataFrame(rows, columns=[_("Date"), _("What"), _("Value")])


def safety_facts(case: CaseFile) -> Iterator[Fact]:
    """Yield every fact about the risk of suicide."""
    yield from _form_facts(case)
    yield from _flag_facts(safety_flags(case))
    yield from _decision_facts(case)
    yield from (fact for _risk, fact in _reassessments(case))
    yield from _plan_facts(case)


def _form_facts(case: CaseFile) -> Iterator[Fact]:
    for taken_on, answer in answers_to_item_9(case):
        said = _("unknown: risk not ruled out") if answer is None else str(answer)
        yield taken_on, _("item 9"), said
    for form in forms_of(case, InstrumentCode.CSSRS):
        yield form.taken_on, _("C-SSRS"), _screening_in_words(form)


def _screening_in_words(form: Assessment) -> str:
    """Return the answers of a C-SSRS. If they leave the risk unknown, say so first."""
    unknown = _("unknown: risk not ruled out")
    if not form.has_answer:
        return unknown
    words = answers_in_words(InstrumentCode.CSSRS, form.items)
    return f"{unknown} ({words})" if risk_is_unknown(form) else words


def _flag_facts(flags: Iterable[Flag]) -> Iterator[Fact]:
    for flag in flags:
        yield flag.raised_at.astimezone(PARIS).date(), _("safety flag"), _("raised")
        if flag.cleared_at is not None:
            yield flag.cleared_at.astimezone(PARIS).date(), _("safety flag"), _("cleared")


def _decision_facts(case: CaseFile) -> Iterator[Fact]:
    for review, risk in decisions(case):
        yield review.signed_on, _name(case, review), risk_in_words(risk)


def _reassessments(case: CaseFile) -> Iterator[tuple[RiskStatement, Fact]]:
    """Yield each risk statement that sets a day of reassessment, with this day as a fact."""
    for review, risk in decisions(case):
        if risk.reassess_on is not None:
            yield risk, (risk.reassess_on, _("day of reassessment"), _name(case, review))


def _name(case: CaseFile, review: CaseReview) -> str:
    return _("decision of R{number}", number=case.reviews.index(review) + 1)


def _plan_facts(case: CaseFile) -> Iterator[Fact]:
    for plan in case.safety_plans:
        yield plan.made_on, _("safety plan"), _("made")
        if plan.reviewed_on is not None:
            yield plan.reviewed_on, _("safety plan"), _("reviewed again")

"""The chart of a case, with the choice of the questionnaires to draw.

The chart is a fragment, so that a choice redraws nothing else.
"""

from collections.abc import Callable
from time import sleep

import streamlit as st

from dashboard.clinical.advice.prospect import Prospect
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.case.safety_strip import safety_facts_table, safety_strip
from dashboard.components.charts.trajectory import trajectory
from dashboard.components.elements.escaping import choice
from dashboard.components.elements.guarded import fragment
from dashboard.locale import _
from dashboard.vocabulary import InstrumentCode

USUAL = (InstrumentCode.PHQ9, InstrumentCode.GAD7)

SECONDS_TO_DRAW = 0.06
"""The estimated time that a browser needs to draw a chart that it has received, in seconds."""


CHART = "case_chart"
"""The key of the fragment of the chart. The form of a review redraws the chart by this key."""


def case_chart(case: CaseFile, prospect: Callable[[], Prospect | None] = lambda: None) -> None:
    """Draw the chart of the questionnaires that the reader chooses, and the safety strip below the
    chart.

    ``prospect`` returns the course that the current draft would set: doses, next score and next
    review. A known questionnaire without severity levels cannot be chosen, because it has no total
    to plot.
    """
    fragment(_draw, key=CHART)(case, prospect)


def _draw(case: CaseFile, prospect: Callable[[], Prospect | None]) -> None:
    known = [code for code, one in INSTRUMENTS.items() if one.has_severity and _has(case, code)]
    others = sorted({form.instrument for form in case.assessments} - set(INSTRUMENTS))
    available = [*known, *others]
    chosen = [code for code in USUAL if code in available] or available[:1]
    if set(available) - set(USUAL):
        chosen = st.pills(
            _("Questionnaires"),
            available,
            selection_mode="multi",
            default=chosen,
            format_func=lambda code: choice(_label(code)),
            key=f"instruments/{case.episode_id}",
            label_visibility="collapsed",
        )
    drawn = chosen or available[:1] or [InstrumentCode.PHQ9]
    course = prospect()
    with st.container(key="chart_scrolls"):
        # The stylesheet ``in_sight.css`` shows this line only while the chart is cut.
        st.caption(_("Swipe or scroll the chart sideways to see all of it."))
    with st.container(key="chart_sheets", gap="small"):
        trajectory(case, drawn, key=f"trajectory/{case.episode_id}", prospect=course)
        safety_strip(case, drawn, key=f"safety/{case.episode_id}", prospect=course)
    safety_facts_table(case, key=f"safety/{case.episode_id}/table")


def wait_for_chart() -> None:
    """Wait ``SECONDS_TO_DRAW`` seconds, so that the browser draws the chart before the rest of the
    page.

    Without this wait, the browser lays out the whole page before it draws the chart. The benchmark
    ``from_row_to_chart`` in ``tests/benchmarks/browser.py`` justifies the wait.
    """
    sleep(SECONDS_TO_DRAW)


def _has(case: CaseFile, code: str) -> bool:
    return any(form.instrument == code for form in case.assessments)


def _label(code: str) -> str:
    return INSTRUMENTS[code].label if code in INSTRUMENTS else code

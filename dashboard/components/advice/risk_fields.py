"""The part of the form that states the risk of suicide."""

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.advice.settling import Owed, has_safety_line
from dashboard.clinical.risk import DECIDED_LEVELS, SAFETY_LINE_DUE_AFTER, RiskStatement
from dashboard.components.advice.draft_fields import DraftFields
from dashboard.components.elements.escaping import choice, plain
from dashboard.locale import _, pgettext
from dashboard.locale.formats import day
from dashboard.vocabulary import RiskLevel


def risk_fields(
    fields: DraftFields, content: DraftReview, owed: Owed, add_safety_line: Callable[[], None]
) -> None:
    """Draw the fields for the risk of suicide.

    - The level is always drawn. If the review must state the risk, the level cannot be cleared, but
      "not assessed" is one of the choices.
    - The day of reassessment is drawn if the level is low, moderate or high.
    - A field beside this day asks why no recommendation of kind ``safety`` is needed. It is drawn
      if the review neither gives nor keeps one.
    - A button adds such a recommendation. It is drawn if the review neither gives nor keeps one,
      and a level is chosen or required.
    """
    asked, stated = owed.risk_decision, content.risk
    if asked:
        st.markdown(
            ":material/emergency_home: " + f"**{plain(_('A decision on the risk is asked for.'))}**"
        )
    left_open = asked or (stated is not None and not stated.is_decision)
    levels = (*DECIDED_LEVELS, RiskLevel.NOT_ASSESSED) if left_open else DECIDED_LEVELS
    level = None if stated is None else stated.level
    st.segmented_control(
        _("Risk of suicide"),
        levels,
        default=level,
        key=fields.widget("risk/level", level),
        format_func=lambda one: choice(_level(one)),
        required=asked,
    )
    fields.error("risk/level")
    safe = has_safety_line(content, owed)
    if stated is not None and stated.is_decision:
        _decision(fields, stated, safe)
    if not safe and (asked or stated is not None):
        due = fields.today + timedelta(days=SAFETY_LINE_DUE_AFTER.days)
        st.button(
            _("Add a safety recommendation, by {day}", day=day(due)),
            key=fields.key("add_safety_line"),
            icon=":material/add:",
            type="tertiary",
            on_click=add_safety_line,
        )


def _decision(fields: DraftFields, stated: RiskStatement, safe: bool) -> None:
    when, why = st.columns([1, 1 if safe else 2], gap="small")
    with when.container(gap="xxsmall"):
        fields.day("risk/reassess_on", _("Reassess on"), stated.reassess_on)
    if not safe:
        with why.container(gap="xxsmall"):
            fields.text("risk/reason", _("Why no safety recommendation is needed"), stated.reason)


def _level(level: RiskLevel) -> str:
    return {
        RiskLevel.LOW: pgettext("risk", "low"),
        RiskLevel.MODERATE: pgettext("risk", "moderate"),
        RiskLevel.HIGH: pgettext("risk", "high"),
        RiskLevel.NOT_ASSESSED: _("not assessed"),
    }[level]

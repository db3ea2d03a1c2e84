"""The risk decision of a review on one line, for the case and the inbox."""

import streamlit as st

from dashboard.clinical.case.case_file import CaseReview
from dashboard.components.elements.escaping import plain
from dashboard.locale import _
from dashboard.vocabulary import RecommendationKind, RiskLevel
from dashboard.words.advice.risk import risk_in_words

RISK_BADGES = {
    RiskLevel.HIGH: ("red", ":material/crisis_alert:"),
    RiskLevel.MODERATE: ("orange", ":material/warning:"),
    RiskLevel.LOW: ("blue", ":material/shield:"),
    RiskLevel.NOT_ASSESSED: ("violet", ":material/help:"),
}
"""The colour and the icon of each level of the risk of suicide.

The name of the level is always written beside them.
"""


def risk_line(review: CaseReview) -> None:
    """Draw the risk decision, with the numbers of the safety recommendations or with its reason.

    Draw nothing if the review has no risk decision.
    """
    risk = review.risk
    if risk is None:
        return
    colour, icon = RISK_BADGES[risk.level]
    words = risk_in_words(risk)
    badge = f":{colour}-badge[{icon} {plain(words[:1].upper() + words[1:])}]"
    safety = [
        str(line.position)
        for line in review.recommendations
        if line.kind == RecommendationKind.SAFETY
    ]
    numbers = ", ".join(safety)
    done = _("what is done: recommendation {numbers}", numbers=numbers) if safety else risk.reason
    st.markdown(f"{badge} {plain(done)}".rstrip())

"""The decision of a review on the risk of suicide (docs/review_list.md, "What a review says of
risk").

Only a risk decision ends an alert of suicide. A signature, a lower score or a new form does not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.clinical.stored_json import DayOrNone, Text
from dashboard.vocabulary import RiskLevel

DECIDED_LEVELS = (RiskLevel.LOW, RiskLevel.MODERATE, RiskLevel.HIGH)
"""The risk levels that count as a decision."""

REASSESSMENT_REQUIRED = (RiskLevel.MODERATE, RiskLevel.HIGH)
"""The risk levels that require a day of reassessment."""

REASSESSED_AFTER: Mapping[RiskLevel, timedelta] = {
    RiskLevel.MODERATE: timedelta(days=14),
    RiskLevel.HIGH: timedelta(days=7),
}
"""The time from a review to the proposed day of reassessment, by risk level. It follows the
intervals of the SPiER guide [proposal].
"""

ASKING_RULES = (
    "suicidal_ideation",
    "suicide_risk_screen",
    "ideation_screened",
    "safety_flag",
    "risk_reassessment_due",
)
"""The rules that require a risk statement. While one of them holds, a review cannot be signed
without it.
"""

SAFETY_LINE_DUE_AFTER = timedelta(hours=48)
"""The time from the review to the proposed due date of a line of kind ``safety``."""


@dataclass(frozen=True, slots=True)
class RiskStatement:
    """The statement of a review about the risk of suicide.

    ``reassess_on`` is required for a moderate and a high risk. ``reason`` explains why no line of
    kind ``safety`` is needed; it is empty if the review has such a line.
    """

    level: RiskLevel
    reassess_on: DayOrNone = None
    reason: Text = ""

    @property
    def is_decision(self) -> bool:
        """Whether the statement is a risk decision. Only a decision ends alerts."""
        return self.level in DECIDED_LEVELS


def asks_for_decision(rule_ids: Collection[str]) -> bool:
    """Return whether a review must state the risk while the rules in ``rule_ids`` hold."""
    return any(rule_id in ASKING_RULES for rule_id in rule_ids)


def proposed_reassessment(level: RiskLevel, reviewed_on: date) -> date | None:
    """Return the day of reassessment to propose in a review of the day ``reviewed_on``. Return None
    for a level that needs none.
    """
    interval = REASSESSED_AFTER.get(level)
    return None if interval is None else reviewed_on + interval

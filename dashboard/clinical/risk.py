"""The decision of a review on the risk of suicide (docs/review_list.md, "What a review says of
risk").

Only a risk decision ends an alert of suicide from a questionnaire. A signature, a lower score or a
new questionnaire does not. A safety flag ends only when a clinician clears it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.clinical.stored_json import DayOrNone, Text
from dashboard.vocabulary import RiskLevel

DECIDED_LEVELS = (RiskLevel.LOW, RiskLevel.MODERATE, RiskLevel.HIGH)
"""The levels of the risk of suicide that count as a decision. The level "not assessed" does not."""

REASSESSMENT_REQUIRED = (RiskLevel.MODERATE, RiskLevel.HIGH)
"""The levels of the risk of suicide for which a review must set a day of reassessment."""

REASSESSED_AFTER: Mapping[RiskLevel, timedelta] = {
    RiskLevel.MODERATE: timedelta(days=14),
    RiskLevel.HIGH: timedelta(days=7),
}
"""The time from a review to the proposed day of reassessment, by level of the risk of suicide. It
follows the intervals of the SPiER guide [proposal].
"""

ASKING_RULES = (
    "suicidal_ideation",
    "suicide_risk_screen",
    "ideation_screened",
    "safety_flag",
    "risk_reassessment_due",
)
"""While one of these rules of the review list holds, a review cannot be signed without a statement
on the risk of suicide.
"""

SAFETY_LINE_DUE_AFTER = timedelta(hours=48)
"""The time from a review to the proposed due date of a line of advice of kind ``safety``."""


@dataclass(frozen=True, slots=True)
class RiskStatement:
    """The statement of a review about the risk of suicide.

    ``reassess_on`` is required for a moderate or a high risk. ``reason`` explains why the review
    has no line of advice of kind ``safety``; it is empty if the review has one.
    """

    level: RiskLevel
    reassess_on: DayOrNone = None
    reason: Text = ""

    @property
    def is_decision(self) -> bool:
        """Whether the level is a risk decision. Only a risk decision ends alerts."""
        return self.level in DECIDED_LEVELS


def asks_for_decision(rule_ids: Collection[str]) -> bool:
    """Return whether a review must state the risk of suicide while the rules in ``rule_ids``
    hold.
    """
    return any(rule_id in ASKING_RULES for rule_id in rule_ids)


def proposed_reassessment(level: RiskLevel, reviewed_on: date) -> date | None:
    """Return the day of reassessment to propose in a review of the day ``reviewed_on``. Return None
    if ``level`` requires no reassessment.
    """
    interval = REASSESSED_AFTER.get(level)
    return None if interval is None else reviewed_on + interval

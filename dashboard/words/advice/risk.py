"""Texts about the suicide risk that a review states."""

from dashboard.clinical.risk import RiskStatement
from dashboard.locale import _
from dashboard.locale.formats import day, long_day
from dashboard.vocabulary import RiskLevel


def level_name(level: RiskLevel) -> str:
    """Return the level of the suicide risk, such as "moderate risk of suicide"."""
    return {
        RiskLevel.LOW: _("low risk of suicide"),
        RiskLevel.MODERATE: _("moderate risk of suicide"),
        RiskLevel.HIGH: _("high risk of suicide"),
        RiskLevel.NOT_ASSESSED: _("risk not assessed in this review"),
    }[level]


def short_level_name(level: RiskLevel) -> str:
    """Return the level of the suicide risk in two words, such as "low risk".

    Use this name where the reader already knows that the risk is a risk of suicide.
    """
    return {
        RiskLevel.LOW: _("low risk"),
        RiskLevel.MODERATE: _("moderate risk"),
        RiskLevel.HIGH: _("high risk"),
        RiskLevel.NOT_ASSESSED: _("not assessed"),
    }[level]


def risk_in_words(risk: RiskStatement) -> str:
    """Return the level of the risk, and the day of its reassessment if there is one.

    Example: "moderate risk of suicide, to be reassessed by 08/12/2026".
    """
    name = level_name(risk.level)
    if risk.reassess_on is None:
        return name
    return _("{level}, to be reassessed by {day}", level=name, day=day(risk.reassess_on))


def reassessment_in_words(risk: RiskStatement) -> str:
    """Return a sentence that says by which day the suicide risk is to be reassessed.

    If no day is set, return a sentence that says so for a risk decision, and an empty text
    otherwise.
    """
    if risk.reassess_on is not None:
        return _("Risk to be reassessed by {day}.", day=long_day(risk.reassess_on))
    return _("No day of reassessment is set.") if risk.is_decision else ""

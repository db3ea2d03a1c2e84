"""Texts about recommendations and their outcomes.

The functions do not escape text that a user typed.
"""

from decimal import Decimal

from dashboard.clinical.advice.lines import ANSWER_MARK, Line
from dashboard.clinical.advice.titration import steps_alone
from dashboard.clinical.case.case_file import Answer
from dashboard.locale import _, ngettext
from dashboard.locale.formats import full_name, labelled, moment, number
from dashboard.vocabulary import AnswerOutcome, MedicationAction, RecommendationKind, SequenceAction

TITRATED = (
    MedicationAction.START,
    MedicationAction.INCREASE,
    MedicationAction.DECREASE,
    MedicationAction.SWITCH,
    MedicationAction.STOP,
)
"""The actions on a drug that change its dose, at once or in steps."""


def recommendation_in_words(line: Line) -> str:
    """Return the whole recommendation in one line of text.

    Example: "Increase sertraline to 100 mg/day: in steps of 50 mg every 7 days; if it does not
    work: venlafaxine LP 75".
    """
    text = recommendation_head(line)
    if line.kind == RecommendationKind.MEDICATION and line.titration:
        how = equal_steps_in_words(line) or line.titration
        text = _("{text}: {detail}", text=text, detail=how)
    if line.detail and line.kind != RecommendationKind.OTHER:
        text = _("{text}: {detail}", text=text, detail=line.detail)
    if line.alternative:
        # Remove a full stop at the end of the text, because a semicolon follows.
        begun = text.rstrip(" .;")
        text = _(
            "{text}; if it does not work: {alternative}", text=begun, alternative=line.alternative
        )
    return text


def equal_steps_in_words(line: Line) -> str:
    """Return a titration in words, such as "in steps of 50 mg every 7 days".

    The text is empty unless the action changes the dose, and the titration consists of equal steps
    that are not larger than the daily dose. Typed as "50 mg / 7 j", such steps could be read as the
    dose of 7 days.
    """
    steps = steps_alone(line.titration or "")
    too_large = steps and line.daily_dose_mg is not None and steps.dose > line.daily_dose_mg
    if steps is None or too_large or line.action not in TITRATED:
        return ""
    dose = number(steps.dose)
    if steps.in_weeks:
        return ngettext(
            "in steps of {dose} mg every week",
            "in steps of {dose} mg every {n} weeks",
            steps.every,
            dose=dose,
        )
    return _("in steps of {dose} mg every {n} days", dose=dose, n=steps.every)


def summary_in_words(summary: str) -> str:
    """Return the summary of a review, with words before its answer to the nurse's question."""
    if not summary.startswith(ANSWER_MARK):
        return summary
    answer = summary.removeprefix(ANSWER_MARK)
    return _("Answer to the nurse's question: {answer}", answer=answer)


def recommendation_head(line: Line) -> str:
    """Return the action without its details, such as "Increase sertraline to 100 mg/day".

    For a recommendation of the kind "other", return its text.
    """
    if line.kind == RecommendationKind.MEDICATION:
        return _medication(line)
    if line.kind == RecommendationKind.SEQUENCE and line.action:
        return _sequence(line.action)
    return line.detail if line.kind == RecommendationKind.OTHER else kind_name(line.kind)


def _medication(line: Line) -> str:
    drug = line.drug_name or "…"
    if line.action == MedicationAction.SWITCH and line.replaced_drug_name:
        return _switch(line, drug, line.replaced_drug_name)
    if line.daily_dose_mg is None:
        without_dose: dict[str, str] = {
            MedicationAction.START: _("Start {drug}"),
            MedicationAction.INCREASE: _("Increase {drug}"),
            MedicationAction.DECREASE: _("Decrease {drug}"),
            MedicationAction.SWITCH: _("Switch to {drug}"),
            MedicationAction.STOP: _("Stop {drug}"),
            MedicationAction.CONTINUE: _("Continue {drug}"),
        }
        return without_dose.get(line.action or "", "{drug}").format(drug=drug)
    with_dose: dict[str, str] = {
        MedicationAction.START: _("Start {drug} {dose}"),
        MedicationAction.INCREASE: _("Increase {drug} to {dose}"),
        MedicationAction.DECREASE: _("Decrease {drug} to {dose}"),
        MedicationAction.SWITCH: _("Switch to {drug} {dose}"),
        MedicationAction.STOP: _("Stop {drug} {dose}"),
        MedicationAction.CONTINUE: _("Continue {drug} {dose}"),
    }
    said = with_dose.get(line.action or "", "{drug} {dose}")
    return said.format(drug=drug, dose=daily_dose(line.daily_dose_mg))


def _switch(line: Line, drug: str, replaced: str) -> str:
    if line.daily_dose_mg is None:
        return _("Switch from {replaced} to {drug}", replaced=replaced, drug=drug)
    dose = daily_dose(line.daily_dose_mg)
    return _("Switch from {replaced} to {drug} {dose}", replaced=replaced, drug=drug, dose=dose)


def daily_dose(dose: Decimal) -> str:
    """Return a daily dose: "100 mg/j" in French, "100 mg/day" in English."""
    return _("{dose} mg/day", dose=number(dose))


def _sequence(action: str) -> str:
    names: dict[str, str] = {
        SequenceAction.RENEW: _("Renew the care sequence"),
        SequenceAction.STEP_UP: _("Step up to a classic sequence"),
        SequenceAction.RELAPSE_PREVENTION: _("Move to relapse prevention"),
        SequenceAction.CLOSE: _("Close the episode"),
    }
    return names.get(action, action)


def kind_name(kind: str) -> str:
    """Return the name of a kind of recommendation."""
    names: dict[str, str] = {
        RecommendationKind.MEDICATION: _("Medication"),
        RecommendationKind.PSYCHOTHERAPY: _("Psychotherapy"),
        RecommendationKind.PSYCHOSOCIAL: _("Psychosocial care"),
        RecommendationKind.INVESTIGATION: _("Investigation"),
        RecommendationKind.SAFETY: _("Safety"),
        RecommendationKind.REFERRAL: _("Referral"),
        RecommendationKind.SEQUENCE: _("Care sequence"),
        RecommendationKind.OTHER: _("Other"),
    }
    return names.get(kind, kind)


def action_name(action: str) -> str:
    """Return the name of an action on a drug or on the care sequence."""
    names: dict[str, str] = {
        MedicationAction.START: _("start"),
        MedicationAction.INCREASE: _("increase"),
        MedicationAction.DECREASE: _("decrease"),
        MedicationAction.SWITCH: _("switch to"),
        MedicationAction.STOP: _("stop"),
        MedicationAction.CONTINUE: _("continue"),
        SequenceAction.RENEW: _("renew"),
        SequenceAction.STEP_UP: _("step up to classic"),
        SequenceAction.RELAPSE_PREVENTION: _("relapse prevention"),
        SequenceAction.CLOSE: _("close the episode"),
    }
    return names.get(action, action)


def outcome_name(outcome: str) -> str:
    """Return the name of the outcome of a recommendation.

    The outcome is an answer, the lack of one, or the way in which the recommendation was ended
    without one. The name of an unknown outcome is the outcome itself.
    """
    names: dict[str, str] = {
        "unanswered": _("no answer yet"),
        AnswerOutcome.ACKNOWLEDGED: _("acknowledged"),
        AnswerOutcome.DONE: _("done"),
        AnswerOutcome.MODIFIED: _("modified"),
        AnswerOutcome.DECLINED: _("declined"),
        AnswerOutcome.REFUSED_BY_PATIENT: _("refused by the patient"),
        "replaced": _("replaced"),
        "withdrawn": _("withdrawn"),
        "superseded": _("superseded"),
    }
    return names.get(outcome, outcome)


def outcomes_counted(outcome: str, count: int) -> str:
    """Return a number of answers with this outcome, such as "2 done"."""
    if outcome == AnswerOutcome.ACKNOWLEDGED:
        return ngettext("{n} acknowledged", "{n} acknowledged", count)
    if outcome == AnswerOutcome.DONE:
        return ngettext("{n} done", "{n} done", count)
    if outcome == AnswerOutcome.MODIFIED:
        return ngettext("{n} modified", "{n} modified", count)
    if outcome == AnswerOutcome.DECLINED:
        return ngettext("{n} declined", "{n} declined", count)
    if outcome == AnswerOutcome.REFUSED_BY_PATIENT:
        return ngettext("{n} refused by the patient", "{n} refused by the patient", count)
    return f"{count} {outcome}"


def state_name(state: str) -> str:
    """Return the name of the state of a recommendation: not delivered, overdue, or its outcome."""
    return {
        "not_delivered": _("not delivered"),
        "overdue": _("overdue"),
    }.get(state) or outcome_name(state)


def answer_in_words(answer: Answer) -> str:
    """Return ``answer`` in words: time, outcome, person and reason."""
    who = answer.practitioner
    name = full_name(who.family_name, who.given_name) if who else "?"
    said = f"{moment(answer.answered_at)} · {outcome_name(answer.outcome)} · {name}"
    return labelled(said, answer.reason) if answer.reason else said

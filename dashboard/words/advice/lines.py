"""Recommendations and what became of them, in words. What was typed is not escaped here."""

from decimal import Decimal

from dashboard.clinical.advice.lines import Line
from dashboard.locale import _
from dashboard.locale.formats import number


def recommendation_in_words(line: Line) -> str:
    """Increase sertraline to 100 mg/day: 50 mg every 7 days; otherwise venlafaxine LP 75."""
    text = recommendation_head(line)
    if line.kind == "medication" and line.titration:
        text = _("{text}: {detail}", text=text, detail=line.titration)
    if line.detail and line.kind != "other":
        text = _("{text}: {detail}", text=text, detail=line.detail)
    if line.alternative:
        # What was typed may end as a sentence does.
        begun = text.rstrip(" .;")
        text = _("{text}; otherwise: {alternative}", text=begun, alternative=line.alternative)
    return text


def recommendation_head(line: Line) -> str:
    """Increase sertraline to 100 mg/day: what to do, without how and what else."""
    if line.kind == "medication":
        return _medication(line)
    if line.kind == "sequence" and line.action:
        return _sequence(line.action)
    return line.detail if line.kind == "other" else kind_name(line.kind)


def _medication(line: Line) -> str:
    drug = line.drug_name or "…"
    if line.action == "switch" and line.replaced_drug_name:
        return _switch(line, drug, line.replaced_drug_name)
    if line.daily_dose_mg is None:
        return {
            "start": _("Start {drug}"),
            "increase": _("Increase {drug}"),
            "decrease": _("Decrease {drug}"),
            "switch": _("Switch to {drug}"),
            "stop": _("Stop {drug}"),
            "continue": _("Continue {drug}"),
        }.get(line.action or "", "{drug}").format(drug=drug)
    return {
        "start": _("Start {drug} {dose}"),
        "increase": _("Increase {drug} to {dose}"),
        "decrease": _("Decrease {drug} to {dose}"),
        "switch": _("Switch to {drug} {dose}"),
        "stop": _("Stop {drug} {dose}"),
        "continue": _("Continue {drug} {dose}"),
    }.get(line.action or "", "{drug} {dose}").format(drug=drug, dose=daily_dose(line.daily_dose_mg))


def _switch(line: Line, drug: str, replaced: str) -> str:
    if line.daily_dose_mg is None:
        return _("Switch from {replaced} to {drug}", replaced=replaced, drug=drug)
    dose = daily_dose(line.daily_dose_mg)
    return _("Switch from {replaced} to {drug} {dose}", replaced=replaced, drug=drug, dose=dose)


def daily_dose(dose: Decimal) -> str:
    """100 mg/j, or 100 mg/day."""
    return _("{dose} mg/day", dose=number(dose))


def _sequence(action: str) -> str:
    return {
        "renew": _("Renew the care sequence"),
        "step_up": _("Step up to a classic sequence"),
        "relapse_prevention": _("Move to relapse prevention"),
        "close": _("Close the episode"),
    }.get(action, action)


def kind_name(kind: str) -> str:
    """What a recommendation is about."""
    return {
        "medication": _("Medication"),
        "psychotherapy": _("Psychotherapy"),
        "psychosocial": _("Psychosocial care"),
        "investigation": _("Investigation"),
        "safety": _("Safety"),
        "referral": _("Referral"),
        "sequence": _("Care sequence"),
        "other": _("Other"),
    }.get(kind, kind)


def action_name(action: str) -> str:
    """What to do with a drug, or with the care sequence."""
    return {
        "start": _("start"),
        "increase": _("increase"),
        "decrease": _("decrease"),
        "switch": _("switch to"),
        "stop": _("stop"),
        "continue": _("continue"),
        "renew": _("renew"),
        "step_up": _("step up to classic"),
        "relapse_prevention": _("relapse prevention"),
        "close": _("close the episode"),
    }.get(action, action)


def outcome_name(outcome: str) -> str:
    """What became of it: an answer, none yet, or what a later review did to it."""
    return {
        "unanswered": _("no answer yet"),
        "acknowledged": _("acknowledged"),
        "done": _("done"),
        "modified": _("modified"),
        "declined": _("declined"),
        "refused_by_patient": _("refused by the patient"),
        "replaced": _("replaced"),
        "withdrawn": _("withdrawn"),
        "superseded": _("superseded"),
    }.get(outcome, outcome)


def state_name(state: str) -> str:
    """The state of a recommendation that is followed: its outcome, or what stands in its way."""
    return {
        "not_delivered": _("not delivered"),
        "overdue": _("overdue"),
    }.get(state) or outcome_name(state)

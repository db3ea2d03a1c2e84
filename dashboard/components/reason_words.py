"""The reasons of the review list in words, with their numbers and their dates."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from dashboard.clinical.rules import Reason, Tier
from dashboard.locale import _, language, ngettext
from dashboard.locale.formats import number, short_day


def tier_name(tier: int) -> str:
    """The tier, in two or three words."""
    return _tier_names(language())[Tier(tier)]


@cache
def _tier_names(code: str) -> dict[Tier, str]:
    """Made once for each language: a list asks a hundred times."""
    return {
        Tier.SAFETY: _("safety"),
        Tier.OWED: _("to decide"),
        Tier.REVIEW_DUE: _("to review"),
        Tier.WATCH: _("to watch"),
        Tier.STEP_DOWN: _("step down"),
        Tier.ON_TRACK: _("on track"),
    }


def tier_meaning(tier: int) -> str:
    """What the tier asks for, in a sentence."""
    return {
        Tier.SAFETY: _("Do not wait for the weekly review."),
        Tier.OWED: _("An answer or a decision is owed by the psychiatrist."),
        Tier.REVIEW_DUE: _("The evidence says: review now."),
        Tier.WATCH: _("Look if time allows."),
        Tier.STEP_DOWN: _("Doing well: consider relapse prevention or closing."),
        Tier.ON_TRACK: _("No rule holds."),
    }[Tier(tier)]


def rule_name(rule_id: str) -> str:
    """A rule's short name, as the filter shows it."""
    return _rule_names(language())[rule_id]


@cache
def _rule_names(code: str) -> dict[str, str]:
    return {
        "safety_flag": _("Safety flag"),
        "suicidal_ideation": _("Suicidal thoughts"),
        "suicide_risk_screen": _("C-SSRS positive"),
        "severe_at_entry": _("Severe at entry"),
        "answer_due": _("Answer due"),
        "sequence_ending": _("Sequence ending"),
        "pregnancy_on_psychotropic": _("Pregnancy on a psychotropic"),
        "contraindicated_combination": _("Contra-indicated combination"),
        "dose_above_maximum": _("Dose above maximum"),
        "never_reviewed": _("Never reviewed"),
        "not_improved": _("Not improved at week 8"),
        "deteriorated": _("Deteriorated"),
        "relapse": _("Relapse"),
        "nurse_question": _("Nurse's question"),
        "discussion_flag": _("Discussion asked for"),
        "review_overdue": _("Review due"),
        "advice_overdue": _("Recommendation overdue"),
        "early_non_response": _("Little early response"),
        "no_contact": _("No contact"),
        "missed_contacts": _("Missed contacts"),
        "score_overdue": _("PHQ-9 overdue"),
        "advice_unacknowledged": _("Recommendation unanswered"),
        "benzodiazepine_long": _("Benzodiazepine for long"),
        "dose_inadequate": _("Dose below minimum"),
        "long_episode": _("Long episode"),
        "stable_remission": _("Stable remission"),
    }


def in_words(reason: Reason, today: date) -> str:
    """The reason with its numbers and its date: what holds, and since when."""
    return _WORDS[reason.rule.id](reason.facts, reason.since, today)


Facts = Mapping[str, Any]


def _safety_flag(facts: Facts, since: date, today: date) -> str:
    return _("Safety flag raised on {day}", day=short_day(facts["raised"]))


def _suicidal_ideation(facts: Facts, since: date, today: date) -> str:
    if facts["before"] is None or facts["before"] >= facts["latest"]:
        return _(
            "Suicidal thoughts: item 9 at {latest} on {day}",
            latest=facts["latest"],
            day=short_day(facts["day"]),
        )
    return _(
        "Suicidal thoughts: item 9 from {before} to {latest} on {day}",
        before=facts["before"],
        latest=facts["latest"],
        day=short_day(facts["day"]),
    )


def _suicide_risk_screen(facts: Facts, since: date, today: date) -> str:
    return _(
        "C-SSRS of {day}: question {questions} positive",
        questions=", ".join(map(str, facts["questions"])),
        day=short_day(facts["day"]),
    )


def _severe_at_entry(facts: Facts, since: date, today: date) -> str:
    return _(
        "Severe at entry: PHQ-9 {latest} on {day}, never reviewed",
        latest=facts["latest"],
        day=short_day(facts["day"]),
    )


def _answer_due(facts: Facts, since: date, today: date) -> str:
    waiting = (today - facts["ready"]).days
    return ngettext(
        "Nurse's question waiting for {n} day (limit: 7)",
        "Nurse's question waiting for {n} days (limit: 7)",
        waiting,
    )


def _sequence_ending(facts: Facts, since: date, today: date) -> str:
    kind = {"leger": _("light"), "classique": _("classic")}.get(facts["kind"], facts["kind"])
    ended = facts["ends"] < today
    said = {"kind": kind, "number": facts["number"], "day": short_day(facts["ends"])}
    if ended:
        return _("Sequence {kind} {number} ended on {day}", **said)
    return _("Sequence {kind} {number} ends on {day}", **said)


def _pregnancy(facts: Facts, since: date, today: date) -> str:
    return _("Pregnancy on {drugs}", drugs=", ".join(facts["drugs"]))


def _combination(facts: Facts, since: date, today: date) -> str:
    return _(
        "Contra-indicated: {drug} with {partner} since {day}",
        drug=facts["drug"],
        partner=facts["partner"],
        day=short_day(since),
    )


def _above_maximum(facts: Facts, since: date, today: date) -> str:
    return _(
        "{drug} {dose} mg a day, above the maximum of {maximum} mg",
        drug=_capital(facts["drug"]),
        dose=number(facts["dose"]),
        maximum=number(facts["maximum"]),
    )


def _never_reviewed(facts: Facts, since: date, today: date) -> str:
    return ngettext(
        "Never reviewed, in care for {n} day",
        "Never reviewed, in care for {n} days",
        facts["days"],
    )


def _not_improved(facts: Facts, since: date, today: date) -> str:
    if facts["forms"] == 1:
        scores = _("PHQ-9 {baseline}, not measured again", baseline=facts["baseline"])
    else:
        scores = ngettext(
            "PHQ-9 {baseline} → {latest} in {n} week",
            "PHQ-9 {baseline} → {latest} in {n} weeks",
            facts["weeks"],
            baseline=facts["baseline"],
            latest=facts["latest"],
        )
    if facts["days_since_review"] is None:
        return _("{scores}, never reviewed", scores=scores)
    return _("{scores}, no review for {days} days", scores=scores, days=facts["days_since_review"])


def _deteriorated(facts: Facts, since: date, today: date) -> str:
    return _(
        "{instrument} up from {lowest} to {latest} on {day}",
        instrument=facts["instrument"],
        lowest=facts["lowest"],
        latest=facts["latest"],
        day=short_day(facts["day"]),
    )


def _relapse(facts: Facts, since: date, today: date) -> str:
    if facts["lowest"] is None or facts["in_prevention"]:
        return _(
            "Relapse in prevention: PHQ-9 {latest} on {day}",
            latest=facts["latest"],
            day=short_day(facts["day"]),
        )
    return _(
        "Relapse: PHQ-9 down to {lowest}, then {latest} on {day}",
        lowest=facts["lowest"],
        latest=facts["latest"],
        day=short_day(facts["day"]),
    )


def _nurse_question(facts: Facts, since: date, today: date) -> str:
    return _("Nurse's question of {day}", day=short_day(facts["ready"]))


def _discussion_flag(facts: Facts, since: date, today: date) -> str:
    return _("Discussion asked for on {day}", day=short_day(facts["raised"]))


def _review_overdue(facts: Facts, since: date, today: date) -> str:
    if facts["was_set"]:
        return _("Review planned for {day}", day=short_day(facts["due"]))
    return _(
        "No review for {days} days, due on {day}",
        days=(today - facts["last"]).days,
        day=short_day(facts["due"]),
    )


def _advice_overdue(facts: Facts, since: date, today: date) -> str:
    return ngettext(
        "{n} recommendation overdue since {day}",
        "{n} recommendations overdue since {day}",
        facts["count"],
        day=short_day(facts["due"]),
    )


def _early_non_response(facts: Facts, since: date, today: date) -> str:
    return _(
        "Little early response: PHQ-9 {baseline} → {latest}",
        baseline=facts["baseline"],
        latest=facts["latest"],
    )


def _no_contact(facts: Facts, since: date, today: date) -> str:
    if facts["last"] is None:
        return _("No contact since enrolment")
    return ngettext(
        "No contact for {n} day", "No contact for {n} days", (today - facts["last"]).days
    )


def _missed_contacts(facts: Facts, since: date, today: date) -> str:
    return _("Last two contacts missed, the latest on {day}", day=short_day(facts["last"]))


def _score_overdue(facts: Facts, since: date, today: date) -> str:
    if facts["last"] is None:
        return _("No PHQ-9 since enrolment")
    return ngettext("No PHQ-9 for {n} day", "No PHQ-9 for {n} days", (today - facts["last"]).days)


def _advice_unacknowledged(facts: Facts, since: date, today: date) -> str:
    return ngettext(
        "{n} recommendation unanswered since {day}",
        "{n} recommendations unanswered since {day}",
        facts["count"],
        day=short_day(facts["sent"]),
    )


def _benzodiazepine_long(facts: Facts, since: date, today: date) -> str:
    return ngettext(
        "{drug} for {n} week",
        "{drug} for {n} weeks",
        facts["weeks"],
        drug=_capital(facts["drug"]),
    )


def _dose_inadequate(facts: Facts, since: date, today: date) -> str:
    return _(
        "{drug} {dose} mg a day, below the minimum of {minimum} mg, since {day}",
        drug=_capital(facts["drug"]),
        dose=number(facts["dose"]),
        minimum=number(facts["minimum"]),
        day=short_day(facts["start"]),
    )


def _long_episode(facts: Facts, since: date, today: date) -> str:
    return ngettext("In care for {n} week", "In care for {n} weeks", facts["weeks"])


def _stable_remission(facts: Facts, since: date, today: date) -> str:
    return _(
        "Stable remission: PHQ-9 {before}, then {latest} on {day}",
        before=facts["before"],
        latest=facts["latest"],
        day=short_day(since),
    )


def _capital(name: str) -> str:
    # Not str.capitalize, which would make "LP" (prolonged release) "lp".
    return name[:1].upper() + name[1:]


_WORDS: dict[str, Callable[[Facts, date, date], str]] = {
    "safety_flag": _safety_flag,
    "suicidal_ideation": _suicidal_ideation,
    "suicide_risk_screen": _suicide_risk_screen,
    "severe_at_entry": _severe_at_entry,
    "answer_due": _answer_due,
    "sequence_ending": _sequence_ending,
    "pregnancy_on_psychotropic": _pregnancy,
    "contraindicated_combination": _combination,
    "dose_above_maximum": _above_maximum,
    "never_reviewed": _never_reviewed,
    "not_improved": _not_improved,
    "deteriorated": _deteriorated,
    "relapse": _relapse,
    "nurse_question": _nurse_question,
    "discussion_flag": _discussion_flag,
    "review_overdue": _review_overdue,
    "advice_overdue": _advice_overdue,
    "early_non_response": _early_non_response,
    "no_contact": _no_contact,
    "missed_contacts": _missed_contacts,
    "score_overdue": _score_overdue,
    "advice_unacknowledged": _advice_unacknowledged,
    "benzodiazepine_long": _benzodiazepine_long,
    "dose_inadequate": _dose_inadequate,
    "long_episode": _long_episode,
    "stable_remission": _stable_remission,
}

"""Texts for the reasons why an episode is on the review list, with their numbers and dates."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.locale import _, language, ngettext, pgettext
from dashboard.locale.formats import near_day, number
from dashboard.vocabulary import AnswerOutcome
from dashboard.words.case.chart import sequence_name


def tier_name(tier: int) -> str:
    """Return the name of a tier (how urgent a rule is), in one or two words."""
    return _tier_names(language())[Tier(tier)]


@cache
def _tier_names(code: str) -> dict[Tier, str]:
    """Return the names of the tiers in the current language.

    ``code`` is the code of this language, which is the key of the cache. The names are cached
    because one list needs them about a hundred times.
    """
    return {
        Tier.SAFETY: _("safety"),
        Tier.OWED: _("owed"),
        Tier.REVIEW_DUE: _("to review"),
        Tier.FOLLOW_UP: _("to follow"),
        Tier.STEP_DOWN: _("step down"),
        Tier.NOTHING_DUE: _("nothing due"),
    }


def tier_meaning(tier: int) -> str:
    """Return a sentence that says what a tier means and what the practitioner should do."""
    return {
        Tier.SAFETY: _("A sign of danger: act today, do not wait for the weekly review."),
        Tier.OWED: _("An answer, a decision about a danger or a first plan is due by a date."),
        Tier.REVIEW_DUE: _(
            "News since the last review, or a review overdue by its whole interval."
        ),
        Tier.FOLLOW_UP: _("Less urgent: each in turn, the most overdue first."),
        Tier.STEP_DOWN: _("Doing well: consider relapse prevention or the end of the follow-up."),
        Tier.NOTHING_DUE: _("Nothing is due today."),
    }[Tier(tier)]


def rule_name(rule_id: str) -> str:
    """Return the short name of a rule, for the filter of the review list."""
    return _rule_names(language())[rule_id]


@cache
def _rule_names(code: str) -> dict[str, str]:
    return {
        "safety_flag": _("Safety flag"),
        "suicidal_ideation": _("Suicidal thoughts, not decided on"),
        "suicide_risk_screen": _("C-SSRS positive"),
        "risk_reassessment_due": _("Risk to reassess"),
        "severe_at_entry": _("Severe at entry"),
        "answer_due": _("Answer due"),
        "pregnancy_on_psychotropic": _("Pregnancy on a psychotropic"),
        "contraindicated_combination": _("Contra-indicated combination"),
        "dose_above_maximum": _("Dose above maximum"),
        "never_reviewed": _("Never reviewed"),
        "week_8": _("Not improved in weeks 8 to 12"),
        "deteriorated": _("Deteriorated"),
        "relapse": _("Relapse"),
        "ideation_screened": _("Suicidal thoughts, C-SSRS done"),
        "long_unreviewed": _("Review long overdue"),
        "advice_declined": _("Recommendation declined"),
        "nurse_question": _("Nurse's question"),
        "discussion_flag": _("Discussion asked for"),
        "not_improved": _("Not improved at week 8"),
        "review_planned": _("Review planned"),
        "review_overdue": _("Review due"),
        "sequence_ending": _("Sequence ending"),
        "advice_overdue": _("Recommendation overdue"),
        "advice_unacknowledged": _("Recommendation unanswered"),
        "early_non_response": _("Little or no early response"),
        "no_contact": _("No contact"),
        "missed_contacts": _("Missed contacts"),
        "score_overdue": _("PHQ-9 overdue"),
        "benzodiazepine_long": _("Benzodiazepine for long"),
        "dose_inadequate": _("Dose below minimum"),
        "long_episode": _("Long episode"),
        "persistent": _("Still ill, review not due"),
        "stable_remission": _("Stable remission"),
        "stable_response": _("Stable response"),
    }


def in_words(reason: Reason, today: date) -> str:
    """Return the text of a reason why an episode is on the list, with its numbers and dates."""
    return _WORDS[reason.rule.id](reason.facts, reason.since, today)


Facts = Mapping[str, Any]


def _safety_flag(facts: Facts, since: date, today: date) -> str:
    raised = near_day(facts["raised"], today)
    if facts["answered"]:
        return _(
            "Safety flag of {day}, not cleared: last review on {last}",
            day=raised,
            last=near_day(facts["last"], today),
        )
    return _("Safety flag raised on {day}", day=raised)


def _suicidal_ideation(facts: Facts, since: date, today: date) -> str:
    if facts["before"] is None or facts["before"] >= facts["latest"]:
        return _(
            "Suicidal thoughts: item 9 at {latest} on {day}",
            latest=facts["latest"],
            day=near_day(facts["day"], today),
        )
    return _(
        "Suicidal thoughts: item 9 from {before} to {latest} on {day}",
        before=facts["before"],
        latest=facts["latest"],
        day=near_day(facts["day"], today),
    )


def _suicide_risk_screen(facts: Facts, since: date, today: date) -> str:
    return _(
        "C-SSRS of {day}: question {questions} positive",
        questions=", ".join(map(str, facts["questions"])),
        day=near_day(facts["day"], today),
    )


def _risk_reassessment_due(facts: Facts, since: date, today: date) -> str:
    said = {
        "level": risk_level_name(facts["level"]),
        "day": near_day(facts["decided"], today),
        "due": near_day(facts["due"], today),
    }
    if facts["due"] < today:
        return _("Suicide risk judged {level} on {day}: reassessment overdue since {due}", **said)
    return _("Suicide risk judged {level} on {day}: reassessment due on {due}", **said)


def _severe_at_entry(facts: Facts, since: date, today: date) -> str:
    return _(
        "Severe at entry: PHQ-9 {latest} on {day}, never reviewed",
        latest=facts["latest"],
        day=near_day(facts["day"], today),
    )


def _answer_due(facts: Facts, since: date, today: date) -> str:
    waiting = (today - facts["ready"]).days
    return ngettext(
        "Nurse's question waiting for {n} day (limit: 7)",
        "Nurse's question waiting for {n} days (limit: 7)",
        waiting,
    )


def _sequence_ending(facts: Facts, since: date, today: date) -> str:
    kind = sequence_name(facts["kind"])
    ended = facts["ends"] < today
    said = {"kind": kind, "number": facts["number"], "day": near_day(facts["ends"], today)}
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
        day=near_day(facts["start"], today),
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


def _week_8(facts: Facts, since: date, today: date) -> str:
    return _("Weeks 8 to 12: {course}", course=_not_improved(facts, since, today))


def _not_improved(facts: Facts, since: date, today: date) -> str:
    if facts["forms"] == 1:
        scores = _(
            "{instrument} {baseline}, not measured again",
            instrument=facts["instrument"],
            baseline=facts["baseline"],
        )
    else:
        scores = ngettext(
            "{instrument} {baseline} → {latest} in {n} week",
            "{instrument} {baseline} → {latest} in {n} weeks",
            facts["weeks"],
            instrument=facts["instrument"],
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
        day=near_day(facts["day"], today),
    )


def _relapse(facts: Facts, since: date, today: date) -> str:
    if facts["lowest"] is None or facts["in_prevention"]:
        return _(
            "Relapse in prevention: PHQ-9 {latest} on {day}",
            latest=facts["latest"],
            day=near_day(facts["day"], today),
        )
    return _(
        "Relapse: PHQ-9 down to {lowest}, then {latest} on {day}",
        lowest=facts["lowest"],
        latest=facts["latest"],
        day=near_day(facts["day"], today),
    )


def _ideation_screened(facts: Facts, since: date, today: date) -> str:
    return _(
        "Item 9 from {before} to {latest} on {day}, C-SSRS on {screened}: risk to be decided",
        before=facts["before"],
        latest=facts["latest"],
        day=near_day(facts["day"], today),
        screened=near_day(facts["screened"], today),
    )


def _long_unreviewed(facts: Facts, since: date, today: date) -> str:
    return _(
        "No review for {days} days, one is due every {interval}",
        days=(today - facts["last"]).days,
        interval=facts["interval"],
    )


def _advice_declined(facts: Facts, since: date, today: date) -> str:
    if facts["outcome"] == AnswerOutcome.REFUSED_BY_PATIENT:
        return ngettext(
            "{n} recommendation refused by the patient on {day}",
            "{n} recommendations refused, the first by the patient on {day}",
            facts["count"],
            day=near_day(facts["day"], today),
        )
    return ngettext(
        "{n} recommendation declined on {day}",
        "{n} recommendations refused, the first declined on {day}",
        facts["count"],
        day=near_day(facts["day"], today),
    )


def _nurse_question(facts: Facts, since: date, today: date) -> str:
    return _("Nurse's question of {day}", day=near_day(facts["ready"], today))


def _discussion_flag(facts: Facts, since: date, today: date) -> str:
    return _("Discussion asked for on {day}", day=near_day(facts["raised"], today))


def _review_planned(facts: Facts, since: date, today: date) -> str:
    due = near_day(facts["due"], today)
    if facts["due"] < today:
        return _("Review planned for {day}, overdue", day=due)
    return _("Review planned for {day}", day=due)


def _review_overdue(facts: Facts, since: date, today: date) -> str:
    said = {"days": (today - facts["last"]).days, "day": near_day(facts["due"], today)}
    if facts["due"] < today:
        return _("No review for {days} days, overdue since {day}", **said)
    return _("No review for {days} days, due on {day}", **said)


def _advice_overdue(facts: Facts, since: date, today: date) -> str:
    said = ngettext(
        "{n} recommendation overdue since {day}",
        "{n} recommendations overdue since {day}",
        facts["count"],
        day=near_day(facts["due"], today),
    )
    return _("{reason} (safety)", reason=said) if facts["of_safety"] else said


def _early_non_response(facts: Facts, since: date, today: date) -> str:
    scores = {"baseline": facts["baseline"], "latest": facts["latest"]}
    if facts["latest"] > facts["baseline"]:
        return _("No early response, PHQ-9 worse: {baseline} → {latest}", **scores)
    if facts["latest"] == facts["baseline"]:
        return _("No early response: PHQ-9 {baseline} → {latest}", **scores)
    return _("Little early response: PHQ-9 {baseline} → {latest}", **scores)


def _no_contact(facts: Facts, since: date, today: date) -> str:
    if facts["last"] is None:
        return _("No contact since enrolment")
    return ngettext(
        "No contact for {n} day", "No contact for {n} days", (today - facts["last"]).days
    )


def _missed_contacts(facts: Facts, since: date, today: date) -> str:
    return _("Last two contacts missed, the latest on {day}", day=near_day(facts["last"], today))


def _score_overdue(facts: Facts, since: date, today: date) -> str:
    if facts["last"] is None:
        return _("No PHQ-9 since enrolment")
    return ngettext("No PHQ-9 for {n} day", "No PHQ-9 for {n} days", (today - facts["last"]).days)


def _advice_unacknowledged(facts: Facts, since: date, today: date) -> str:
    said = _unacknowledged(facts, today)
    return _("{reason} (safety)", reason=said) if facts["of_safety"] else said


def _unacknowledged(facts: Facts, today: date) -> str:
    count, sent = facts["count"], near_day(facts["sent"], today)
    if not facts["kept"]:
        return ngettext(
            "{n} recommendation unanswered since {day}",
            "{n} recommendations unanswered since {day}",
            count,
            day=sent,
        )
    # Keeping a recommendation sends it again, so that it may have waited for longer than since
    # ``sent``.
    if facts["kept"] == count:
        return ngettext(
            "{n} recommendation unanswered, kept on {day}",
            "{n} recommendations unanswered, kept on {day}",
            count,
            day=sent,
        )
    return ngettext(
        "{n} recommendation unanswered, sent or kept on {day}",
        "{n} recommendations unanswered, sent or kept on {day}",
        count,
        day=sent,
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
        day=near_day(facts["start"], today),
    )


def _long_episode(facts: Facts, since: date, today: date) -> str:
    return ngettext("In care for {n} week", "In care for {n} weeks", facts["weeks"])


def _persistent(facts: Facts, since: date, today: date) -> str:
    return _(
        "Still ill, known to the review of {day}; the next is due on {due}",
        day=near_day(facts["last"], today),
        due=near_day(facts["due"], today),
    )


def _stable_remission(facts: Facts, since: date, today: date) -> str:
    return _(
        "Stable remission: PHQ-9 {before}, then {latest} on {day}",
        before=facts["before"],
        latest=facts["latest"],
        day=near_day(since, today),
    )


def _stable_response(facts: Facts, since: date, today: date) -> str:
    return _(
        "Stable response: PHQ-9 {scores}, the latest on {day}",
        scores=", ".join(map(str, facts["scores"])),
        day=near_day(since, today),
    )


def risk_level_name(level: str) -> str:
    """Return the level of suicide risk of a risk decision, in one word."""
    return {
        "low": pgettext("risk", "low"),
        "moderate": pgettext("risk", "moderate"),
        "high": pgettext("risk", "high"),
    }[str(level)]


def _capital(name: str) -> str:
    # ``str.capitalize`` would turn "LP" (prolonged release) into "lp".
    return name[:1].upper() + name[1:]


_WORDS: dict[str, Callable[[Facts, date, date], str]] = {
    "safety_flag": _safety_flag,
    "suicidal_ideation": _suicidal_ideation,
    "suicide_risk_screen": _suicide_risk_screen,
    "risk_reassessment_due": _risk_reassessment_due,
    "severe_at_entry": _severe_at_entry,
    "answer_due": _answer_due,
    "pregnancy_on_psychotropic": _pregnancy,
    "contraindicated_combination": _combination,
    "dose_above_maximum": _above_maximum,
    "never_reviewed": _never_reviewed,
    "week_8": _week_8,
    "deteriorated": _deteriorated,
    "relapse": _relapse,
    "ideation_screened": _ideation_screened,
    "long_unreviewed": _long_unreviewed,
    "advice_declined": _advice_declined,
    "nurse_question": _nurse_question,
    "discussion_flag": _discussion_flag,
    "not_improved": _not_improved,
    "review_planned": _review_planned,
    "review_overdue": _review_overdue,
    "sequence_ending": _sequence_ending,
    "advice_overdue": _advice_overdue,
    "advice_unacknowledged": _advice_unacknowledged,
    "early_non_response": _early_non_response,
    "no_contact": _no_contact,
    "missed_contacts": _missed_contacts,
    "score_overdue": _score_overdue,
    "benzodiazepine_long": _benzodiazepine_long,
    "dose_inadequate": _dose_inadequate,
    "long_episode": _long_episode,
    "persistent": _persistent,
    "stable_remission": _stable_remission,
    "stable_response": _stable_response,
}

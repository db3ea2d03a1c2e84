"""The rules of the review list (docs/review_list.md): who is on it, and why.

Each rule is a function of an episode and a day. It answers with the first day from which
it has held and the numbers that say so, or with nothing. Its name is its identifier.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from functools import cache

from dashboard.clinical import medication as drugs
from dashboard.clinical.episodes import DatedScore, EpisodeFacts, unbroken_run_start
from dashboard.clinical.instruments import IN_DENOMINATOR_FROM, INSTRUMENTS, improved

SETTLED = ("done", "modified", "declined", "refused_by_patient")
"""The answers after which nothing more is awaited of a recommendation."""


class Tier(IntEnum):
    """How urgent: the lowest comes first."""

    SAFETY = 0
    OWED = 1
    REVIEW_DUE = 2
    WATCH = 3
    STEP_DOWN = 4
    ON_TRACK = 5


@dataclass(frozen=True, slots=True)
class Holds:
    """That a rule holds: since which day, and the numbers that say so."""

    since: date
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, its tier and where it comes from. ``order`` is its place in docs/review_list.md."""

    id: str
    tier: Tier
    order: int
    source: str
    applies: Callable[[EpisodeFacts, date], Holds | None]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an episode is on the list: the rule that holds, since when, with what numbers."""

    rule: Rule
    since: date
    facts: Mapping[str, object]


@cache
def days(number: int) -> timedelta:
    """So many days; the rules ask for a few numbers, thousands of times a list."""
    return timedelta(days=number)


RULES: dict[str, Rule] = {}
"""Every rule by its identifier, in the order of docs/review_list.md."""


def reasons(episode: EpisodeFacts, today: date) -> tuple[Reason, ...]:
    """Every rule that holds today: by tier, then since, then the order of docs/review_list.md."""
    (found,) = reasons_of_each((episode,), today)
    return found


def reasons_of_each(
    episodes: Collection[EpisodeFacts], today: date
) -> Iterator[tuple[Reason, ...]]:
    """The ``reasons`` of each episode, in the order given.

    One rule after the other, each asked of every episode: Python calls a function it has just
    called faster than another.
    """
    holding: list[list[Reason]] = [[] for _ in episodes]
    for rule in RULES.values():
        for episode, found in zip(episodes, holding, strict=True):
            holds = rule.applies(episode, today)
            if holds is not None:
                found.append(Reason(rule, holds.since, holds.facts))
    for found in holding:
        found.sort(key=lambda reason: (reason.rule.tier, reason.since, reason.rule.order))
        yield tuple(found)


def tier_of(found: Iterable[Reason]) -> Tier:
    """The lowest tier among the rules that hold; on track where none does."""
    return min((reason.rule.tier for reason in found), default=Tier.ON_TRACK)


def _rule(tier: Tier, source: str) -> Callable:
    def register(
        applies: Callable[[EpisodeFacts, date], Holds | None],
    ) -> Callable[[EpisodeFacts, date], Holds | None]:
        name = applies.__name__
        RULES[name] = Rule(name, tier, len(RULES), source, applies)
        return applies

    return register


# Tier 0: do not wait for the weekly review.


@_rule(Tier.SAFETY, "SÉSAME (only a named clinician clears a safety flag)")
def safety_flag(episode: EpisodeFacts, today: date) -> Holds | None:
    """An uncleared flag of kind ``safety``: only a named clinician clears it."""
    return _flag(episode, "safety")


@_rule(Tier.SAFETY, "10.1176/appi.ps.201500149 (item 9 raises an alert, never lowers one)")
def suicidal_ideation(episode: EpisodeFacts, today: date) -> Holds | None:
    """Item 9 at 2 or more, or at 1 or more and higher than before; no review since."""
    if not episode.item9:
        return None
    latest = episode.item9[-1]
    before = episode.item9[-2] if len(episode.item9) > 1 else None
    risen = before is not None and latest.value >= 1 and latest.value > before.value
    if not (latest.value >= 2 or risen) or episode.reviewed_since(latest.day):
        return None
    return Holds(
        latest.day,
        {"latest": latest.value, "before": before.value if before else None, "day": latest.day},
    )


@_rule(Tier.SAFETY, "C-SSRS triage")
def suicide_risk_screen(episode: EpisodeFacts, today: date) -> Holds | None:
    """Question 4, 5 or 6 of the latest C-SSRS positive; no review since."""
    if episode.cssrs is None:
        return None
    day, answers = episode.cssrs
    positive = tuple(number for number in (4, 5, 6) if _answered_yes(answers, number))
    if not positive or episode.reviewed_since(day):
        return None
    return Holds(day, {"questions": positive, "day": day})


@_rule(Tier.SAFETY, "Kroenke 2001 (20: severe)")
def severe_at_entry(episode: EpisodeFacts, today: date) -> Holds | None:
    """No review yet, and the latest PHQ-9 at 20 or more."""
    latest = episode.latest
    if episode.reviews or latest is None or latest.value < 20:
        return None
    return Holds(latest.day, {"latest": latest.value, "day": latest.day})


# Tier 1: an answer or a decision is owed by the psychiatrist.


@_rule(Tier.OWED, "CSP R6316-4; vidal.fr, téléexpertise (answer within 7 days)")
def answer_due(episode: EpisodeFacts, today: date) -> Holds | None:
    """An open question made ready five days ago or more; the limit is seven."""
    ready = [day for day in episode.open_questions if day <= today - days(5)]
    if not ready:
        return None
    return Holds(min(ready) + days(5), {"ready": min(ready)})


@_rule(Tier.OWED, "SÉSAME, avis du CTIS, June 2023 (sequences of three months)")
def sequence_ending(episode: EpisodeFacts, today: date) -> Holds | None:
    """The current sequence ends within 14 days, or has ended."""
    current = episode.sequence
    if current is None or current.ends_on > today + days(14):
        return None
    return Holds(
        current.ends_on - days(14),
        {"kind": current.kind, "number": current.number, "ends": current.ends_on},
    )


@_rule(Tier.OWED, "CRAT 2020")
def pregnancy_on_psychotropic(episode: EpisodeFacts, today: date) -> Holds | None:
    """A current pregnancy, and a current medication in N03A, N05 or N06A."""
    pregnancies = [one for one in episode.conditions if one.is_pregnancy]
    if not pregnancies:
        return None
    psychotropics = [
        row
        for row in episode.medications
        if row.current_on(today) and drugs.is_among(row.atc_code, drugs.PSYCHOTROPICS)
    ]
    pairs = [
        (max(pregnancy.onset_on, row.started_on), row.name)
        for pregnancy in pregnancies
        for row in psychotropics
    ]
    if not pairs:
        return None
    return Holds(min(pairs)[0], {"drugs": tuple(sorted({name for _, name in pairs}))})


@_rule(Tier.OWED, "ANSM 24/05/2022")
def contraindicated_combination(episode: EpisodeFacts, today: date) -> Holds | None:
    """Current (es)citalopram with a current drug excluded with it, or with a long QT."""
    current = [row for row in episode.medications if row.current_on(today)]
    citaloprams = [row for row in current if row.atc_code in drugs.CITALOPRAMS]
    if not citaloprams:
        return None
    partners = [
        (row.started_on, row.name)
        for row in current
        if drugs.excluded_with_citalopram(row.atc_code)
    ] + [(one.onset_on, one.label) for one in episode.conditions if one.is_long_qt]
    pairs = [
        (max(row.started_on, start), row.name, partner)
        for row in citaloprams
        for start, partner in partners
    ]
    if not pairs:
        return None
    since, drug, partner = min(pairs)
    return Holds(since, {"drug": drug, "partner": partner})


@_rule(Tier.OWED, "Dose range of the drug; ANSM 24/05/2022 (citalopram over 65)")
def dose_above_maximum(episode: EpisodeFacts, today: date) -> Holds | None:
    """A current antidepressant, not as needed, above its maximum at the patient's age."""
    age = drugs.age_on(episode.birth_date, today)
    above = [
        (row.started_on, row.id, row)
        for row in episode.medications
        if row.current_on(today)
        and not row.as_needed
        and drugs.above_maximum(row.atc_code, row.daily_dose_mg, age)
    ]
    if not above:
        return None
    _, _, row = min(above)
    maximum = drugs.ANTIDEPRESSANTS[row.atc_code].maximum_at(age)
    return Holds(row.started_on, {"drug": row.name, "dose": row.daily_dose_mg, "maximum": maximum})


# Tier 2: the evidence says review now.


@_rule(Tier.REVIEW_DUE, "AIMS Center (new patients are reviewed)")
def never_reviewed(episode: EpisodeFacts, today: date) -> Holds | None:
    """No review yet."""
    if episode.reviews:
        return None
    return Holds(episode.enrolled_on, {"days": (today - episode.enrolled_on).days})


@_rule(Tier.REVIEW_DUE, "Bao 2016, 10.1176/appi.ps.201400577 (review in weeks 8-12, OR 1.44)")
def not_improved(episode: EpisodeFacts, today: date) -> Holds | None:
    """Not improved at week 8 or later, and no review in the last 28 days."""
    baseline, latest = episode.baseline, episode.latest
    week_8 = episode.enrolled_on + days(56)
    if baseline is None or latest is None or today < week_8:
        return None
    if baseline.value < IN_DENOMINATOR_FROM or improved(latest.value, baseline.value):
        return None
    last = episode.last_review
    if last is not None and last.signed_on > today - days(28):
        return None
    since = week_8 if last is None else max(week_8, last.signed_on + days(28))
    return Holds(
        since,
        {
            "baseline": baseline.value,
            "latest": latest.value,
            "weeks": (latest.day - baseline.day).days // 7,
            "forms": len(episode.phq9),
            "days_since_review": None if last is None else (today - last.signed_on).days,
        },
    )


@_rule(Tier.REVIEW_DUE, "ICSI (PHQ-9, 5 points); Toussaint 2020 (GAD-7, 4 points)")
def deteriorated(episode: EpisodeFacts, today: date) -> Holds | None:
    """The latest score above the lowest before it by a change that counts; no review since."""
    unseen = [
        (INSTRUMENTS[code], scores)
        for code, scores in (("phq9", episode.phq9), ("gad7", episode.gad7))
        if scores and not episode.reviewed_since(scores[-1].day)
    ]
    found = [
        (scores[-1].day, instrument.label, lowest, scores[-1].value)
        for instrument, scores in unseen
        if (lowest := _risen_from(scores, instrument.meaningful_change or 0)) is not None
    ]
    if not found:
        return None
    # On one day the PHQ-9 is named first.
    day, label, lowest, latest = min(found, key=lambda one: one[0])
    return Holds(day, {"instrument": label, "lowest": lowest, "latest": latest, "day": day})


@_rule(Tier.REVIEW_DUE, "Bao 2016 (improved); Kroenke 2001 (10: moderate)")
def relapse(episode: EpisodeFacts, today: date) -> Holds | None:
    """Improved and then 10 or more again, or 10 or more in relapse prevention; no review since."""
    baseline, latest = episode.baseline, episode.latest
    if baseline is None or latest is None or latest.value < IN_DENOMINATOR_FROM:
        return None
    between = [score.value for score in episode.phq9[1:-1]]
    had_improved = baseline.value >= IN_DENOMINATOR_FROM and any(
        improved(value, baseline.value) for value in between
    )
    if not (had_improved or episode.status == "relapse_prevention"):
        return None
    if episode.reviewed_since(latest.day):
        return None
    return Holds(
        latest.day,
        {
            "latest": latest.value,
            "lowest": min(between, default=None),
            "day": latest.day,
            "in_prevention": episode.status == "relapse_prevention",
        },
    )


@_rule(Tier.REVIEW_DUE, "vidal.fr, téléexpertise (answer within 7 days)")
def nurse_question(episode: EpisodeFacts, today: date) -> Holds | None:
    """An open question made ready less than five days ago."""
    ready = [day for day in episode.open_questions if day > today - days(5)]
    if not ready:
        return None
    return Holds(min(ready), {"ready": min(ready)})


@_rule(Tier.REVIEW_DUE, "ICSI systematic case review checklist")
def discussion_flag(episode: EpisodeFacts, today: date) -> Holds | None:
    """An uncleared flag of kind ``discussion``."""
    return _flag(episode, "discussion")


@_rule(Tier.REVIEW_DUE, "AIMS Center (when the team discusses the patient again)")
def review_overdue(episode: EpisodeFacts, today: date) -> Holds | None:
    """The next review is due: the day that the last one set, else 28 or 56 days after it."""
    last = episode.last_review
    if last is None:
        return None
    usual = days(56 if episode.status == "relapse_prevention" else 28)
    due = last.next_review_on or last.signed_on + usual
    if today < due:
        return None
    return Holds(
        due, {"due": due, "last": last.signed_on, "was_set": last.next_review_on is not None}
    )


@_rule(Tier.REVIEW_DUE, "PMC6579651 (advice that vanishes)")
def advice_overdue(episode: EpisodeFacts, today: date) -> Holds | None:
    """A standing recommendation past its due date that nobody has settled."""
    due = [
        advice.due_on
        for advice in episode.standing_advice
        if advice.due_on is not None
        and advice.due_on < today
        and not any(outcome in SETTLED for outcome in advice.outcomes)
    ]
    if not due:
        return None
    return Holds(min(due) + days(1), {"count": len(due), "due": min(due)})


# Tier 3: look if time allows.


@_rule(Tier.WATCH, "de Vries 2019, BJPsych 214:4-10 (43 % respond later: a prompt to look)")
def early_non_response(episode: EpisodeFacts, today: date) -> Holds | None:
    """Weeks 4 to 8: latest PHQ-9 above 80 % of the baseline, or at 17 or more."""
    baseline, latest = episode.baseline, episode.latest
    week_4 = episode.enrolled_on + days(28)
    if not week_4 <= today <= episode.enrolled_on + days(55):
        return None
    if baseline is None or latest is None or baseline.value < IN_DENOMINATOR_FROM:
        return None
    too_early = latest.day < episode.enrolled_on + days(14)
    little_change = 5 * latest.value > 4 * baseline.value
    if too_early or not (little_change or latest.value >= 17):
        return None
    return Holds(max(latest.day, week_4), {"baseline": baseline.value, "latest": latest.value})


@_rule(Tier.WATCH, "Bao 2016, 10.1176/appi.ps.201400577 (contact within 4 weeks, OR 1.63)")
def no_contact(episode: EpisodeFacts, today: date) -> Holds | None:
    """No attended contact in the last 28 days, from week 4 on."""
    if today < episode.enrolled_on + days(28):
        return None
    attended = [contact.day for contact in episode.contacts if contact.attended]
    if attended and attended[-1] > today - days(28):
        return None
    start = max([episode.enrolled_on, *attended[-1:]])
    return Holds(start + days(28), {"last": attended[-1] if attended else None})


@_rule(Tier.WATCH, "AIMS Center (patients at risk of being lost)")
def missed_contacts(episode: EpisodeFacts, today: date) -> Holds | None:
    """The last two contacts were not attended."""
    last_two = episode.contacts[-2:]
    if len(last_two) < 2 or any(contact.attended for contact in last_two):
        return None
    return Holds(last_two[-1].day, {"last": last_two[-1].day})


@_rule(Tier.WATCH, "SÉSAME (measured: PHQ-9 in the last 30 days)")
def score_overdue(episode: EpisodeFacts, today: date) -> Holds | None:
    """No valid PHQ-9 in the last 30 days, from week 2 on."""
    week_2 = episode.enrolled_on + days(14)
    if today < week_2:
        return None
    latest = episode.latest
    if latest is None:
        return Holds(week_2, {"last": None})
    if latest.day > today - days(30):
        return None
    return Holds(latest.day + days(30), {"last": latest.day})


@_rule(Tier.WATCH, "PMC6579651 (advice that vanishes)")
def advice_unacknowledged(episode: EpisodeFacts, today: date) -> Holds | None:
    """A standing recommendation sent seven days ago or more without any answer."""
    sent = [
        advice.sent_on
        for advice in episode.standing_advice
        if not advice.outcomes and advice.sent_on <= today - days(7)
    ]
    if not sent:
        return None
    return Holds(min(sent) + days(7), {"count": len(sent), "sent": min(sent)})


@_rule(Tier.WATCH, "HAS 2015 (hypnotics 4 weeks, anxiolytics 12 weeks)")
def benzodiazepine_long(episode: EpisodeFacts, today: date) -> Holds | None:
    """A current hypnotic beyond 28 days or anxiolytic beyond 84, over an unbroken run."""
    found = []
    for row in episode.medications:
        limit = drugs.benzodiazepine_limit(row.atc_code)
        if limit is None or row.as_needed or not row.current_on(today):
            continue
        start = unbroken_run_start(episode.medications, row)
        over_since = start + days(limit)
        if over_since <= today:
            found.append((over_since, row.name, start))
    if not found:
        return None
    since, name, start = min(found)
    return Holds(since, {"drug": name, "weeks": (today - start).days // 7, "start": start})


@_rule(Tier.WATCH, "ATHF-SF (adequate trial: minimum effective dose for 4 weeks)")
def dose_inadequate(episode: EpisodeFacts, today: date) -> Holds | None:
    """A current antidepressant, not as needed, below its minimum dose for 28 days."""
    long_ago = today - days(drugs.ADEQUATE_TRIAL_DAYS)
    low = [
        (row.started_on, row.id, row)
        for row in episode.medications
        if row.current_on(today)
        and not row.as_needed
        and row.started_on <= long_ago
        and drugs.below_minimum(row.atc_code, row.daily_dose_mg)
    ]
    if not low:
        return None
    _, _, row = min(low)
    return Holds(
        row.started_on + days(drugs.ADEQUATE_TRIAL_DAYS),
        {
            "drug": row.name,
            "dose": row.daily_dose_mg,
            "minimum": drugs.ANTIDEPRESSANTS[row.atc_code].minimum,
            "start": row.started_on,
        },
    )


@_rule(Tier.WATCH, "SÉSAME, avis du CTIS, June 2023 (12 months at most)")
def long_episode(episode: EpisodeFacts, today: date) -> Holds | None:
    """270 days since enrolment or more."""
    since = episode.enrolled_on + days(270)
    if today < since:
        return None
    return Holds(since, {"weeks": (today - episode.enrolled_on).days // 7})


# Tier 4: doing well.


@_rule(Tier.STEP_DOWN, "Kroenke 2001 (remission: below 5)")
def stable_remission(episode: EpisodeFacts, today: date) -> Holds | None:
    """Active, and the last two PHQ-9 below 5, at least 28 days apart."""
    last_two = episode.phq9[-2:]
    if episode.status != "active" or len(last_two) < 2:
        return None
    one, other = last_two
    if max(one.value, other.value) >= 5 or (other.day - one.day).days < 28:
        return None
    return Holds(other.day, {"before": one.value, "latest": other.value})


def _flag(episode: EpisodeFacts, kind: str) -> Holds | None:
    raised = [flag.raised_on for flag in episode.flags if flag.kind == kind]
    return Holds(min(raised), {"raised": min(raised)}) if raised else None


def _answered_yes(answers: tuple[int | None, ...], number: int) -> bool:
    return len(answers) >= number and (answers[number - 1] or 0) > 0


def _risen_from(scores: tuple[DatedScore, ...], by: int) -> int | None:
    """The lowest score before the latest, if the latest is above it by this much."""
    if len(scores) < 2:
        return None
    lowest = min([score.value for score in scores[:-1]])
    return lowest if scores[-1].value >= lowest + by else None

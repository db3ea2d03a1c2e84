"""The rules of the review list (docs/review_list.md). A rule that holds is a reason to review the
episode.

Each rule is a function of a ``Situation``, which is an episode on a day. It returns the day since
which the rule has held and the numbers that explain why, or None if the rule does not hold. The
name of the function is the identifier of the rule.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import cache

from dashboard.calendar import PARIS
from dashboard.clinical import medication as drugs
from dashboard.clinical.caseload.need import GAD7_COUNTS_FOR, Need, Needed, need_of
from dashboard.clinical.episodes import (
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    unbroken_run_start,
)
from dashboard.clinical.instruments import IN_DENOMINATOR_FROM, INSTRUMENTS, improved
from dashboard.clinical.people import NamesNoPatient
from dashboard.clinical.settlements import SETTLING_OUTCOMES
from dashboard.vocabulary import AnswerOutcome, EpisodeStatus, FlagKind, InstrumentCode

REFUSED = (AnswerOutcome.DECLINED, AnswerOutcome.REFUSED_BY_PATIENT)
"""The answers that refuse a recommendation. After such an answer, the psychiatrist should give
other advice.
"""

CONTACT_DAYS, CONTACT_DAYS_IN_PREVENTION = 28, 56
SCORE_DAYS, SCORE_DAYS_IN_PREVENTION = 30, 60
"""The numbers of days after an attended contact, and after a PHQ-9, from which the next one is
overdue. The first number is for treatment, the second for relapse prevention. The numbers in
relapse prevention follow SCOPE R2 (at least every 2 months).
"""


class Tier(IntEnum):
    """The tiers of urgency. The lowest number is the most urgent."""

    SAFETY = 0
    OWED = 1
    REVIEW_DUE = 2
    FOLLOW_UP = 3
    STEP_DOWN = 4
    NOTHING_DUE = 5


@dataclass(frozen=True, slots=True)
class Holds:
    """The result of a rule that holds: the day since which the rule holds, and the numbers that
    explain why.
    """

    since: date
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """An episode on a day, with the values that several rules use.

    ``need`` is the level of ``needed``. ``due_on`` is the day that the last review set for the next
    review. If the last review set none, it is the day of the last review plus the interval of the
    need. It is None if there is no review.
    """

    episode: EpisodeFacts
    today: date
    needed: Needed
    need: Need
    due_on: date | None

    @property
    def in_prevention(self) -> bool:
        """Whether the episode is in relapse prevention."""
        return self.episode.status == EpisodeStatus.RELAPSE_PREVENTION


@dataclass(frozen=True, slots=True)
class Rule(NamesNoPatient):
    """A rule, its tiers and its source.

    ``order`` is its position in docs/review_list.md, counted from 0. ``low_tier`` is the tier at
    low need; None if the rule does not hold at low need.
    """

    id: str
    tier: Tier
    low_tier: Tier | None
    order: int
    source: str
    applies: Callable[[Situation], Holds | None]

    def tier_at(self, need: Need) -> Tier | None:
        """Return the tier of the rule at this need; None if the rule does not hold at this need."""
        return self.low_tier if need is Need.LOW else self.tier


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to review an episode: a rule that holds, its tier at the need of the episode, the
    day since which it holds (never before enrolment), and its numbers. ``facts`` can also hold
    texts of the registry, such as the label of a condition.
    """

    rule: Rule
    tier: Tier
    since: date
    facts: Mapping[str, object]


@cache
def days(number: int) -> timedelta:
    """Return a ``timedelta`` of ``number`` days.

    The results are cached, because the rules use the same few numbers of days thousands of times.
    """
    return timedelta(days=number)


RULES: dict[str, Rule] = {}
"""Every rule by its identifier, in the order of docs/review_list.md."""


def situation_of(episode: EpisodeFacts, today: date) -> Situation:
    """Return the situation of ``episode`` on ``today``: its need, and the day on which its next
    review is due.
    """
    needed = need_of(episode, today)
    last = episode.last_review
    due_on = None if last is None else last.next_review_on or last.signed_on + needed.interval
    return Situation(episode, today, needed, needed.level, due_on)


def reasons(episode: EpisodeFacts, today: date) -> tuple[Reason, ...]:
    """Return the reasons to review ``episode`` on ``today``: one for each rule that holds. They are
    ordered by tier, then by day, then by the order of the rules.
    """
    (found,) = reasons_of_each((situation_of(episode, today),))
    return found


def reasons_of_each(situations: Collection[Situation]) -> Iterator[tuple[Reason, ...]]:
    """Yield the reasons of each situation, in the order of ``situations``.

    The outer loop is over rules and the inner loop over episodes. This order is faster, because
    Python then calls the same function repeatedly (measured by the list query in
    ``tests/benchmarks``).
    """
    holding: list[list[Reason]] = [[] for _ in situations]
    for rule in RULES.values():
        applies, tiers = rule.applies, [rule.tier_at(need) for need in Need]
        for situation, found in zip(situations, holding, strict=True):
            tier = tiers[situation.need]
            if tier is None:
                continue
            holds = applies(situation)
            if holds is not None:
                found.append(_reason(rule, tier, situation, holds))
    for situation, found in zip(situations, holding, strict=True):
        if not any(reason.tier <= Tier.FOLLOW_UP for reason in found):
            found.extend(_persistent(situation))
        found.sort(key=lambda reason: (reason.tier, reason.since, reason.rule.order))
        yield tuple(found)


def tier_of(found: Iterable[Reason]) -> Tier:
    """Return the most urgent tier among the reasons in ``found``. Return ``NOTHING_DUE`` if
    ``found`` is empty.
    """
    return min((reason.tier for reason in found), default=Tier.NOTHING_DUE)


def _reason(rule: Rule, tier: Tier, situation: Situation, holds: Holds) -> Reason:
    return Reason(rule, tier, max(holds.since, situation.episode.enrolled_on), holds.facts)


Applies = Callable[[Situation], Holds | None]


def _rule(tier: Tier, low_tier: Tier | None, source: str) -> Callable[[Applies], Applies]:
    def register(applies: Applies) -> Applies:
        name = applies.__name__
        RULES[name] = Rule(name, tier, low_tier, len(RULES), source, applies)
        return applies

    return register


# Tier 0: cases that must not wait for the weekly review.


@_rule(Tier.SAFETY, Tier.SAFETY, "SÉSAME (only a named clinician clears a safety flag)")
def safety_flag(situation: Situation) -> Holds | None:
    """Hold when an uncleared flag of kind ``safety`` has no risk decision since it was raised. Hold
    also when such a flag has a risk decision, but the last review is at least 7 days old.

    Only a named clinician can clear a flag. After a risk decision, each review suspends the rule
    for 7 days [proposal].
    """
    last = situation.episode.last_review
    found = []
    for flag in situation.episode.flags:
        if flag.kind != FlagKind.SAFETY:
            continue
        if not _is_answered(situation.episode, flag):
            found.append((flag.raised_on, flag.raised_on))
        elif last is not None and last.signed_on <= situation.today - days(7):
            found.append((last.signed_on + days(7), flag.raised_on))
    if not found:
        return None
    since, raised = min(found)
    answered = since != raised
    return Holds(
        since,
        {
            "raised": raised,
            "answered": answered,
            "last": last.signed_on if last is not None and answered else None,
        },
    )


@_rule(
    Tier.SAFETY, Tier.SAFETY, "10.1176/appi.ps.201500149 (item 9 raises an alert, never lowers one)"
)
def suicidal_ideation(situation: Situation) -> Holds | None:
    """Hold when item 9 of a PHQ-9 is 2 or more, without a risk decision on the day of that PHQ-9 or
    later. Hold also when item 9 has risen from 0 to 1, without a risk decision or an answered
    C-SSRS on that day or later.

    A later PHQ-9, a lower score or a review without a risk decision does not end the alert.
    """
    screened_on = _last_screened_on(situation.episode)
    for before, form in _unanswered_forms(situation.episode):
        unscreened = screened_on is None or screened_on < form.day
        if form.value >= 2 or (_has_risen_to_1(before, form) and unscreened):
            return Holds(form.day, _form_facts(before, form))
    return None


@_rule(Tier.SAFETY, Tier.SAFETY, "C-SSRS triage")
def suicide_risk_screen(situation: Situation) -> Holds | None:
    """Hold when question 4, 5 or 6 of a C-SSRS was answered yes, without a risk decision on that
    day or later.
    """
    for screener in situation.episode.screeners:
        positive = screener.severe_questions
        if positive and not situation.episode.risk_decided_since(screener.day):
            return Holds(screener.day, {"questions": positive, "day": screener.day})
    return None


# Tier 1: tasks that are due by a date.


@_rule(Tier.OWED, Tier.OWED, "SPiER guide (reassessment after a risk decision)")
def risk_reassessment_due(situation: Situation) -> Holds | None:
    """Hold from the day of reassessment that the last risk decision set.

    The rule holds until a new risk decision is signed.
    """
    decision = situation.episode.risk_decision
    if decision is None or decision.reassess_on is None or decision.reassess_on > situation.today:
        return None
    return Holds(
        decision.reassess_on,
        {
            "level": decision.level,
            "decided": decision.signed_on,
            "due": decision.reassess_on,
        },
    )


@_rule(Tier.OWED, Tier.OWED, "Kroenke 2001 (20: severe)")
def severe_at_entry(situation: Situation) -> Holds | None:
    """Hold when the episode has no review yet and the latest PHQ-9 is 20 or more."""
    latest = situation.episode.latest
    if situation.episode.reviews or latest is None or latest.value < 20:
        return None
    since = latest.day
    for score in reversed(situation.episode.phq9):
        if score.value < 20:
            break
        since = score.day
    return Holds(since, {"latest": latest.value, "day": latest.day})


@_rule(Tier.OWED, Tier.OWED, "CSP R6316-4; vidal.fr, téléexpertise (answer within 7 days)")
def answer_due(situation: Situation) -> Holds | None:
    """Hold when an open question was made ready at least 2 days ago, or at least 5 days ago at low
    need.

    The psychiatrist has to answer within 7 days.
    """
    waits = _days_before_answer_due(situation)
    ready = [day for day in situation.episode.open_questions if day <= situation.today - waits]
    if not ready:
        return None
    return Holds(min(ready) + waits, {"ready": min(ready)})


@_rule(Tier.OWED, Tier.OWED, "CRAT 2020")
def pregnancy_on_psychotropic(situation: Situation) -> Holds | None:
    """Hold when a patient with a current pregnancy has a current medication in N03A, N05 or N06A.

    A review signed since the combination began suspends the rule until the next review is due, for
    at most 28 days.
    """
    pregnancies = [one for one in situation.episode.conditions if one.is_pregnancy]
    if not pregnancies:
        return None
    found = [
        (since, row.name)
        for row in _current(situation)
        if drugs.is_among(row.atc_code, drugs.PSYCHOTROPICS)
        for pregnancy in pregnancies
        if (since := _counts_since(situation, max(pregnancy.onset_on, row.started_on), 28))
    ]
    if not found:
        return None
    return Holds(min(found)[0], {"drugs": tuple(sorted({name for _, name in found}))})


@_rule(Tier.OWED, Tier.OWED, "ANSM 24/05/2022")
def contraindicated_combination(situation: Situation) -> Holds | None:
    """Hold when (es)citalopram is current together with a drug that is contra-indicated with it, or
    with a diagnosis of long QT.

    A review signed since the combination began suspends the rule until the next review is due, for
    at most 28 days.
    """
    current = _current(situation)
    citaloprams = [row for row in current if row.atc_code in drugs.CITALOPRAMS]
    if not citaloprams:
        return None
    partners = [
        (row.started_on, row.name)
        for row in current
        if drugs.excluded_with_citalopram(row.atc_code)
    ] + [(one.onset_on, one.label) for one in situation.episode.conditions if one.is_long_qt]
    found = [
        (since, start, row.name, partner)
        for row in citaloprams
        for began, partner in partners
        if (since := _counts_since(situation, start := max(row.started_on, began), 28))
    ]
    if not found:
        return None
    since, start, drug, partner = min(found)
    return Holds(since, {"drug": drug, "partner": partner, "start": start})


@_rule(Tier.OWED, Tier.OWED, "Dose range of the drug; ANSM 24/05/2022 (citalopram over 65)")
def dose_above_maximum(situation: Situation) -> Holds | None:
    """Hold when a current antidepressant is above its maximum dose at the patient's age. Drugs
    taken as needed do not count.

    A review signed since the dose began suspends the rule until the next review is due, for at most
    28 days.
    """
    age = drugs.age_on(situation.episode.birth_date, situation.today)
    found = [
        (since, row.id, row)
        for row in _current(situation)
        if not row.as_needed
        and drugs.above_maximum(row.atc_code, row.daily_dose_mg, age)
        and (since := _counts_since(situation, row.started_on, 28))
    ]
    if not found:
        return None
    since, _, row = min(found)
    maximum = drugs.ANTIDEPRESSANTS[row.atc_code].maximum_at(age)
    return Holds(since, {"drug": row.name, "dose": row.daily_dose_mg, "maximum": maximum})


# Tier 2: facts newer than the last review, and episodes that had no review for two intervals.


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "AIMS Center (new patients are reviewed)")
def never_reviewed(situation: Situation) -> Holds | None:
    """Hold until the episode has its first review."""
    enrolled_on = situation.episode.enrolled_on
    if situation.episode.reviews:
        return None
    return Holds(enrolled_on, {"days": (situation.today - enrolled_on).days})


@_rule(
    Tier.REVIEW_DUE, Tier.REVIEW_DUE, "Bao 2016, 10.1176/appi.ps.201400577 (review in weeks 8-12)"
)
def week_8(situation: Situation) -> Holds | None:
    """Hold from day 56 to day 84 after enrolment for a patient who has not improved. It does not
    hold if a review was signed since day 56 or in the last 14 days.
    """
    start = situation.episode.enrolled_on + days(56)
    if not start <= situation.today <= situation.episode.enrolled_on + days(84):
        return None
    score = _not_improved_score(situation)
    last = situation.episode.last_review
    if score is None or (
        last is not None
        and (last.signed_on >= start or last.signed_on > situation.today - days(14))
    ):
        return None
    since = start if last is None else max(start, last.signed_on + days(14))
    return Holds(since, _course_facts(situation, *score))


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "ICSI (PHQ-9, 5 points); Toussaint 2020 (GAD-7, 4 points)")
def deteriorated(situation: Situation) -> Holds | None:
    """Hold when the latest PHQ-9 or GAD-7 is an unseen rise: no review was signed on its day or
    later, and it is at least 5 points (PHQ-9) or 4 points (GAD-7) above the lowest of the three
    scores before it.

    The last score up to the day of the last review may itself have been a rise. The latest score
    must then also be 5 or 4 points above the lowest score from that one on.
    """
    found = []
    for code, scores in (
        (InstrumentCode.PHQ9, situation.episode.phq9),
        (InstrumentCode.GAD7, situation.episode.gad7),
    ):
        lowest = _unseen_rise(situation.episode, code, scores)
        if lowest is not None:
            found.append((scores[-1].day, INSTRUMENTS[code].label, lowest, scores[-1].value))
    if not found:
        return None
    # If both questionnaires have risen on the same day, the PHQ-9 is named.
    day, label, lowest, latest = min(found, key=lambda one: one[0])
    return Holds(day, {"instrument": label, "lowest": lowest, "latest": latest, "day": day})


@_rule(Tier.REVIEW_DUE, Tier.REVIEW_DUE, "Bao 2016 (improved); Kroenke 2001 (10: moderate)")
def relapse(situation: Situation) -> Holds | None:
    """Hold when the latest PHQ-9 is 10 or more, no review was signed on its day or later, and one
    of two conditions is true.

    The first condition is that the episode is in relapse prevention. The second condition is that
    the baseline was 10 or more, a later score was below 10, and the latest score is an unseen rise
    (``_unseen_rise``): a rise that the last review has already seen does not count.
    """
    episode = situation.episode
    baseline, latest = episode.baseline, episode.latest
    if baseline is None or latest is None or latest.value < IN_DENOMINATOR_FROM:
        return None
    if episode.reviewed_since(latest.day):
        return None
    between = [score.value for score in episode.phq9[1:-1]]
    had_improved = (
        baseline.value >= IN_DENOMINATOR_FROM
        and min(between, default=IN_DENOMINATOR_FROM) < IN_DENOMINATOR_FROM
        and _unseen_rise(episode, InstrumentCode.PHQ9, episode.phq9) is not None
    )
    if not (situation.in_prevention or had_improved):
        return None
    return Holds(
        latest.day,
        {
            "latest": latest.value,
            "lowest": min(between, default=None),
            "day": latest.day,
            "in_prevention": situation.in_prevention,
        },
    )


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "C-SSRS triage (item 9 asked about)")
def ideation_screened(situation: Situation) -> Holds | None:
    """Hold when item 9 has risen from 0 to 1 and a C-SSRS was answered on that day or later. The
    rule does not hold after a risk decision on that day or later.
    """
    screened_on = _last_screened_on(situation.episode)
    if screened_on is None:
        return None
    for before, form in _unanswered_forms(situation.episode):
        if _has_risen_to_1(before, form) and screened_on >= form.day:
            return Holds(form.day, _form_facts(before, form) | {"screened": screened_on})
    return None


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "[proposal] (a review two intervals old)")
def long_unreviewed(situation: Situation) -> Holds | None:
    """Hold when the time since the last review is at least twice the interval of the need
    (``Needed.interval``). The rule does not hold at moderate need.
    """
    last = situation.episode.last_review
    if last is None or situation.need is Need.MODERATE:
        return None
    since = last.signed_on + 2 * situation.needed.interval
    if since > situation.today:
        return None
    return Holds(since, {"last": last.signed_on, "interval": situation.needed.interval.days})


@_rule(Tier.REVIEW_DUE, None, "ICSI (an alternative if the first does not work); PMC6579651")
def advice_declined(situation: Situation) -> Holds | None:
    """Hold when the latest answer to a standing recommendation is ``declined`` or
    ``refused_by_patient``. An answer ``acknowledged`` does not count as the latest answer, but
    takes back the earlier answers of its author.
    """
    found = [
        (advice.decided_on, advice.outcome)
        for advice in situation.episode.standing_advice
        if advice.outcome in REFUSED and advice.decided_on is not None
    ]
    if not found:
        return None
    since, outcome = min(found)
    return Holds(since, {"count": len(found), "day": since, "outcome": outcome})


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "vidal.fr, téléexpertise (answer within 7 days)")
def nurse_question(situation: Situation) -> Holds | None:
    """Hold when the nurse has an open question for which ``answer_due`` does not hold yet."""
    waits = _days_before_answer_due(situation)
    ready = [day for day in situation.episode.open_questions if day > situation.today - waits]
    if not ready:
        return None
    return Holds(min(ready), {"ready": min(ready)})


@_rule(Tier.REVIEW_DUE, Tier.FOLLOW_UP, "ICSI systematic case review checklist")
def discussion_flag(situation: Situation) -> Holds | None:
    """Hold when an uncleared flag of kind ``discussion`` was raised and no review was signed since.

    Flags raised more than 14 days before enrolment do not count.
    """
    episode = situation.episode
    last = episode.last_review
    raised = [
        flag.raised_on
        for flag in episode.flags
        if flag.kind == FlagKind.DISCUSSION
        and flag.raised_on >= episode.enrolled_on - days(14)
        and not (last is not None and last.signed_at >= flag.raised_at)
    ]
    return Holds(min(raised), {"raised": min(raised)}) if raised else None


# Tier 3: follow-up, each episode in turn.


@_rule(Tier.FOLLOW_UP, Tier.FOLLOW_UP, "Bao 2016, 10.1176/appi.ps.201400577; SCOPE R3 (GAD-7)")
def not_improved(situation: Situation) -> Holds | None:
    """Hold from day 56 after enrolment for a patient who has not improved and has no review in the
    last 28 days.
    """
    start = situation.episode.enrolled_on + days(56)
    last = situation.episode.last_review
    if situation.today < start:
        return None
    if last is not None and last.signed_on > situation.today - days(28):
        return None
    score = _not_improved_score(situation)
    if score is None:
        return None
    since = start if last is None else max(start, last.signed_on + days(28))
    return Holds(since, _course_facts(situation, *score))


@_rule(Tier.FOLLOW_UP, Tier.FOLLOW_UP, "AIMS Center (when the team discusses the patient again)")
def review_planned(situation: Situation) -> Holds | None:
    """Hold from the day that the last review set for the next review."""
    last = situation.episode.last_review
    if last is None or last.next_review_on is None or situation.today < last.next_review_on:
        return None
    return Holds(last.next_review_on, {"due": last.next_review_on})


@_rule(Tier.FOLLOW_UP, Tier.STEP_DOWN, "SCOPE R1, R2 (monthly; every 2 months); [proposal]")
def review_overdue(situation: Situation) -> Holds | None:
    """Hold when the last review set no day for the next review, and the interval of the need
    (``Needed.interval``) has passed since the last review.
    """
    last = situation.episode.last_review
    if last is None or last.next_review_on is not None:
        return None
    due = last.signed_on + situation.needed.interval
    if due > situation.today:
        return None
    return Holds(due, {"due": due, "last": last.signed_on})


@_rule(
    Tier.FOLLOW_UP, Tier.STEP_DOWN, "SÉSAME, avis du CTIS, June 2023 (sequences of three months)"
)
def sequence_ending(situation: Situation) -> Holds | None:
    """Hold when the current care sequence has ended or ends within 14 days. The rule does not hold
    if a review was signed in the last 14 days of the sequence or later.
    """
    current = situation.episode.sequence
    if current is None or current.ends_on > situation.today + days(14):
        return None
    since = current.ends_on - days(14)
    if situation.episode.reviewed_since(since):
        return None
    return Holds(since, {"kind": current.kind, "number": current.number, "ends": current.ends_on})


@_rule(Tier.FOLLOW_UP, None, "PMC6579651 (advice that vanishes)")
def advice_overdue(situation: Situation) -> Holds | None:
    """Hold when a standing recommendation is past its due date and no answer has settled it.

    A review signed since the recommendation became overdue suspends the rule until the next review
    is due.
    """
    found = [
        (since, advice.due_on, advice.is_safety)
        for advice in situation.episode.standing_advice
        if advice.due_on is not None
        and advice.due_on < situation.today
        and advice.outcome not in SETTLING_OUTCOMES
        and (since := _counts_since(situation, advice.due_on + days(1)))
    ]
    if not found:
        return None
    return Holds(
        min(since for since, _due, _safety in found),
        {
            "count": len(found),
            "due": min(due for _since, due, _safety in found),
            "of_safety": any(safety for _since, _due, safety in found),
        },
    )


@_rule(Tier.FOLLOW_UP, None, "PMC6579651 (advice that vanishes)")
def advice_unacknowledged(situation: Situation) -> Holds | None:
    """Hold when a standing recommendation was sent at least 7 days ago and has not been answered
    since then.
    """
    waiting = [
        advice
        for advice in situation.episode.standing_advice
        if not advice.is_answered_since_sent and advice.sent_on <= situation.today - days(7)
    ]
    if not waiting:
        return None
    sent = min(advice.sent_on for advice in waiting)
    facts = {
        "count": len(waiting),
        "sent": sent,
        "kept": sum(advice.kept for advice in waiting),
        "of_safety": any(advice.is_safety for advice in waiting),
    }
    return Holds(sent + days(7), facts)


@_rule(
    Tier.FOLLOW_UP,
    Tier.FOLLOW_UP,
    "de Vries 2019, BJPsych 214:4-10 (43 % respond later: a prompt to look)",
)
def early_non_response(situation: Situation) -> Holds | None:
    """Hold from day 28 to day 55 after enrolment when the latest PHQ-9 is above 80 % of the
    baseline, or is 17 or more.

    The baseline must be 10 or more, and the latest PHQ-9 must be from day 14 after enrolment or
    later.
    """
    episode = situation.episode
    baseline, latest = episode.baseline, episode.latest
    week_4 = episode.enrolled_on + days(28)
    if not week_4 <= situation.today <= episode.enrolled_on + days(55):
        return None
    if baseline is None or latest is None or baseline.value < IN_DENOMINATOR_FROM:
        return None
    too_early = latest.day < episode.enrolled_on + days(14)
    little_change = 5 * latest.value > 4 * baseline.value
    if too_early or not (little_change or latest.value >= 17):
        return None
    return Holds(max(latest.day, week_4), {"baseline": baseline.value, "latest": latest.value})


@_rule(
    Tier.FOLLOW_UP,
    Tier.FOLLOW_UP,
    "Bao 2016, 10.1176/appi.ps.201400577 (contact within 4 weeks, OR 1.63); SCOPE R2",
)
def no_contact(situation: Situation) -> Holds | None:
    """Hold when the last attended contact or the enrolment, whichever is later, was at least 28
    days ago. The limit in relapse prevention is 56 days.
    """
    interval = days(CONTACT_DAYS_IN_PREVENTION if situation.in_prevention else CONTACT_DAYS)
    if situation.today < situation.episode.enrolled_on + interval:
        return None
    attended = [contact.day for contact in situation.episode.contacts if contact.attended]
    if attended and attended[-1] > situation.today - interval:
        return None
    start = max([situation.episode.enrolled_on, *attended[-1:]])
    return Holds(start + interval, {"last": attended[-1] if attended else None})


@_rule(Tier.FOLLOW_UP, Tier.FOLLOW_UP, "AIMS Center (patients at risk of being lost)")
def missed_contacts(situation: Situation) -> Holds | None:
    """Hold when the last two contacts were not attended."""
    last_two = situation.episode.contacts[-2:]
    if len(last_two) < 2 or any(contact.attended for contact in last_two):
        return None
    return Holds(last_two[-1].day, {"last": last_two[-1].day})


@_rule(Tier.FOLLOW_UP, Tier.FOLLOW_UP, "SÉSAME (measured: PHQ-9 in the last 30 days); SCOPE R2")
def score_overdue(situation: Situation) -> Holds | None:
    """Hold from day 14 after enrolment when there is no valid PHQ-9 in the last 30 days, or 60 days
    in relapse prevention.
    """
    week_2 = situation.episode.enrolled_on + days(14)
    if situation.today < week_2:
        return None
    latest = situation.episode.latest
    if latest is None:
        return Holds(week_2, {"last": None})
    interval = days(SCORE_DAYS_IN_PREVENTION if situation.in_prevention else SCORE_DAYS)
    if latest.day > situation.today - interval:
        return None
    return Holds(latest.day + interval, {"last": latest.day})


@_rule(Tier.FOLLOW_UP, Tier.STEP_DOWN, "HAS 2015 (hypnotics 4 weeks, anxiolytics 12 weeks)")
def benzodiazepine_long(situation: Situation) -> Holds | None:
    """Hold when a current hypnotic has been taken for at least 28 days without a gap, or a current
    anxiolytic for at least 84 days. Drugs taken as needed do not count.

    A review signed since the limit was reached suspends the rule until the next review is due.
    """
    found = []
    for row in _current(situation):
        limit = drugs.benzodiazepine_limit(row.atc_code)
        if limit is None or row.as_needed:
            continue
        start = unbroken_run_start(situation.episode.medications, row)
        if start + days(limit) > situation.today:
            continue
        since = _counts_since(situation, start + days(limit))
        if since is not None:
            found.append((since, row.name, start))
    if not found:
        return None
    since, name, start = min(found)
    weeks = (situation.today - start).days // 7
    return Holds(since, {"drug": name, "weeks": weeks, "start": start})


@_rule(Tier.FOLLOW_UP, None, "ATHF-SF (adequate trial: minimum effective dose for 4 weeks)")
def dose_inadequate(situation: Situation) -> Holds | None:
    """Hold when a current antidepressant has been taken for at least 28 days at one dose below its
    minimum effective dose. A change of dose begins the 28 days again. Drugs taken as needed do not
    count.

    A review signed on the 28th day or later suspends the rule until the next review is due.
    """
    trial = days(drugs.ADEQUATE_TRIAL_DAYS)
    found = [
        (since, row.id, row)
        for row in _current(situation)
        if not row.as_needed
        and row.started_on <= situation.today - trial
        and drugs.below_minimum(row.atc_code, row.daily_dose_mg)
        and (since := _counts_since(situation, row.started_on + trial))
    ]
    if not found:
        return None
    since, _, row = min(found)
    return Holds(
        since,
        {
            "drug": row.name,
            "dose": row.daily_dose_mg,
            "minimum": drugs.ANTIDEPRESSANTS[row.atc_code].minimum,
            "start": row.started_on,
        },
    )


@_rule(Tier.FOLLOW_UP, Tier.STEP_DOWN, "SÉSAME, avis du CTIS, June 2023 (12 months at most)")
def long_episode(situation: Situation) -> Holds | None:
    """Hold from day 270 after enrolment.

    A review signed since day 270 suspends the rule until the next review is due.
    """
    begins = situation.episode.enrolled_on + days(270)
    if situation.today < begins:
        return None
    since = _counts_since(situation, begins)
    if since is None:
        return None
    return Holds(since, {"weeks": (situation.today - situation.episode.enrolled_on).days // 7})


@_rule(Tier.FOLLOW_UP, None, 'AIMS Center ("those with the most significant challenges")')
def persistent(situation: Situation) -> Holds | None:
    """Hold for a reviewed patient who is still ill while no other rule of tiers 0 to 3 holds. Still
    ill means that the need is marked or high. From day 56 after enrolment, it also means that the
    patient has not improved.

    This function always returns None. ``reasons_of_each`` evaluates the rule, because the rule
    depends on all others.
    """
    return None


# Tier 4: patients who are doing well.


@_rule(Tier.STEP_DOWN, Tier.STEP_DOWN, "Kroenke 2001 (remission: below 5)")
def stable_remission(situation: Situation) -> Holds | None:
    """Hold at low need in an active episode when the last two PHQ-9 are below 5 and at least 28
    days apart.
    """
    scores = situation.episode.phq9[-2:]
    if not _may_step_down(situation) or len(scores) < 2:
        return None
    one, other = scores
    if max(one.value, other.value) >= 5 or (other.day - one.day).days < 28:
        return None
    return Holds(other.day, {"before": one.value, "latest": other.value})


@_rule(Tier.STEP_DOWN, Tier.STEP_DOWN, "GermanIMPACT (10.1186/1745-6215-15-351); SCOPE R2")
def stable_response(situation: Situation) -> Holds | None:
    """Hold at low need in an active episode when the last three PHQ-9 are below 10 and span at
    least 56 days. It does not hold while ``stable_remission`` holds.
    """
    scores = situation.episode.phq9[-3:]
    if not _may_step_down(situation) or len(scores) < 3 or stable_remission(situation):
        return None
    if max(score.value for score in scores) >= IN_DENOMINATOR_FROM:
        return None
    if (scores[-1].day - scores[0].day).days < 56:
        return None
    return Holds(scores[-1].day, {"scores": tuple(score.value for score in scores)})


def _persistent(situation: Situation) -> Iterator[Reason]:
    """Yield the reason ``persistent`` if the rule holds. The caller has checked that no other rule
    of tiers 0 to 3 holds.
    """
    rule = RULES["persistent"]
    tier = rule.tier_at(situation.need)
    last = situation.episode.last_review
    if tier is None or last is None:
        return
    score = None
    if situation.today >= situation.episode.enrolled_on + days(56):
        score = _not_improved_score(situation)
    if situation.need >= Need.MARKED or score is not None:
        facts = {"last": last.signed_on, "due": situation.due_on}
        yield _reason(rule, tier, situation, Holds(last.signed_on, facts))


def alerted_after(episode: EpisodeFacts, moment: datetime) -> bool:
    """Return whether an alert of suicide without a risk decision came after ``moment``. An alert is
    an uncleared safety flag, a PHQ-9 with item 9 above 0, or a C-SSRS with a yes to question 4, 5
    or 6. The questionnaires must be of a later day than ``moment``.
    """
    flags = (
        flag.raised_at
        for flag in episode.flags
        if flag.kind == FlagKind.SAFETY and not _is_answered(episode, flag)
    )
    forms = (form.day for _before, form in _unanswered_forms(episode))
    screeners = (
        one.day
        for one in episode.screeners
        if one.severe_questions and not episode.risk_decided_since(one.day)
    )
    return any(raised_at > moment for raised_at in flags) or any(
        day > moment.astimezone(PARIS).date() for day in (*forms, *screeners)
    )


def _is_answered(episode: EpisodeFacts, flag: FlagFact) -> bool:
    """Return whether the last risk decision was signed when ``flag`` was raised, or later."""
    decision = episode.risk_decision
    return decision is not None and decision.signed_at >= flag.raised_at


def _unanswered_forms(
    episode: EpisodeFacts,
) -> Iterator[tuple[DatedAnswer | None, DatedAnswer]]:
    """Yield pairs of consecutive answers to item 9 of the PHQ-9. The second answer is above 0 and
    has no risk decision on its day or later. The first answer is None if there is none before.
    """
    before: DatedAnswer | None = None
    for form in episode.item9:
        if form.value and not episode.risk_decided_since(form.day):
            yield before, form
        before = form


def _has_risen_to_1(before: DatedAnswer | None, form: DatedAnswer) -> bool:
    return form.value == 1 and before is not None and before.value == 0


def _last_screened_on(episode: EpisodeFacts) -> date | None:
    return episode.screeners[-1].day if episode.screeners else None


def _form_facts(before: DatedAnswer | None, form: DatedAnswer) -> dict[str, object]:
    return {"latest": form.value, "before": before.value if before else None, "day": form.day}


def _days_before_answer_due(situation: Situation) -> timedelta:
    """Return the time from the day when a question was made ready until ``answer_due`` holds.

    The limit for the answer is 7 days, and meetings are weekly. A question that is already 2 days
    old at one meeting would be 9 days old at the next.
    """
    return days(5) if situation.need is Need.LOW else days(2)


def _current(situation: Situation) -> list[Medication]:
    return [row for row in situation.episode.medications if row.current_on(situation.today)]


def _counts_since(situation: Situation, since: date, at_most: int | None = None) -> date | None:
    """Return the day from which a fact is a reason for a review. Return None if the fact is not a
    reason now, because a review was signed on the day ``since`` or later.

    After such a review, the fact is a reason again from the day on which the next review is due
    (``situation.due_on``). If ``at_most`` is given, it is a reason again at the latest ``at_most``
    days after the last review.
    """
    since = max(since, situation.episode.enrolled_on)
    last = situation.episode.last_review
    if last is None or situation.due_on is None or last.signed_on < since:
        return since
    again = situation.due_on
    if at_most is not None:
        again = min(again, last.signed_on + days(at_most))
    return again if again <= situation.today else None


def _unseen_rise(episode: EpisodeFacts, code: str, scores: tuple[DatedScore, ...]) -> int | None:
    """Return the score from which the latest score has risen. Return None if the latest score is
    not an unseen rise (docs/review_list.md, "Exact words").

    The returned score is the lowest of the three scores before the latest, or of those there are.
    The last score up to the day of the last review may itself have been a rise. The latest must
    then also be a rise above the lowest score from that one on, and this score is returned.
    """
    if len(scores) < 2 or episode.reviewed_since(scores[-1].day):
        return None
    rise = INSTRUMENTS[code].meaningful_change or 0
    lowest = _risen_from(scores, len(scores) - 1, rise)
    last = episode.last_review
    if lowest is None or last is None:
        return lowest
    known = sum(score.day <= last.signed_on for score in scores) - 1
    if known < 1 or _risen_from(scores, known, rise) is None:
        return lowest
    since_then = min(score.value for score in scores[known:-1])
    return since_then if scores[-1].value >= since_then + rise else None


def _risen_from(scores: tuple[DatedScore, ...], place: int, rise: int) -> int | None:
    """Return the lowest of the three scores before the score at index ``place``, or of those there
    are. Return None unless the score at ``place`` is at least ``rise`` points higher.
    """
    before = [score.value for score in scores[max(0, place - 3) : place]]
    return min(before) if before and scores[place].value >= min(before) + rise else None


def _not_improved_score(
    situation: Situation,
) -> tuple[str, tuple[DatedScore, ...]] | None:
    """Return the code of a questionnaire that shows no improvement, and its scores. The PHQ-9 is
    checked first, then the GAD-7. Return None if neither shows a lack of improvement.

    A GAD-7 that is 180 days old or more is not checked [proposal].
    """
    phq9, gad7 = situation.episode.phq9, situation.episode.gad7
    if phq9 and not improved(phq9[-1].value, phq9[0].value):
        return InstrumentCode.PHQ9, phq9
    recent = gad7 and gad7[-1].day > situation.today - GAD7_COUNTS_FOR
    if recent and not improved(gad7[-1].value, gad7[0].value):
        return InstrumentCode.GAD7, gad7
    return None


def _course_facts(
    situation: Situation, code: str, scores: tuple[DatedScore, ...]
) -> dict[str, object]:
    last = situation.episode.last_review
    return {
        "instrument": INSTRUMENTS[code].label,
        "baseline": scores[0].value,
        "latest": scores[-1].value,
        "weeks": (scores[-1].day - scores[0].day).days // 7,
        "forms": len(scores),
        "days_since_review": None if last is None else (situation.today - last.signed_on).days,
    }


def _may_step_down(situation: Situation) -> bool:
    return situation.need is Need.LOW and situation.episode.status == EpisodeStatus.ACTIVE

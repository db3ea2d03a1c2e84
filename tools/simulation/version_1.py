"""Version 1 of the rules and of their order, before need was considered (November 2026).

It is kept for comparison only. Within a tier the oldest date came first, any review ended an alert,
and every line of advice ever sent could be overdue. Rules about drugs that the simulation does not
model are left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.clinical.episodes import AdviceFact, EpisodeFacts, unbroken_run_start
from dashboard.clinical.instruments import IN_DENOMINATOR_FROM, INSTRUMENTS, improved
from dashboard.clinical.medication import below_minimum, benzodiazepine_limit

SAFETY, OWED, REVIEW_DUE, WATCH, STEP_DOWN, ON_TRACK = range(6)


@dataclass(frozen=True)
class Record:
    """An episode with every line of advice ever sent, which version 1 took for standing."""

    facts: EpisodeFacts
    advice: tuple[AdviceFact, ...]


def ordered(records: Iterable[Record], today: date) -> list[int]:
    """Return the episodes by tier, then the oldest date, then the highest PHQ-9."""
    return [record.facts.episode_id for record in sorted(records, key=lambda one: _key(one, today))]


def _key(record: Record, today: date) -> tuple[int, date, int, int]:
    tier, since = min(_holding(record, today), default=(ON_TRACK, date.min))
    latest = record.facts.latest
    return tier, since, -latest.value if latest else 1, record.facts.episode_id


def _holding(record: Record, today: date) -> Iterator[tuple[int, date]]:
    yield from _risk(record.facts)
    yield from _questions(record.facts, today)
    yield from _course(record.facts, today)
    yield from _reviews(record, today)
    yield from _watch(record.facts, today)


def _risk(facts: EpisodeFacts) -> Iterator[tuple[int, date]]:
    for flag in facts.flags:
        yield (SAFETY if flag.kind == "safety" else REVIEW_DUE), flag.raised_on
    if facts.item9:
        latest = facts.item9[-1]
        before = facts.item9[-2] if len(facts.item9) > 1 else None
        risen = before is not None and latest.value >= 1 and latest.value > before.value
        if (latest.value >= 2 or risen) and not facts.reviewed_since(latest.day):
            yield SAFETY, latest.day
    if facts.screeners:
        screener = facts.screeners[-1]
        if screener.severe_questions and not facts.reviewed_since(screener.day):
            yield SAFETY, screener.day
    latest_score = facts.latest
    if not facts.reviews and latest_score is not None and latest_score.value >= 20:
        yield SAFETY, latest_score.day


def _questions(facts: EpisodeFacts, today: date) -> Iterator[tuple[int, date]]:
    for ready in facts.open_questions:
        if ready <= today - timedelta(days=5):
            yield OWED, ready + timedelta(days=5)
        else:
            yield REVIEW_DUE, ready
    current = facts.sequence
    if current is not None and current.ends_on <= today + timedelta(days=14):
        yield OWED, current.ends_on - timedelta(days=14)


def _course(facts: EpisodeFacts, today: date) -> Iterator[tuple[int, date]]:
    baseline, latest, last = facts.baseline, facts.latest, facts.last_review
    week_8 = facts.enrolled_on + timedelta(days=56)
    if baseline is None or latest is None:
        return
    stagnates = baseline.value >= IN_DENOMINATOR_FROM and not improved(latest.value, baseline.value)
    if today >= week_8 and stagnates:
        if last is None:
            yield REVIEW_DUE, week_8
        elif last.signed_on <= today - timedelta(days=28):
            yield REVIEW_DUE, max(week_8, last.signed_on + timedelta(days=28))
    for code, scores in (("phq9", facts.phq9), ("gad7", facts.gad7)):
        rise = INSTRUMENTS[code].meaningful_change or 0
        if len(scores) < 2 or facts.reviewed_since(scores[-1].day):
            continue
        if scores[-1].value >= min(score.value for score in scores[:-1]) + rise:
            yield REVIEW_DUE, scores[-1].day
    between = [score.value for score in facts.phq9[1:-1]]
    had_improved = baseline.value >= IN_DENOMINATOR_FROM and any(
        improved(value, baseline.value) for value in between
    )
    ill_again = latest.value >= IN_DENOMINATOR_FROM and not facts.reviewed_since(latest.day)
    if ill_again and (had_improved or facts.status == "relapse_prevention"):
        yield REVIEW_DUE, latest.day


def _reviews(record: Record, today: date) -> Iterator[tuple[int, date]]:
    facts, last = record.facts, record.facts.last_review
    if last is None:
        yield REVIEW_DUE, facts.enrolled_on
    else:
        usual = timedelta(days=56 if facts.status == "relapse_prevention" else 28)
        due = last.next_review_on or last.signed_on + usual
        if today >= due:
            yield REVIEW_DUE, due
    for advice in record.advice:
        if advice.outcome is None and advice.due_on is not None and advice.due_on < today:
            yield REVIEW_DUE, advice.due_on + timedelta(days=1)
        if advice.answered_on is None and advice.sent_on <= today - timedelta(days=7):
            yield WATCH, advice.sent_on + timedelta(days=7)


def _watch(facts: EpisodeFacts, today: date) -> Iterator[tuple[int, date]]:
    enrolled, baseline, latest = facts.enrolled_on, facts.baseline, facts.latest
    week_4 = enrolled + timedelta(days=28)
    early = week_4 <= today <= enrolled + timedelta(days=55)
    if early and baseline and latest and baseline.value >= IN_DENOMINATOR_FROM:
        little = 5 * latest.value > 4 * baseline.value or latest.value >= 17
        if latest.day >= enrolled + timedelta(days=14) and little:
            yield WATCH, max(latest.day, week_4)
    attended = [contact.day for contact in facts.contacts if contact.attended]
    if today >= week_4 and (not attended or attended[-1] <= today - timedelta(days=28)):
        yield WATCH, max([enrolled, *attended[-1:]]) + timedelta(days=28)
    last_two = facts.contacts[-2:]
    if len(last_two) == 2 and not any(contact.attended for contact in last_two):
        yield WATCH, last_two[-1].day
    week_2 = enrolled + timedelta(days=14)
    if today >= week_2 and (latest is None or latest.day <= today - timedelta(days=30)):
        yield WATCH, week_2 if latest is None else latest.day + timedelta(days=30)
    for row in facts.medications:
        limit = benzodiazepine_limit(row.atc_code)
        if limit is not None:
            over = unbroken_run_start(facts.medications, row) + timedelta(days=limit)
            if over <= today:
                yield WATCH, over
        trial = row.started_on + timedelta(days=28)
        if below_minimum(row.atc_code, row.daily_dose_mg) and trial <= today:
            yield WATCH, trial
    if today >= enrolled + timedelta(days=270):
        yield WATCH, enrolled + timedelta(days=270)
    two = facts.phq9[-2:]
    remits = len(two) == 2 and max(two[0].value, two[1].value) < 5
    if facts.status == "active" and remits and (two[1].day - two[0].day).days >= 28:
        yield STEP_DOWN, two[1].day

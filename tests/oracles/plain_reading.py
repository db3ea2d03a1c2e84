"""An oracle of the rules of docs/review_list.md, read a second time in plain Python.

It has loops and dates only: no SQL, no pandas, nothing from ``dashboard``. The docstring of each
function quotes the sentence of docs/review_list.md (or of docs/domain.md) that it reads, so that
the two can be compared. It is slow on purpose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

PARIS = ZoneInfo("Europe/Paris")

LOW, MODERATE, MARKED, HIGH = range(4)


@dataclass(frozen=True)
class PlainRow:
    """One line of the review list.

    ``need`` is 0 (low) to 3 (high); ``lateness`` is in weighted days, None in tiers 0 to 2, where
    it decides nothing; ``reasons`` are (rule id, since), most urgent first.
    """

    episode_id: int
    patient_id: int
    rank: int
    tier: int
    need: int
    lateness: int | None
    reasons: list[tuple[str, date]]


@dataclass(frozen=True)
class Score:
    """A valid score and the day of its form."""

    day: date
    value: int


@dataclass(frozen=True)
class Line:
    """A standing recommendation, the day on which it was last given or kept, and its due date."""

    recommendation_id: Any
    sent_on: date
    due_on: date | None


@dataclass(frozen=True)
class Facts:
    """The facts about one open episode that exist on ``day``, each list in its order of time."""

    day: date
    enrolled_on: date
    status: str
    birth_date: date
    phq9_forms: list[Row]
    cssrs_forms: list[Row]
    phq9: list[Score]
    gad7: list[Score]
    contacts: list[Row]
    reviews: list[Row]
    superseded: list[Any]
    questions: list[Row]
    lines: list[Line]
    answers: list[Row]
    sequences: list[Row]
    medications: list[Row]
    conditions: list[Row]
    flags: list[Row]


Rule = Callable[[Facts], date | None]


def plain_review_list(
    rows: Rows, practitioner_id: int, as_of: date, *, today: date
) -> list[PlainRow]:
    """Return the review list of one practitioner, made for the day ``as_of``.

    ``rows`` holds every row of the tables that docs/review_list.md speaks of, by the table's name.
    ``today`` is the day on which the practitioner looks, which matters to cover alone.

    One row per open episode; every open episode is on the list, ranked; nothing is hidden.
    """
    placed = []
    for episode in rows["episode"]:
        if is_seen_by(practitioner_id, episode, rows, today) and is_open_on(as_of, episode):
            placed.append(place_of(episode, facts_of(episode, rows, as_of)))
    placed.sort(key=lambda one: one[0])
    return [replace(row, rank=rank) for rank, (_, row) in enumerate(placed, start=1)]


def place_of(episode: Row, facts: Facts) -> tuple[tuple, PlainRow]:
    """Return the sort key and the list row of an episode.

    An episode's tier is the lowest tier among the rules that hold. Every rule that holds is shown
    (by tier, then since, then in the order of the table).
    """
    need = need_of(facts)
    holding = holding_rules(facts, need)
    tier = holding[0][0] if holding else 5
    late = lateness(facts, need, holding) if tier >= 3 else None
    reasons = [(rule_id, since) for _, since, _, rule_id in holding]
    row = PlainRow(episode["id"], episode["patient_id"], 0, tier, need, late, reasons)
    return order_of(row, facts), row


def holding_rules(facts: Facts, need: int) -> list[tuple[int, date, int, str]]:
    """Return the rules that hold, by tier, then since, then in the order of the table.

    A rule's tier is always the one after the low column; with – it is neither held nor shown. No
    since lies before enrolment.

    Each is (tier, since, place in the table, rule id).
    """
    holding = []
    for place, (rule_id, tier, low_tier, rule) in enumerate(RULES):
        tier_now = low_tier if need == LOW else tier
        if tier_now is None:
            continue
        since = rule(facts)
        if since is not None:
            holding.append((tier_now, max(since, facts.enrolled_on), place, rule_id))
    holding.sort()
    return holding


def order_of(row: PlainRow, facts: Facts) -> tuple:
    """1. tier, lowest first; 2. in tiers 0 to 2: the need, highest first; then the earliest since
    date among the rules of that tier that hold, oldest first; in tiers 3 to 5: lateness, greatest
    first; 3. the latest PHQ-9, none first, then the highest; 4. episode id."""
    score = (1, -facts.phq9[-1].value) if facts.phq9 else (0, 0)
    if row.lateness is not None:
        return (row.tier, -row.lateness, score, row.episode_id)
    since = row.reasons[0][1]
    need = row.need
    if row.tier == 2:
        need = need_that_counts_in_tier_2(facts, row.need, row.reasons)
    return (row.tier, -need, since, score, row.episode_id)


def need_that_counts_in_tier_2(facts: Facts, need: int, reasons: list[tuple[str, date]]) -> int:
    """Return the need by which an episode of tier 2 is placed.

    In tier 2 the need counts one level higher, high at most, where `never_reviewed`, `week_8`,
    `deteriorated` or `relapse` holds; and a moderate one counts as marked from the since date + 28
    on, any one as high from the enrolment + 56 on where `never_reviewed` holds; the highest of
    these counts, they do not add up.
    """
    rule_ids = [rule_id for rule_id, _ in reasons]
    counts = [need]
    if any(one in rule_ids for one in ("never_reviewed", "week_8", "deteriorated", "relapse")):
        counts.append(min(need + 1, HIGH))
    if need == MODERATE and facts.day >= reasons[0][1] + days(28):
        counts.append(MARKED)
    if "never_reviewed" in rule_ids and facts.day >= facts.enrolled_on + days(56):
        counts.append(HIGH)
    return max(counts)


def lateness(facts: Facts, need: int, holding: list[tuple]) -> int:
    """Lateness: the days since the last review (since enrolment where there is none) × 4 where the
    need is high, × 2 where it is marked or moderate, × 1 where it is low. It is at least 56 where
    `review_planned` holds, and where the need is low and a rule holds that is 2 | 3 in the
    table."""
    begin = last_review_on(facts) or facts.enrolled_on
    late = (facts.day - begin).days * {HIGH: 4, MARKED: 2, MODERATE: 2, LOW: 1}[need]
    rule_ids = [rule_id for _, _, _, rule_id in holding]
    two_or_three = [rule_id for rule_id, tier, low_tier, _ in RULES if (tier, low_tier) == (2, 3)]
    if "review_planned" in rule_ids:
        late = max(late, 56)
    if need == LOW and any(rule_id in two_or_three for rule_id in rule_ids):
        late = max(late, 56)
    return late


# Need


def need_of(facts: Facts) -> int:
    """Return the need of an episode.

    The highest of these that applies. PHQ-9, GAD-7 and item 9 are the latest of the episode: a high
    PHQ-9 or item 9 counts until there is a newer one, a low PHQ-9 for 60 days, a GAD-7, high or
    low, for 180 days. An unknown fact is never low, and lowers nothing.
    """
    if is_high(facts):
        return HIGH
    if is_marked(facts):
        return MARKED
    if is_moderate(facts):
        return MODERATE
    return LOW


INTERVALS = {HIGH: 14, MARKED: 28, MODERATE: 28, LOW: 56}
"""A review every so many days, by need."""


def interval(facts: Facts) -> timedelta:
    return days(INTERVALS[need_of(facts)])


def is_high(facts: Facts) -> bool:
    """PHQ-9 ≥ 20; item 9 ≥ 2; the latest C-SSRS, of the last 90 days, with question 4, 5 or 6
    positive; an uncleared flag of kind `safety`; the last risk decision `high`."""
    if facts.phq9 and facts.phq9[-1].value >= 20:
        return True
    item = latest_item_9(facts)
    if item is not None and item >= 2:
        return True
    if facts.cssrs_forms:
        latest = facts.cssrs_forms[-1]
        if latest["taken_on"] > facts.day - days(90) and is_positive_screen(latest):
            return True
    if any(flag["kind"] == "safety" for flag in facts.flags):
        return True
    decision = last_decision(facts)
    return decision is not None and decision["risk_level"] == "high"


def is_marked(facts: Facts) -> bool:
    """PHQ-9 ≥ 15; GAD-7 ≥ 15; item 9 = 1; the last risk decision `moderate`."""
    if facts.phq9 and facts.phq9[-1].value >= 15:
        return True
    if gad7_counts(facts) and facts.gad7[-1].value >= 15:
        return True
    if latest_item_9(facts) == 1:
        return True
    decision = last_decision(facts)
    return decision is not None and decision["risk_level"] == "moderate"


def is_moderate(facts: Facts) -> bool:
    """PHQ-9 ≥ 10; GAD-7 ≥ 10; no PHQ-9 in the last 60 days; item 9 unknown, and neither a C-SSRS
    with an answer nor a risk decision in the last 90 days."""
    if facts.phq9 and facts.phq9[-1].value >= 10:
        return True
    if gad7_counts(facts) and facts.gad7[-1].value >= 10:
        return True
    if not facts.phq9 or facts.phq9[-1].day <= facts.day - days(60):
        return True
    asked_otherwise = False
    for form in facts.cssrs_forms:
        if form["taken_on"] > facts.day - days(90):
            asked_otherwise = True
    for review in decisions(facts):
        if day_of(review["signed_at"]) > facts.day - days(90):
            asked_otherwise = True
    return is_item_9_unknown(facts) and not asked_otherwise


def gad7_counts(facts: Facts) -> bool:
    """Return whether the latest GAD-7 counts.

    A GAD-7, high or low, counts for 180 days.
    """
    return bool(facts.gad7) and facts.gad7[-1].day > facts.day - days(180)


def is_item_9_unknown(facts: Facts) -> bool:
    """Unknown: that answer is of an earlier day than the latest PHQ-9, or there is none."""
    answered = item_9_answers(facts)
    if not answered:
        return True
    latest_day, _ = answered[-1]
    return bool(facts.phq9) and latest_day < facts.phq9[-1].day


# Rules


def safety_flag(facts: Facts) -> date | None:
    """Return the day since which ``safety_flag`` holds, None if it does not.

    An uncleared flag of kind `safety`; unanswered, or no review in the last 7 days. Since the
    flag's day; if answered, last review + 7. By instant are compared flags with reviews.
    """
    since = []
    for flag in facts.flags:
        if flag["kind"] != "safety":
            continue
        answered = False
        for review in decisions(facts):
            if review["signed_at"] >= flag["raised_at"]:
                answered = True
        last_review = last_review_on(facts)
        if not answered:
            since.append(day_of(flag["raised_at"]))
        elif last_review is not None and last_review <= facts.day - days(7):
            since.append(last_review + days(7))
    return earliest(since)


def suicidal_ideation(facts: Facts) -> date | None:
    """Return the day since which ``suicidal_ideation`` holds, None if it does not.

    An unanswered PHQ-9 form has (a) item 9 ≥ 2; or (b) item 9 = 1, the answer before it 0, and no
    C-SSRS with an answer was taken on its day or later. Since the first such form's day.
    """
    since = []
    before = None
    for day, item in item_9_answers(facts):
        risen_to_1 = item == 1 and before == 0
        if item >= 2 or (risen_to_1 and not is_screened_since(facts, day)):
            since.append(day)
        before = item
    return earliest([day for day in since if is_unanswered(facts, day)])


def suicide_risk_screen(facts: Facts) -> date | None:
    """Return the day since which ``suicide_risk_screen`` holds, None if it does not.

    An unanswered C-SSRS has question 4, 5 or 6 positive. Since the first such form's day.
    """
    since = []
    for form in facts.cssrs_forms:
        if is_positive_screen(form) and is_unanswered(facts, form["taken_on"]):
            since.append(form["taken_on"])
    return earliest(since)


def risk_reassessment_due(facts: Facts) -> date | None:
    """Return the day since which ``risk_reassessment_due`` holds, None if it does not.

    The last risk decision has a reassessment day, on or before D (a new decision alone ends it).
    Since that day.
    """
    decision = last_decision(facts)
    if decision is None or decision["risk_reassess_on"] is None:
        return None
    due = decision["risk_reassess_on"]
    return due if due <= facts.day else None


def severe_at_entry(facts: Facts) -> date | None:
    """Return the day since which ``severe_at_entry`` holds, None if it does not.

    No review yet, and latest PHQ-9 ≥ 20. Since the first of the unbroken series of PHQ-9 ≥ 20 up to
    the latest.
    """
    if facts.reviews:
        return None
    since = None
    for score in facts.phq9:
        if score.value < 20:
            since = None
        elif since is None:
            since = score.day
    return since


def answer_due(facts: Facts) -> date | None:
    """Return the day since which ``answer_due`` holds, None if it does not.

    An open question made ready ≥ 2 days ago, ≥ 5 days ago where the need is low. Since ready + 2,
    ready + 5.
    """
    return earliest([ready + limit for ready, limit in limits_of_questions(facts, due=True)])


def limits_of_questions(facts: Facts, *, due: bool) -> list[tuple[date, timedelta]]:
    """Return for each of these questions its day and its limit.

    The day on which each open question that is `answer_due`, or is not, was made ready, and the
    days until it is: 2, 5 where the need is low.
    """
    limit = days(5) if need_of(facts) == LOW else days(2)
    found = []
    for question in facts.questions:
        ready = day_of(question["ready_at"])
        if (ready <= facts.day - limit) == due:
            found.append((ready, limit))
    return found


def pregnancy_on_psychotropic(facts: Facts) -> date | None:
    """Return the day since which ``pregnancy_on_psychotropic`` holds, None if it does not.

    A current pregnancy, and a current medication in N03A, N05 or N06A; counts again after at most
    28 days. Since the later of the two starts; if seen, the day from which it counts again.
    Pregnancy: conditions Z33, Z34, Z35.
    """
    since = []
    for condition in facts.conditions:
        if not condition["code"].startswith(("Z33", "Z34", "Z35")):
            continue
        for medication in current_medications(facts):
            if medication["atc_code"].startswith(("N03A", "N05", "N06A")):
                since.append(max(onset(condition, facts), medication["started_on"]))
    return counting_again(since, facts, at_most_28_days=True)


def contraindicated_combination(facts: Facts) -> date | None:
    """Return the day since which ``contraindicated_combination`` holds, None if it does not.

    Current (es)citalopram with a current drug that docs/domain.md section 4 excludes, or with a
    current long QT; counts again after at most 28 days. Since as above. Long QT: I45.8.
    """
    since = []
    for medication in current_medications(facts):
        if medication["atc_code"] not in ("N06AB04", "N06AB10"):
            continue
        for other in current_medications(facts):
            if is_excluded_with_citalopram(other["atc_code"]):
                since.append(max(medication["started_on"], other["started_on"]))
        for condition in facts.conditions:
            if condition["code"].startswith("I45.8"):
                since.append(max(medication["started_on"], onset(condition, facts)))
    return counting_again(since, facts, at_most_28_days=True)


def is_excluded_with_citalopram(atc_code: str) -> bool:
    """Citalopram and escitalopram are contra-indicated with hydroxyzine (N05BB01),
    antipsychotics (N05A, lithium N05AN excepted), tricyclics (N06AA), class Ia and III
    anti-arrhythmics (C01BA, C01BD), long QT (docs/domain.md section 4)."""
    if atc_code.startswith("N05AN"):
        return False
    return atc_code == "N05BB01" or atc_code.startswith(("N05A", "N06AA", "C01BA", "C01BD"))


def dose_above_maximum(facts: Facts) -> date | None:
    """Return the day since which ``dose_above_maximum`` holds, None if it does not.

    A current antidepressant, not as needed, above its maximum in docs/domain.md section 4 (age on D
    counts); counts again after at most 28 days. Since that row's start; as above.
    """
    since = []
    for medication in regular_antidepressants(facts):
        dose = medication["daily_dose_mg"]
        if dose is not None and dose > maximum_dose(medication["atc_code"], facts):
            since.append(medication["started_on"])
    return counting_again(since, facts, at_most_28_days=True)


def never_reviewed(facts: Facts) -> date | None:
    """Return the day since which ``never_reviewed`` holds, None if it does not.

    No review yet. Since enrolment.
    """
    return facts.enrolled_on if not facts.reviews else None


def week_8(facts: Facts) -> date | None:
    """Return the day since which ``week_8`` holds, None if it does not.

    D from enrolment + 56 to + 84, not improved, no review since enrolment + 56 and none in the last
    14 days. Since the later of enrolment + 56 and last review + 14.
    """
    if not facts.enrolled_on + days(56) <= facts.day <= facts.enrolled_on + days(84):
        return None
    if not is_not_improved(facts) or is_seen(facts, facts.enrolled_on + days(56)):
        return None
    last_review = last_review_on(facts)
    if last_review is None:
        return facts.enrolled_on + days(56)
    if last_review > facts.day - days(14):
        return None
    return max(facts.enrolled_on + days(56), last_review + days(14))


def deteriorated(facts: Facts) -> date | None:
    """Return the day since which ``deteriorated`` holds, None if it does not.

    The latest PHQ-9 or the latest GAD-7 is an unseen rise. Since that score's day.
    """
    since = []
    if is_unseen_rise(facts.phq9, 5, facts):
        since.append(facts.phq9[-1].day)
    if is_unseen_rise(facts.gad7, 4, facts):
        since.append(facts.gad7[-1].day)
    return earliest(since)


def is_unseen_rise(scores: list[Score], change_that_counts: int, facts: Facts) -> bool:
    """Return whether the latest score is an unseen rise.

    Unseen rise: the latest score, unseen, is a rise. Where the last score taken on or before the
    last review's day was itself a rise, one more thing is asked. The latest is also at least 5 (4)
    above the lowest from that score on (that one included, the latest not).
    """
    if not scores or is_seen(facts, scores[-1].day):
        return False
    if not is_rise(scores, change_that_counts):
        return False
    last_review = last_review_on(facts)
    if last_review is None:
        return True
    reviewed = [score for score in scores if score.day <= last_review]
    if not is_rise(reviewed, change_that_counts):
        return True
    from_that_on = scores[len(reviewed) - 1 : -1]
    lowest = min(score.value for score in from_that_on)
    return scores[-1].value >= lowest + change_that_counts


def is_rise(scores: list[Score], change_that_counts: int) -> bool:
    """Rise: a PHQ-9 at least 5, a GAD-7 at least 4 above the lowest of the three scores before it
    (of those there are; one at least)."""
    before = scores[:-1][-3:]
    if not before:
        return False
    return scores[-1].value >= min(score.value for score in before) + change_that_counts


def relapse(facts: Facts) -> date | None:
    """Return the day since which ``relapse`` holds, None if it does not.

    Latest PHQ-9 ≥ 10 and unseen; and status `relapse_prevention`, or: baseline ≥ 10, a score after
    the baseline and before the latest < 10, and the latest an unseen rise. Since its day.
    """
    if not facts.phq9:
        return None
    baseline, between, latest = facts.phq9[0], facts.phq9[1:-1], facts.phq9[-1]
    if latest.value < 10 or is_seen(facts, latest.day):
        return None
    had_fallen = baseline.value >= 10 and any(score.value < 10 for score in between)
    back = had_fallen and is_unseen_rise(facts.phq9, 5, facts)
    return latest.day if facts.status == "relapse_prevention" or back else None


def ideation_screened(facts: Facts) -> date | None:
    """Return the day since which ``ideation_screened`` holds, None if it does not.

    An unanswered PHQ-9 form has item 9 = 1 and the answer before it 0, and a C-SSRS with an answer
    was taken on its day or later. Since the first such form's day.
    """
    since = []
    before = None
    for day, item in item_9_answers(facts):
        risen_to_1 = item == 1 and before == 0
        if risen_to_1 and is_screened_since(facts, day) and is_unanswered(facts, day):
            since.append(day)
        before = item
    return earliest(since)


def long_unreviewed(facts: Facts) -> date | None:
    """Return the day since which ``long_unreviewed`` holds, None if it does not.

    Need high, marked or low, and the last review ≥ 2 intervals ago. Since last review + 2
    intervals.
    """
    last_review = last_review_on(facts)
    if last_review is None or need_of(facts) == MODERATE:
        return None
    if last_review > facts.day - 2 * interval(facts):
        return None
    return last_review + 2 * interval(facts)


def advice_declined(facts: Facts) -> date | None:
    """Return the day since which ``advice_declined`` holds, None if it does not.

    Of a standing recommendation the latest answer other than `acknowledged` is `declined` or
    `refused_by_patient`, and its author has not acknowledged since. Since that answer's day.
    """
    since = []
    for line in facts.lines:
        answers = decisions_about(line, facts)
        if answers and answers[-1]["outcome"] in ("declined", "refused_by_patient"):
            since.append(day_of(answers[-1]["answered_at"]))
    return earliest(since)


def nurse_question(facts: Facts) -> date | None:
    """Return the day since which ``nurse_question`` holds, None if it does not.

    An open question, not yet `answer_due`. Since ready.
    """
    return earliest([ready for ready, _ in limits_of_questions(facts, due=False)])


def discussion_flag(facts: Facts) -> date | None:
    """Return the day since which ``discussion_flag`` holds, None if it does not.

    An uncleared flag of kind `discussion`, raised on enrolment − 14 or later, unseen. Since the
    flag's day. By instant are compared flags with reviews.
    """
    since = []
    for flag in facts.flags:
        raised_on = day_of(flag["raised_at"])
        if flag["kind"] != "discussion" or raised_on < facts.enrolled_on - days(14):
            continue
        if not any(review["signed_at"] >= flag["raised_at"] for review in facts.reviews):
            since.append(raised_on)
    return earliest(since)


def not_improved(facts: Facts) -> date | None:
    """Return the day since which ``not_improved`` holds, None if it does not.

    D ≥ enrolment + 56, not improved, no review in the last 28 days. Since the later of enrolment +
    56 and last review + 28.
    """
    if facts.day < facts.enrolled_on + days(56) or not is_not_improved(facts):
        return None
    last_review = last_review_on(facts)
    if last_review is None:
        return facts.enrolled_on + days(56)
    if last_review > facts.day - days(28):
        return None
    return max(facts.enrolled_on + days(56), last_review + days(28))


def review_planned(facts: Facts) -> date | None:
    """Return the day since which ``review_planned`` holds, None if it does not.

    D ≥ the next-review date that the last review set. Since that date.
    """
    planned = planned_review_on(facts)
    return planned if planned is not None and facts.day >= planned else None


def review_overdue(facts: Facts) -> date | None:
    """Return the day since which ``review_overdue`` holds, None if it does not.

    The last review set no date, and was ≥ 1 interval ago. Since last review + 1 interval.
    """
    last_review = last_review_on(facts)
    if last_review is None or planned_review_on(facts) is not None:
        return None
    if last_review > facts.day - interval(facts):
        return None
    return last_review + interval(facts)


def sequence_ending(facts: Facts) -> date | None:
    """Return the day since which ``sequence_ending`` holds, None if it does not.

    The current sequence's end ≤ D + 14 (passed ends included), and no review since its end − 14.
    Since its end − 14.

    Current sequence: the one with the latest start on or before D.
    """
    if not facts.sequences or facts.sequences[-1]["ends_on"] > facts.day + days(14):
        return None
    since = facts.sequences[-1]["ends_on"] - days(14)
    return None if is_seen(facts, since) else since


def advice_overdue(facts: Facts) -> date | None:
    """Return the day since which ``advice_overdue`` holds, None if it does not.

    A standing recommendation with due date < D and no answer `done`, `modified`, `declined` or
    `refused_by_patient`; counts again. Since due date + 1; if seen, the day from which it counts
    again.
    """
    since = []
    for line in facts.lines:
        settled = bool(decisions_about(line, facts))
        if line.due_on is not None and line.due_on < facts.day and not settled:
            since.append(line.due_on + days(1))
    return counting_again(since, facts)


def advice_unacknowledged(facts: Facts) -> date | None:
    """Return the day since which ``advice_unacknowledged`` holds, None if it does not.

    A standing recommendation sent ≥ 7 days ago without any answer since it was sent. Since sent +
    7. By day, also "since it was sent".
    """
    since = []
    for line in facts.lines:
        answered = False
        for answer in answers_to(line, facts):
            if day_of(answer["answered_at"]) >= line.sent_on:
                answered = True
        if line.sent_on <= facts.day - days(7) and not answered:
            since.append(line.sent_on + days(7))
    return earliest(since)


def early_non_response(facts: Facts) -> date | None:
    """Return the day since which ``early_non_response`` holds, None if it does not.

    D from enrolment + 28 to + 55; baseline PHQ-9 ≥ 10; latest PHQ-9 taken on enrolment + 14 or
    later and either > 80 % of the baseline or ≥ 17. Since the later of that score's day and
    enrolment + 28.
    """
    if not facts.enrolled_on + days(28) <= facts.day <= facts.enrolled_on + days(55):
        return None
    if not facts.phq9 or facts.phq9[0].value < 10:
        return None
    baseline, latest = facts.phq9[0], facts.phq9[-1]
    if latest.day < facts.enrolled_on + days(14):
        return None
    if latest.value * 100 > baseline.value * 80 or latest.value >= 17:
        return max(latest.day, facts.enrolled_on + days(28))
    return None


def no_contact(facts: Facts) -> date | None:
    """Return the day since which ``no_contact`` holds, None if it does not.

    D ≥ enrolment + 28 (`relapse_prevention`: + 56), and no attended contact in the last 28 days
    (56). Since the later of enrolment and last attended contact, + 28 (+ 56).
    """
    limit = days(56) if facts.status == "relapse_prevention" else days(28)
    if facts.day < facts.enrolled_on + limit:
        return None
    attended = [day_of(c["happened_at"]) for c in facts.contacts if c["attended"]]
    if not attended:
        return facts.enrolled_on + limit
    if attended[-1] > facts.day - limit:
        return None
    return max(facts.enrolled_on, attended[-1]) + limit


def missed_contacts(facts: Facts) -> date | None:
    """Return the day since which ``missed_contacts`` holds, None if it does not.

    The last two contacts were not attended. Since the last one's day.
    """
    if len(facts.contacts) < 2:
        return None
    before_last, last = facts.contacts[-2], facts.contacts[-1]
    if before_last["attended"] or last["attended"]:
        return None
    return day_of(last["happened_at"])


def score_overdue(facts: Facts) -> date | None:
    """Return the day since which ``score_overdue`` holds, None if it does not.

    D ≥ enrolment + 14, and no valid PHQ-9 in the last 30 days (`relapse_prevention`: 60). Since
    last PHQ-9 + 30 (+ 60); enrolment + 14 if there is none.
    """
    limit = days(60) if facts.status == "relapse_prevention" else days(30)
    if facts.day < facts.enrolled_on + days(14):
        return None
    if not facts.phq9:
        return facts.enrolled_on + days(14)
    if facts.phq9[-1].day > facts.day - limit:
        return None
    return facts.phq9[-1].day + limit


def benzodiazepine_long(facts: Facts) -> date | None:
    """Return the day since which ``benzodiazepine_long`` holds, None if it does not.

    A current hypnotic (N05CD, N05CF) in its 29th day or later, or a current anxiolytic (N05BA) in
    its 85th or later; not as needed; counted over an unbroken run of the same ATC code; counts
    again. Since the run's start + 28, + 84; if seen, the day from which it counts again.
    """
    since = []
    for medication in current_medications(facts):
        if medication["as_needed"]:
            continue
        if medication["atc_code"].startswith(("N05CD", "N05CF")):
            too_long_from = start_of_run(medication, facts) + days(28)
        elif medication["atc_code"].startswith("N05BA"):
            too_long_from = start_of_run(medication, facts) + days(84)
        else:
            continue
        if facts.day >= too_long_from:
            since.append(too_long_from)
    return counting_again(since, facts)


def start_of_run(medication: Row, facts: Facts) -> date:
    """Unbroken run: rows of one ATC code, not as needed, each starting no later than the day after
    the latest stop before it."""
    start, latest_stop = None, None
    for row in facts.medications:
        if row["atc_code"] != medication["atc_code"] or row["as_needed"]:
            continue
        if latest_stop is None or row["started_on"] > latest_stop + days(1):
            start, latest_stop = row["started_on"], None
        stop = row["stopped_on"] if row["stopped_on"] is not None else facts.day
        latest_stop = stop if latest_stop is None else max(latest_stop, stop)
        if row["id"] == medication["id"]:
            break
    assert start is not None
    return start


def dose_inadequate(facts: Facts) -> date | None:
    """Return the day since which ``dose_inadequate`` holds, None if it does not.

    A current antidepressant, not as needed, below its minimum effective dose, that row started ≥ 28
    days ago; counts again. Since that row's start + 28; as above.
    """
    since = []
    for medication in regular_antidepressants(facts):
        minimum, _ = DOSES[medication["atc_code"]]
        dose = medication["daily_dose_mg"]
        long_enough = medication["started_on"] <= facts.day - days(28)
        if dose is not None and dose < minimum and long_enough:
            since.append(medication["started_on"] + days(28))
    return counting_again(since, facts)


def long_episode(facts: Facts) -> date | None:
    """Return the day since which ``long_episode`` holds, None if it does not.

    D ≥ enrolment + 270; counts again. Since enrolment + 270; as above.
    """
    if facts.day < facts.enrolled_on + days(270):
        return None
    return counting_again([facts.enrolled_on + days(270)], facts)


def persistent(facts: Facts) -> date | None:
    """Return the day since which ``persistent`` holds, None if it does not.

    Reviewed; no other rule of tiers 0 to 3 holds; and need marked or high, or, from enrolment + 56
    on, not improved. Since last review.
    """
    last_review = last_review_on(facts)
    if last_review is None:
        return None
    need = need_of(facts)
    for rule_id, tier, low_tier, rule in RULES:
        tier_now = low_tier if need == LOW else tier
        if rule_id == "persistent" or tier_now is None or tier_now > 3:
            continue
        if rule(facts) is not None:
            return None
    late_enough = facts.day >= facts.enrolled_on + days(56)
    if need >= MARKED or (late_enough and is_not_improved(facts)):
        return last_review
    return None


def stable_remission(facts: Facts) -> date | None:
    """Return the day since which ``stable_remission`` holds, None if it does not.

    Need low, status `active`, and the last two PHQ-9 < 5, at least 28 days apart. Since the later
    one's day.
    """
    if need_of(facts) != LOW or facts.status != "active" or len(facts.phq9) < 2:
        return None
    before_last, last = facts.phq9[-2], facts.phq9[-1]
    if before_last.value < 5 and last.value < 5 and last.day - before_last.day >= days(28):
        return last.day
    return None


def stable_response(facts: Facts) -> date | None:
    """Return the day since which ``stable_response`` holds, None if it does not.

    Need low, status `active`, not `stable_remission`, and the last three PHQ-9 < 10, the first and
    the last of them at least 56 days apart. Since the last one's day.
    """
    if need_of(facts) != LOW or facts.status != "active" or stable_remission(facts) is not None:
        return None
    last_three = facts.phq9[-3:]
    if len(last_three) < 3 or any(score.value >= 10 for score in last_three):
        return None
    if last_three[-1].day - last_three[0].day < days(56):
        return None
    return last_three[-1].day


# Identifier, tier, tier where the need is low (None for –).
RULES: list[tuple[str, int, int | None, Rule]] = [
    ("safety_flag", 0, 0, safety_flag),
    ("suicidal_ideation", 0, 0, suicidal_ideation),
    ("suicide_risk_screen", 0, 0, suicide_risk_screen),
    ("risk_reassessment_due", 1, 1, risk_reassessment_due),
    ("severe_at_entry", 1, 1, severe_at_entry),
    ("answer_due", 1, 1, answer_due),
    ("pregnancy_on_psychotropic", 1, 1, pregnancy_on_psychotropic),
    ("contraindicated_combination", 1, 1, contraindicated_combination),
    ("dose_above_maximum", 1, 1, dose_above_maximum),
    ("never_reviewed", 2, 3, never_reviewed),
    ("week_8", 2, 2, week_8),
    ("deteriorated", 2, 3, deteriorated),
    ("relapse", 2, 2, relapse),
    ("ideation_screened", 2, 3, ideation_screened),
    ("long_unreviewed", 2, 3, long_unreviewed),
    ("advice_declined", 2, None, advice_declined),
    ("nurse_question", 2, 3, nurse_question),
    ("discussion_flag", 2, 3, discussion_flag),
    ("not_improved", 3, 3, not_improved),
    ("review_planned", 3, 3, review_planned),
    ("review_overdue", 3, 4, review_overdue),
    ("sequence_ending", 3, 4, sequence_ending),
    ("advice_overdue", 3, None, advice_overdue),
    ("advice_unacknowledged", 3, None, advice_unacknowledged),
    ("early_non_response", 3, 3, early_non_response),
    ("no_contact", 3, 3, no_contact),
    ("missed_contacts", 3, 3, missed_contacts),
    ("score_overdue", 3, 3, score_overdue),
    ("benzodiazepine_long", 3, 4, benzodiazepine_long),
    ("dose_inadequate", 3, None, dose_inadequate),
    ("long_episode", 3, 4, long_episode),
    ("persistent", 3, None, persistent),
    ("stable_remission", 4, 4, stable_remission),
    ("stable_response", 4, 4, stable_response),
]


# Exact words


def days(number: int) -> timedelta:
    return timedelta(days=number)


def day_of(instant: datetime) -> date:
    """Instants become calendar days in Europe/Paris."""
    return instant.astimezone(PARIS).date()


def earliest(since: list[date]) -> date | None:
    """Return the day that counts, None without one.

    Where several facts make one rule hold (two drugs, two items of advice), the earliest since
    counts.
    """
    return min(since) if since else None


def counting_again(
    since_while_unseen: list[date], facts: Facts, *, at_most_28_days: bool = False
) -> date | None:
    """Counts again: once seen (a review signed on or after the since that it has while unseen),
    such a rule holds, fact by fact, only from the due day on ("at most 28 days": from last
    review + 28 if that is earlier). No since lies before enrolment."""
    since = []
    for unclamped in since_while_unseen:
        unseen = max(unclamped, facts.enrolled_on)
        if not is_seen(facts, unseen):
            since.append(unseen)
            continue
        again = due_day(facts)
        if at_most_28_days:
            again = min(again, day_of(facts.reviews[-1]["signed_at"]) + days(28))
        if facts.day >= again:
            since.append(again)
    return earliest(since)


def due_day(facts: Facts) -> date:
    """Due day of the last review: the next-review date that it set; where it set none, that
    review + the interval of the need on D."""
    planned = planned_review_on(facts)
    if planned is not None:
        return planned
    return day_of(facts.reviews[-1]["signed_at"]) + interval(facts)


def planned_review_on(facts: Facts) -> date | None:
    """Return the planned day of the next review, None without one.

    The next-review date that the last review set. Of one that was superseded it does not count.
    """
    if not facts.reviews or facts.reviews[-1]["id"] in facts.superseded:
        return None
    return facts.reviews[-1]["next_review_on"]


def last_review_on(facts: Facts) -> date | None:
    """Return the day of the last review, None without one.

    Last review: the latest signed.
    """
    return day_of(facts.reviews[-1]["signed_at"]) if facts.reviews else None


def is_seen(facts: Facts, day: date) -> bool:
    """Unseen: no review signed on the fact's day or later. Seen: the contrary."""
    return any(day_of(review["signed_at"]) >= day for review in facts.reviews)


def is_unanswered(facts: Facts, day: date) -> bool:
    """Unanswered: no review with a risk decision signed on the fact's day or later."""
    return not any(day_of(review["signed_at"]) >= day for review in decisions(facts))


def decisions(facts: Facts) -> list[Row]:
    """Risk decision: what a signed review says of the risk of suicide: a level. A review can leave
    it open (`not_assessed`); then it is none. Of a superseded one it does not count."""
    found = []
    for review in facts.reviews:
        has_level = review["risk_level"] in ("low", "moderate", "high")
        if has_level and review["id"] not in facts.superseded:
            found.append(review)
    return found


def last_decision(facts: Facts) -> Row | None:
    """Return the last risk decision, None without one.

    The last one is that of the latest signed review that has one.
    """
    found = decisions(facts)
    return found[-1] if found else None


def item_9_answers(facts: Facts) -> list[tuple[date, int]]:
    """Return the answers to item 9.

    The PHQ-9 forms whose item 9 was answered: their days and the answers.
    """
    answered = []
    for form in facts.phq9_forms:
        item = item_9(form)
        if item is not None:
            answered.append((form["taken_on"], item))
    return answered


def latest_item_9(facts: Facts) -> int | None:
    """Item 9: of the PHQ-9 forms whose item 9 was answered, the latest answer."""
    answered = item_9_answers(facts)
    return answered[-1][1] if answered else None


def is_screened_since(facts: Facts, day: date) -> bool:
    """Return whether the patient was screened on this day or later.

    A C-SSRS with an answer was taken on its day or later.
    """
    return any(form["taken_on"] >= day for form in facts.cssrs_forms)


def is_positive_screen(form: Row) -> bool:
    """Question 4, 5 or 6 positive."""
    return any(question == 1 for question in form["items"][3:6])


def is_not_improved(facts: Facts) -> bool:
    """Return whether the episode is not improved.

    Not improved: the latest PHQ-9 or the latest GAD-7 is not improved (one that was never taken
    says nothing). The 180 days of a GAD-7 hold in not improved too (its baseline may be older).
    """
    if facts.phq9 and not is_improved(facts.phq9[-1], facts.phq9[0]):
        return True
    return gad7_counts(facts) and not is_improved(facts.gad7[-1], facts.gad7[0])


def is_seen_by(practitioner_id: int, episode: Row, rows: Rows, today: date) -> bool:
    """Return whether a practitioner sees an episode.

    A psychiatrist, nurse or GP sees the patients of their own episodes; cover for a colleague is a
    dated row in review.cover.
    """
    team = [episode["psychiatrist_id"], episode["nurse_id"], episode["gp_id"]]
    if practitioner_id in team:
        return True
    for cover in rows["cover"]:
        for_the_team = cover["covering_id"] == practitioner_id and cover["covered_id"] in team
        if for_the_team and cover["starts_on"] <= today <= cover["ends_on"]:
            return True
    return False


def is_open_on(day: date, episode: Row) -> bool:
    """Open episode on D: enrolled on or before D and not closed, or closed after D."""
    if episode["enrolled_on"] > day:
        return False
    if episode["status"] != "closed":
        return True
    return episode["closed_on"] is not None and episode["closed_on"] > day


def status_of(episode: Row) -> str:
    """Return the status of an episode.

    A closed one counts as `active`; an open one has the status that is stored. A status that the
    vocabulary does not know is treated as `active`.
    """
    known = ("active", "relapse_prevention")
    return episode["status"] if episode["status"] in known else "active"


def facts_of(episode: Row, rows: Rows, day: date) -> Facts:
    """Facts dated after D do not exist, so the list can be remade for any past day (an answer,
    a clearing or a review after D has not happened yet)."""
    patient_id = episode["patient_id"]
    (patient,) = [row for row in rows["patient"] if row["id"] == patient_id]
    forms = forms_of(episode, rows, day)
    phq9_forms = [form for form in forms if form["instrument"] == "phq9"]
    gad7_forms = [form for form in forms if form["instrument"] == "gad7"]
    reviews = reviews_of(episode, rows, day)
    superseded = superseded_by(day, rows)
    answers = answers_of(rows, day)
    return Facts(
        day=day,
        enrolled_on=episode["enrolled_on"],
        status=status_of(episode),
        birth_date=patient["birth_date"],
        phq9_forms=phq9_forms,
        cssrs_forms=[form for form in forms if is_answered_screen(form)],
        phq9=scores_of(phq9_forms),
        gad7=scores_of(gad7_forms),
        contacts=contacts_of(episode, rows, day),
        reviews=reviews,
        superseded=superseded,
        questions=open_questions_of(episode, rows, reviews, day),
        lines=standing_lines(reviews, superseded, answers, rows, day),
        answers=answers,
        sequences=sequences_of(episode, rows, day),
        medications=medications_of(patient_id, rows, day),
        conditions=current_conditions_of(patient_id, episode, rows, day),
        flags=uncleared_flags_of(patient_id, rows, day),
    )


def forms_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Assessments of the patient from enrolment − 14 to D. Two on one day: the higher id is the
    later."""
    forms = []
    for row in rows["assessment"]:
        in_time = episode["enrolled_on"] - days(14) <= row["taken_on"] <= day
        if row["patient_id"] == episode["patient_id"] and in_time:
            forms.append(row)
    return sorted(forms, key=lambda row: (row["taken_on"], row["id"]))


def is_answered_screen(form: Row) -> bool:
    """C-SSRS: one with none of its six questions answered counts nowhere, also not as the
    latest."""
    questions = form["items"] or []
    return form["instrument"] == "cssrs" and any(
        one is not None and one >= 0 for one in questions[:6]
    )


def scores_of(forms: list[Row]) -> list[Score]:
    """Latest, baseline, lowest speak of valid scores of the episode. Baseline: the first."""
    scores = []
    for form in forms:
        value = valid_score(form)
        if value is not None:
            scores.append(Score(form["taken_on"], value))
    return scores


def valid_score(form: Row) -> int | None:
    """Valid score: the stored total if it is within the instrument's range; without one, the sum
    of the items if all are answered; for the PHQ-9 with at most two unanswered items and the
    GAD-7 with at most one, the mean of the answered items × the number of items, rounded half
    up. Otherwise, and where a stored total is out of range, there is no score. In a score an item
    outside its range is no answer."""
    if form["instrument"] == "phq9":
        number_of_items, highest, may_be_unanswered = 9, 27, 2
    else:
        number_of_items, highest, may_be_unanswered = 7, 21, 1
    if form["total"] is not None:
        return form["total"] if 0 <= form["total"] <= highest else None
    if form["items"] is None or len(form["items"]) > number_of_items:
        return None
    answered = [item for item in form["items"] if item is not None and 0 <= item <= 3]
    if number_of_items - len(answered) > may_be_unanswered:
        return None
    mean = Fraction(sum(answered), len(answered))
    return floor(mean * number_of_items + Fraction(1, 2))


def item_9(form: Row) -> int | None:
    """Risk item of the PHQ-9: item 9; absent is not zero. A negative answer to item 9 is no answer;
    one above 3 counts as it stands."""
    items = form["items"] or []
    if len(items) < 9 or items[8] is None or items[8] < 0:
        return None
    return items[8]


def is_improved(score: Score, baseline: Score) -> bool:
    """Improved: < 10 or ≤ half of the baseline."""
    return score.value < 10 or score.value * 2 <= baseline.value


def contacts_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Contacts of the patient from enrolment − 14 to D. Ties: of one day, the higher id is the
    later. One whose purpose is `scheduling` or `message` is no contact at all."""
    contacts = []
    for row in rows["contact"]:
        in_time = episode["enrolled_on"] - days(14) <= day_of(row["happened_at"]) <= day
        treats = row.get("purpose") not in ("scheduling", "message")
        if row["patient_id"] == episode["patient_id"] and in_time and treats:
            contacts.append(row)
    return sorted(contacts, key=lambda row: (day_of(row["happened_at"]), row["id"]))


def reviews_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Review: a signed case review of the episode."""
    reviews = []
    for row in rows["case_review"]:
        if row["episode_id"] == episode["id"] and day_of(row["signed_at"]) <= day:
            reviews.append(row)
    return sorted(reviews, key=lambda row: (row["signed_at"], row["id"]))


def superseded_by(day: date, rows: Rows) -> list[Any]:
    """Return the ids of the superseded reviews.

    Those that were superseded on or before D.
    """
    return [row["supersedes"] for row in rows["case_review"] if day_of(row["signed_at"]) <= day]


def open_questions_of(episode: Row, rows: Rows, reviews: list[Row], day: date) -> list[Row]:
    """Question: a `preparation` with a text and `ready_at`, not withdrawn. Open until a review of
    the episode is signed after `ready_at`."""
    questions = []
    for row in rows["preparation"]:
        if row["episode_id"] != episode["id"]:
            continue
        if not row["question"].strip():
            continue
        if row["ready_at"] is None or day_of(row["ready_at"]) > day:
            continue
        if row["withdrawn_at"] is not None and day_of(row["withdrawn_at"]) <= day:
            continue
        if any(review["signed_at"] > row["ready_at"] for review in reviews):
            continue
        questions.append(row)
    return questions


def answers_of(rows: Rows, day: date) -> list[Row]:
    """Return the answers given by a day, in order.

    An answer after D has not happened yet.
    """
    answers = [row for row in rows["answer"] if day_of(row["answered_at"]) <= day]
    return sorted(answers, key=lambda row: (row["answered_at"], row["id"]))


def standing_lines(
    reviews: list[Row], superseded: list[Any], answers: list[Row], rows: Rows, day: date
) -> list[Line]:
    """Standing recommendation: a line of the last review, or of an earlier one that every review
    since, unless superseded, has kept. Superseded reviews have none. Sent: when the review that
    last gave or kept it was signed. Its due date: the last one given. A line withdrawn between
    reviews does not stand any more, whatever a later settlement says."""
    lines = []
    for place, review in enumerate(reviews):
        if review["id"] in superseded:
            continue
        since = [one for one in reviews[place + 1 :] if one["id"] not in superseded]
        for row in rows["recommendation"]:
            if row["case_review_id"] != review["id"] or is_withdrawn(row, rows, day):
                continue
            line: Line | None = Line(row["id"], day_of(review["signed_at"]), row["due_on"])
            for later in since:
                if line is not None:
                    line = kept_by(later, line, answers, rows)
            if line is not None:
                lines.append(line)
    return lines


def is_withdrawn(recommendation: Row, rows: Rows, day: date) -> bool:
    """Between reviews a psychiatrist can withdraw a line: it stands no more from that day on."""
    for row in rows["settlement"]:
        between_reviews = row["case_review_id"] is None
        if between_reviews and row["recommendation_id"] == recommendation["id"]:
            return day_of(row["settled_at"]) <= day
    return False


def kept_by(review: Row, line: Line, answers: list[Row], rows: Rows) -> Line | None:
    """Kept: said again in this letter, with its due date or a new one. Its clocks start anew.

    Reviews signed before this existed: what a later review did not repeat counts as replaced, but
    an earlier `no_change` keeps. Under a `no_change` without a stored settlement a line stands
    only if no answer had settled it when that review was signed."""
    signed_on = day_of(review["signed_at"])
    for row in rows["settlement"]:
        of_this_line = row["recommendation_id"] == line.recommendation_id
        if row["case_review_id"] == review["id"] and of_this_line:
            if row["kind"] != "kept":
                return None
            due_on = row["due_on"] if row["due_on"] is not None else line.due_on
            return Line(line.recommendation_id, signed_on, due_on)
    if review["outcome"] != "no_change":
        return None
    for answer in answers:
        before = answer["answered_at"] <= review["signed_at"]
        if answer["recommendation_id"] == line.recommendation_id and before and settles(answer):
            return None
    return Line(line.recommendation_id, signed_on, line.due_on)


def settles(answer: Row) -> bool:
    return answer["outcome"] in ("done", "modified", "declined", "refused_by_patient")


def answers_to(line: Line, facts: Facts) -> list[Row]:
    return [row for row in facts.answers if row["recommendation_id"] == line.recommendation_id]


def decisions_about(line: Line, facts: Facts) -> list[Row]:
    """Return the answers that settle the line and that their author has not taken back.

    Somebody takes back the own answers by acknowledging the line after them.
    """
    answers = answers_to(line, facts)
    return [
        row
        for row in answers
        if settles(row)
        and settles(
            [one for one in answers if one["practitioner_id"] == row["practitioner_id"]][-1]
        )
    ]


def sequences_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Current sequence: the one with the latest start on or before D."""
    sequences = []
    for row in rows["care_sequence"]:
        if row["episode_id"] == episode["id"] and row["starts_on"] <= day:
            sequences.append(row)
    return sorted(sequences, key=lambda row: (row["starts_on"], row["id"]))


def medications_of(patient_id: int, rows: Rows, day: date) -> list[Row]:
    """Medications by their own dates, those begun by D."""
    medications = []
    for row in rows["medication"]:
        if row["patient_id"] == patient_id and row["started_on"] <= day:
            medications.append(row)
    return sorted(medications, key=lambda row: (row["started_on"], row["id"]))


def current_medications(facts: Facts) -> list[Row]:
    """Current on D: started on or before D, and not stopped, or only after D."""
    current = []
    for row in facts.medications:
        if row["stopped_on"] is None or row["stopped_on"] > facts.day:
            current.append(row)
    return current


def regular_antidepressants(facts: Facts) -> list[Row]:
    """Return the antidepressants that are taken regularly.

    A current antidepressant, not as needed. Antidepressant: an ATC code in the table of
    docs/domain.md section 4.
    """
    regular = []
    for row in current_medications(facts):
        if row["atc_code"] in DOSES and not row["as_needed"]:
            regular.append(row)
    return regular


def maximum_dose(atc_code: str, facts: Facts) -> Decimal:
    """Citalopram 20–40 (20 if over 65), escitalopram 10–20 (10 if over 65)."""
    if age_on(facts.day, facts.birth_date) > 65 and atc_code == "N06AB04":
        return Decimal(20)
    if age_on(facts.day, facts.birth_date) > 65 and atc_code == "N06AB10":
        return Decimal(10)
    _, maximum = DOSES[atc_code]
    return maximum


def age_on(day: date, birth_date: date) -> int:
    """Age in whole years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def current_conditions_of(patient_id: int, episode: Row, rows: Rows, day: date) -> list[Row]:
    """Current on D: started on or before D, and not resolved, or only after D. An unknown onset
    counts as enrolment."""
    conditions = []
    for row in rows["condition"]:
        if row["patient_id"] != patient_id:
            continue
        started = row["onset_on"] if row["onset_on"] is not None else episode["enrolled_on"]
        if started <= day and (row["resolved_on"] is None or row["resolved_on"] > day):
            conditions.append(row)
    return conditions


def onset(condition: Row, facts: Facts) -> date:
    """Return the day of onset of a condition.

    An unknown onset counts as enrolment.
    """
    return condition["onset_on"] if condition["onset_on"] is not None else facts.enrolled_on


def uncleared_flags_of(patient_id: int, rows: Rows, day: date) -> list[Row]:
    """Current on D: raised on or before D, and not cleared, or only after D. A safety flag is
    cleared only by somebody who is named."""
    flags = []
    for row in rows["flag"]:
        if row["patient_id"] != patient_id or day_of(row["raised_at"]) > day:
            continue
        unnamed = row["kind"] == "safety" and row["cleared_by"] is None
        if unnamed or row["cleared_at"] is None or day_of(row["cleared_at"]) > day:
            flags.append(row)
    return flags


# docs/domain.md section 4: minimum and maximum, mg a day.
DOSES: dict[str, tuple[Decimal, Decimal]] = {
    "N06AB04": (Decimal(20), Decimal(40)),
    "N06AB10": (Decimal(10), Decimal(20)),
    "N06AB03": (Decimal(20), Decimal(60)),
    "N06AB05": (Decimal(20), Decimal(50)),
    "N06AB06": (Decimal(50), Decimal(200)),
    "N06AB08": (Decimal(100), Decimal(300)),
    "N06AX16": (Decimal(75), Decimal(375)),
    "N06AX21": (Decimal(60), Decimal(120)),
    "N06AX17": (Decimal(100), Decimal(200)),
    "N06AX11": (Decimal(15), Decimal(45)),
    "N06AX03": (Decimal(30), Decimal(90)),
    "N06AX26": (Decimal(5), Decimal(20)),
    "N06AX22": (Decimal(25), Decimal(50)),
    "N06AX14": (Decimal(25), Decimal("37.5")),
    "N06AA04": (Decimal(75), Decimal(150)),
    "N06AA09": (Decimal(75), Decimal(150)),
}

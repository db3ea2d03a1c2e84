"""The rules of docs/review_list.md read a second time, in plain Python, to hold ours against.

Loops and dates only: no SQL, no pandas, nothing from ``dashboard``. Each function has the
sentence of docs/review_list.md (or of docs/domain.md) that it reads above its body, so that
the two can be laid side by side. Slow, and meant to be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class PlainRow:
    """One line of the review list; ``reasons`` are (rule id, since), most urgent first."""

    episode_id: int
    patient_id: int
    rank: int
    tier: int
    reasons: list[tuple[str, date]]


@dataclass(frozen=True)
class Score:
    """A valid score and the day of its form."""

    day: date
    value: int


@dataclass(frozen=True)
class Facts:
    """What exists on ``day`` about one open episode, each list in its order of time."""

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
    questions: list[Row]
    recommendations: list[Row]
    answers: list[Row]
    sequences: list[Row]
    medications: list[Row]
    conditions: list[Row]
    flags: list[Row]


def plain_review_list(
    rows: Rows, practitioner_id: int, as_of: date, *, today: date
) -> list[PlainRow]:
    """The review list of one practitioner, made for the day ``as_of``.

    ``rows`` holds every row of the tables that docs/review_list.md speaks of, by the table's name.
    ``today`` is the day on which the practitioner looks, which matters to cover alone.

    One row per open episode; every open episode is on the list, ranked; nothing is hidden.
    """
    lines = []
    for episode in rows["episode"]:
        if is_seen_by(practitioner_id, episode, rows, today) and is_open_on(as_of, episode):
            lines.append(line_of(episode, facts_of(episode, rows, as_of)))
    lines.sort(key=lambda line: line[0])
    listed = []
    for rank, (_, episode, tier, reasons) in enumerate(lines, start=1):
        listed.append(PlainRow(episode["id"], episode["patient_id"], rank, tier, reasons))
    return listed


def line_of(episode: Row, facts: Facts) -> tuple[tuple, Row, int, list[tuple[str, date]]]:
    """An episode's tier is the lowest tier among the rules that hold. Every rule that holds
    is shown (by tier, then since, then in the order of the table)."""
    holding = []
    for place, (rule_id, tier, rule) in enumerate(RULES):
        since = rule(facts)
        if since is not None:
            holding.append((tier, since, place, rule_id))
    holding.sort()
    tier = holding[0][0] if holding else 5
    reasons = [(rule_id, since) for _, since, _, rule_id in holding]
    return order_of(episode, facts, holding), episode, tier, reasons


def order_of(episode: Row, facts: Facts, holding: list[tuple]) -> tuple:
    """1. tier, lowest first; 2. within a tier, the earliest since date among the rules of
    that tier that hold, oldest first (tier 5 has none); 3. the latest PHQ-9, highest first,
    none last; 4. episode id."""
    if holding:
        tier, since = holding[0][0], holding[0][1]
    else:
        tier, since = 5, date.min
    score = (0, -facts.phq9[-1].value) if facts.phq9 else (1, 0)
    return (tier, since, score, episode["id"])


# Rules


def safety_flag(facts: Facts) -> date | None:
    """An uncleared flag of kind `safety`. Since the flag's day."""
    return earliest([day_of(f["raised_at"]) for f in facts.flags if f["kind"] == "safety"])


def suicidal_ideation(facts: Facts) -> date | None:
    """Of the PHQ-9 forms whose item 9 was answered, the latest has item 9 ≥ 2, or ≥ 1 and
    higher than in the one before it; and no review since it. Since that form's day."""
    answered = []
    for form in facts.phq9_forms:
        item = item_9(form)
        if item is not None:
            answered.append((form["taken_on"], item))
    if not answered:
        return None
    latest_day, latest = answered[-1]
    worrying = latest >= 2
    if len(answered) >= 2 and latest >= 1 and latest > answered[-2][1]:
        worrying = True
    if worrying and not reviewed_since(facts, latest_day):
        return latest_day
    return None


def suicide_risk_screen(facts: Facts) -> date | None:
    """Latest C-SSRS: question 4, 5 or 6 positive; and no review since it. Since its day."""
    if not facts.cssrs_forms:
        return None
    latest = facts.cssrs_forms[-1]
    positive = any(question == 1 for question in (latest["items"] or [])[3:6])
    if positive and not reviewed_since(facts, latest["taken_on"]):
        return latest["taken_on"]
    return None


def severe_at_entry(facts: Facts) -> date | None:
    """No review yet, and latest PHQ-9 ≥ 20. Since its day."""
    if not facts.reviews and facts.phq9 and facts.phq9[-1].value >= 20:
        return facts.phq9[-1].day
    return None


def answer_due(facts: Facts) -> date | None:
    """An open question made ready ≥ 5 days ago (the limit is 7). Since ready + 5."""
    since = []
    for question in facts.questions:
        ready = day_of(question["ready_at"])
        if ready <= facts.day - days(5):
            since.append(ready + days(5))
    return earliest(since)


def sequence_ending(facts: Facts) -> date | None:
    """The current sequence's end ≤ D + 14 (passed ends included). Since its end − 14.

    Current sequence: the one with the latest start on or before D."""
    if facts.sequences and facts.sequences[-1]["ends_on"] <= facts.day + days(14):
        return facts.sequences[-1]["ends_on"] - days(14)
    return None


def pregnancy_on_psychotropic(facts: Facts) -> date | None:
    """A current pregnancy, and a current medication in N03A, N05 or N06A. Since the later of
    the two starts. Pregnancy: conditions Z33, Z34, Z35."""
    since = []
    for condition in facts.conditions:
        for medication in current_medications(facts):
            if condition["code"].startswith(("Z33", "Z34", "Z35")) and medication[
                "atc_code"
            ].startswith(("N03A", "N05", "N06A")):
                since.append(max(onset(condition, facts), medication["started_on"]))
    return earliest(since)


def contraindicated_combination(facts: Facts) -> date | None:
    """Current (es)citalopram with a current drug that docs/domain.md section 4 excludes, or with a
    current long QT. Since the later of the two starts. Long QT: I45.8."""
    since = []
    for medication in current_medications(facts):
        if medication["atc_code"] in ("N06AB04", "N06AB10"):
            for other in current_medications(facts):
                if is_excluded_with_citalopram(other["atc_code"]):
                    since.append(max(medication["started_on"], other["started_on"]))
            for condition in facts.conditions:
                if condition["code"].startswith("I45.8"):
                    since.append(max(medication["started_on"], onset(condition, facts)))
    return earliest(since)


def is_excluded_with_citalopram(atc_code: str) -> bool:
    """Citalopram and escitalopram are contra-indicated with hydroxyzine (N05BB01),
    antipsychotics (N05A, lithium N05AN excepted), tricyclics (N06AA), class Ia and III
    anti-arrhythmics (C01BA, C01BD), long QT (docs/domain.md section 4)."""
    if atc_code.startswith("N05AN"):
        return False
    return atc_code == "N05BB01" or atc_code.startswith(("N05A", "N06AA", "C01BA", "C01BD"))


def dose_above_maximum(facts: Facts) -> date | None:
    """A current antidepressant, not as needed, above its maximum in docs/domain.md section 4 (age
    on D counts). Since that row's start."""
    since = []
    for medication in regular_antidepressants(facts):
        dose = medication["daily_dose_mg"]
        if dose is not None and dose > maximum_dose(medication["atc_code"], facts):
            since.append(medication["started_on"])
    return earliest(since)


def never_reviewed(facts: Facts) -> date | None:
    """No review yet. Since enrolment."""
    return facts.enrolled_on if not facts.reviews else None


def not_improved(facts: Facts) -> date | None:
    """D ≥ enrolment + 56, baseline PHQ-9 ≥ 10, latest PHQ-9 not improved, and no review in the
    last 28 days. Since the later of enrolment + 56 and last review + 28."""
    if facts.day < facts.enrolled_on + days(56):
        return None
    if not facts.phq9 or facts.phq9[0].value < 10:
        return None
    if is_improved(facts.phq9[-1], facts.phq9[0]):
        return None
    if not facts.reviews:
        return facts.enrolled_on + days(56)
    last_review = day_of(facts.reviews[-1]["signed_at"])
    if last_review > facts.day - days(28):
        return None
    return max(facts.enrolled_on + days(56), last_review + days(28))


def deteriorated(facts: Facts) -> date | None:
    """Latest PHQ-9 ≥ the lowest before it + 5, or latest GAD-7 ≥ the lowest before it + 4; and
    no review since that score. Since that score's day."""
    since = []
    for scores, change_that_counts in ((facts.phq9, 5), (facts.gad7, 4)):
        if len(scores) >= 2:
            latest = scores[-1]
            lowest = min(score.value for score in scores[:-1])
            risen = latest.value >= lowest + change_that_counts
            if risen and not reviewed_since(facts, latest.day):
                since.append(latest.day)
    return earliest(since)


def relapse(facts: Facts) -> date | None:
    """Baseline PHQ-9 ≥ 10 and a score after the baseline and before the latest was improved, or
    status `relapse_prevention`; latest PHQ-9 ≥ 10; no review since it. Since its day."""
    if not facts.phq9:
        return None
    baseline, between, latest = facts.phq9[0], facts.phq9[1:-1], facts.phq9[-1]
    had_improved = any(is_improved(score, baseline) for score in between)
    may_relapse = (baseline.value >= 10 and had_improved) or facts.status == "relapse_prevention"
    if may_relapse and latest.value >= 10 and not reviewed_since(facts, latest.day):
        return latest.day
    return None


def nurse_question(facts: Facts) -> date | None:
    """An open question made ready less than 5 days ago. Since ready."""
    since = []
    for question in facts.questions:
        ready = day_of(question["ready_at"])
        if ready > facts.day - days(5):
            since.append(ready)
    return earliest(since)


def discussion_flag(facts: Facts) -> date | None:
    """An uncleared flag of kind `discussion`. Since the flag's day."""
    return earliest([day_of(f["raised_at"]) for f in facts.flags if f["kind"] == "discussion"])


def review_overdue(facts: Facts) -> date | None:
    """There is a review, and D ≥ its due day: the next-review date that the last review set;
    where it set none, last review + 28 (`active`) or + 56 (`relapse_prevention`). Since the
    due day."""
    if not facts.reviews:
        return None
    last_review = facts.reviews[-1]
    if last_review["next_review_on"] is not None:
        due = last_review["next_review_on"]
    elif facts.status == "relapse_prevention":
        due = day_of(last_review["signed_at"]) + days(56)
    else:
        due = day_of(last_review["signed_at"]) + days(28)
    return due if facts.day >= due else None


def advice_overdue(facts: Facts) -> date | None:
    """A standing recommendation with due date < D and no answer `done`, `modified`, `declined`
    or `refused_by_patient`. Since due date + 1."""
    since = []
    for recommendation in standing_recommendations(facts):
        due = recommendation["due_on"]
        settled = False
        for answer in answers_to(recommendation, facts):
            if answer["outcome"] in ("done", "modified", "declined", "refused_by_patient"):
                settled = True
        if due is not None and due < facts.day and not settled:
            since.append(due + days(1))
    return earliest(since)


def early_non_response(facts: Facts) -> date | None:
    """D from enrolment + 28 to + 55, baseline PHQ-9 ≥ 10, latest PHQ-9 taken on enrolment + 14
    or later and either > 80 % of the baseline or ≥ 17. Since the later of that score's day and
    enrolment + 28."""
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
    """D ≥ enrolment + 28, and no attended contact in the last 28 days. Since the later of
    enrolment and last attended contact, + 28."""
    if facts.day < facts.enrolled_on + days(28):
        return None
    attended = [day_of(c["happened_at"]) for c in facts.contacts if c["attended"]]
    if not attended:
        return facts.enrolled_on + days(28)
    if attended[-1] > facts.day - days(28):
        return None
    return max(facts.enrolled_on, attended[-1]) + days(28)


def missed_contacts(facts: Facts) -> date | None:
    """The last two contacts were not attended. Since the last one's day."""
    if len(facts.contacts) < 2:
        return None
    before_last, last = facts.contacts[-2], facts.contacts[-1]
    if before_last["attended"] or last["attended"]:
        return None
    return day_of(last["happened_at"])


def score_overdue(facts: Facts) -> date | None:
    """D ≥ enrolment + 14, and no valid PHQ-9 in the last 30 days. Since last PHQ-9 + 30;
    enrolment + 14 if there is none."""
    if facts.day < facts.enrolled_on + days(14):
        return None
    if not facts.phq9:
        return facts.enrolled_on + days(14)
    if facts.phq9[-1].day > facts.day - days(30):
        return None
    return facts.phq9[-1].day + days(30)


def advice_unacknowledged(facts: Facts) -> date | None:
    """A standing recommendation signed ≥ 7 days ago without any answer. Since signed + 7."""
    since = []
    for recommendation in standing_recommendations(facts):
        signed = day_of(review_of(recommendation, facts)["signed_at"])
        if signed <= facts.day - days(7) and not answers_to(recommendation, facts):
            since.append(signed + days(7))
    return earliest(since)


def benzodiazepine_long(facts: Facts) -> date | None:
    """A current hypnotic (N05CD, N05CF) in its 29th day or later, or a current anxiolytic
    (N05BA) in its 85th or later, not as needed, counted over an unbroken run of the same ATC
    code. Since the run's start + 28, + 84."""
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
    return earliest(since)


def start_of_run(medication: Row, facts: Facts) -> date:
    """Unbroken run: rows of one ATC code, each starting no later than the day after the one
    before it stopped. The longest such run that ends with this row."""
    start = medication["started_on"]
    for before in facts.medications:
        if before["id"] == medication["id"]:
            break
        if before["atc_code"] == medication["atc_code"]:
            stopped = before["stopped_on"]
            if stopped is None or medication["started_on"] <= stopped + days(1):
                start = min(start, start_of_run(before, facts))
    return start


def dose_inadequate(facts: Facts) -> date | None:
    """A current antidepressant, not as needed, below its minimum effective dose, that row
    started ≥ 28 days ago. Since that row's start + 28."""
    since = []
    for medication in regular_antidepressants(facts):
        minimum, _ = DOSES[medication["atc_code"]]
        dose = medication["daily_dose_mg"]
        long_enough = medication["started_on"] <= facts.day - days(28)
        if dose is not None and dose < minimum and long_enough:
            since.append(medication["started_on"] + days(28))
    return earliest(since)


def long_episode(facts: Facts) -> date | None:
    """D ≥ enrolment + 270. Since enrolment + 270."""
    if facts.day >= facts.enrolled_on + days(270):
        return facts.enrolled_on + days(270)
    return None


def stable_remission(facts: Facts) -> date | None:
    """Status `active`, and the last two PHQ-9 < 5, at least 28 days apart. Since the later
    one's day."""
    if facts.status != "active" or len(facts.phq9) < 2:
        return None
    before_last, last = facts.phq9[-2], facts.phq9[-1]
    if before_last.value < 5 and last.value < 5 and last.day - before_last.day >= days(28):
        return last.day
    return None


RULES: list[tuple[str, int, Callable[[Facts], date | None]]] = [
    ("safety_flag", 0, safety_flag),
    ("suicidal_ideation", 0, suicidal_ideation),
    ("suicide_risk_screen", 0, suicide_risk_screen),
    ("severe_at_entry", 0, severe_at_entry),
    ("answer_due", 1, answer_due),
    ("sequence_ending", 1, sequence_ending),
    ("pregnancy_on_psychotropic", 1, pregnancy_on_psychotropic),
    ("contraindicated_combination", 1, contraindicated_combination),
    ("dose_above_maximum", 1, dose_above_maximum),
    ("never_reviewed", 2, never_reviewed),
    ("not_improved", 2, not_improved),
    ("deteriorated", 2, deteriorated),
    ("relapse", 2, relapse),
    ("nurse_question", 2, nurse_question),
    ("discussion_flag", 2, discussion_flag),
    ("review_overdue", 2, review_overdue),
    ("advice_overdue", 2, advice_overdue),
    ("early_non_response", 3, early_non_response),
    ("no_contact", 3, no_contact),
    ("missed_contacts", 3, missed_contacts),
    ("score_overdue", 3, score_overdue),
    ("advice_unacknowledged", 3, advice_unacknowledged),
    ("benzodiazepine_long", 3, benzodiazepine_long),
    ("dose_inadequate", 3, dose_inadequate),
    ("long_episode", 3, long_episode),
    ("stable_remission", 4, stable_remission),
]


# Exact words


def days(number: int) -> timedelta:
    return timedelta(days=number)


def day_of(instant: datetime) -> date:
    """Instants become calendar days in Europe/Paris."""
    return instant.astimezone(PARIS).date()


def earliest(since: list[date]) -> date | None:
    """Where several facts make one rule hold (two drugs, two items of advice), the earliest
    since counts."""
    return min(since) if since else None


def is_seen_by(practitioner_id: int, episode: Row, rows: Rows, today: date) -> bool:
    """A psychiatrist, nurse or GP sees the patients of their own episodes; cover for a
    colleague is a dated row in review.cover."""
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
    """A closed one counts as `active`; an open one has the status that is stored."""
    return "active" if episode["status"] == "closed" else episode["status"]


def facts_of(episode: Row, rows: Rows, day: date) -> Facts:
    """Facts dated after D do not exist, so the list can be remade for any past day (an answer,
    a clearing or a review after D has not happened yet)."""
    patient_id = episode["patient_id"]
    (patient,) = [row for row in rows["patient"] if row["id"] == patient_id]
    forms = forms_of(episode, rows, day)
    phq9_forms = [form for form in forms if form["instrument"] == "phq9"]
    gad7_forms = [form for form in forms if form["instrument"] == "gad7"]
    reviews = reviews_of(episode, rows, day)
    return Facts(
        day=day,
        enrolled_on=episode["enrolled_on"],
        status=status_of(episode),
        birth_date=patient["birth_date"],
        phq9_forms=phq9_forms,
        cssrs_forms=[form for form in forms if form["instrument"] == "cssrs"],
        phq9=scores_of(phq9_forms),
        gad7=scores_of(gad7_forms),
        contacts=contacts_of(episode, rows, day),
        reviews=reviews,
        questions=open_questions_of(episode, rows, reviews, day),
        recommendations=recommendations_of(reviews, rows),
        answers=[row for row in rows["answer"] if day_of(row["answered_at"]) <= day],
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
    up. Otherwise there is no score."""
    if form["instrument"] == "phq9":
        number_of_items, highest, may_be_unanswered = 9, 27, 2
    else:
        number_of_items, highest, may_be_unanswered = 7, 21, 1
    if form["total"] is not None and 0 <= form["total"] <= highest:
        return form["total"]
    if form["items"] is None or len(form["items"]) > number_of_items:
        return None
    # Items of 0 to 3 (docs/domain.md section 3): anything else is no answer to one.
    answered = [item for item in form["items"] if item is not None and 0 <= item <= 3]
    if number_of_items - len(answered) > may_be_unanswered:
        return None
    mean = Fraction(sum(answered), len(answered))
    return floor(mean * number_of_items + Fraction(1, 2))


def item_9(form: Row) -> int | None:
    """Risk item of the PHQ-9: item 9; absent is not zero."""
    items = form["items"] or []
    return items[8] if len(items) >= 9 else None


def is_improved(score: Score, baseline: Score) -> bool:
    """Improved: < 10 or ≤ half of the baseline."""
    return score.value < 10 or score.value * 2 <= baseline.value


def contacts_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Contacts of the patient from enrolment − 14 to D."""
    contacts = []
    for row in rows["contact"]:
        in_time = episode["enrolled_on"] - days(14) <= day_of(row["happened_at"]) <= day
        if row["patient_id"] == episode["patient_id"] and in_time:
            contacts.append(row)
    return sorted(contacts, key=lambda row: (row["happened_at"], row["id"]))


def reviews_of(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Review: a signed case review of the episode."""
    reviews = []
    for row in rows["case_review"]:
        if row["episode_id"] == episode["id"] and day_of(row["signed_at"]) <= day:
            reviews.append(row)
    return sorted(reviews, key=lambda row: row["signed_at"])


def reviewed_since(facts: Facts, day: date) -> bool:
    """ "Since a score": signed on its day or later."""
    return any(day_of(review["signed_at"]) >= day for review in facts.reviews)


def open_questions_of(episode: Row, rows: Rows, reviews: list[Row], day: date) -> list[Row]:
    """Question: a `preparation` with a question that is not blank and with `ready_at`, not
    withdrawn. Open until a review of the episode is signed after `ready_at`."""
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


def recommendations_of(reviews: list[Row], rows: Rows) -> list[Row]:
    """Sent is when its review was signed."""
    signed = [review["id"] for review in reviews]
    return [row for row in rows["recommendation"] if row["case_review_id"] in signed]


def standing_recommendations(facts: Facts) -> list[Row]:
    """Standing recommendation: its review is not superseded by one signed on or before D."""
    superseded = [review["supersedes"] for review in facts.reviews]
    return [row for row in facts.recommendations if row["case_review_id"] not in superseded]


def review_of(recommendation: Row, facts: Facts) -> Row:
    (review,) = [r for r in facts.reviews if r["id"] == recommendation["case_review_id"]]
    return review


def answers_to(recommendation: Row, facts: Facts) -> list[Row]:
    return [row for row in facts.answers if row["recommendation_id"] == recommendation["id"]]


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
    """A current antidepressant, not as needed. Antidepressant: an ATC code in the table of
    docs/domain.md section 4."""
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
    """An unknown onset counts as enrolment."""
    return condition["onset_on"] if condition["onset_on"] is not None else facts.enrolled_on


def uncleared_flags_of(patient_id: int, rows: Rows, day: date) -> list[Row]:
    """Current on D: raised on or before D, and not cleared, or only after D."""
    flags = []
    for row in rows["flag"]:
        if row["patient_id"] != patient_id or day_of(row["raised_at"]) > day:
            continue
        if row["cleared_at"] is None or day_of(row["cleared_at"]) > day:
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

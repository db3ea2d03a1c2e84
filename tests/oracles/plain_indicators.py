"""An oracle of the counting in SQL: the indicators read a second time, in plain Python.

It has loops and dates only, and nothing from ``dashboard``. The docstring of each function follows
the sentence of docs/indicators.md that it reads. It is slow on purpose.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracles.plain_reading import (
    Row,
    Rows,
    Score,
    day_of,
    days,
    forms_of,
    is_improved,
    item_9,
    reviews_of,
    scores_of,
)

Key = tuple[str, str, str, int, int, date]
"""Indicator, kind of the first sequence, severity, site, nurse, month."""

Counts = dict[Key, tuple[int, int, int]]
"""Eligible, measured and numerator, if anyone is eligible."""


@dataclass(frozen=True)
class Case:
    """A person or thing that counts for one indicator."""

    indicator: str
    due: date
    measured: bool
    yes: bool


def plain_counts(rows: Rows, day: date) -> Counts:
    """Return every indicator by kind, severity, site, nurse and month, as it stands on a day.

    ``all`` stands for every kind, for every severity, and for both.
    """
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for episode in rows["episode"]:
        if min(episode["referred_on"], episode["enrolled_on"]) > day:
            continue
        for kind, case in cases_of(episode, rows, day):
            if case.due > day:
                continue
            severity = severity_of(baseline_of(episode, rows, day))
            for kinds in {kind, "all"}:
                for severities in {severity, "all"}:
                    month = case.due.replace(day=1)
                    whose = (episode["site_id"], episode["nurse_id"], month)
                    counts = found[(case.indicator, kinds, severities, *whose)]
                    counts[0] += 1
                    counts[1] += case.measured
                    counts[2] += case.measured and case.yes
    return {key: (counts[0], counts[1], counts[2]) for key, counts in found.items()}


def cases_of(episode: Row, rows: Rows, day: date) -> Iterator[tuple[str, Case]]:
    """Yield each case with the kind under which it is counted.

    The kind is that of the episode's first sequence; a case of a sequence has the sequence's own.
    """
    kind = first_kind(episode, rows, day)
    for case in flow(episode, rows, day):
        yield kind, case
    if episode["enrolled_on"] > day:
        return
    for read in (
        contacts,
        psychosocial_care,
        scores,
        unimproved,
        episode_itself,
        questions,
        advice,
        forms,
    ):
        for case in read(episode, rows, day):
            yield kind, case
    for end in month_ends(episode, day):
        for case in snapshot(episode, rows, day, end):
            yield kind, case
    for row in sequences(episode, rows, day):
        yield row["kind"], Case(f"sequences_{row['kind']}", row["starts_on"], True, True)


def flow(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Yield the flow of the patients referred in the month.

    By the day they are enrolled, have a signed review, are improved at the latest PHQ-9 with a
    baseline of 10 or more, or are closed.
    """
    due = episode["referred_on"]
    yield Case("flow_referred", due, True, True)
    if episode["enrolled_on"] > day:
        return
    yield Case("flow_enrolled", due, True, True)
    if reviews_of(episode, rows, day):
        yield Case("flow_reviewed", due, True, True)
    known = scores_up_to(episode, rows, day, day)
    if known and known[0].value >= 10 and is_improved(known[-1], known[0]):
        yield Case("flow_improved", due, True, True)
    closed_on = closing_of(episode)
    if episode["status"] == "closed" and (closed_on is None or closed_on <= day):
        yield Case("flow_closed", due, True, True)


def contacts(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Enrolled 28 days ago: an attended contact from the day after enrolment to day 28.
    Enrolled 84 days ago: four attended contacts or more from enrolment to day 84."""
    since_enrolment = [(one - episode["enrolled_on"]).days for one in attended(episode, rows, day)]
    early = [n for n in since_enrolment if 1 <= n <= 28]
    by_week_12 = [n for n in since_enrolment if 0 <= n <= 84]
    yield Case("early_contact", episode["enrolled_on"] + days(28), True, bool(early))
    yield Case("four_contacts", episode["enrolled_on"] + days(84), True, len(by_week_12) >= 4)


def psychosocial_care(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Enrolled 56 days ago: psychosocial care of any kind that began by day 56 and before the
    closing, and had not ended before enrolment."""
    due = episode["enrolled_on"] + days(56)
    last = min(due, facts_end(episode, day))
    cares = [
        row
        for row in rows["psychosocial_care"]
        if row["patient_id"] == episode["patient_id"]
        and row["started_on"] <= last
        and not (row["ended_on"] is not None and row["ended_on"] < episode["enrolled_on"])
    ]
    yield Case("psychosocial_care", due, True, bool(cares))


def scores(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Yield the cases about scores.

    A baseline by day 14. With one of 10 or more by day 70: the last PHQ-9 by day 70 improved. With
    one of 10 or more by day 240: the last PHQ-9 of day 120 to day 240 down by half; under 5; of
    those with such a PHQ-9: 6 points or more above the baseline. The baseline itself measures
    nothing.
    """
    enrolled_on = episode["enrolled_on"]
    known = scores_up_to(episode, rows, day, day)
    has_baseline = bool(known) and known[0].day <= enrolled_on + days(14)
    yield Case("baseline_known", enrolled_on + days(14), True, has_baseline)
    if not known or known[0].value < 10:
        return
    baseline = known[0]
    by_70 = [score for score in known if score.day <= enrolled_on + days(70)]
    if by_70:
        improved = is_improved(by_70[-1], baseline)
        yield Case("improved_70", enrolled_on + days(70), len(by_70) > 1, improved)
    if baseline.day <= enrolled_on + days(240):
        later = [one for one in known[1:] if 120 <= (one.day - enrolled_on).days <= 240]
        due, measured = enrolled_on + days(240), bool(later)
        yield Case("response", due, measured, measured and later[-1].value * 2 <= baseline.value)
        yield Case("remission", due, measured, measured and later[-1].value < 5)
        if later:
            yield Case("deteriorated", due, True, later[-1].value - baseline.value >= 6)


def unimproved(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Baseline of 10 or more, open and not improved on day 56, by day 84 or the closing: a review
    signed, a psychotropic drug started, stopped or changed in dose from day 56 on."""
    enrolled_on = episode["enrolled_on"]
    known = scores_up_to(episode, rows, day, enrolled_on + days(56))
    if not known or known[0].value < 10 or is_improved(known[-1], known[0]):
        return
    closed_on = closing_of(episode)
    if episode["status"] == "closed" and (closed_on is None or closed_on <= enrolled_on + days(56)):
        return
    first, last = enrolled_on + days(56), min(enrolled_on + days(84), facts_end(episode, day))
    reviewed = [
        row for row in reviews_of(episode, rows, day) if first <= day_of(row["signed_at"]) <= last
    ]
    changed = [
        row
        for row in rows["medication"]
        if row["patient_id"] == episode["patient_id"]
        and row["atc_code"].startswith(("N03A", "N05", "N06A"))
        for change in (row["started_on"], row["stopped_on"])
        if change is not None and first <= change <= last
    ]
    due, measured = enrolled_on + days(84), len(known) > 1
    yield Case("unimproved_reviewed", due, measured, bool(reviewed))
    yield Case("unimproved_treatment_changed", due, measured, bool(changed))


def episode_itself(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Yield the first sequence started, a closing (as lost or not), a consent by the day."""
    started = sequences(episode, rows, day)
    if started:
        yield Case("enrolment", started[0]["starts_on"], True, True)
    closed_on = closing_of(episode)
    if closed_on is not None:
        yield Case("closed_as_lost", closed_on, True, episode["closed_reason"] == "lost")
    consented = episode["consented_on"] is not None and episode["consented_on"] <= day
    yield Case("consent_recorded", episode["enrolled_on"], True, consented)


def questions(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Questions made ready 7 days ago and not withdrawn within them: answered by a review that
    was signed after it and by day 7."""
    for row in rows["preparation"]:
        if row["episode_id"] != episode["id"] or not row["question"].strip():
            continue
        if row["ready_at"] is None or day_of(row["ready_at"]) > day:
            continue
        due = day_of(row["ready_at"]) + days(7)
        if row["withdrawn_at"] is not None and day_of(row["withdrawn_at"]) <= due:
            continue
        answers = [
            review
            for review in reviews_of(episode, rows, day)
            if review["signed_at"] > row["ready_at"] and day_of(review["signed_at"]) <= due
        ]
        yield Case("answered_in_7_days", due, True, bool(answers))


def advice(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """Standing recommendations sent 14 days ago, by the answer that counts on the day."""
    reviews = reviews_of(episode, rows, day)
    superseded = [review["supersedes"] for review in reviews]
    for review in reviews:
        for row in rows["recommendation"]:
            if row["case_review_id"] != review["id"] or review["id"] in superseded:
                continue
            answers = [
                one
                for one in rows["answer"]
                if one["recommendation_id"] == row["id"] and day_of(one["answered_at"]) <= day
            ]
            answers.sort(key=lambda one: (one["answered_at"], one["id"]))
            outcome = outcome_of(answers)
            ended = not answers and is_ended(row, review, reviews, rows, day)
            due = day_of(review["signed_at"]) + days(14)
            for indicator, outcomes in (
                ("advice_followed", ("done", "modified")),
                ("advice_acknowledged", ("acknowledged",)),
                ("advice_declined", ("declined",)),
                ("advice_refused", ("refused_by_patient",)),
                ("advice_unanswered", (None,)),
            ):
                yield Case(indicator, due, True, outcome in outcomes)
            yield Case("advice_replaced", due, True, ended)


def outcome_of(answers: list[Row]) -> str | None:
    """Return the outcome of the latest answer that settles the line and whose author has not
    acknowledged since; else that of the latest answer. ``answers`` are in the order of time.
    """
    for place, one in reversed(list(enumerate(answers))):
        author_later = [
            later["outcome"]
            for later in answers[place + 1 :]
            if later["practitioner_id"] == one["practitioner_id"]
        ]
        if one["outcome"] != "acknowledged" and author_later[-1:] != ["acknowledged"]:
            outcome: str = one["outcome"]
            return outcome
    return answers[-1]["outcome"] if answers else None


def is_ended(line: Row, review: Row, reviews: list[Row], rows: Rows, day: date) -> bool:
    """Return whether a line without an answer was replaced or withdrawn.

    That is done between reviews, or by a later review that is not superseded. The later review must
    have neither kept the line nor changed nothing.
    """
    settlements = [one for one in rows["settlement"] if one["recommendation_id"] == line["id"]]
    for one in settlements:
        if one["case_review_id"] is None and day_of(one["settled_at"]) <= day:
            return True
    superseded = [one["supersedes"] for one in reviews]
    for later in reviews:
        is_later = (later["signed_at"], later["id"]) > (review["signed_at"], review["id"])
        if not is_later or later["id"] in superseded:
            continue
        kinds = [one["kind"] for one in settlements if one["case_review_id"] == later["id"]]
        if kinds[0] != "kept" if kinds else later["outcome"] != "no_change":
            return True
    return False


def forms(episode: Row, rows: Rows, day: date) -> Iterator[Case]:
    """PHQ-9 forms with a score: with an answer to item 9."""
    for form in phq9_forms(episode, rows, day):
        if scores_of([form]):
            yield Case("item9_answered", form["taken_on"], True, item_9(form) is not None)


def snapshot(episode: Row, rows: Rows, day: date, end: date) -> Iterator[Case]:
    """Open on the last day of the month. Of these the active ones: a PHQ-9 in the last 30 days.
    Of the active ones and those closed in the month: closed as lost, or enrolled 60 days ago
    without an attended contact for 60 days; an attended contact and a PHQ-9 in the month. Of the
    open ones, enrolled 70 days ago, not improved with a baseline of 10 or more: reviewed with a
    recommendation in the last 60 days."""
    closed_on = closing_of(episode)
    is_open = episode["status"] != "closed" or (closed_on is not None and closed_on > end)
    is_active = is_open and episode["status"] != "relapse_prevention"
    if is_open:
        yield Case("active_caseload", end, True, True)
    if is_active:
        recent = [one for one in scores_up_to(episode, rows, day, end) if one.day > end - days(30)]
        yield Case("measured", end, True, bool(recent))
        seen = [one for one in attended(episode, rows, day) if end - days(60) < one <= end]
        lost = episode["enrolled_on"] <= end - days(60) and not seen
        yield Case("lost_to_follow_up", end, True, lost)
    closed_then = closed_on is not None and end.replace(day=1) <= closed_on <= end
    if closed_then:
        yield Case("lost_to_follow_up", end, True, episode["closed_reason"] == "lost")
    if is_active or closed_then:
        has_contact = any(same_month(one, end) for one in attended(episode, rows, day))
        has_score = any(same_month(one.day, end) for one in scores_up_to(episode, rows, day, day))
        yield Case("contact_and_score", end, True, has_contact and has_score)
    known = scores_up_to(episode, rows, day, end)
    if not is_open or episode["enrolled_on"] + days(70) > end or not known:
        return
    if known[0].value >= 10 and not is_improved(known[-1], known[0]):
        advised = is_reviewed_with_advice(episode, rows, day, end)
        yield Case("unimproved_reviewed_with_advice", end, len(known) > 1, advised)


def same_month(one: date, other: date) -> bool:
    """Return whether two days are of one calendar month."""
    return (one.year, one.month) == (other.year, other.month)


def is_reviewed_with_advice(episode: Row, rows: Rows, day: date, end: date) -> bool:
    """Return whether a review of the 60 days up to ``end`` gave or kept a recommendation.

    A review that was superseded by then does not count.
    """
    reviews = [one for one in reviews_of(episode, rows, day) if day_of(one["signed_at"]) <= end]
    superseded = [one["supersedes"] for one in reviews]
    gave = {one["case_review_id"] for one in rows["recommendation"]}
    kept = {one["case_review_id"] for one in rows["settlement"] if one["kind"] == "kept"}
    return any(
        day_of(one["signed_at"]) > end - days(60)
        and one["id"] not in superseded
        and one["id"] in gave | kept
        for one in reviews
    )


# Exact words


def closing_of(episode: Row) -> date | None:
    """Return the day on which a closed episode ended, not before it began."""
    if episode["status"] != "closed" or episode["closed_on"] is None:
        return None
    return max(episode["closed_on"], episode["enrolled_on"])


def facts_end(episode: Row, day: date) -> date:
    """Return the last day of an episode's facts.

    An episode's facts are those from 14 days before its enrolment until it closes.
    """
    closed_on = closing_of(episode)
    return day if closed_on is None else min(closed_on, day)


def phq9_forms(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Return the PHQ-9 forms of the episode, by the day, in order."""
    known = forms_of(episode, rows, facts_end(episode, day))
    return [form for form in known if form["instrument"] == "phq9"]


def scores_up_to(episode: Row, rows: Rows, day: date, last: date) -> list[Score]:
    """Return the valid PHQ-9 of the episode up to a day of it."""
    return [one for one in scores_of(phq9_forms(episode, rows, day)) if one.day <= last]


def baseline_of(episode: Row, rows: Rows, day: date) -> int | None:
    """Return the first valid score of the episode; None before it is enrolled."""
    if episode["enrolled_on"] > day:
        return None
    known = scores_up_to(episode, rows, day, day)
    return known[0].value if known else None


def severity_of(baseline: int | None) -> str:
    """PHQ-9: 5 mild, 10 moderate, 15 moderately severe, 20 severe."""
    if baseline is None:
        return "unknown"
    names = ["minimal", "mild", "moderate", "moderately_severe", "severe"]
    return names[min(baseline // 5, 4)]


def attended(episode: Row, rows: Rows, day: date) -> list[date]:
    """Return the days of the attended contacts of the episode."""
    first, last = episode["enrolled_on"] - days(14), facts_end(episode, day)
    happened = [
        day_of(row["happened_at"])
        for row in rows["contact"]
        if row["patient_id"] == episode["patient_id"] and row["attended"]
    ]
    return [one for one in happened if first <= one <= last]


def sequences(episode: Row, rows: Rows, day: date) -> list[Row]:
    """Return the sequences begun by the day, in order."""
    begun = [
        row
        for row in rows["care_sequence"]
        if row["episode_id"] == episode["id"] and row["starts_on"] <= day
    ]
    return sorted(begun, key=lambda row: (row["starts_on"], row["id"]))


def first_kind(episode: Row, rows: Rows, day: date) -> str:
    """Return the kind of the first sequence; "none" before a sequence or the enrolment."""
    begun = sequences(episode, rows, day)
    return begun[0]["kind"] if begun and episode["enrolled_on"] <= day else "none"


def month_ends(episode: Row, day: date) -> Iterator[date]:
    """Yield the last day of each month from enrolment to closing; today in the running month."""
    month, last = episode["enrolled_on"].replace(day=1), facts_end(episode, day)
    while month <= last:
        end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        yield min(end, day)
        month = end + timedelta(days=1)

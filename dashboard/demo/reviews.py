"""The reviews of an episode, each with its summary, advice and deliveries."""

from datetime import date, timedelta

from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.clinical.caseload.rules import SCORE_DAYS
from dashboard.demo import texts
from dashboard.demo.advice import Advice, advice_for
from dashboard.demo.answers import write_advice
from dashboard.demo.days import afternoon
from dashboard.demo.deciding import risk_of, settle_earlier
from dashboard.demo.deliveries import put_into_inboxes
from dashboard.demo.fitting import one_that_fits
from dashboard.demo.meetings import alarm_before, first_meeting, meeting_day, weeks_late
from dashboard.demo.questions import (
    ask_before,
    prepare_the_next,
    raise_discussion_flag,
    raise_safety_flags,
)
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.rows import CaseReview
from dashboard.demo.situations import Situation
from dashboard.vocabulary import InstrumentCode, Outcome, RecommendationKind


def review_episode(reviewing: Reviewing) -> None:
    """Write the reviews of an episode up to its last day, with advice, answers and deliveries.

    Also write the nurse's questions and the flags.
    """
    planned = first_meeting(reviewing)
    while True:
        alarm = alarm_before(reviewing, planned)
        day = alarm or planned
        if day > reviewing.horizon:
            break
        planned = _hold_review(reviewing, day, asked=alarm is None)
    if reviewing.episode.stay.is_open:
        prepare_the_next(reviewing, planned)
    raise_safety_flags(reviewing)


_ALARM_COUNTS_FOR = 60
_NEXT_IN_DAYS = {
    "new": 21,
    "well": 56,
    "improved": 42,
    "partial": 28,
    "unchanged": 21,
    "worse": 14,
    "unmeasured": 21,
}


def _hold_review(reviewing: Reviewing, day: date, *, asked: bool) -> date:
    """Write one review with its advice, answers and deliveries.

    Return the day on which the next review is planned. ``asked`` says whether the nurse may have
    asked a question before the review.
    """
    rng = reviewing.record.rng
    situation = reviewing.situation(day)
    advice = advice_for(rng, situation, reviewing.regimen)
    if asked and rng.random() < 0.33:
        ask_before(reviewing, day, situation.state)
    days = min(_NEXT_IN_DAYS[situation.state], _longest_interval(reviewing, situation))
    # The last meeting day that is not after the interval.
    due = meeting_day(reviewing, day + timedelta(days=days - 6))
    # The default interval is four weeks, so a date must be set only if the next review is later.
    next_review_on = due if days > 28 or rng.random() < 0.6 else None
    review = _write_review(reviewing, situation, advice, next_review_on)
    if rng.random() < 0.015:
        _amend(reviewing, review, advice)
    else:
        settle_earlier(reviewing, review, write_advice(reviewing, review, advice, followed=True))
    reviewing.reviewed_on.append(day)
    raise_discussion_flag(reviewing, day)
    return due + timedelta(weeks=weeks_late(rng))


def _longest_interval(reviewing: Reviewing, situation: Situation) -> int:
    """Return the longest time to the next review, in days, that fits the patient's need.

    A patient may still have a safety flag for some weeks after a positive answer about suicide.
    """
    known = reviewing.known_on(situation.day)
    lately = situation.day - timedelta(days=_ALARM_COUNTS_FOR)
    alarming = any(
        one.severe_screen or one.ninth_item for one in known if one.day > lately
    ) or bool(situation.ninth_item)
    if alarming or (situation.latest or 0) >= 20 or reviewing.is_at_high_risk:
        return INTERVALS[Need.HIGH].days
    is_ill = max(situation.latest or 0, situation.gad7 or 0) >= 10
    return INTERVALS[Need.MARKED if is_ill else Need.LOW].days


def _write_review(
    reviewing: Reviewing, situation: Situation, advice: list[Advice], next_review_on: date | None
) -> CaseReview:
    record = reviewing.record
    review_id = record.uuid()
    stated = risk_of(
        reviewing,
        review_id,
        situation.day,
        has_safety_line=any(one.kind == RecommendationKind.SAFETY for one in advice),
    )
    review = CaseReview(
        id=review_id,
        episode_id=reviewing.episode.id,
        patient_id=record.patient.id,
        psychiatrist_id=record.team.psychiatrist,
        outcome=Outcome.REVIEWED if advice else Outcome.NO_CHANGE,
        summary=_summary(reviewing, situation),
        next_review_on=next_review_on,
        seen=_seen(reviewing, situation.day),
        signed_at=afternoon(record.rng, situation.day),
        supersedes=None,
        idempotency_key=record.uuid(),
        risk_level=None if stated.level is None else stated.level.value,
        risk_reassess_on=stated.reassess_on,
        risk_reason=stated.reason,
    )
    record.rows.append(review)
    put_into_inboxes(reviewing, review)
    return review


def _amend(reviewing: Reviewing, review: CaseReview, advice: list[Advice]) -> None:
    """Write the advice of ``review``, and a second review that amends it 55 minutes later."""
    record = reviewing.record
    stood = reviewing.standing
    settle_earlier(reviewing, review, write_advice(reviewing, review, advice, followed=False))
    reviewing.standing = stood
    amended = review._replace(
        id=record.uuid(),
        summary=f"{review.summary} Avis précisé après échange avec le médecin traitant.",
        signed_at=review.signed_at + timedelta(minutes=55),
        supersedes=review.id,
        idempotency_key=record.uuid(),
    )
    record.rows.append(amended)
    put_into_inboxes(reviewing, amended)
    settle_earlier(reviewing, amended, write_advice(reviewing, amended, advice, followed=True))


def _seen(reviewing: Reviewing, day: date) -> str:
    """Return the ids of the questionnaires that the psychiatrist has seen, as JSON.

    These are the completed questionnaires of the episode up to and including ``day``.
    """
    shown = [id_ for one in reviewing.known_on(day) for id_ in one.ids]
    # Python writes a list of whole numbers exactly as JSON does.
    return f'{{"assessments": {shown}}}' if shown else "{}"


def _summary(reviewing: Reviewing, situation: Situation) -> str:
    words = [texts.STATES[situation.state], _scores(situation), _treatment(reviewing, situation)]
    circumstances = reviewing.circumstances(situation.day)
    closing = texts.CLOSING_WORDS[situation.state]
    words.append(one_that_fits(reviewing.record.rng, closing, circumstances))
    return " ".join(word for word in words if word)


def _scores(situation: Situation) -> str:
    if situation.latest is None:
        return "PHQ-9 manquant."
    phq9 = f"PHQ-9 {situation.latest}"
    if situation.state != "new" and situation.baseline is not None:
        weeks = f"{situation.weeks} semaine{'s' if situation.weeks > 1 else ''}"
        phq9 = f"PHQ-9 {situation.baseline} → {situation.latest} en {weeks}"
    phq9 += _day_of_old(situation, InstrumentCode.PHQ9)
    gad7 = ""
    if situation.gad7 is not None:
        gad7 = f", GAD-7 {situation.gad7}{_day_of_old(situation, InstrumentCode.GAD7)}"
    risk = " Item 9 positif." if situation.ninth_item else ""
    return f"{phq9}{gad7}.{risk}"


def _day_of_old(situation: Situation, instrument: str) -> str:
    """Return the day of the last score in parentheses if the score is no longer recent."""
    taken_on = situation.measured_on[instrument]
    if taken_on is None or (situation.day - taken_on).days < SCORE_DAYS:
        return ""
    return f" (du {taken_on:%d/%m/%Y})"


def _treatment(reviewing: Reviewing, situation: Situation) -> str:
    taken = reviewing.regimen.taken("antidepressant")
    if taken is None:
        return "Pas d’antidépresseur."
    weeks = (situation.day - taken.started_on).days // 7
    dose = f" {taken.daily_dose_mg:g} mg/j".replace(".", ",") if taken.daily_dose_mg else ""
    since = f" depuis {weeks} semaines" if weeks > 1 else ""
    effects = f", {taken.side_effects}" if taken.side_effects else ""
    return f"{taken.name[0].upper()}{taken.name[1:]}{dose}{since}{effects}."

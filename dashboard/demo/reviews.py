"""The weekly case reviews of an episode: when, what was asked, advised, and answered."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from dashboard.demo import texts
from dashboard.demo.advice import Advice, Situation, advice_for, situation_on
from dashboard.demo.days import afternoon, morning, next_weekday, working_day, working_day_after
from dashboard.demo.record import Episode, Record
from dashboard.demo.rows import (
    Answer,
    CaseReview,
    Delivery,
    Flag,
    Preparation,
    PsychosocialCare,
    Recommendation,
)
from dashboard.demo.treatment import Regimen
from dashboard.demo.visits import Measured


@dataclass
class Reviewing:
    """An episode while it is reviewed: what has been measured and taken, what was decided."""

    record: Record
    episode: Episode
    measured: list[Measured]
    regimen: Regimen
    reviewed_on: list[date] = field(default_factory=list)
    in_relapse_prevention: bool = False
    cares: set[str] = field(default_factory=set)

    @property
    def horizon(self) -> date:
        """The last day that is told of."""
        return self.episode.stay.last_day

    def known_on(self, day: date) -> list[Measured]:
        """What had been measured by the end of a day."""
        return [one for one in self.measured if one.day <= day]


def review_episode(reviewing: Reviewing) -> None:
    """Hold the reviews of an episode up to its last day, and write what comes of them."""
    planned = _first_meeting(reviewing)
    while True:
        alarm = _alarm(reviewing, planned)
        day = alarm or planned
        if day > reviewing.horizon:
            break
        planned = _hold_review(reviewing, day, asked=alarm is None)
    if reviewing.episode.stay.is_open:
        _before_the_next(reviewing, planned)
    _raise_safety_flags(reviewing)


# --- when -----------------------------------------------------------------------------


def _first_meeting(reviewing: Reviewing) -> date:
    """The first weekly meeting after enrolment, or one soon after it."""
    rng = reviewing.record.rng
    soonest = reviewing.episode.stay.enrolled_on + timedelta(days=1)
    return _meeting(reviewing, soonest) + timedelta(weeks=_weeks_late(reviewing, rng.random()))


def _meeting(reviewing: Reviewing, day: date) -> date:
    """The psychiatrist's weekly meeting on a day or after it, Monday to Thursday."""
    return next_weekday(day, reviewing.record.team.psychiatrist % 4)


def _weeks_late(reviewing: Reviewing, chance: float) -> int:
    return 0 if chance < 0.84 else 1 if chance < 0.95 else 2


def _alarm(reviewing: Reviewing, planned: date) -> date | None:
    """The day of a review that what was measured calls for before the planned one."""
    rng = reviewing.record.rng
    last = reviewing.reviewed_on[-1] if reviewing.reviewed_on else None
    for place, one in enumerate(reviewing.measured):
        if (last and one.day <= last) or one.day >= planned:
            continue
        day = None
        if _is_urgent(reviewing, place):
            day = _soon(reviewing, max(one.day, reviewing.episode.stay.enrolled_on))
        elif last and _is_worse(reviewing, place) and rng.random() < 0.8:
            day = _meeting(reviewing, one.day)
        if day and day < planned:
            return day
    return None


def _is_urgent(reviewing: Reviewing, place: int) -> bool:
    """Suicidal thoughts that are new or marked, or a severe score before any review."""
    one = reviewing.measured[place]
    before = [earlier.ninth_item for earlier in reviewing.measured[:place]]
    lately = next((item for item in reversed(before) if item is not None), 0)
    ideation = (one.ninth_item or 0) >= 2 or (one.ninth_item or 0) > lately
    severe_at_entry = not reviewing.reviewed_on and (one.phq9 or 0) >= 20
    return ideation or one.severe_screen or severe_at_entry


def _soon(reviewing: Reviewing, day: date) -> date:
    """The same-day path: mostly the day itself or the next, at times the weekly meeting."""
    chance = reviewing.record.rng.random()
    if chance < 0.5:
        return day
    return working_day_after(day, 1) if chance < 0.8 else _meeting(reviewing, day)


def _is_worse(reviewing: Reviewing, place: int) -> bool:
    one, before = reviewing.measured[place], reviewing.measured[:place]
    phq9 = [earlier.phq9 for earlier in before if earlier.phq9 is not None]
    gad7 = [earlier.gad7 for earlier in before if earlier.gad7 is not None]
    return bool(
        (phq9 and one.phq9 is not None and one.phq9 >= min(phq9) + 5)
        or (gad7 and one.gad7 is not None and one.gad7 >= min(gad7) + 4)
    )


# --- a review -------------------------------------------------------------------------

_NEXT_IN_DAYS = {
    "new": 21,
    "well": 63,
    "improved": 42,
    "partial": 28,
    "unchanged": 21,
    "worse": 14,
    "unmeasured": 21,
}


def _hold_review(reviewing: Reviewing, day: date, *, asked: bool) -> date:
    """Write one review and what follows from it; the day on which the next one is held."""
    rng = reviewing.record.rng
    situation = _situation(reviewing, day)
    advice = advice_for(rng, situation, reviewing.regimen)
    if asked and rng.random() < 0.33:
        _write_question(reviewing, day, situation.state)
    days = 14 if situation.ninth_item else _NEXT_IN_DAYS[situation.state]
    due = _meeting(reviewing, day + timedelta(days=days - 3))
    # Where none is set, four weeks are the rule: a later one must be set.
    next_review_on = due if days > 28 or rng.random() < 0.6 else None
    review = _write_review(reviewing, situation, advice, next_review_on)
    if rng.random() < 0.015:
        review = _amend(reviewing, review, advice)
    else:
        _write_advice(reviewing, review, advice, followed=True)
    reviewing.reviewed_on.append(day)
    _raise_discussion_flag(reviewing, day)
    return due + timedelta(weeks=_weeks_late(reviewing, rng.random()))


def _situation(reviewing: Reviewing, day: date) -> Situation:
    reviewing.regimen.until(day)
    return situation_on(
        day,
        reviewing.known_on(day),
        reviewing.episode.stay,
        reviewing.episode.picture,
        first=not reviewing.reviewed_on,
        in_relapse_prevention=reviewing.in_relapse_prevention,
        cares=frozenset(reviewing.cares),
    )


def _write_review(
    reviewing: Reviewing, situation: Situation, advice: list[Advice], next_review_on: date | None
) -> CaseReview:
    record = reviewing.record
    review = CaseReview(
        id=record.uuid(),
        episode_id=reviewing.episode.id,
        patient_id=record.patient.id,
        psychiatrist_id=record.team.psychiatrist,
        outcome="reviewed" if advice else "no_change",
        summary=_summary(reviewing, situation),
        next_review_on=next_review_on,
        seen=_seen(reviewing, situation.day),
        signed_at=afternoon(record.rng, situation.day),
        supersedes=None,
        idempotency_key=record.uuid(),
    )
    record.rows.append(review)
    _deliver(record, review)
    return review


def _amend(reviewing: Reviewing, review: CaseReview, advice: list[Advice]) -> CaseReview:
    """Write the review a second time, an hour later, in place of the first."""
    record = reviewing.record
    _write_advice(reviewing, review, advice, followed=False)
    amended = review._replace(
        id=record.uuid(),
        summary=f"{review.summary} Avis précisé après échange avec le médecin traitant.",
        signed_at=review.signed_at + timedelta(minutes=55),
        supersedes=review.id,
        idempotency_key=record.uuid(),
    )
    record.rows.append(amended)
    _deliver(record, amended)
    _write_advice(reviewing, amended, advice, followed=True)
    return amended


def _seen(reviewing: Reviewing, day: date) -> str:
    """The forms that were shown: those of the episode up to the day."""
    shown = [id_ for one in reviewing.known_on(day) for id_ in one.ids]
    return json.dumps({"assessments": shown}) if shown else "{}"


def _summary(reviewing: Reviewing, situation: Situation) -> str:
    words = [texts.STATES[situation.state], _scores(situation), _treatment(reviewing, situation)]
    words.append(reviewing.record.rng.choice(texts.CLOSING_WORDS[situation.state]))
    return " ".join(word for word in words if word)


def _scores(situation: Situation) -> str:
    if situation.latest is None:
        return "PHQ-9 manquant."
    phq9 = f"PHQ-9 {situation.latest}"
    if situation.state != "new" and situation.baseline is not None:
        weeks = f"{situation.weeks} semaine{'s' if situation.weeks > 1 else ''}"
        phq9 = f"PHQ-9 {situation.baseline} → {situation.latest} en {weeks}"
    gad7 = f", GAD-7 {situation.gad7}" if situation.gad7 is not None else ""
    risk = " Item 9 positif." if situation.ninth_item else ""
    return f"{phq9}{gad7}.{risk}"


def _treatment(reviewing: Reviewing, situation: Situation) -> str:
    taken = reviewing.regimen.taken("antidepressant")
    if taken is None:
        return "Pas d'antidépresseur."
    weeks = (situation.day - taken.started_on).days // 7
    dose = f" {taken.daily_dose_mg:g} mg/j".replace(".", ",") if taken.daily_dose_mg else ""
    since = f" depuis {weeks} semaines" if weeks > 1 else ""
    effects = f", {taken.side_effects}" if taken.side_effects else ""
    return f"{taken.name[0].upper()}{taken.name[1:]}{dose}{since}{effects}."


def _deliver(record: Record, review: CaseReview) -> None:
    for recipient in (record.team.nurse, record.team.gp):
        id_ = record.uuid()
        record.rows.append(
            Delivery(
                id=id_,
                case_review_id=review.id,
                patient_id=record.patient.id,
                recipient_id=recipient,
                channel="inbox",
                state="sent",
                message_id=f"<{id_}@case-review.example>",
                attempts=1,
                sent_at=review.signed_at + timedelta(seconds=1 + int(record.rng.random() * 20)),
            )
        )


# --- advice and answers ---------------------------------------------------------------


def _write_advice(
    reviewing: Reviewing, review: CaseReview, advice: list[Advice], *, followed: bool
) -> None:
    for position, one in enumerate(advice, start=1):
        fate = _FATES[_place(reviewing.record.rng.random(), _FATE_SUMS)] if followed else "none"
        # What nobody will report on is mostly what nobody was given a day for.
        has_day = fate not in ("none", "acknowledged") or reviewing.record.rng.random() < 0.12
        recommendation = _recommendation(reviewing, review, position, one, has_day=has_day)
        reviewing.record.rows.append(recommendation)
        if fate != "none":
            _answer(reviewing, review, recommendation, one, fate)


_FATES = ("done", "modified", "declined", "refused_by_patient", "acknowledged", "none")
_FATE_SUMS = (0.75, 0.83, 0.88, 0.93, 0.99, 1.0)


def _place(chance: float, sums: tuple[float, ...]) -> int:
    return next(n for n, limit in enumerate(sums) if chance < limit)


def _recommendation(
    reviewing: Reviewing, review: CaseReview, position: int, advice: Advice, *, has_day: bool
) -> Recommendation:
    record = reviewing.record
    due_on = working_day(review.signed_at.date() + timedelta(days=advice.due_in))
    return Recommendation(
        id=record.uuid(),
        case_review_id=review.id,
        patient_id=record.patient.id,
        position=position,
        kind=advice.kind,
        action=advice.action,
        atc_code=advice.drug.atc_code if advice.drug else None,
        drug_name=advice.drug.name if advice.drug else None,
        daily_dose_mg=advice.dose,
        titration=advice.titration,
        detail=advice.detail,
        alternative=advice.alternative,
        owner_role=advice.owner_role,
        due_on=max(due_on, review.signed_at.date()) if has_day else None,
    )


def _answer(
    reviewing: Reviewing,
    review: CaseReview,
    recommendation: Recommendation,
    advice: Advice,
    fate: str,
) -> None:
    """Acknowledged at once by most, then the outcome, on time by most."""
    rng, signed_on = reviewing.record.rng, review.signed_at.date()
    practitioner = _answering(reviewing, advice)
    received = working_day_after(signed_on, 1 + int(rng.random() ** 2 * 5))
    if fate == "acknowledged" or rng.random() < 0.8:
        at = morning(rng, received)
        _write_answer(reviewing, recommendation, practitioner, "acknowledged", None, at)
    if fate == "acknowledged":
        return
    late = rng.random() < 0.06
    days = advice.due_in + rng.random() * 15 if late else 1 + rng.random() * (advice.due_in - 1)
    at = afternoon(rng, max(received, working_day(signed_on + timedelta(days=int(days)))))
    reason = rng.choice(texts.ANSWER_REASONS[advice.kind][fate])
    _write_answer(reviewing, recommendation, practitioner, fate, reason, at)
    if fate in ("done", "modified") and at.date() <= reviewing.horizon:
        _comes_about(reviewing, advice, at.date())


def _answering(reviewing: Reviewing, advice: Advice) -> int:
    """Whom the advice is for; the nurse often answers for the GP."""
    team = reviewing.record.team
    if advice.owner_role == "psychiatrist":
        return team.psychiatrist
    if advice.owner_role == "gp" and reviewing.record.rng.random() < 0.65:
        return team.gp
    return team.nurse


def _write_answer(
    reviewing: Reviewing,
    recommendation: Recommendation,
    practitioner: int,
    outcome: str,
    reason: str | None,
    at: datetime,
) -> None:
    if at.date() > reviewing.horizon:
        return
    record = reviewing.record
    record.rows.append(
        Answer(
            record.uuid(), recommendation.id, record.patient.id, practitioner, outcome, reason, at
        )
    )


def _comes_about(reviewing: Reviewing, advice: Advice, day: date) -> None:
    """What was answered as done is seen in the treatment, the care or the status."""
    if advice.change:
        reviewing.regimen.plan(replace(advice.change, day=max(day, advice.change.day)))
    if advice.care:
        begin_care(reviewing, advice.care, day)
    if advice.action == "relapse_prevention":
        reviewing.in_relapse_prevention = True


def begin_care(reviewing: Reviewing, kind: str, day: date) -> None:
    """Write a psychosocial care that begins on a day, once of each kind."""
    if kind in reviewing.cares:
        return
    reviewing.cares.add(kind)
    record, rng = reviewing.record, reviewing.record.rng
    sessions = 1 + int(rng.random() * 12)
    ended_on = working_day(day + timedelta(days=7 * sessions + int(rng.random() * 20)))
    over = ended_on <= reviewing.horizon and rng.random() < 0.9
    record.rows.append(
        PsychosocialCare(
            id=record.next_id(),
            patient_id=record.patient.id,
            kind=kind,
            started_on=day,
            ended_on=max(day, ended_on) if over else None,
            sessions=sessions if over else None,
            note=rng.choice(texts.CARE_NOTES[kind]),
        )
    )


# --- questions and flags --------------------------------------------------------------


def _write_question(reviewing: Reviewing, meeting: date, state: str) -> None:
    """The nurse asks on the day before the meeting, or a few days before."""
    rng = reviewing.record.rng
    earliest = reviewing.episode.stay.enrolled_on
    day = max(earliest, working_day(meeting - timedelta(days=1 + int(rng.random() ** 2 * 4))))
    _ask(reviewing, day, state, withdrawn=rng.random() < 0.02)


def _ask(reviewing: Reviewing, day: date, state: str, *, withdrawn: bool = False) -> None:
    record = reviewing.record
    asked_at = morning(record.rng, day)
    ready = record.rng.random() < 0.98
    record.rows.append(
        Preparation(
            id=record.uuid(),
            episode_id=reviewing.episode.id,
            patient_id=record.patient.id,
            nurse_id=record.team.nurse,
            question=record.rng.choice(texts.QUESTIONS[state]),
            asked_at=asked_at,
            ready_at=asked_at + timedelta(minutes=20) if ready else None,
            withdrawn_at=asked_at + timedelta(hours=1) if withdrawn else None,
        )
    )


def _before_the_next(reviewing: Reviewing, planned: date) -> None:
    """What already waits for a meeting that is still to come."""
    rng, horizon = reviewing.record.rng, reviewing.horizon
    last = reviewing.reviewed_on[-1] if reviewing.reviewed_on else None
    state = _situation(reviewing, horizon).state
    day = working_day(horizon - timedelta(days=int(rng.random() * 4)))
    if last is None or day <= last:
        return
    if planned <= horizon + timedelta(days=8) and rng.random() < 0.35:
        _ask(reviewing, day, state)
    elif rng.random() < 0.008:
        forgotten = working_day(horizon - timedelta(days=4 + int(rng.random() * 4)))
        if forgotten > last:
            _ask(reviewing, forgotten, state)
    if rng.random() < 0.012:
        _write_flag(reviewing, "discussion", day, texts.DISCUSSION_NOTES, cleared_on=None)


def _raise_discussion_flag(reviewing: Reviewing, meeting: date) -> None:
    """Raised by the nurse some days before a review, cleared after it by most."""
    rng = reviewing.record.rng
    if rng.random() > 0.05:
        return
    day = working_day(meeting - timedelta(days=1 + int(rng.random() * 6)))
    day = max(day, reviewing.episode.stay.enrolled_on)
    cleared_on = meeting if rng.random() < 0.93 else None
    _write_flag(reviewing, "discussion", day, texts.DISCUSSION_NOTES, cleared_on=cleared_on)


def _raise_safety_flags(reviewing: Reviewing) -> None:
    """Raised with a severe screen or marked thoughts, cleared by the psychiatrist later."""
    rng = reviewing.record.rng
    cleared_until = reviewing.episode.stay.enrolled_on
    for one in reviewing.measured:
        chance = (0.0, 0.12, 0.7, 0.9)[one.ninth_item or 0]
        alarming = one.severe_screen or rng.random() < chance
        if not alarming or one.day < cleared_until:
            continue
        after = [day for day in reviewing.reviewed_on if day >= one.day]
        cleared_on = _cleared_on(reviewing, after)
        _write_flag(reviewing, "safety", one.day, texts.SAFETY_NOTES, cleared_on=cleared_on)
        cleared_until = (cleared_on or reviewing.horizon) + timedelta(days=1)


def _cleared_on(reviewing: Reviewing, reviews_after: list[date]) -> date | None:
    rng = reviewing.record.rng
    if not reviews_after or rng.random() < 0.03:
        return None
    day = working_day_after(reviews_after[0], 1 + int(rng.random() * 32))
    return day if day <= reviewing.horizon else None


def _write_flag(
    reviewing: Reviewing, kind: str, day: date, notes: tuple[str, ...], *, cleared_on: date | None
) -> None:
    record, rng = reviewing.record, reviewing.record.rng
    record.rows.append(
        Flag(
            id=record.next_id(),
            patient_id=record.patient.id,
            kind=kind,
            raised_by=record.team.nurse,
            raised_at=morning(rng, day),
            note=rng.choice(notes) if rng.random() < 0.9 else None,
            cleared_by=record.team.psychiatrist if cleared_on else None,
            cleared_at=afternoon(rng, cleared_on).replace(hour=19) if cleared_on else None,
        )
    )

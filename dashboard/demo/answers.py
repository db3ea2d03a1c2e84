"""The recommendations of a review, their answers, and the effects of advice that was followed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from dashboard.demo import texts
from dashboard.demo.advice import Advice
from dashboard.demo.days import afternoon, morning, working_day, working_day_after
from dashboard.demo.deliveries import fails_by_mail, remind
from dashboard.demo.fitting import Circumstances, one_that_fits
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.rows import Answer, CaseReview, PsychosocialCare, Recommendation
from dashboard.vocabulary import AnswerOutcome, RecommendationKind, Role, SequenceAction


def write_advice(
    reviewing: Reviewing, review: CaseReview, advice: list[Advice], *, followed: bool
) -> list[Recommendation]:
    """Write the recommendations of a review and return them.

    If ``followed`` is true, also write their answers, and reminders to the recipients who do not
    answer or only acknowledge. If the letter to the GP was not delivered, nobody answers what is
    addressed to the GP.
    """
    to_gp = any(one.owner_role == Role.GP for one in advice)
    failed = followed and to_gp and fails_by_mail(reviewing, review)
    awaited: list[str] = []
    written: list[Recommendation] = []
    for position, one in enumerate(advice, start=1):
        fate = _FATES[_place(reviewing.record.rng.random(), _FATE_SUMS)] if followed else "none"
        if _is_old_safety(reviewing, review, one) and fate in ("none", AnswerOutcome.ACKNOWLEDGED):
            fate = AnswerOutcome.DONE if followed else "none"
        # Recommendations whose outcome is never reported mostly have no due date, unless they are
        # about safety.
        has_day = (
            fate not in ("none", AnswerOutcome.ACKNOWLEDGED)
            or reviewing.record.rng.random() < 0.12
            or one.kind == RecommendationKind.SAFETY
        )
        recommendation = _recommendation(reviewing, review, position, one, has_day=has_day)
        reviewing.record.rows.append(recommendation)
        written.append(recommendation)
        if failed and one.owner_role == Role.GP:
            continue
        if fate in ("none", AnswerOutcome.ACKNOWLEDGED):
            awaited.append(one.owner_role)
        if fate != "none":
            _answer(reviewing, review, recommendation, one, fate)
    if followed:
        remind(reviewing, review, awaited)
    return written


def _is_old_safety(reviewing: Reviewing, review: CaseReview, advice: Advice) -> bool:
    """Return whether the advice is about safety and was given more than a week before the last day.

    A nurse does not leave such advice open for longer.
    """
    age = reviewing.horizon - review.signed_at.date()
    return advice.kind == RecommendationKind.SAFETY and age > timedelta(days=7)


_FATES = (
    AnswerOutcome.DONE,
    AnswerOutcome.MODIFIED,
    AnswerOutcome.DECLINED,
    AnswerOutcome.REFUSED_BY_PATIENT,
    AnswerOutcome.ACKNOWLEDGED,
    "none",
)
_FATE_SUMS = (0.75, 0.83, 0.88, 0.93, 0.99, 1.0)


def _place(chance: float, sums: tuple[float, ...]) -> int:
    return next(n for n, limit in enumerate(sums) if chance < limit)


def _recommendation(
    reviewing: Reviewing, review: CaseReview, position: int, advice: Advice, *, has_day: bool
) -> Recommendation:
    record = reviewing.record
    due_on = review.signed_at.date() + timedelta(days=advice.due_in)
    if advice.kind != RecommendationKind.SAFETY:
        due_on = working_day(due_on)
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
        replaced_atc_code=advice.replaced.atc_code if advice.replaced else None,
        replaced_drug_name=advice.replaced.name if advice.replaced else None,
    )


def _answer(
    reviewing: Reviewing,
    review: CaseReview,
    recommendation: Recommendation,
    advice: Advice,
    fate: str,
) -> None:
    """Write the answers to a recommendation. If it was done or modified, also write its effects.

    ``fate`` is the outcome. Most advice is acknowledged soon, and most outcomes are reported before
    the due date.
    """
    rng, signed_on = reviewing.record.rng, review.signed_at.date()
    practitioner = _answering(reviewing, advice, fate)
    received = working_day_after(signed_on, 1 + int(rng.random() ** 2 * 5))
    if fate == AnswerOutcome.ACKNOWLEDGED or rng.random() < 0.8:
        at = morning(rng, received)
        _write_answer(reviewing, recommendation, practitioner, AnswerOutcome.ACKNOWLEDGED, None, at)
    if fate == AnswerOutcome.ACKNOWLEDGED:
        return
    late = rng.random() < 0.06
    days = advice.due_in + rng.random() * 15 if late else 1 + rng.random() * (advice.due_in - 1)
    at = afternoon(rng, max(received, working_day(signed_on + timedelta(days=int(days)))))
    for_gp = advice.owner_role == Role.GP and practitioner == reviewing.record.team.nurse
    circumstances = reviewing.circumstances(at.date())
    reason = _answer_text(rng, advice, fate, circumstances, for_gp=for_gp)
    _write_answer(reviewing, recommendation, practitioner, fate, reason, at)
    if fate in (AnswerOutcome.DONE, AnswerOutcome.MODIFIED) and at.date() <= reviewing.horizon:
        _comes_about(reviewing, advice, at.date())


def _answering(reviewing: Reviewing, advice: Advice, fate: str) -> int:
    """Return the id of the practitioner who answers a recommendation.

    For advice to the GP, the GP answers, or the nurse reports that the GP has done it.
    """
    team = reviewing.record.team
    if advice.owner_role == Role.PSYCHIATRIST:
        return team.psychiatrist
    if advice.owner_role == Role.NURSE:
        return team.nurse
    answers_themselves = reviewing.record.rng.random() < 0.65
    return team.gp if answers_themselves or fate != AnswerOutcome.DONE else team.nurse


def _answer_text(
    rng: Random, advice: Advice, fate: str, circumstances: Circumstances, *, for_gp: bool
) -> str | None:
    """Return a text for the answer that fits the advice, its outcome ``fate`` and the patient.

    ``for_gp`` is true if the nurse answers for the GP.
    """
    choices = texts.DONE_BY_THE_GP if for_gp else texts.ANSWER_TEXTS[advice.topic][fate]
    return one_that_fits(rng, choices, circumstances)


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
    """Apply the effects of advice that was followed: on treatment, psychosocial care or status."""
    if advice.change:
        reviewing.regimen.plan(replace(advice.change, day=max(day, advice.change.day)))
    if advice.care:
        begin_care(reviewing, advice.care, day)
    if advice.action == SequenceAction.RELAPSE_PREVENTION:
        reviewing.in_relapse_prevention = True


def begin_care(reviewing: Reviewing, kind: str, day: date) -> None:
    """Write a psychosocial care that begins on ``day``.

    Write nothing if the episode already has care of this kind.
    """
    if kind in reviewing.cares:
        return
    reviewing.cares[kind] = day
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

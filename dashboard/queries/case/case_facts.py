"""The facts of one case that the rules of the review list need.

They are made from the data that the page of the case shows, so that a user can check there why the
case is on the list. Only the treatments that ended before the episode are not on the page.
"""

from datetime import date

from dashboard.clinical.advice.standing_advice import StandingAdvice, standing_advice
from dashboard.clinical.case.case_file import Assessment, CaseFile, Sequence, Treatment
from dashboard.clinical.episodes import (
    AdviceFact,
    ConditionFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    RiskFact,
    SequenceFact,
    counted_status,
)
from dashboard.queries.caseload.episode_facts import answered_screeners, day_of
from dashboard.vocabulary import InstrumentCode, RecommendationKind

ITEM_9 = 8
"""Index of item 9 of the PHQ-9 in a tuple of answers, which starts at 0."""


def facts_of_case(case: CaseFile, birth_date: date) -> EpisodeFacts:
    """Return the facts of an episode that the rules of the review list need, on the day of
    ``case``.
    """
    last = case.reviews[-1] if case.reviews else None
    return EpisodeFacts(
        episode_id=case.episode_id,
        patient_id=case.identity.patient_id,
        enrolled_on=case.enrolled_on,
        status=counted_status(case.status),
        birth_date=birth_date,
        phq9=_scores(case, InstrumentCode.PHQ9),
        gad7=_scores(case, InstrumentCode.GAD7),
        item9=_item9(case),
        screeners=answered_screeners(
            (form.taken_on, form.items or ()) for form in _forms(case, InstrumentCode.CSSRS)
        ),
        contacts=_contacts(case),
        sequence=_sequence(case.current_sequence),
        medications=_medications(case),
        conditions=_conditions(case),
        flags=tuple(
            FlagFact(flag.kind, day_of(flag.raised_at), flag.raised_at)
            for flag in case.flags
            if flag.cleared_at is None
        ),
        reviews=(
            (ReviewFact(last.signed_on, last.signed_at, last.next_review_on),) if last else ()
        ),
        risk_decision=_risk_decision(case),
        open_questions=tuple(
            day_of(question.ready_at)
            for question in case.questions
            if question.ready_at is not None
        ),
        standing_advice=tuple(map(_advice, standing_advice(case))),
    )


def _sequence(current: Sequence | None) -> SequenceFact | None:
    if current is None:
        return None
    return SequenceFact(current.kind, current.number, current.starts_on, current.ends_on)


def _scores(case: CaseFile, instrument: str) -> tuple[DatedScore, ...]:
    return tuple(
        DatedScore(form.taken_on, form.score.value)
        for form in case.scores_of(instrument)
        if form.score is not None
    )


def _item9(case: CaseFile) -> tuple[DatedAnswer, ...]:
    """Return the answers to item 9 of the PHQ-9.

    Negative answers are invalid and are left out, because they must not lower an alert.
    """
    answered = []
    for form in _forms(case, InstrumentCode.PHQ9):
        answer = form.items[ITEM_9] if form.items and len(form.items) > ITEM_9 else None
        if answer is not None and answer >= 0:
            answered.append(DatedAnswer(form.taken_on, answer))
    return tuple(answered)


def _contacts(case: CaseFile) -> tuple[ContactFact, ...]:
    """Return the contacts in order of time.

    Contacts on the same day are ordered by id.
    """
    return tuple(
        ContactFact(one.day, one.attended)
        for one in sorted(case.contacts, key=lambda one: (one.day, one.id))
        if one.counts
    )


def _forms(case: CaseFile, instrument: str) -> list[Assessment]:
    return [form for form in case.assessments if form.instrument == instrument]


def _medications(case: CaseFile) -> tuple[Medication, ...]:
    """Return the drugs of the episode and all earlier ones, in order of start.

    The rules need the earlier ones to find the start of a drug that is taken without a break.
    """
    taken = (*case.earlier_treatments, *case.treatments)
    return tuple(map(_medication, sorted(taken, key=lambda one: (one.started_on, one.id))))


def _medication(row: Treatment) -> Medication:
    return Medication(
        row.id,
        row.atc_code,
        row.name,
        row.daily_dose_mg,
        row.as_needed,
        row.started_on,
        row.stopped_on,
    )


def _conditions(case: CaseFile) -> tuple[ConditionFact, ...]:
    current = [one for one in case.conditions if one.resolved_on is None]
    return tuple(
        ConditionFact(one.code, one.label, one.onset_on or case.enrolled_on)
        for one in sorted(current, key=lambda one: one.id)
    )


def _risk_decision(case: CaseFile) -> RiskFact | None:
    """Return the risk decision of the latest review that has one; None if there is none.

    Superseded reviews are left out.
    """
    for review in reversed(case.reviews):
        stated = review.risk
        if review.superseded_by is None and stated is not None and stated.is_decision:
            return RiskFact(stated.level, review.signed_on, review.signed_at, stated.reassess_on)
    return None


def _advice(standing: StandingAdvice) -> AdviceFact:
    answers, decision = standing.line.answers, standing.line.decision
    return AdviceFact(
        sent_on=day_of(standing.sent_at),
        due_on=standing.due_on,
        answered_on=day_of(answers[-1].answered_at) if answers else None,
        outcome=decision.outcome if decision else None,
        decided_on=day_of(decision.answered_at) if decision else None,
        kept=standing.sent_at != standing.review.signed_at,
        is_safety=standing.line.kind == RecommendationKind.SAFETY,
    )

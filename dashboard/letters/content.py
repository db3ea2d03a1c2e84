"""The content of a letter. It is stored at signing, so later changes in the registry do not alter
it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from dashboard.calendar import PARIS
from dashboard.clinical.advice.lines import DraftLine, DraftReview, as_sent
from dashboard.clinical.advice.standing_advice import standing_advice
from dashboard.clinical.case.case_file import Assessment, CaseFile, Question, Recommendation
from dashboard.clinical.case.missing import is_current, missing, odd_rows, phq9_every_days
from dashboard.clinical.case.undecided import undecided_forms
from dashboard.clinical.caseload.rules import SCORE_DAYS
from dashboard.clinical.instruments import INSTRUMENTS, item_answer
from dashboard.clinical.remarks import Remark
from dashboard.locale.formats import full_name
from dashboard.vocabulary import FlagKind


@dataclass(frozen=True)
class Professional:
    """A professional named in the letter, with the role and the RPPS number, if it is known.

    Source: docs/domain.md, section 5.
    """

    id: int
    role: str
    family_name: str
    given_name: str
    rpps: str | None = None
    secure_email: str | None = None


@dataclass(frozen=True)
class Team:
    """The psychiatrist who signs, and the nurse and the GP of the patient.

    If the psychiatrist signs as the cover of a colleague, ``covered`` is this colleague; otherwise
    None.
    """

    psychiatrist: Professional
    nurse: Professional | None
    gp: Professional | None
    covered: Professional | None = None


@dataclass(frozen=True)
class Patient:
    """The patient whom the advice is about."""

    family_name: str
    given_name: str
    birth_date: date | None
    age: int
    sex: str
    ins: str | None


@dataclass(frozen=True)
class Asked:
    """A question of a nurse that the review answers.

    ``by`` is the nurse who asked, who need not be the present nurse of the patient. It is empty in
    letters that were stored without it.
    """

    text: str
    at: datetime
    by: str = ""


@dataclass(frozen=True)
class Point:
    """The score of one day. ``solid`` is true if every item behind the score is known."""

    day: date
    score: int
    solid: bool


@dataclass(frozen=True)
class Undecided:
    """An earlier answer about suicidal thoughts that no risk decision has followed.

    ``risk_answer`` is the answer to the item about suicidal thoughts. A questionnaire without a
    severity has ``answers`` instead.
    """

    day: date
    risk_answer: int | None = None
    answers: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Scores:
    """The valid scores of one questionnaire, in order of time.

    If the questionnaire asks about suicidal thoughts, ``risk_day`` is the day on which it was last
    filled in, and ``risk_answer`` is the answer of that day; None if unknown. A questionnaire
    without a severity has no ``points``. It has the latest ``answers`` instead, given on
    ``answered_on``. ``undecided`` are the earlier graver answers, the latest first.
    """

    instrument: str
    points: tuple[Point, ...]
    risk_day: date | None = None
    risk_answer: int | None = None
    answered_on: date | None = None
    answers: tuple[int | None, ...] = ()
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True)
class Drug:
    """One drug at one dose during one period."""

    atc_code: str
    name: str
    daily_dose_mg: Decimal | None
    as_needed: bool
    started_on: date
    stopped_on: date | None
    adherence: str | None
    side_effects: str | None
    current: bool


@dataclass(frozen=True)
class Care:
    """Care other than drugs."""

    kind: str
    started_on: date
    ended_on: date | None
    sessions: int | None


@dataclass(frozen=True)
class CareSequence:
    """The latest care sequence that had begun when the review was held. It may have ended.

    ``number`` is its number, from 1 to 4.
    """

    kind: str
    number: int
    ends_on: date


@dataclass(frozen=True)
class Advice:
    """One recommendation, as signed."""

    position: int
    kind: str
    action: str | None
    atc_code: str | None
    drug_name: str | None
    daily_dose_mg: Decimal | None
    titration: str | None
    detail: str
    alternative: str | None
    owner_role: str
    due_on: date | None
    replaced_atc_code: str | None = None
    replaced_drug_name: str | None = None


@dataclass(frozen=True)
class Settled:
    """An earlier recommendation that the review of this letter keeps, replaces or withdraws.

    ``kind`` is ``kept``, ``replaced`` or ``withdrawn``. ``given_on`` is the day of the earlier
    review. ``advice.due_on`` is the due date that was set last. ``replaced_by`` is the number of
    the new recommendation that replaces the earlier one.
    """

    kind: str
    advice: Advice
    given_on: date
    replaced_by: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Risk:
    """The review's statement on the risk of suicide.

    If the review has no recommendation of the kind ``safety``, ``reason`` says why none is needed.
    """

    level: str
    reassess_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class LetterContent:
    """The content of the letter to one recipient. Texts typed by people are not translated.

    ``signed_at`` is None for a preview. If the review amends an earlier one, ``replaces`` is the
    time at which the earlier one was signed. ``answer_url`` is the address at which a recipient
    without an account can answer. ``risk`` is None if the review makes no statement on the risk.
    """

    language: str
    case_number: int
    as_of: date
    signed_at: datetime | None
    replaces: datetime | None
    patient: Patient
    team: Team
    recipient: Professional
    site: str
    consented_on: date | None
    enrolled_on: date
    problem: str
    diagnosis_code: str | None
    diagnosis_label: str | None
    sequence: CareSequence | None
    questions: tuple[Asked, ...]
    scores: tuple[Scores, ...]
    drugs: tuple[Drug, ...]
    cares: tuple[Care, ...]
    conditions: tuple[str, ...]
    last_contact: date | None
    safety_flag_since: datetime | None
    reviewed_on: tuple[date, ...]
    missing: tuple[Remark, ...]
    oddities: tuple[Remark, ...]
    outcome: str
    summary: str
    advice: tuple[Advice, ...]
    next_review_on: date | None
    answer_url: str | None = None
    risk: Risk | None = None
    settled: tuple[Settled, ...] = ()
    phq9_every_days: int = SCORE_DAYS
    """The number of days from one PHQ-9 until the next one is due."""
    safety_plan_on: date | None = None
    """The day on which the patient's latest safety plan was made or last reviewed; None if the
    registry has none.
    """


def letter_content(
    case: CaseFile,
    review: DraftReview,
    team: Team,
    recipient: Professional,
    *,
    language: str,
    signed_at: datetime | None = None,
    amends: UUID | None = None,
    answer_url: str | None = None,
) -> LetterContent:
    """Return the content of the letter about ``review`` to one recipient.

    ``case`` is the record of the patient at the time of signing. ``amends`` is the id of the review
    that this review amends.
    """
    sent = as_sent(review)
    return LetterContent(
        language=language,
        case_number=case.episode_id,
        as_of=case.as_of,
        signed_at=signed_at,
        replaces=next((one.signed_at for one in case.reviews if one.id == amends), None),
        patient=_patient(case),
        team=team,
        recipient=recipient,
        site=case.site or "",
        consented_on=case.consented_on,
        enrolled_on=case.enrolled_on,
        problem=case.problem or "",
        diagnosis_code=case.diagnosis_code,
        diagnosis_label=case.diagnosis_label,
        sequence=_sequence(case),
        questions=tuple(
            Asked(one.text, one.ready_at or one.asked_at, _asker(one)) for one in case.questions
        ),
        scores=tuple(_scores(case, amends)),
        drugs=tuple(_drugs(case)),
        cares=_cares(case),
        conditions=tuple(one.label or one.code for one in case.conditions if not one.resolved_on),
        last_contact=max(
            (one.day for one in case.contacts if one.attended and one.counts), default=None
        ),
        safety_flag_since=_safety_flag(case),
        reviewed_on=tuple(one.signed_on for one in case.reviews if not one.superseded_by),
        missing=missing(case),
        oddities=odd_rows(case),
        outcome=sent.outcome,
        summary=sent.summary,
        advice=tuple(
            _advice(place, line, line.due_on) for place, line in enumerate(sent.lines, start=1)
        ),
        next_review_on=sent.next_review_on,
        answer_url=answer_url,
        risk=_risk(sent),
        settled=tuple(_settled(case, sent, amends)),
        phq9_every_days=phq9_every_days(case.status),
        safety_plan_on=max(
            (max(one.made_on, one.reviewed_on or one.made_on) for one in case.safety_plans),
            default=None,
        ),
    )


def file_name(content: LetterContent) -> str:
    """Return a file name that does not name the patient, such as ``avis-2041-2026-11-24.pdf``."""
    on = content.signed_at.astimezone(PARIS).date() if content.signed_at else content.as_of
    word = {"fr": "avis", "en": "advice"}[content.language]
    return f"{word}-{content.case_number}-{on.isoformat()}.pdf"


def to_json(content: LetterContent) -> dict[str, Any]:
    """Return the content of a letter as JSON data."""
    held: dict[str, Any] = _adapter().dump_python(content, mode="json")
    return held


def from_json(held: object) -> LetterContent:
    """Return the content of a letter from its JSON data."""
    return _adapter().validate_python(held)


@cache
def _adapter() -> TypeAdapter[LetterContent]:
    return TypeAdapter(LetterContent)


def _patient(case: CaseFile) -> Patient:
    who = case.identity
    return Patient(
        who.family_name, who.given_name, who.birth_date, who.age_on(case.as_of), who.sex, who.ins
    )


def _asker(question: Question) -> str:
    nurse = question.nurse
    return "" if nurse is None else full_name(nurse.family_name, nurse.given_name)


def _sequence(case: CaseFile) -> CareSequence | None:
    now = case.current_sequence
    return None if now is None else CareSequence(now.kind, now.number, now.ends_on)


def _scores(case: CaseFile, amends: UUID | None) -> Iterable[Scores]:
    """Yield the scores of each known questionnaire, in the fixed order of the questionnaires.

    ``amends`` is the id of the review that this review amends.
    """
    for code, known in INSTRUMENTS.items():
        forms = [form for form in case.assessments if form.instrument == code]
        undecided = undecided_forms(case, code, amends)
        if forms and not known.has_severity:
            yield _answers(code, forms, undecided)
        elif forms:
            last = forms[-1]
            risk = known.risk_item
            yield Scores(
                code,
                tuple(_points(forms)),
                last.taken_on if risk else None,
                item_answer(last.items, risk) if risk else None,
                undecided=tuple(
                    Undecided(form.taken_on, item_answer(form.items, risk or 0))
                    for form in undecided
                ),
            )


def _answers(code: str, forms: Sequence[Assessment], undecided: Iterable[Assessment]) -> Scores:
    """Return the latest answers to a questionnaire. ``forms`` are its filled-in forms by day, and
    ``undecided`` the earlier ones to state as well.

    If no form has an answer, return the items of the last form.
    """
    last = ([form for form in forms if form.has_answer] or list(forms))[-1]
    return Scores(
        code,
        (),
        answered_on=last.taken_on,
        answers=last.items or (),
        undecided=tuple(Undecided(form.taken_on, answers=form.items or ()) for form in undecided),
    )


def _points(forms: Iterable[Assessment]) -> Iterable[Point]:
    for form in forms:
        if form.score is not None:
            yield Point(form.taken_on, form.score.value, form.solid)


def _drugs(case: CaseFile) -> Iterable[Drug]:
    for one in case.treatments:
        yield Drug(
            one.atc_code,
            one.name,
            one.daily_dose_mg,
            one.as_needed,
            one.started_on,
            one.stopped_on,
            one.adherence,
            one.side_effects,
            is_current(one, case.as_of),
        )


def _cares(case: CaseFile) -> tuple[Care, ...]:
    return tuple(
        Care(one.kind, one.started_on, one.ended_on, one.sessions) for one in case.psychosocial
    )


def _safety_flag(case: CaseFile) -> datetime | None:
    raised = [
        one.raised_at for one in case.flags if one.kind == FlagKind.SAFETY and not one.cleared_at
    ]
    return min(raised, default=None)


def _advice(position: int, line: DraftLine | Recommendation, due_on: date | None) -> Advice:
    """Return a recommendation of a draft or of a signed review as it is stored in the letter."""
    return Advice(
        position=position,
        kind=line.kind,
        action=line.action,
        atc_code=line.atc_code,
        drug_name=line.drug_name or None,
        daily_dose_mg=line.daily_dose_mg,
        titration=line.titration or None,
        detail=line.detail,
        alternative=line.alternative or None,
        owner_role=line.owner_role or "",
        due_on=due_on,
        replaced_atc_code=line.replaced_atc_code if isinstance(line, DraftLine) else None,
        replaced_drug_name=line.replaced_drug_name or None,
    )


def _risk(review: DraftReview) -> Risk | None:
    said = review.risk
    return None if said is None else Risk(said.level.value, said.reassess_on, said.reason)


def _settled(case: CaseFile, review: DraftReview, amends: UUID | None) -> Iterable[Settled]:
    """Yield the earlier recommendations that this review keeps, replaces or withdraws.

    They have the order of ``standing_advice``, which returns the recommendations still in force.
    ``amends`` is the id of the review that this review amends.
    """
    chosen = {one.id: one for one in review.settlements}
    positions = {line.id: place for place, line in enumerate(review.lines, start=1)}
    for one in standing_advice(case, amends):
        settlement = chosen.get(str(one.line.id))
        if settlement is not None and settlement.kind is not None:
            yield Settled(
                kind=settlement.kind.value,
                advice=_advice(one.line.position, one.line, settlement.due_on or one.due_on),
                given_on=one.review.signed_on,
                replaced_by=positions.get(settlement.replaced_by or ""),
                reason=settlement.reason,
            )

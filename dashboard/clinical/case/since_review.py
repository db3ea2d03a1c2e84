"""The changes in a case since its last review, computed from the days of its facts.

A fact is a change if it is dated after the day of the review and not after ``CaseFile.as_of``.
Facts dated on the day of the review are left out, because the psychiatrist counts as having seen
them (docs/review_list.md, "Exact words"). Flags, questions, answers and withdrawals have a time and
are changes if they are later than the signature.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Assessment, CaseFile, CaseReview, Sequence
from dashboard.clinical.case.drug_changes import DrugChange, drug_changes
from dashboard.clinical.instruments import INSTRUMENTS, answered_yes, item_answer
from dashboard.vocabulary import FlagKind, InstrumentCode

SUICIDE_ITEM = 9
"""The number of the PHQ-9 item about thoughts of death or self-harm, counted from 1."""


RECENT = timedelta(days=56)
"""The greatest age at which a score still describes the state at a review. It is the distance from
which the chart draws the line between two scores dotted.
"""


@dataclass(frozen=True)
class ScoreChange:
    """The change of a score since the review. ``after`` is the latest valid score after the review.
    ``before`` is the last valid score up to the day of the review; None if there is none.
    ``before_on`` is its day if it is older than ``RECENT`` at the review; otherwise None.
    """

    instrument: str
    before: int | None
    after: int
    before_on: date | None = None


@dataclass(frozen=True)
class ItemChange:
    """The change of the answer to item 9 of the PHQ-9 (0 to 3) since the review. ``after`` is the
    latest answer after the review. ``before`` is the last answer up to the day of the review; None
    if there is none. ``highest`` is the highest answer after the review; None if it is not above
    both others.
    """

    before: int | None
    after: int
    highest: int | None = None


@dataclass(frozen=True)
class Spell:
    """A flag, a condition or care that began or ended since the review. ``name`` is its label or,
    for a flag and for care, the code of its kind. A day is None unless it is after the review.
    """

    name: str
    began_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True)
class SideEffect:
    """A drug that was started after the review, and its side effects."""

    name: str
    noted: str


@dataclass(frozen=True)
class SinceReview:
    """The changes in a case since the review that was signed on ``day``."""

    day: date
    screenings: tuple[Assessment, ...] = ()
    """The C-SSRS with the gravest answers since the review and, if it is another, the latest."""
    item9: ItemChange | None = None
    flags: tuple[Spell, ...] = ()
    """The flags that were raised or cleared since the review was signed, safety flags first."""
    failed_deliveries: int = 0
    """The number of failed deliveries about which nobody has done anything yet. Those of superseded
    reviews do not count, because the later review has its own letters.
    """
    conditions: tuple[Spell, ...] = ()
    questions: int = 0
    """The number of open questions of the nurse."""
    safety_plan_on: date | None = None
    """The latest day since the review on which a safety plan was made or reviewed."""
    scores: tuple[ScoreChange, ...] = ()
    unscored: tuple[str, ...] = ()
    """The names of the questionnaires that were filled in since the review, but without a score."""
    drugs: tuple[DrugChange, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    care: tuple[Spell, ...] = ()
    sequence: Sequence | None = None
    """The current care sequence if it began since the review."""
    contacts: int = 0
    """The number of contacts that were kept since the review."""
    missed_contacts: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    """The number of recommendations that were answered since the review was signed, by the outcome
    of the answer that counts (``Recommendation.current_answer``).
    """
    withdrawn: int = 0
    """The number of recommendations that were withdrawn since the review was signed."""

    def __bool__(self) -> bool:
        return self != SinceReview(self.day)


def since_review(case: CaseFile) -> SinceReview | None:
    """Return the changes since the last review that is not superseded. Return None before the first
    review.
    """
    review = last_review(case)
    if review is None:
        return None
    day = review.signed_on
    contacts = [one.attended for one in case.contacts if one.counts and _is_new(case, day, one.day)]
    return SinceReview(
        day=day,
        screenings=tuple(_screenings(case, day)),
        item9=_item9(case, day),
        flags=tuple(_flags(case, review)),
        failed_deliveries=sum(
            delivery.needs_someone
            for given in case.reviews
            if given.superseded_by is None
            for delivery in given.deliveries
        ),
        conditions=_spells(
            case,
            day,
            ((one.label or one.code, one.onset_on, one.resolved_on) for one in case.conditions),
        ),
        questions=len(case.questions),
        safety_plan_on=_safety_plan(case, day),
        scores=tuple(_scores(case, day)),
        unscored=tuple(_unscored(case, day)),
        drugs=tuple(drug_changes(case.treatments, day, case.as_of)),
        side_effects=tuple(
            SideEffect(drug.name, drug.side_effects)
            for drug in case.treatments
            if _is_new(case, day, drug.started_on) and drug.side_effects
        ),
        care=_spells(
            case, day, ((one.kind, one.started_on, one.ended_on) for one in case.psychosocial)
        ),
        sequence=_sequence(case, day),
        contacts=sum(contacts),
        missed_contacts=len(contacts) - sum(contacts),
        answers=_answers(case, review),
        withdrawn=sum(one.settled_at > review.signed_at for one in case.withdrawals),
    )


def last_review(case: CaseFile) -> CaseReview | None:
    """Return the latest review that is not superseded; None if there is none."""
    in_force = [review for review in case.reviews if review.superseded_by is None]
    return in_force[-1] if in_force else None


def _is_new(case: CaseFile, day: date, on: date | None) -> bool:
    """Return whether ``on`` is after ``day``, the day of the review, and not after today."""
    return on is not None and day < on <= case.as_of


def _screenings(case: CaseFile, day: date) -> Iterator[Assessment]:
    """Yield the C-SSRS with the gravest answers after the review and, if it is another, the latest.

    A form without an answer counts only if no form has one.
    """
    taken = [
        form
        for form in case.assessments
        if form.instrument == InstrumentCode.CSSRS and _is_new(case, day, form.taken_on)
    ]
    forms = [form for form in taken if form.has_answer] or taken[-1:]
    if forms:
        gravest = max(reversed(forms), key=lambda form: sorted(answered_yes(form.items))[::-1])
        yield gravest
        if gravest is not forms[-1]:
            yield forms[-1]


def _flags(case: CaseFile, review: CaseReview) -> Iterator[Spell]:
    for flag in sorted(case.flags, key=lambda one: one.kind != FlagKind.SAFETY):
        raised, cleared = (_day_after(review, at) for at in (flag.raised_at, flag.cleared_at))
        if raised or cleared:
            yield Spell(flag.kind, raised, cleared)


def _day_after(review: CaseReview, at: datetime | None) -> date | None:
    """Return the day of ``at`` if it is after the signature; otherwise None."""
    return at.astimezone(PARIS).date() if at is not None and at > review.signed_at else None


def _spells(
    case: CaseFile, day: date, rows: Iterable[tuple[str, date | None, date | None]]
) -> tuple[Spell, ...]:
    """Return the rows that began or ended after the review. A row is a name and two days."""
    found = (
        Spell(name, *(on if _is_new(case, day, on) else None for on in days))
        for name, *days in rows
    )
    return tuple(one for one in found if one.began_on or one.ended_on)


def _safety_plan(case: CaseFile, day: date) -> date | None:
    days = (on for plan in case.safety_plans for on in (plan.made_on, plan.reviewed_on))
    return max((on for on in days if on is not None and _is_new(case, day, on)), default=None)


def _sequence(case: CaseFile, day: date) -> Sequence | None:
    now = case.current_sequence
    return now if now is not None and now.starts_on > day else None


def _answers(case: CaseFile, review: CaseReview) -> Mapping[str, int]:
    return Counter(
        answer.outcome
        for given in case.reviews
        for line in given.recommendations
        if (answer := line.current_answer) is not None and answer.answered_at > review.signed_at
    )


def _scores(case: CaseFile, day: date) -> Iterator[ScoreChange]:
    for instrument, known in INSTRUMENTS.items():
        if not known.has_severity:
            continue
        valid = case.scores_of(instrument)
        after = [form for form in valid if day < form.taken_on <= case.as_of]
        before = [form for form in valid if form.taken_on <= day]
        if after:
            last = before[-1] if before else None
            old_day = last.taken_on if last and day - last.taken_on > RECENT else None
            yield ScoreChange(
                instrument, _value(last) if last else None, _value(after[-1]), old_day
            )


def _unscored(case: CaseFile, day: date) -> Iterator[str]:
    """Yield the name of each questionnaire of which no form after the review has a score. Leave out
    questionnaires without a severity, such as the C-SSRS, because they never have a score to show.
    """
    forms = [form for form in case.assessments if _is_new(case, day, form.taken_on)]
    scored = {form.label for form in forms if form.score is not None or not form.has_severity}
    yield from dict.fromkeys(form.label for form in forms if form.label not in scored)


def _value(form: Assessment) -> int:
    if form.score is None:
        raise ValueError("a form without a valid score")
    return form.score.value


def _item9(case: CaseFile, day: date) -> ItemChange | None:
    """Return the change of the answer to item 9 of the PHQ-9. Return None if item 9 was not
    answered after the review, or if the latest answer is the same as before it and none was higher.
    """
    answered = [
        (form.taken_on, answer)
        for form in case.assessments
        if form.instrument == InstrumentCode.PHQ9 and form.taken_on <= case.as_of
        if (answer := item_answer(form.items, SUICIDE_ITEM)) is not None
    ]
    after = [answer for taken_on, answer in answered if taken_on > day]
    before = [answer for taken_on, answer in answered if taken_on <= day]
    if not after:
        return None
    first, last, highest = before[-1] if before else None, after[-1], max(after)
    is_peak = highest > last and (first is None or highest > first)
    if first == last and not is_peak:
        return None
    return ItemChange(first, last, highest if is_peak else None)

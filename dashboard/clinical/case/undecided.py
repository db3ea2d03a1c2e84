"""Earlier answers about suicidal thoughts that no risk decision has followed.

A later form with less grave answers does not end an alert. A text that states the latest form
therefore also states these earlier ones.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from dashboard.clinical.case.case_file import Assessment, CaseFile
from dashboard.clinical.episodes import SEVERE_QUESTIONS
from dashboard.clinical.instruments import INSTRUMENTS, answered_yes, item_answer


def undecided_forms(
    case: CaseFile, instrument: str, amended: UUID | None = None
) -> tuple[Assessment, ...]:
    """Return the earlier forms of ``instrument`` that are graver than the latest one and without a
    risk decision on their day or later, the latest first.

    Of the forms with an item about suicidal thoughts, it is the one with the highest answer. Of the
    C-SSRS, it is each form with a yes to question 4, 5 or 6 that no later form has. The decision of
    the review with the id ``amended`` is ignored, because another review supersedes it.
    """
    known = INSTRUMENTS[instrument]
    decided_on = _decided_on(case, amended)
    forms = [form for form in case.assessments if form.instrument == instrument]
    if known.has_severity:
        found = _graver_answer(forms, known.risk_item, decided_on)
    else:
        found = _graver_screenings([form for form in forms if form.has_answer], decided_on)
    return tuple(found)


def _graver_answer(
    forms: list[Assessment], item: int | None, decided_on: date
) -> Iterator[Assessment]:
    if item is None or not forms:
        return
    latest = item_answer(forms[-1].items, item) or 0
    answered = [
        (answer, form)
        for form in reversed(forms[:-1])
        if form.taken_on > decided_on
        if (answer := item_answer(form.items, item)) is not None and answer > latest
    ]
    if answered:
        yield max(answered, key=lambda one: one[0])[1]


def _graver_screenings(forms: list[Assessment], decided_on: date) -> Iterator[Assessment]:
    known: set[int] = set(_severe(forms[-1])) if forms else set()
    for form in reversed(forms[:-1]):
        if form.taken_on > decided_on and not _severe(form) <= known:
            known |= _severe(form)
            yield form


def _severe(form: Assessment) -> set[int]:
    return set(answered_yes(form.items)) & set(SEVERE_QUESTIONS)


def _decided_on(case: CaseFile, amended: UUID | None) -> date:
    """Return the day of the last risk decision; the earliest possible day if there is none."""
    return max(
        (
            review.signed_on
            for review in case.reviews
            if review.id != amended and review.superseded_by is None
            if review.risk is not None and review.risk.is_decision
        ),
        default=date.min,
    )

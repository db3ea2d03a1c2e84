"""Remarks on missing values and on implausible rows of a case. The case page always shows these
remarks.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Assessment, CaseFile, Treatment
from dashboard.clinical.caseload.rules import SCORE_DAYS, SCORE_DAYS_IN_PREVENTION
from dashboard.clinical.instruments import INSTRUMENTS, item_answer
from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.clinical.remarks import Remark
from dashboard.vocabulary import (
    Adherence,
    CareKind,
    ContactKind,
    EpisodeStatus,
    FlagKind,
    InstrumentCode,
    SequenceKind,
    Sex,
)

KNOWN_CODES: dict[str, frozenset[str]] = {
    "status": frozenset(EpisodeStatus),
    "sex": frozenset(Sex),
    "sequence": frozenset(SequenceKind),
    "contact": frozenset(ContactKind),
    "adherence": frozenset(Adherence),
    "care": frozenset(CareKind),
    "flag": frozenset(FlagKind),
}
"""The values that the registry allows in each coded column (docs/registry.md).

A key says what the column describes, for example ``contact`` for the kind of a contact.
"""

Span = tuple[str | None, date | None, date | None]
"""A period to check: its subject (such as the name of a drug), its first day and its last day."""

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""The first and the last plausible day. A day outside this range is a mistake, or it was entered to
mean "unknown" or "for ever".
"""


def missing(case: CaseFile) -> tuple[Remark, ...]:
    """Return a remark for each value that a psychiatrist needs and that the registry lacks.

    The codes are ``no_consent``, ``no_diagnosis``, ``no_phq9``, ``phq9_overdue``,
    ``item9_unknown``, ``no_gad7``, ``no_contact``, ``no_sequence``, ``dose_unknown`` and
    ``adherence_unknown``. A closed episode has no ``phq9_overdue`` and no ``no_sequence``, because
    they count the days up to today.
    """
    current = [one for one in case.treatments if is_current(one, case.as_of)]
    return (
        *([Remark("no_consent")] if case.consented_on is None else []),
        *([Remark("no_diagnosis")] if not case.diagnosis_code else []),
        *_missing_scores(case),
        *(
            []
            if any(one.attended and one.counts for one in case.contacts)
            else [Remark("no_contact")]
        ),
        *([Remark("no_sequence")] if case.is_open and not case.current_sequence else []),
        *(
            Remark("dose_unknown", one.name)
            for one in current
            if one.daily_dose_mg is None and not one.as_needed
        ),
        *(
            Remark("adherence_unknown", one.name)
            for one in current
            if one.atc_code in ANTIDEPRESSANTS and one.adherence in (None, "unknown")
        ),
    )


def odd_rows(case: CaseFile) -> tuple[Remark, ...]:
    """Return a remark for each fault of a row, such as dates in the wrong order. The case page also
    shows the row.

    The codes for an assessment are those of ``Assessment.oddities``. The codes ``dates_reversed``
    and ``impossible_day`` are for a treatment, care, a condition, a sequence or the episode. The
    code ``negative_dose`` is for a treatment, and ``closed_and_open`` is for the episode. The codes
    ``born_later`` and ``impossible_birth`` are for the patient. The codes for a value that the
    registry does not allow are those of ``missing.unknown_codes``.
    """
    spans = [
        *((one.name, one.started_on, one.stopped_on) for one in case.treatments),
        *((one.kind, one.started_on, one.ended_on) for one in case.psychosocial),
        *((one.label, one.onset_on, one.resolved_on) for one in case.conditions),
        *((one.kind, one.starts_on, one.ends_on) for one in case.sequences),
        (None, case.enrolled_on, case.closed_on),
    ]
    return (
        *unknown_codes(_codes(case)),
        *(
            Remark(code, one.label, one.taken_on)
            for one in case.assessments
            for code in one.oddities
        ),
        *_reversed(spans),
        *_impossible(spans),
        *(
            Remark("negative_dose", one.name, one.started_on)
            for one in case.treatments
            if one.daily_dose_mg is not None and one.daily_dose_mg < 0
        ),
        *_odd_birth(case),
        *(
            [Remark("closed_and_open", day=case.closed_on)]
            if case.status != EpisodeStatus.CLOSED
            and case.closed_on
            and case.closed_on <= case.as_of
            else []
        ),
    )


def unknown_codes(
    found: Iterable[tuple[str, str | None, date | None]],
) -> tuple[Remark, ...]:
    """Return a remark for each value of ``found`` that the registry does not allow.

    Each element of ``found`` has a key of ``KNOWN_CODES``, the value, and the day of the row. The
    codes are ``unknown_status``, ``unknown_sex``, ``unknown_sequence``, ``unknown_contact``,
    ``unknown_adherence``, ``unknown_care`` and ``unknown_flag``.
    """
    return tuple(
        Remark(f"unknown_{tells}", value, on)
        for tells, value, on in found
        if value not in KNOWN_CODES[tells]
    )


def phq9_every_days(status: str) -> int:
    """Return the number of days from one PHQ-9 until the next one is due, for an episode with this
    status. It is the limit of the rule ``score_overdue``.
    """
    in_prevention = status == EpisodeStatus.RELAPSE_PREVENTION
    return SCORE_DAYS_IN_PREVENTION if in_prevention else SCORE_DAYS


def is_current(treatment: Treatment, day: date) -> bool:
    """Return whether the treatment has begun by ``day`` and has not been stopped by the end of
    ``day``.
    """
    return treatment.started_on <= day and (
        treatment.stopped_on is None or treatment.stopped_on > day
    )


def last_form(case: CaseFile, instrument: str) -> Assessment | None:
    """Return the latest filled-in questionnaire of this kind, even without a valid score; None if
    there is none.
    """
    forms = [one for one in case.assessments if one.instrument == instrument]
    return forms[-1] if forms else None


def _codes(case: CaseFile) -> Iterator[tuple[str, str | None, date | None]]:
    yield "status", case.status, None
    yield "sex", case.identity.sex, None
    yield from (("sequence", one.kind, one.starts_on) for one in case.sequences)
    yield from (("contact", one.kind, one.day) for one in case.contacts)
    yield from (
        ("adherence", one.adherence, one.started_on)
        for one in case.treatments
        if one.adherence is not None
    )
    yield from (("care", one.kind, one.started_on) for one in case.psychosocial)
    yield from (("flag", one.kind, one.raised_at.astimezone(PARIS).date()) for one in case.flags)


def _missing_scores(case: CaseFile) -> list[Remark]:
    latest = last_form(case, InstrumentCode.PHQ9)
    if latest is None:
        found = [Remark("no_phq9")]
    else:
        found = [*_overdue(case), *_without_risk_item(case, latest.taken_on)]
    if last_form(case, InstrumentCode.GAD7) is None:
        found.append(Remark("no_gad7"))
    return found


def _overdue(case: CaseFile) -> list[Remark]:
    """Return a list with the remark ``phq9_overdue`` if there is no PHQ-9 with a valid score, or if
    the last such PHQ-9 is too old. Otherwise, and if the episode is closed, return an empty list.
    """
    if not case.is_open:
        return []
    scored = case.scores_of(InstrumentCode.PHQ9)
    limit = timedelta(days=phq9_every_days(case.status))
    if scored and scored[-1].taken_on > case.as_of - limit:
        return []
    return [Remark("phq9_overdue", day=scored[-1].taken_on if scored else None)]


def _without_risk_item(case: CaseFile, day: date) -> list[Remark]:
    """Return a list with the remark ``item9_unknown`` if no PHQ-9 of ``day`` has an answer to item
    9. Otherwise return an empty list.
    """
    number = INSTRUMENTS[InstrumentCode.PHQ9].risk_item or 9
    answered = any(
        form.instrument == InstrumentCode.PHQ9
        and form.taken_on == day
        and item_answer(form.items, number) is not None
        for form in case.assessments
    )
    return [] if answered else [Remark("item9_unknown", day=day)]


def _reversed(spans: Iterable[Span]) -> list[Remark]:
    return [
        Remark("dates_reversed", about, end)
        for about, start, end in spans
        if start is not None and end is not None and end < start
    ]


def _impossible(spans: Iterable[Span]) -> list[Remark]:
    return [
        Remark("impossible_day", about, day)
        for about, *days in spans
        for day in days
        if day is not None and not EARLIEST <= day <= LATEST
    ]


def _odd_birth(case: CaseFile) -> list[Remark]:
    born = case.identity.birth_date
    if born is None:
        return []
    if born > case.enrolled_on:
        return [Remark("born_later", day=born)]
    return [Remark("impossible_birth", day=born)] if born < EARLIEST else []

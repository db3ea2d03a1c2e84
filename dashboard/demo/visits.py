"""The contacts of the nurse with a patient, attended or missed, and their questionnaires."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.clinical.instruments import valid_score
from dashboard.clinical.medication import age_on
from dashboard.demo import forms, texts
from dashboard.demo.courses import Course, severity
from dashboard.demo.days import afternoon, morning, working_day, working_day_after
from dashboard.demo.fitting import RETIRED_FROM, Circumstances, one_that_fits
from dashboard.demo.forms import Form, Habit
from dashboard.demo.record import Episode, Record
from dashboard.demo.rows import Assessment, Contact
from dashboard.vocabulary import ContactKind, InstrumentCode


@dataclass(frozen=True)
class Measured:
    """The results of the questionnaires of one visit: valid scores, and the answers about suicide
    risk.

    ``ids`` are the ids of the completed questionnaires.
    """

    day: date
    phq9: int | None
    gad7: int | None
    ninth_item: int | None
    severe_screen: bool
    ids: tuple[int, ...]


@dataclass(frozen=True)
class _Appointment:
    """A planned visit: its day, whether the patient attends, and whether they complete
    questionnaires.
    """

    day: date
    with_forms: bool
    attended: bool
    kind: str


def visits(record: Record, episode: Episode, course: Course, habit: Habit) -> list[Measured]:
    """Write the contacts and the completed questionnaires of an episode.

    Return the results of the questionnaires in order of time.
    """
    measured = _before_enrolment(record, episode, habit)
    last_day = _last_day_attended(record, episode)
    appointment = _Appointment(
        episode.stay.enrolled_on,
        not measured or record.rng.random() < 0.5,
        True,
        ContactKind.CLINIC,
    )
    missed = 0
    while appointment.day <= episode.stay.last_day and missed < 4:
        if appointment.with_forms and appointment.attended:
            found = _measure(record, episode, course, habit, appointment.day)
            _write_contact(record, appointment, _trend(episode, measured, found))
            measured.append(found)
        else:
            _write_contact(record, appointment, "unmeasured")
        missed = 0 if appointment.attended else missed + 1
        appointment = _next(record, episode, appointment, measured, last_day)
    return measured


def _before_enrolment(record: Record, episode: Episode, habit: Habit) -> list[Measured]:
    """Write the questionnaires that some patients complete in the two weeks before enrolment.

    Return their results. The list is empty if the patient completed none.
    """
    if record.rng.random() > 0.35:
        return []
    day = working_day(episode.stay.enrolled_on - timedelta(days=int(record.rng.random() * 12)))
    at_entry = Course("none", 1.0, 1.0, 1.0)
    return [_measure(record, episode, at_entry, habit, day)]


def _last_day_attended(record: Record, episode: Episode) -> date:
    """Return the last day on which the patient attends a visit.

    Patients who are lost to follow-up attend no visit in the last two to three months. A few
    patients in care also stop attending.
    """
    stay, rng = episode.stay, record.rng
    if stay.closed_reason == "lost":
        return max(stay.enrolled_on, stay.last_day - timedelta(days=60 + int(rng.random() * 40)))
    if stay.is_open and rng.random() < 0.05:
        return max(stay.enrolled_on, stay.last_day - timedelta(days=int(rng.random() * 80)))
    return stay.last_day


def _next(
    record: Record,
    episode: Episode,
    last: _Appointment,
    measured: list[Measured],
    last_day_attended: date,
) -> _Appointment:
    """Return the visit after ``last``, at the usual interval for the patient."""
    rng = record.rng
    well = bool(measured) and measured[-1].phq9 is not None and measured[-1].phq9 < 5
    days, with_forms, kind = _rhythm(record, episode, last, well=well)
    day = working_day_after(last.day, days)
    attended = day <= last_day_attended and rng.random() < 0.91
    return _Appointment(day, rng.random() < with_forms, attended, kind)


def _rhythm(
    record: Record, episode: Episode, last: _Appointment, *, well: bool
) -> tuple[int, float, str]:
    """Return the days until the next visit, the probability of questionnaires, and the kind of
    contact.

    The interval is about two weeks in the first twelve weeks, then three weeks. After these weeks,
    patients who are well complete questionnaires every four weeks, with a call in between. A missed
    visit is followed by a call within a week.
    """
    if not last.attended:
        return 2 + int(record.rng.random() * 6), 0.75, ContactKind.PHONE
    # For patients who are well, the interval is not varied, so that their questionnaires are
    # exactly four weeks apart.
    jitter = 0 if well else int(record.rng.random() * 4) - 1
    if episode.days_since_enrolment(last.day) < 84:
        return 14 + jitter, 0.86, _visit_kind(record)
    if well and last.with_forms:
        return 14, 0.0, ContactKind.PHONE
    if well:
        return 14, 1.0, _visit_kind(record)
    return 21 + jitter, 0.93, _visit_kind(record)


def _visit_kind(record: Record) -> str:
    return record.rng.choices(_VISIT_KINDS, cum_weights=_VISIT_KIND_SUMS)[0]


_VISIT_KINDS = (ContactKind.CLINIC, ContactKind.PHONE, ContactKind.VIDEO, ContactKind.HOME)
_VISIT_KIND_SUMS = (52, 84, 96, 100)


def _write_contact(record: Record, appointment: _Appointment, trend: str) -> None:
    rng, attended = record.rng, appointment.attended
    noted = rng.random() < (0.4 if attended else 0.6)
    when = morning if rng.random() < 0.5 else afternoon
    record.rows.append(
        Contact(
            id=record.next_id(),
            patient_id=record.patient.id,
            happened_at=when(rng, appointment.day),
            kind=appointment.kind,
            attended=attended,
            minutes=5 * (3 + int(rng.random() * 7)) if attended else None,
            practitioner_id=record.team.nurse if rng.random() < 0.97 else record.team.gp,
            note=_note(record, appointment, trend) if noted else None,
        )
    )


def _note(record: Record, appointment: _Appointment, trend: str) -> str:
    age = age_on(record.patient.birth_date, appointment.day)
    notes = texts.CONTACT_NOTES[trend if appointment.attended else "missed"]
    return one_that_fits(record.rng, notes, Circumstances(works=age < RETIRED_FROM))


def _trend(episode: Episode, before: list[Measured], now: Measured) -> str:
    """Return the key of ``texts.CONTACT_NOTES`` for the change of the PHQ-9 since the last one.

    The key is "first" at enrolment, and "unmeasured" if one of the two scores is missing.
    """
    if now.day == episode.stay.enrolled_on:
        return "first"
    if not before or before[-1].phq9 is None or now.phq9 is None:
        return "unmeasured"
    change = now.phq9 - before[-1].phq9
    if now.phq9 < 5:
        return "well"
    return "better" if change <= -2 else "worse" if change >= 2 else "same"


def _measure(record: Record, episode: Episode, course: Course, habit: Habit, day: date) -> Measured:
    """Write the completed questionnaires of one visit, and return their results."""
    rng, picture = record.rng, episode.picture
    share = severity(course, episode.days_since_enrolment(day))
    depression = forms.phq9(rng, picture.phq9 * share, habit, picture.ideation)
    ninth_item = depression.items[-1] if depression.items else None
    filled = [depression]
    if rng.random() < (0.95 if picture.is_anxious else 0.55):
        filled.append(forms.gad7(rng, picture.gad7 * (0.12 + 0.88 * share), habit))
    if ninth_item and rng.random() < 0.55:
        filled.append(forms.cssrs(rng, ninth_item))
    filled.extend(_other_forms(record, episode, share, day))
    ids = tuple(_write_form(record, form, day) for form in filled)
    return Measured(
        day=day,
        phq9=_score(depression),
        gad7=next(
            (_score(form) for form in filled if form.instrument == InstrumentCode.GAD7), None
        ),
        ninth_item=ninth_item,
        severe_screen=any(
            form.instrument == InstrumentCode.CSSRS and forms.is_severe_screen(form)
            for form in filled
        ),
        ids=ids,
    )


# The other questionnaires. They are given at entry and sometimes later. Each entry has a condition
# on the patient's state at entry, and the probability that the questionnaire is given at entry. The
# last number is the usual score at entry, divided by the maximum score.
_OTHERS = (
    (InstrumentCode.ISI, lambda picture: picture.sleepless, 0.8, 0.66),
    (InstrumentCode.PCL5, lambda picture: picture.diagnosis.code == "F43.1", 0.9, 0.62),
    (InstrumentCode.AUDIT, lambda picture: True, 0.12, 0.17),
    (InstrumentCode.HAD_A, lambda picture: True, 0.1, 0.62),
    (InstrumentCode.HAD_D, lambda picture: True, 0.1, 0.55),
    (InstrumentCode.MADRS, lambda picture: picture.phq9 > 17, 0.15, 0.5),
    (InstrumentCode.BDI2, lambda picture: picture.phq9 > 12, 0.06, 0.45),
)


def _other_forms(record: Record, episode: Episode, share: float, day: date) -> Iterator[Form]:
    rng = record.rng
    at_entry = episode.days_since_enrolment(day) <= 0
    for instrument, concerns, chance, of_maximum in _OTHERS:
        if rng.random() < (chance if at_entry else chance / 8) and concerns(episode.picture):
            yield forms.other_form(rng, instrument, of_maximum * share)


def _write_form(record: Record, form: Form, day: date) -> int:
    id_ = record.next_id()
    recorded_by = record.team.nurse if record.rng.random() < 0.9 else None
    record.rows.append(
        Assessment(
            id_, record.patient.id, form.instrument, day, form.total, form.items, recorded_by
        )
    )
    return id_


def _score(form: Form) -> int | None:
    score = valid_score(form.instrument, form.total, form.items)
    return score.value if score else None

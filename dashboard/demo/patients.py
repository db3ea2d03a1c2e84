"""All rows of a patient: identity, episodes, measurements, reviews and treatment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dashboard.demo.answers import begin_care
from dashboard.demo.conditions import conditions_of
from dashboard.demo.courses import course_of
from dashboard.demo.days import working_day
from dashboard.demo.forecast import enrolment_day, kind_of, nurses_at_work
from dashboard.demo.forms import Habit, habit_of
from dashboard.demo.people import person
from dashboard.demo.pictures import picture_of
from dashboard.demo.record import Episode, Record, chance_of
from dashboard.demo.regimen import Regimen
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.reviews import review_episode
from dashboard.demo.rows import CareSequence, Condition
from dashboard.demo.rows import Episode as EpisodeRow
from dashboard.demo.staff import Staff, Team, staff_for, team_of
from dashboard.demo.stays import Stay, closed_stay, stay_of
from dashboard.demo.treatment import first_treatment
from dashboard.demo.visits import visits
from dashboard.vocabulary import EpisodeStatus, SequenceKind

_EARLIER_EPISODE_SHARE = 0.04


@dataclass(frozen=True)
class Registry:
    """The parameters of a synthetic registry. The same parameters give the same registry."""

    patients: int
    seed: int
    as_of: date
    caseload: int | None = None

    @property
    def staff(self) -> Staff:
        """The numbers of sites and practitioners of this registry."""
        return staff_for(self.patients, self.caseload)


def rows_of(registry: Registry, numbers: range) -> Iterator[NamedTuple]:
    """Yield all rows of the patients with these numbers.

    Patients are numbered from 1, in the order of enrolment.
    """
    staff = registry.staff
    for number in numbers:
        yield from _patient_rows(registry, staff, number)


def _patient_rows(registry: Registry, staff: Staff, number: int) -> list[NamedTuple]:
    rng = chance_of(registry.seed, number)
    place = (number - 1 + rng.random()) / registry.patients
    enrolled_on = enrolment_day(registry.as_of, place)
    team = team_of(rng, staff, number, nurses_at_work(registry.as_of, enrolled_on))
    patient = person(rng, number, registry.as_of)
    record = Record(rng, patient, team, rows=[patient])
    habit = habit_of(rng)
    *earlier, last = _stays(rng, number, enrolled_on, registry.as_of)
    since = patient.birth_date
    for stay in earlier:
        regimen = _live_through(record, stay, habit, [], since)
        regimen.stop_all(stay.last_day)
        record.rows.extend(regimen.rows())
        since = stay.last_day
    conditions = conditions_of(record, last)
    record.rows.extend(conditions)
    record.rows.extend(_live_through(record, last, habit, conditions, since).rows())
    return record.rows


def _stays(rng: Random, number: int, enrolled_on: date, as_of: date) -> list[Stay]:
    """Return the periods in which a patient is in the programme, the latest last.

    Most patients have one. A few also have an earlier one, which is closed.
    """
    stays = [stay_of(rng, kind_of(number), enrolled_on, as_of)]
    earlier = working_day(enrolled_on - timedelta(days=300 + int(rng.random() * 250)))
    begun = enrolment_day(as_of, 0.0)
    if earlier > begun and rng.random() < _EARLIER_EPISODE_SHARE:
        stays.insert(
            0, closed_stay(rng, SequenceKind.CLASSIC, earlier, enrolled_on - timedelta(days=45))
        )
    return stays


def _live_through(
    record: Record, stay: Stay, habit: Habit, conditions: Sequence[Condition], since: date
) -> Regimen:
    """Write the rows of one episode to ``record``, and return the treatment of the episode.

    The rows of the treatment are not written. No treatment begins before ``since``.
    """
    rng = record.rng
    episode = Episode(record.next_id(), stay, picture_of(rng, stay))
    course = course_of(rng, stay, _response_at(record.team))
    measured = visits(record, episode, course, habit)
    regimen = first_treatment(record, episode, conditions, since)
    reviewing = Reviewing(record, episode, measured, regimen)
    if rng.random() < 0.35:
        begin_care(reviewing, "behavioural_activation", stay.enrolled_on)
    review_episode(reviewing)
    record.rows.append(_episode_row(record, episode, reviewing))
    record.rows.extend(_sequence_rows(record, episode))
    return regimen


def _response_at(team: Team) -> float:
    """Return how often patients respond to treatment at the site of ``team``; 1 is the average.

    At one site in twelve, this factor is far lower than at the others.
    """
    return 0.55 if team.site % 12 == 7 else 0.9 + team.site % 5 * 0.06


def _episode_row(record: Record, episode: Episode, reviewing: Reviewing) -> EpisodeRow:
    stay, diagnosis = episode.stay, episode.picture.diagnosis
    open_status = (
        EpisodeStatus.RELAPSE_PREVENTION
        if reviewing.in_relapse_prevention
        else EpisodeStatus.ACTIVE
    )
    return EpisodeRow(
        id=episode.id,
        patient_id=record.patient.id,
        site_id=record.team.site,
        gp_id=record.team.gp,
        nurse_id=record.team.nurse,
        psychiatrist_id=record.team.psychiatrist,
        referred_on=stay.referred_on,
        consented_on=stay.consented_on,
        enrolled_on=stay.enrolled_on,
        status=open_status if stay.is_open else EpisodeStatus.CLOSED,
        closed_on=stay.closed_on,
        closed_reason=stay.closed_reason,
        problem=record.rng.choice(diagnosis.problems),
        diagnosis_code=diagnosis.code,
        diagnosis_label=diagnosis.label,
    )


def _sequence_rows(record: Record, episode: Episode) -> Iterator[CareSequence]:
    for one in episode.stay.sequences:
        yield CareSequence(
            record.next_id(), episode.id, one.kind, one.number, one.starts_on, one.ends_on
        )

"""The nurse's questions to the psychiatrist, and the flags on patients."""

from datetime import date, timedelta

from dashboard.demo import texts
from dashboard.demo.days import afternoon, morning, working_day, working_day_after
from dashboard.demo.fitting import fitting, question_for
from dashboard.demo.reviewing import Reviewing
from dashboard.demo.rows import Flag, Preparation
from dashboard.vocabulary import FlagKind


def ask_before(reviewing: Reviewing, meeting: date, state: str) -> None:
    """Write a question of the nurse, asked on a working day one to six days before ``meeting``.

    ``state`` is the patient's state, which decides what the nurse can ask.
    """
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
            question=question_for(record.rng, state, reviewing.circumstances(day)),
            asked_at=asked_at,
            ready_at=asked_at + timedelta(minutes=20) if ready else None,
            withdrawn_at=asked_at + timedelta(hours=1) if withdrawn else None,
        )
    )


def prepare_the_next(reviewing: Reviewing, planned: date) -> None:
    """Write a question or a flag of the nurse for the next review, planned on ``planned``.

    Nothing is written for most patients.
    """
    rng, horizon = reviewing.record.rng, reviewing.horizon
    last = reviewing.reviewed_on[-1] if reviewing.reviewed_on else None
    state = reviewing.situation(horizon).state
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
        _write_flag(reviewing, FlagKind.DISCUSSION, day, texts.DISCUSSION_NOTES, cleared_on=None)


def raise_discussion_flag(reviewing: Reviewing, meeting: date) -> None:
    """Write a discussion flag that the nurse raised some days before a review.

    Most reviews have none. The flag is cleared at the review on ``meeting``, or some weeks later if
    it was forgotten.
    """
    rng = reviewing.record.rng
    if rng.random() > 0.05:
        return
    day = working_day(meeting - timedelta(days=1 + int(rng.random() * 6)))
    day = max(day, reviewing.episode.stay.enrolled_on)
    forgotten = rng.random() > 0.93
    cleared_on = _once_noticed(reviewing, meeting) if forgotten else meeting
    _write_flag(reviewing, FlagKind.DISCUSSION, day, texts.DISCUSSION_NOTES, cleared_on=cleared_on)


def raise_safety_flags(reviewing: Reviewing) -> None:
    """Write safety flags after severe C-SSRS screens, and after some positive answers to item 9 of
    the PHQ-9.

    The psychiatrist clears most of the flags after the next review.
    """
    rng = reviewing.record.rng
    cleared_until = reviewing.episode.stay.enrolled_on
    for one in reviewing.measured:
        chance = (0.0, 0.12, 0.7, 0.9)[one.ninth_item or 0]
        alarming = one.severe_screen or rng.random() < chance
        if not alarming or one.day < cleared_until:
            continue
        after = [day for day in reviewing.reviewed_on if day >= one.day]
        cleared_on = _cleared_on(reviewing, after)
        _write_flag(reviewing, FlagKind.SAFETY, one.day, texts.SAFETY_NOTES, cleared_on=cleared_on)
        cleared_until = (cleared_on or reviewing.horizon) + timedelta(days=1)


def _cleared_on(reviewing: Reviewing, reviews_after: list[date]) -> date | None:
    rng = reviewing.record.rng
    if not reviews_after:
        return None
    if rng.random() < 0.03:
        return _once_noticed(reviewing, reviews_after[0])
    day = working_day_after(reviews_after[0], 1 + int(rng.random() * 32))
    if day > reviewing.horizon and not reviewing.episode.stay.is_open:
        return reviewing.horizon
    return day if day <= reviewing.horizon else None


def _once_noticed(reviewing: Reviewing, review: date) -> date | None:
    """Return the day on which a flag is cleared if it was forgotten at ``review``.

    This day is two to six weeks after the review. Return None if the flag is not cleared yet.
    """
    day = working_day_after(review, 14 + int(reviewing.record.rng.random() * 28))
    if day > reviewing.horizon and not reviewing.episode.stay.is_open:
        # A closed episode must have no open flag.
        return reviewing.horizon
    return day if day <= reviewing.horizon else None


def _write_flag(
    reviewing: Reviewing, kind: str, day: date, notes: tuple[str, ...], *, cleared_on: date | None
) -> None:
    record, rng = reviewing.record, reviewing.record.rng
    day = max(day, reviewing.episode.stay.enrolled_on)
    # If the flag was moved to the day of enrolment, there may be no fitting text, because the texts
    # must fit the latest questionnaire. This need not be the one after which the flag was raised.
    fit = fitting(notes, reviewing.circumstances(day))
    record.rows.append(
        Flag(
            id=record.next_id(),
            patient_id=record.patient.id,
            kind=kind,
            raised_by=record.team.nurse,
            raised_at=morning(rng, day),
            note=rng.choice(fit) if rng.random() < 0.9 and fit else None,
            cleared_by=record.team.psychiatrist if cleared_on else None,
            cleared_at=afternoon(rng, cleared_on).replace(hour=19) if cleared_on else None,
        )
    )

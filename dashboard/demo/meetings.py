"""The days of reviews: weekly meetings, and earlier reviews of urgent cases."""

from datetime import date, timedelta
from random import Random

from dashboard.demo.days import next_weekday, working_day_after
from dashboard.demo.reviewing import Reviewing


def first_meeting(reviewing: Reviewing) -> date:
    """Return the planned day of the first review: mostly the first weekly meeting after enrolment.

    In some cases it is a later meeting.
    """
    rng = reviewing.record.rng
    soonest = reviewing.episode.stay.enrolled_on + timedelta(days=1)
    return meeting_day(reviewing, soonest) + timedelta(weeks=weeks_late(rng))


def meeting_day(reviewing: Reviewing, day: date) -> date:
    """Return the day of the psychiatrist's next weekly meeting, on or after ``day``.

    Each psychiatrist has a fixed weekday from Monday to Thursday.
    """
    return next_weekday(day, reviewing.record.team.psychiatrist % 4)


def weeks_late(rng: Random) -> int:
    """Return by how many weeks a review is later than planned: mostly 0, rarely 10.

    A delay of 10 weeks means that the review was forgotten, so the review list must show the case.
    """
    chance = rng.random()
    return 0 if chance < 0.84 else 1 if chance < 0.95 else 2 if chance < 0.98 else 10


def alarm_before(reviewing: Reviewing, planned: date) -> date | None:
    """Return the day of a review that is held before ``planned``, because a measurement requires
    it.

    Return None if no measurement since the last review does.
    """
    rng = reviewing.record.rng
    last = reviewing.reviewed_on[-1] if reviewing.reviewed_on else None
    for place, one in enumerate(reviewing.measured):
        if (last and one.day <= last) or one.day >= planned:
            continue
        day = None
        if _is_urgent(reviewing, place):
            day = _soon(reviewing, max(one.day, reviewing.episode.stay.enrolled_on))
        elif last and _is_worse(reviewing, place) and rng.random() < 0.8:
            day = meeting_day(reviewing, one.day)
        if day and day < planned:
            return day
    return None


def _is_urgent(reviewing: Reviewing, place: int) -> bool:
    """Return whether a measurement requires an urgent review. ``place`` is its index.

    The reasons are suicidal ideation that is new or marked, a severe C-SSRS screen, or a PHQ-9 of
    20 or more before the first review.
    """
    one = reviewing.measured[place]
    before = [earlier.ninth_item for earlier in reviewing.measured[:place]]
    lately = next((item for item in reversed(before) if item is not None), 0)
    ideation = (one.ninth_item or 0) >= 2 or (one.ninth_item or 0) > lately
    severe_at_entry = not reviewing.reviewed_on and (one.phq9 or 0) >= 20
    return ideation or one.severe_screen or severe_at_entry


def _soon(reviewing: Reviewing, day: date) -> date:
    """Return the day of an urgent review that is required on ``day``.

    It is mostly ``day`` or the next working day. Otherwise, it is the day of the next weekly
    meeting.
    """
    chance = reviewing.record.rng.random()
    if chance < 0.5:
        return day
    return working_day_after(day, 1) if chance < 0.8 else meeting_day(reviewing, day)


def _is_worse(reviewing: Reviewing, place: int) -> bool:
    one, before = reviewing.measured[place], reviewing.measured[:place]
    phq9 = [earlier.phq9 for earlier in before if earlier.phq9 is not None]
    gad7 = [earlier.gad7 for earlier in before if earlier.gad7 is not None]
    return bool(
        (phq9 and one.phq9 is not None and one.phq9 >= min(phq9) + 5)
        or (gad7 and one.gad7 is not None and one.gad7 >= min(gad7) + 4)
    )

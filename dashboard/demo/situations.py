"""The patient's situation on the day of a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dashboard.clinical.instruments import improved
from dashboard.demo.pictures import Picture
from dashboard.demo.stays import Stay
from dashboard.demo.visits import Measured
from dashboard.vocabulary import InstrumentCode


@dataclass(frozen=True)
class Situation:
    """The patient's situation on the day of a review.

    ``weeks`` is the number of weeks since enrolment. ``baseline`` and ``latest`` are valid PHQ-9
    scores, and ``gad7`` is the latest valid GAD-7 score. ``cares`` are the kinds of psychosocial
    care that have begun.
    """

    day: date
    state: str
    weeks: int
    baseline: int | None
    latest: int | None
    gad7: int | None
    measured_on: Mapping[str, date | None]
    """The days of ``latest`` and ``gad7``, by the code of the questionnaire; None if there is no
    score.
    """
    ninth_item: int | None
    in_relapse_prevention: bool
    cares: frozenset[str]
    stay: Stay
    picture: Picture


def situation_on(
    day: date,
    measured: list[Measured],
    stay: Stay,
    picture: Picture,
    *,
    first: bool,
    in_relapse_prevention: bool,
    cares: frozenset[str],
) -> Situation:
    """Return the situation of the patient on ``day``.

    ``measured`` contains the measurements up to ``day``. ``first`` is true for the first review.
    """
    scores = [one.phq9 for one in measured if one.phq9 is not None]
    anxiety = [one.gad7 for one in measured if one.gad7 is not None]
    recent = bool(measured) and (day - measured[-1].day).days <= 45
    return Situation(
        day=day,
        state="new" if first else _state(scores, anxiety) if recent else "unmeasured",
        weeks=max(0, (day - stay.enrolled_on).days // 7),
        baseline=scores[0] if scores else None,
        latest=scores[-1] if scores else None,
        gad7=anxiety[-1] if anxiety else None,
        measured_on={
            InstrumentCode.PHQ9: max((o.day for o in measured if o.phq9 is not None), default=None),
            InstrumentCode.GAD7: max((o.day for o in measured if o.gad7 is not None), default=None),
        },
        ninth_item=measured[-1].ninth_item if measured else None,
        in_relapse_prevention=in_relapse_prevention,
        cares=cares,
        stay=stay,
        picture=picture,
    )


def _state(phq9: list[int], gad7: list[int]) -> str:
    """Return the state of a patient, judged by the PHQ-9.

    If the first PHQ-9 is under 10 and the first GAD-7 is 10 or more, the GAD-7 is used instead.
    """
    if not phq9:
        return "unmeasured"
    anxious = bool(gad7) and phq9[0] < 10 <= gad7[0]
    scores = gad7 if anxious else phq9
    baseline, latest = scores[0], scores[-1]
    if latest < 5:
        return "well"
    if len(scores) > 1 and latest >= min(scores[:-1]) + 5:
        return "worse"
    if improved(latest, baseline):
        return "improved"
    return "partial" if latest <= 0.8 * baseline else "unchanged"

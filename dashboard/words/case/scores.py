"""Texts that compare the scores before and after a recommendation."""

from collections.abc import Mapping
from datetime import date

from dashboard.clinical.advice.follow_up import FOLLOWED_INSTRUMENTS, ScoreSince
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _
from dashboard.locale.formats import near_day, signed

DATED_FROM = 56
"""The day of the earlier score is given if the two scores are more than this number of days apart.

A reader would otherwise take the earlier score for one of the day of the advice. It is the distance
from which the chart draws the line between two scores dotted.
"""


def scores_in_words(scores: Mapping[str, ScoreSince], today: date) -> str:
    """Return the scores of all questionnaires in one line of text.

    Example: "PHQ-9 17 → 12 (−5) on 18/11 · GAD-7 9 on 02/10, none since".
    """
    return " · ".join(
        score_in_words(INSTRUMENTS[code].label, scores[code], today)
        for code in FOLLOWED_INSTRUMENTS
        if code in scores
    )


def score_in_words(label: str, since: ScoreSince, today: date) -> str:
    """Return the scores of one questionnaire before and after a recommendation.

    The text says so if there is no score afterwards. If there is none before, the text has only the
    later one. ``label`` is the name of the questionnaire.
    """
    before, latest = since.before, since.latest
    if latest is None:
        if before is None:
            return _("{instrument}: none", instrument=label)
        return _(
            "{instrument} {score} on {day}, none since",
            instrument=label,
            score=before.value,
            day=near_day(before.day, today),
        )
    on = near_day(latest.day, today)
    if before is None or since.change is None:
        return _("{instrument} {score} on {day}", instrument=label, score=latest.value, day=on)
    said = {
        "instrument": label,
        "before": before.value,
        "score": latest.value,
        "change": signed(since.change),
        "day": on,
    }
    if abs((latest.day - before.day).days) > DATED_FROM:
        return _(
            "{instrument} {before} on {first} → {score} ({change}) on {day}",
            first=near_day(before.day, today),
            **said,
        )
    return _("{instrument} {before} → {score} ({change}) on {day}", **said)

"""Texts that compare the scores before and after a recommendation."""

from collections.abc import Mapping

from dashboard.clinical.advice.follow_up import FOLLOWED_INSTRUMENTS, ScoreSince
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import _
from dashboard.locale.formats import short_day, signed


def scores_in_words(scores: Mapping[str, ScoreSince]) -> str:
    """Return the scores of all questionnaires in one line of text.

    Example: "PHQ-9 17 → 12 (−5) on 18/11 · GAD-7 9, none since".
    """
    return " · ".join(
        score_in_words(INSTRUMENTS[code].label, scores[code])
        for code in FOLLOWED_INSTRUMENTS
        if code in scores
    )


def score_in_words(label: str, since: ScoreSince) -> str:
    """Return the scores of one questionnaire before and after a recommendation.

    The text says if one of the scores is missing. ``label`` is the name of the questionnaire.
    """
    before, latest = since.before, since.latest
    if latest is None:
        if before is None:
            return _("{instrument}: none", instrument=label)
        return _("{instrument} {score}, none since", instrument=label, score=before.value)
    on = short_day(latest.day)
    if before is None or since.change is None:
        return _("{instrument} {score} on {day}", instrument=label, score=latest.value, day=on)
    return _(
        "{instrument} {before} → {score} ({change}) on {day}",
        instrument=label,
        before=before.value,
        score=latest.value,
        change=signed(since.change),
        day=on,
    )

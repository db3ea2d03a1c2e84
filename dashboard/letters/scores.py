"""The scores of a letter in words: the rows of its table, and the text alternative of its chart."""

from dataclasses import dataclass

from dashboard.clinical.instruments import INSTRUMENTS, Instrument
from dashboard.letters.content import LetterContent, Point, Scores
from dashboard.locale import _
from dashboard.locale.formats import day, labelled, short_day, signed
from dashboard.words.case.chart import band_name


@dataclass(frozen=True)
class ScoreRow:
    """The table row of a questionnaire: the first and the latest score, the change, and its
    meaning.
    """

    label: str
    first: str
    latest: str
    change: str
    severity: str
    trend: str


def label_of(scores: Scores) -> str:
    """Return the questionnaire's name."""
    return INSTRUMENTS[scores.instrument].label


def ends(scores: Scores) -> tuple[Point, ...]:
    """Return the first and the latest score. If they are the same score, return it once."""
    return tuple(dict.fromkeys((*scores.points[:1], *scores.points[-1:])))


def score_row(scores: Scores) -> ScoreRow | None:
    """Return the table row of a questionnaire.

    Return None if the questionnaire has no valid score, or if its scores have no severity.
    """
    known = INSTRUMENTS[scores.instrument]
    if not scores.points or not known.has_severity:
        return None
    first, latest = scores.points[0], scores.points[-1]
    band = known.band(latest.score)
    again = len(scores.points) > 1
    return ScoreRow(
        label=known.label,
        first=_on_day(first),
        latest=_on_day(latest) if again else "",
        change=signed(latest.score - first.score) if again else "",
        severity=band_name(band) if band else _("none"),
        trend=_trend(known, first, latest) if again else _("measured once"),
    )


def scores_in_words(content: LetterContent) -> str:
    """Return every score with its day, as a text alternative of the chart."""
    said = [_("Scores and treatment over time")]
    for scores in content.scores:
        if not INSTRUMENTS[scores.instrument].has_severity:
            continue
        points = ", ".join(f"{short_day(one.day)} {one.score}" for one in scores.points)
        if points:
            said.append(labelled(label_of(scores), points))
    return ". ".join(said)


def _on_day(point: Point) -> str:
    mark = "" if point.solid else "*"
    return f"{point.score}{mark} ({day(point.day)})"


def _trend(known: Instrument, first: Point, latest: Point) -> str:
    """Return in words what the change since the first score means (docs/domain.md, section 3)."""
    if known.remission_below is not None and latest.score < known.remission_below:
        return _("remission")
    if known.responds and first.score > 0 and latest.score * 2 <= first.score:
        return _("response")
    change = latest.score - first.score
    if known.meaningful_change is None:
        return _("higher") if change > 0 else _("lower") if change < 0 else _("unchanged")
    if change >= known.meaningful_change:
        return _("worse")
    if -change >= known.meaningful_change:
        return _("better")
    return _("no change that counts")

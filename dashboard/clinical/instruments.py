"""The questionnaires, with their ranges, bands of severity and thresholds (docs/domain.md, section
3).

A missing score is None. Zero is a valid score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.vocabulary import InstrumentCode


@dataclass(frozen=True)
class Band:
    """A range of scores with one severity. It goes from ``starts_at`` up to the start of the next
    band.
    """

    starts_at: int
    name: str


@dataclass(frozen=True)
class Instrument:
    """One questionnaire. All scores are in points.

    ``may_miss`` is the largest number of unanswered items for which a prorated score is computed.
    ``responds`` says that a fall by half counts as response. Scores below ``remission_below`` count
    as remission. ``meaningful_change`` is the smallest change of the score that matters.
    ``risk_item`` is the number of the item on suicidal thoughts, counted from 1. Answers from
    ``ideation_from`` on report suicidal thoughts; a lower one does not exclude them.
    """

    code: str
    label: str
    maximum: int
    items: int
    item_maximum: int
    bands: tuple[Band, ...] = ()
    responds: bool = False
    remission_below: int | None = None
    meaningful_change: int | None = None
    risk_item: int | None = None
    ideation_from: int = 1
    may_miss: int = 0
    source: str = ""

    @property
    def has_severity(self) -> bool:
        """Whether the total measures severity. If it does not, neither a sum nor a trend is
        shown.
        """
        return bool(self.bands)

    def in_range(self, total: int) -> bool:
        """Return whether ``total`` is between 0 and the maximum of the questionnaire."""
        return 0 <= total <= self.maximum

    def band(self, score: int) -> str | None:
        """Return the name of the band that contains ``score``; None below the first band."""
        names = [band.name for band in self.bands if score >= band.starts_at]
        return names[-1] if names else None


def _bands(*starts: tuple[int, str]) -> tuple[Band, ...]:
    return tuple(Band(starts_at, name) for starts_at, name in starts)


STANDARD_ERRORS: Mapping[str, float] = {InstrumentCode.PHQ9: 2.5}
"""The standard error of measurement of a score, in points, by questionnaire.

A change of 5 points of the PHQ-9 is 2 standard errors (Löwe 2004).
"""

INSTRUMENTS: dict[str, Instrument] = {
    instrument.code: instrument
    for instrument in (
        Instrument(
            InstrumentCode.PHQ9,
            "PHQ-9",
            maximum=27,
            items=9,
            item_maximum=3,
            bands=_bands((5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe")),
            responds=True,
            remission_below=5,
            meaningful_change=5,
            risk_item=9,
            may_miss=2,
            source="Kroenke 2001; ICSI (5 points)",
        ),
        Instrument(
            InstrumentCode.GAD7,
            "GAD-7",
            maximum=21,
            items=7,
            item_maximum=3,
            bands=_bands((5, "mild"), (10, "moderate"), (15, "severe")),
            responds=True,
            remission_below=5,
            meaningful_change=4,
            may_miss=1,
            source="Spitzer 2006; Toussaint 2020 (4 points)",
        ),
        Instrument(
            InstrumentCode.HAD_A,
            "HAD-A",
            maximum=21,
            items=7,
            item_maximum=3,
            bands=_bands((8, "doubtful"), (11, "definite")),
            responds=True,
            remission_below=8,
            source="HAD",
        ),
        Instrument(
            InstrumentCode.HAD_D,
            "HAD-D",
            maximum=21,
            items=7,
            item_maximum=3,
            bands=_bands((8, "doubtful"), (11, "definite")),
            responds=True,
            remission_below=8,
            source="HAD",
        ),
        Instrument(
            InstrumentCode.MADRS,
            "MADRS",
            maximum=60,
            items=10,
            item_maximum=6,
            bands=_bands((7, "mild"), (20, "moderate"), (35, "severe")),
            responds=True,
            remission_below=11,
            risk_item=10,
            ideation_from=2,
            source="docs/domain.md, section 3",
        ),
        Instrument(
            InstrumentCode.ISI,
            "ISI",
            maximum=28,
            items=7,
            item_maximum=4,
            bands=_bands((8, "subthreshold"), (15, "moderate"), (22, "severe")),
            remission_below=8,
            meaningful_change=6,
            source="PMC6728122",
        ),
        Instrument(
            InstrumentCode.PCL5,
            "PCL-5",
            maximum=80,
            items=20,
            item_maximum=4,
            bands=_bands((31, "probable_ptsd")),
            meaningful_change=10,
            source="PMC12210402",
        ),
        Instrument(
            InstrumentCode.AUDIT,
            "AUDIT",
            maximum=40,
            items=10,
            item_maximum=4,
            bands=_bands((8, "hazardous"), (16, "harmful"), (20, "probable_dependence")),
            source="OFDT",
        ),
        Instrument(
            InstrumentCode.BDI2,
            "BDI-II",
            maximum=63,
            items=21,
            item_maximum=3,
            bands=_bands((14, "mild"), (20, "moderate"), (29, "severe")),
            responds=True,
            remission_below=10,
            risk_item=9,
            source="docs/domain.md, section 3",
        ),
        Instrument(
            InstrumentCode.CSSRS,
            "C-SSRS",
            maximum=6,
            items=6,
            item_maximum=1,
            source="C-SSRS triage",
        ),
    )
}

IMPROVED_BELOW = 10
"""Scores below this number of points count as improved (Bao 2016; CMS159)."""

IN_DENOMINATOR_FROM = 10
"""The smallest PHQ-9 at baseline, in points, with which an episode counts in the rate of
improvement (Bao 2016; CMS159).
"""


@dataclass(frozen=True)
class Score:
    """A valid score, in points, and the way in which it was obtained."""

    value: int
    origin: Literal["total", "summed", "prorated"]


def valid_score(
    instrument: str, total: int | None, items: Sequence[int | None] | None
) -> Score | None:
    """Return the valid score of a filled-in questionnaire, or None (docs/review_list.md, "Exact
    words").

    A stored total that is in range is the score. A stored total that is out of range gives no
    score. An unknown instrument gives no score.

    Without a stored total, the score is the sum of the items if all are answered. If at most
    ``may_miss`` items are unanswered, the score is the mean of the answered items × the number of
    items, rounded half up. An answer out of range counts as unanswered. More items than the
    instrument has give no score.
    """
    known = INSTRUMENTS.get(instrument)
    if known is None:
        return None
    if total is not None:
        return Score(total, "total") if known.in_range(total) else None
    return _score_of_items(known, items)


def _score_of_items(known: Instrument, items: Sequence[int | None] | None) -> Score | None:
    if not items or len(items) > known.items:
        return None
    answered = [item for item in items if item is not None and 0 <= item <= known.item_maximum]
    missing = known.items - len(answered)
    if missing == 0:
        return Score(sum(answered), "summed")
    if missing <= known.may_miss:
        # Round half up as floor((2x + 1) / 2), with integers only, because floats are not exact.
        prorated = (2 * sum(answered) * known.items + len(answered)) // (2 * len(answered))
        return Score(prorated, "prorated")
    return None


def item_answer(items: Sequence[int | None] | None, number: int) -> int | None:
    """Return the answer to the item ``number``, counted from 1; None if it was not answered.

    A stored answer below 0 is none, because it must not look like an absence of risk.
    """
    if not items or len(items) < number:
        return None
    answer = items[number - 1]
    return None if answer is None or answer < 0 else answer


def answered_yes(items: Sequence[int | None] | None) -> tuple[int, ...]:
    """Return the numbers, counted from 1, of the questions that were answered yes."""
    return tuple(number for number, item in enumerate(items or (), start=1) if (item or 0) > 0)


def not_answered(instrument: str, items: Sequence[int | None] | None) -> tuple[int, ...]:
    """Return the numbers, counted from 1, of the questions of ``instrument`` without an answer."""
    numbers = range(1, INSTRUMENTS[instrument].items + 1)
    return tuple(number for number in numbers if item_answer(items, number) is None)


def has_answer(instrument: str, items: Sequence[int | None] | None) -> bool:
    """Return whether at least one question of ``instrument`` was answered.

    A form without an answer must not look like an absence of risk. A stored answer below 0 is none.
    """
    known = INSTRUMENTS.get(instrument)
    asked = (items or ())[: known.items if known else None]
    return any(item is not None and item >= 0 for item in asked)


def improved(score: int, baseline: int) -> bool:
    """Return whether ``score`` is below 10, or at most half of ``baseline`` (Bao 2016; CMS159)."""
    return score < IMPROVED_BELOW or 2 * score <= baseline


def total_disagrees(instrument: str, total: int | None, items: Sequence[int | None] | None) -> bool:
    """Return whether the stored ``total`` differs from the sum of ``items``. Return False if the
    total or an item is missing.
    """
    known = INSTRUMENTS.get(instrument)
    if known is None or total is None:
        return False
    of_items = _score_of_items(known, items)
    return of_items is not None and of_items.origin == "summed" and of_items.value != total

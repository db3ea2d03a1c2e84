"""The need of an episode: how ill the patient is, as far as it is known.

An unknown value never lowers the need. The rules are in docs/review_list.md, "Need".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from dashboard.clinical.episodes import EpisodeFacts
from dashboard.vocabulary import FlagKind, InstrumentCode, RiskLevel


class Need(IntEnum):
    """The levels of need, by the severity of the illness. A higher level has a higher number."""

    LOW = 0
    MODERATE = 1
    MARKED = 2
    HIGH = 3


INTERVALS: Mapping[Need, timedelta] = {
    Need.HIGH: timedelta(days=14),
    Need.MARKED: timedelta(days=28),
    Need.MODERATE: timedelta(days=28),
    Need.LOW: timedelta(days=56),
}
"""The time from a review to the day on which the next review is due, for each need.

Sources: SCOPE R1 and R2 for 28 and 56 days; 14 days is a proposal.
"""

LOW_PHQ9_COUNTS_FOR = timedelta(days=60)
GAD7_COUNTS_FOR = timedelta(days=180)
SCREENER_COUNTS_FOR = timedelta(days=90)
RISK_KNOWN_FOR = timedelta(days=90)
"""The times for which a result counts, from the day of the result. For the time ``RISK_KNOWN_FOR``
after a C-SSRS or a risk decision, an unknown item 9 does not count as an unknown risk [proposal].
"""

_BANDS = ((20, Need.HIGH), (15, Need.MARKED), (10, Need.MODERATE))
"""The need that a PHQ-9 score gives (Kroenke 2001). Each pair has the lowest score of a range, and
the need for that range.
"""
_GAD7_BANDS = ((15, Need.MARKED), (10, Need.MODERATE))
"""The need that a GAD-7 score gives (Spitzer 2006). The pairs are as in ``_BANDS``."""
_ITEM9_BANDS = ((2, Need.HIGH), (1, Need.MARKED))
DECIDED_NEEDS: Mapping[RiskLevel, Need] = {
    RiskLevel.HIGH: Need.HIGH,
    RiskLevel.MODERATE: Need.MARKED,
}
"""The need that a risk decision gives, by its level."""


@dataclass(frozen=True, slots=True)
class NeedFact:
    """A fact that determines the need of an episode: its kind, its value and its day.

    For ``phq9``, ``gad7`` and ``item9``, the value is a score. For ``risk_decision``, it is a risk
    level. For ``cssrs``, it has the numbers of the severe questions that were answered yes.
    ``safety_flag`` has the day of the flag and no value. ``phq9_unknown`` has the day of the last
    PHQ-9 (if any) and no value. ``risk_unknown`` has neither.
    """

    kind: str
    value: object = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """The need of an episode on a day: its level, and every fact that gives this level."""

    level: Need
    facts: tuple[NeedFact, ...]

    @property
    def interval(self) -> timedelta:
        """The time from a review to the day on which the next review is due, at this level of
        need.
        """
        return INTERVALS[self.level]


def need_of(episode: EpisodeFacts, today: date) -> Needed:
    """Return the need on ``today``: the highest level that a fact of ``episode`` gives.

    A high PHQ-9 or item 9 counts until there is a newer one. A low PHQ-9 counts for 60 days, and a
    GAD-7 for 180 days. Sources: Kroenke 2001, Spitzer 2006, C-SSRS triage. The levels are a
    proposal (docs/review_list.md).
    """
    level, facts = Need.LOW, []
    for found, fact in _facts(episode, today):
        if found > level:
            level, facts = found, [fact]
        elif found == level:
            facts.append(fact)
    return Needed(level, tuple(facts))


def _facts(episode: EpisodeFacts, today: date) -> Iterator[tuple[Need, NeedFact]]:
    """Yield each fact of ``episode`` with the level of need that the fact gives. The most
    informative facts come first.
    """
    answered = episode.item9[-1] if episode.item9 else None
    flagged = [flag.raised_on for flag in episode.flags if flag.kind == FlagKind.SAFETY]
    if flagged:
        yield Need.HIGH, NeedFact("safety_flag", day=min(flagged))
    if episode.screeners:
        screener = episode.screeners[-1]
        if screener.day > today - SCREENER_COUNTS_FOR and screener.severe_questions:
            yield Need.HIGH, NeedFact(InstrumentCode.CSSRS, screener.severe_questions, screener.day)
    decision = episode.risk_decision
    if decision is not None and decision.level in DECIDED_NEEDS:
        fact = NeedFact("risk_decision", decision.level, decision.signed_on)
        yield DECIDED_NEEDS[decision.level], fact
    if answered is not None:
        yield _banded(answered.value, _ITEM9_BANDS), NeedFact("item9", answered.value, answered.day)
    latest = episode.latest
    if latest is not None:
        yield _banded(latest.value, _BANDS), NeedFact(InstrumentCode.PHQ9, latest.value, latest.day)
    if episode.gad7 and episode.gad7[-1].day > today - GAD7_COUNTS_FOR:
        score = episode.gad7[-1]
        yield (
            _banded(score.value, _GAD7_BANDS),
            NeedFact(InstrumentCode.GAD7, score.value, score.day),
        )
    if latest is None or latest.day <= today - LOW_PHQ9_COUNTS_FOR:
        yield Need.MODERATE, NeedFact("phq9_unknown", day=latest.day if latest else None)
    if _risk_is_unknown(episode, today):
        yield Need.MODERATE, NeedFact("risk_unknown")


def _risk_is_unknown(episode: EpisodeFacts, today: date) -> bool:
    """Return whether the risk of suicide is unknown on ``today``.

    It is unknown if item 9 is unknown or there is no PHQ-9, and the last 90 days have neither a
    C-SSRS nor a risk decision.
    """
    if episode.item9_state not in (None, "unknown"):
        return False
    since = today - RISK_KNOWN_FOR
    asked = bool(episode.screeners) and episode.screeners[-1].day > since
    decision = episode.risk_decision
    return not asked and not (decision is not None and decision.signed_on > since)


def _banded(value: int, bands: tuple[tuple[int, Need], ...]) -> Need:
    return next((need for least, need in bands if value >= least), Need.LOW)

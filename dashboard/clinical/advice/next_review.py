"""The day of the next review that a draft sets, and the earlier days that it should not pass."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.caseload.need import DECIDED_NEEDS, INTERVALS, Need
from dashboard.clinical.risk import RiskStatement

_ENDED_BY_A_DECISION = ("risk_decision", "risk_unknown")
"""The kinds of facts of a need that end when a risk decision is signed."""


@dataclass(frozen=True)
class NextReview:
    """The day of the next review, if the draft is signed on the day ``CaseFile.as_of``.

    ``on`` is the chosen day; None if the need determines the day. ``by_need`` is the day on which
    the need asks for a review; None if unknown. ``reassess_on`` is the day by which the risk of
    suicide is to be reassessed; None if it is not set or is past.
    """

    on: date | None
    by_need: date | None
    reassess_on: date | None

    @property
    def passes_need(self) -> bool:
        """Whether the chosen day is later than the need asks for."""
        return self.on is not None and self.by_need is not None and self.on > self.by_need

    @property
    def passes_reassessment(self) -> bool:
        """Whether the risk is to be reassessed before the next review."""
        on = self.on or self.by_need
        return on is not None and self.reassess_on is not None and on > self.reassess_on


def next_review_of(case: CaseFile, draft: DraftReview, amends: UUID | None = None) -> NextReview:
    """Return the next review that ``draft`` sets. ``amends`` is the id of the review that the draft
    amends, or None.
    """
    risk = _risk(case, draft, amends)
    reassess_on = None if risk is None else risk.reassess_on
    if reassess_on is not None and reassess_on < case.as_of:
        reassess_on = None
    return NextReview(draft.next_review_on, _by_need(case, draft), reassess_on)


def _by_need(case: CaseFile, draft: DraftReview) -> date | None:
    """Return the day on which the need will ask for a review once the draft is signed; None if
    unknown.
    """
    levels = [_need_that_stays(case, draft)]
    if draft.risk is not None:
        levels.append(DECIDED_NEEDS.get(draft.risk.level))
    known = [level for level in levels if level is not None]
    return case.as_of + INTERVALS[max(known)] if known else None


def _need_that_stays(case: CaseFile, draft: DraftReview) -> Need | None:
    """Return the need without the facts that a risk decision of the draft ends; None if unknown.

    Such a decision replaces the last one, and the risk is then known. Only the facts of the highest
    level are known. So if all of them end, the need is unknown, unless it can only be low.
    """
    if case.need is None:
        return None
    level, decides = case.need.level, draft.risk is not None and draft.risk.is_decision
    if not decides or any(fact.kind not in _ENDED_BY_A_DECISION for fact in case.need.facts):
        return level
    return Need.LOW if level <= Need.MODERATE else None


def _risk(case: CaseFile, draft: DraftReview, amends: UUID | None) -> RiskStatement | None:
    """Return the risk decision of the draft. If it has none, return the last one of the case."""
    if draft.risk is not None and draft.risk.is_decision:
        return draft.risk
    for review in reversed(case.reviews):
        stands = review.superseded_by is None and review.id != amends
        if stands and review.risk is not None and review.risk.is_decision:
            return review.risk
    return None

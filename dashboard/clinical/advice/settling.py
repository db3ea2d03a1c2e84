"""The decisions that a review of a case must contain: the risk decision, and a settlement of each
open line of earlier advice.

The rules are in docs/review_list.md, "What a review does to earlier advice".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from dashboard.clinical.advice import lines
from dashboard.clinical.advice.drafts import ChangedLine
from dashboard.clinical.advice.lines import (
    LONGEST_FIELD,
    DraftLine,
    DraftReview,
    DraftSettlement,
    Problem,
)
from dashboard.clinical.advice.standing_advice import (
    StandingAdvice,
    standing_advice,
    unsettled_advice,
)
from dashboard.clinical.case.case_file import CaseFile, Question, Recommendation
from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.clinical.risk import REASSESSMENT_REQUIRED, RiskStatement, asks_for_decision
from dashboard.vocabulary import (
    MedicationAction,
    Outcome,
    RecommendationKind,
    RiskLevel,
    SettlementKind,
)

Order = DraftLine | Recommendation
"""A line of advice, of a draft or of a signed review."""


class AlertStands(Exception):
    """The error raised for the outcome "no change" while a rule of tier 0 (safety) holds. The case
    then needs a full review.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason.rule.id for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Owed:
    """The facts that decide what a review of a case must contain.

    ``reasons`` are the rules that hold. ``earlier`` are the lines of earlier reviews that must be
    settled. ``questions`` are the open questions of the nurse. ``restates_risk`` is true if the
    review amends a review that stated the risk. That statement no longer counts, so the new review
    must state the risk again.
    """

    reasons: tuple[Reason, ...] = ()
    earlier: tuple[StandingAdvice, ...] = ()
    restates_risk: bool = False
    questions: tuple[Question, ...] = ()

    @property
    def risk_decision(self) -> bool:
        """Whether the review must state the risk. The statement "not assessed" is allowed."""
        asked = asks_for_decision([reason.rule.id for reason in self.reasons])
        return asked or self.restates_risk


def owed_by(case: CaseFile, amends: UUID | None = None) -> Owed:
    """Return the facts that decide what a review of ``case`` must contain. ``amends`` is the id of
    the review that the new review supersedes, or None.
    """
    amended = next((review for review in case.reviews if review.id == amends), None)
    return Owed(
        case.reasons,
        unsettled_advice(case, amends),
        restates_risk=amended is not None and amended.risk is not None,
        questions=case.questions,
    )


def risk_to_restate(case: CaseFile, amends: UUID) -> RiskStatement | None:
    """Return the risk statement with which the draft begins that amends the review ``amends``.

    Return None if that review stated none. Return None also if a rule now asks for a risk decision,
    or if a later review has decided on the risk: a signed correction of the old statement would end
    the alert, or replace the later decision, although nobody has decided so.
    """
    if asks_for_decision([reason.rule.id for reason in case.reasons]):
        return None
    for review in reversed(case.reviews):
        if review.id == amends:
            return review.risk
        if review.superseded_by is None and review.risk is not None and review.risk.is_decision:
            return None
    return None


def check_can_leave_unchanged(owed: Owed) -> None:
    """Raise ``AlertStands`` if a rule of tier 0 (safety) holds. The outcome "no change" is then not
    allowed.
    """
    alerts = tuple(reason for reason in owed.reasons if reason.tier is Tier.SAFETY)
    if alerts:
        raise AlertStands(alerts)


def can_leave_unchanged(owed: Owed) -> bool:
    """Return whether the outcome "no change" is allowed. It is not allowed while a rule of tier 0
    (safety) holds.
    """
    try:
        check_can_leave_unchanged(owed)
    except AlertStands:
        return False
    return True


def unchanged(draft: DraftReview, owed: Owed) -> DraftReview:
    """Return the draft as a review that changes nothing.

    Every line of an earlier review is kept. If the review must state the risk and the draft does
    not, the level becomes "not assessed".
    """
    risk = draft.risk
    if risk is None and owed.risk_decision:
        risk = RiskStatement(RiskLevel.NOT_ASSESSED)
    return replace(draft, outcome=Outcome.NO_CHANGE, risk=risk, settlements=())


def completed(draft: DraftReview, owed: Owed) -> DraftReview:
    """Return the draft as it will be signed, with a settlement for each open line of advice of
    earlier reviews.

    If the psychiatrist chose no settlement for a line, the proposed one is taken. A choice for a
    line that is no longer open is left out. If the review has a line of kind ``safety``, the reason
    why none is needed is left out.
    """
    whole = replace(draft, settlements=tuple(_settlement(draft, one) for one in owed.earlier))
    return replace(whole, risk=None if draft.risk is None else _statement(whole, draft.risk, owed))


def changed_lines(
    draft: DraftReview, case: CaseFile, amends: UUID | None = None
) -> tuple[ChangedLine, ...]:
    """Return the earlier lines of advice whose state has changed since ``draft`` was completed.

    These are the lines that ``draft`` settles although they are no longer open, and the open lines
    that ``draft`` does not settle.
    """
    settled = {one.id for one in draft.settlements}
    standing = {str(one.line.id): one for one in standing_advice(case, amends)}
    withdrawn = {str(one.recommendation_id) for one in case.withdrawals}
    found = []
    for review in case.reviews:
        for line in review.recommendations:
            line_id, there = str(line.id), standing.get(str(line.id))
            is_open = there is not None and not there.is_settled
            if is_open == (line_id in settled):
                continue
            what = "withdrawn" if line_id in withdrawn else "answered" if there else "settled"
            found.append(ChangedLine(line, review.signed_at, "open" if is_open else what))
    return tuple(found)


def problems(draft: DraftReview, today: date, owed: Owed) -> tuple[Problem, ...]:
    """Return all problems that prevent signing ``draft`` on ``today``, in the order of the form."""
    whole = completed(draft, owed)
    return (
        *_answer_problems(draft, owed),
        *lines.problems(draft, today),
        *_outcome_problems(whole, owed),
        *_drug_problems(draft),
        *_settlement_problems(whole, today, owed),
        *_risk_problems(draft, today, owed),
    )


def lacks_answer(draft: DraftReview, owed: Owed) -> bool:
    """Return whether the nurse has asked a question that the draft does not answer.

    Any signed review closes a question (docs/review_list.md, "Exact words"). Therefore a review
    requires an answer, which may say that the question is left open.
    """
    return bool(owed.questions) and not draft.answer.strip()


def has_safety_line(draft: DraftReview, owed: Owed) -> bool:
    """Return whether the review has a recommendation of kind ``safety``: a new one, or an earlier
    one that the review keeps.
    """
    whole = replace(draft, settlements=tuple(_settlement(draft, one) for one in owed.earlier))
    kept = (one.line.kind for one in kept_lines(whole, owed))
    return RecommendationKind.SAFETY in (*(line.kind for line in draft.lines), *kept)


def kept_lines(draft: DraftReview, owed: Owed) -> tuple[StandingAdvice, ...]:
    """Return the lines of earlier reviews that a completed draft keeps."""
    kinds = {one.id: one.kind for one in draft.settlements}
    return tuple(one for one in owed.earlier if kinds.get(str(one.line.id)) is SettlementKind.KEPT)


def order_one_drug(one: Order, other: Order) -> bool:
    """Return whether two lines of advice prescribe the same drug, compared by ATC code and by
    name.
    """
    return bool(_drug(one) & _drug(other))


def touch_one_drug(one: Order, other: Order) -> bool:
    """Return whether two lines of advice concern the same drug. A line that switches drugs concerns
    both the new drug and the replaced drug.
    """
    return bool(_drugs(one) & _drugs(other))


def _settlement(draft: DraftReview, line: StandingAdvice) -> DraftSettlement:
    recommendation_id = str(line.line.id)
    chosen = draft.settlement(recommendation_id) or DraftSettlement(recommendation_id)
    kind = chosen.kind or _proposed_kind(draft, line)
    is_kept, is_replaced = kind is SettlementKind.KEPT, kind is SettlementKind.REPLACED
    return DraftSettlement(
        id=recommendation_id,
        kind=kind,
        due_on=(chosen.due_on or line.due_on) if is_kept else None,
        replaced_by=_replacing(draft, line, chosen) if is_replaced else None,
        reason=chosen.reason.strip() if kind is SettlementKind.WITHDRAWN else "",
    )


def _proposed_kind(draft: DraftReview, line: StandingAdvice) -> SettlementKind:
    if line.line.kind == RecommendationKind.MEDICATION and any(
        one.kind == RecommendationKind.MEDICATION for one in draft.lines
    ):
        return SettlementKind.REPLACED
    return SettlementKind.KEPT


def _replacing(draft: DraftReview, line: StandingAdvice, chosen: DraftSettlement) -> str | None:
    """Return the id of the line in ``draft`` that replaces the earlier line ``line``; None if there
    is none.

    If the psychiatrist chose a line, return that line. Otherwise return the first line that
    concerns the same drug. If there is none, return the first line of the same kind.
    """
    if chosen.replaced_by is not None and draft.line(chosen.replaced_by) is not None:
        return chosen.replaced_by
    same = [one for one in draft.lines if touch_one_drug(one, line.line)]
    like = [one for one in draft.lines if one.kind == line.line.kind]
    proposed = [*same, *like]
    return proposed[0].id if proposed else None


def _statement(whole: DraftReview, risk: RiskStatement, owed: Owed) -> RiskStatement:
    if not risk.is_decision:
        return RiskStatement(risk.level)
    reason = "" if has_safety_line(whole, owed) else risk.reason.strip()
    return replace(risk, reason=reason)


def _answer_problems(draft: DraftReview, owed: Owed) -> Iterator[Problem]:
    if lacks_answer(draft, owed):
        yield Problem("answer", "missing")


def _outcome_problems(draft: DraftReview, owed: Owed) -> Iterator[Problem]:
    """Yield the problems of the outcome of a draft that ``completed`` returned."""
    if draft.outcome == Outcome.NO_CHANGE and not can_leave_unchanged(owed):
        yield Problem("lines", "alert_stands")
    if draft.outcome == Outcome.REVIEWED and not draft.lines and not _decides(draft, owed):
        yield Problem("lines", "nothing_advised")


def _decides(draft: DraftReview, owed: Owed) -> bool:
    """Return whether a draft without lines of advice makes a decision: a risk decision, or a change
    of an earlier line.
    """
    if draft.risk is not None and draft.risk.is_decision:
        return True
    return any(
        not _leaves_as_it_is(settlement, line)
        for line, settlement in zip(owed.earlier, draft.settlements, strict=True)
    )


def _leaves_as_it_is(settlement: DraftSettlement, line: StandingAdvice) -> bool:
    return settlement.kind is SettlementKind.KEPT and settlement.due_on == line.due_on


def _drug_problems(draft: DraftReview) -> Iterator[Problem]:
    for place, line in enumerate(draft.lines):
        if any(order_one_drug(line, before) for before in draft.lines[:place]):
            yield Problem(f"lines/{line.id}/drug_name", "same_drug")


def _settlement_problems(draft: DraftReview, today: date, owed: Owed) -> Iterator[Problem]:
    """Yield the problems of the settlements of a draft that ``completed`` returned."""
    orders: list[Order] = list(draft.lines)
    for line, settlement in zip(owed.earlier, draft.settlements, strict=True):
        found = list(_one_settlement_problems(draft, line, settlement, today))
        if settlement.kind is SettlementKind.KEPT:
            if any(touch_one_drug(line.line, one) for one in orders):
                found.append(Problem("kind", "same_drug"))
            orders.append(line.line)
        for problem in found:
            yield replace(problem, field=f"settlements/{settlement.id}/{problem.field}")


def _one_settlement_problems(
    draft: DraftReview, line: StandingAdvice, settlement: DraftSettlement, today: date
) -> Iterator[Problem]:
    if draft.outcome == Outcome.NO_CHANGE:
        if not _leaves_as_it_is(settlement, line):
            yield Problem("kind", "change_advised")
    elif settlement.kind is SettlementKind.KEPT:
        yield from lines.day_problems("due_on", settlement.due_on, today)
    elif settlement.kind is SettlementKind.REPLACED and settlement.replaced_by is None:
        yield Problem("replaced_by", "missing")
    if len(settlement.reason) > LONGEST_FIELD:
        yield Problem("reason", "too_long")


def _risk_problems(draft: DraftReview, today: date, owed: Owed) -> Iterator[Problem]:
    if draft.risk is None:
        if owed.risk_decision:
            yield Problem("risk/level", "missing")
        return
    if draft.risk.is_decision:
        yield from _reassessment_problems(draft.risk, today)
        if not draft.risk.reason.strip() and not has_safety_line(draft, owed):
            yield Problem("risk/reason", "missing")
    if len(draft.risk.reason) > LONGEST_FIELD:
        yield Problem("risk/reason", "too_long")


def _reassessment_problems(risk: RiskStatement, today: date) -> Iterator[Problem]:
    yield from lines.day_problems(
        "risk/reassess_on", risk.reassess_on, today, required=risk.level in REASSESSMENT_REQUIRED
    )
    if risk.reassess_on == today:
        yield Problem("risk/reassess_on", "not_in_the_future")


def _drug(line: Order) -> set[str]:
    return (
        _names(line.atc_code, line.drug_name)
        if line.kind == RecommendationKind.MEDICATION
        else set()
    )


def _drugs(line: Order) -> set[str]:
    if line.kind != RecommendationKind.MEDICATION or line.action != MedicationAction.SWITCH:
        return _drug(line)
    code = line.replaced_atc_code if isinstance(line, DraftLine) else None
    return _drug(line) | _names(code, line.replaced_drug_name)


def _names(atc_code: str | None, drug_name: str | None) -> set[str]:
    """Return the ATC code and the name of a drug, in lower case. Leave out one that is missing."""
    return {" ".join(one.casefold().split()) for one in (atc_code, drug_name) if one} - {""}

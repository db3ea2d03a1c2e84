"""Signing, amending, answering and withdrawing in any order.

Every line of advice has one state. No alert of suicide ends without a decision or a clearing by a
named person. A plain model of the rules is compared with the database after each step.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotReady, seen_in
from dashboard.clinical.advice.inbox import NotWanted, Superseded
from dashboard.clinical.advice.lines import DraftLine, DraftReview, with_settlement
from dashboard.clinical.advice.settling import can_leave_unchanged, completed, owed_by, unchanged
from dashboard.clinical.advice.standing_advice import NotOpen, standing_advice
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.settlements import SETTLING_OUTCOMES
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import begin_amendment, discard_draft, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.withdrawing import withdraw
from dashboard.queries.case.case_file import read_case
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support.factories import Database
from tests.support.signing import sign

EXAMPLES, STEPS = 8, 14

TODAY = today()
SOON = TODAY + timedelta(days=14)
DECISIONS = {
    "none": None,
    "left open": RiskStatement(RiskLevel.NOT_ASSESSED),
    "low": RiskStatement(RiskLevel.LOW, None, "Aucune idée suicidaire ce jour"),
    "high": RiskStatement(RiskLevel.HIGH, TODAY + timedelta(days=7), "Hospitalisée"),
}

kinds = st.sampled_from(SettlementKind)
decisions = st.sampled_from(sorted(DECISIONS))
places = st.integers(0, 5)


@dataclass
class Line:
    """The model of a line: ``standing``, or how it ended; and its latest answer."""

    status: str = "standing"
    outcome: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status == "standing" and self.outcome not in SETTLING_OUTCOMES


@dataclass
class Signed:
    """A review that was signed and not amended since, and how the lines stood before it."""

    id: UUID
    lines: list[UUID]
    before: dict[UUID, str]
    decided: bool


class Advice(RuleBasedStateMachine):
    """One patient in whom suicidal thoughts came up yesterday, and whom two people care for."""

    database: Database

    @initialize()
    def begins(self) -> None:
        self.team = self.database.team()
        self.case = self.team.case(TODAY - timedelta(days=90))
        yesterday = TODAY - timedelta(days=1)
        items = [1, 1, 1, 1, 1, 1, 1, 1, 2]
        self.database.assessment(self.case.patient, "phq9", yesterday, sum(items), items=items)
        self.lines: dict[UUID, Line] = {}
        self.reviews: list[Signed] = []
        self.flagged_at: datetime | None = None
        self.flag: int | None = None

    # Actions.

    @rule(kind=kinds, decision=decisions, new=st.integers(0, 2), place=places)
    def signs(self, kind: SettlementKind, decision: str, new: int, place: int) -> None:
        self.sign(None, kind, decision, new, place)

    @rule(kind=kinds, decision=decisions, new=st.integers(1, 2), place=places)
    def amends_the_last(self, kind: SettlementKind, decision: str, new: int, place: int) -> None:
        if self.reviews:
            self.sign(self.reviews[-1], kind, decision, new, place)

    @rule()
    def sees_no_change(self) -> None:
        case = self.read()
        owed = owed_by(case)
        content = unchanged(DraftReview("Vu", next_review_on=SOON), owed)
        if self.alerts() and not can_leave_unchanged(owed):
            with pytest.raises(NotReady):
                self.write(None, content)
            return
        before = {line: one.status for line, one in self.lines.items()}
        signed = self.write(None, content)
        for one in self.lines.values():
            if one.status == "standing" and not one.is_open:
                one.status = "settled"
        self.reviews.append(Signed(signed, [], before, decided=False))

    @rule(place=places, outcome=st.sampled_from(["acknowledged", "done", "declined"]))
    def answers(self, place: int, outcome: str) -> None:
        if not self.lines:
            return
        line_id = self.line_at(place)
        line = self.lines[line_id]
        with acting_as(self.team.nurse) as connection:
            if line.status == "standing":
                answer(connection, line_id, outcome, "fait", uuid4())
                line.outcome = outcome
            elif line.status != "settled":
                with pytest.raises((NotWanted, Superseded)):
                    answer(connection, line_id, outcome, "fait", uuid4())

    @rule(place=places, twice=st.booleans())
    def withdraws(self, place: int, twice: bool) -> None:
        if not self.lines:
            return
        line_id = self.line_at(place)
        line = self.lines[line_id]
        for _time in range(2 if twice else 1):
            with acting_as(self.team.psychiatrist) as connection:
                if line.is_open or line.status == "withdrawn between":
                    withdraw(connection, line_id, "Plus souhaité", TODAY)
                    line.status = "withdrawn between"
                else:
                    with pytest.raises(NotOpen):
                        withdraw(connection, line_id, "Plus souhaité", TODAY)

    @rule()
    def raises_a_flag(self) -> None:
        if self.flag is None:
            self.flagged_at = datetime.now(UTC)
            self.flag = self.database.add(
                registry.flag,
                patient_id=self.case.patient,
                kind="safety",
                raised_by=self.team.nurse,
                raised_at=self.flagged_at,
            )

    @rule()
    def clears_the_flag(self) -> None:
        if self.flag is not None:
            with self.database.owner().begin() as connection:
                connection.execute(
                    text("UPDATE registry.flag SET cleared_at = now(), cleared_by = :by"),
                    {"by": self.team.nurse},
                )
            self.flag = self.flagged_at = None

    @rule()
    def answers_better(self) -> None:
        items = [0, 1, 0, 0, 0, 0, 0, 0, 0]
        self.database.assessment(self.case.patient, "phq9", TODAY, sum(items), items=items)

    # Invariants.

    @invariant()
    def every_line_has_one_state(self) -> None:
        if not hasattr(self, "case"):
            return
        case = self.read()
        standing = {one.line.id for one in standing_advice(case)}
        assert standing == {line for line, one in self.lines.items() if one.status == "standing"}
        shown = {line.id: line for review in case.reviews for line in review.recommendations}
        assert shown.keys() == self.lines.keys()
        for line_id, one in self.lines.items():
            assert shown[line_id].is_open == one.is_open, one
            if one.outcome in SETTLING_OUTCOMES:
                assert shown[line_id].state == one.outcome
            elif one.status == "standing":
                assert shown[line_id].state in ("unanswered", "acknowledged")
            else:
                assert shown[line_id].state == one.status.split()[0]

    @invariant()
    def an_alert_ends_with_a_decision_or_a_clearing_alone(self) -> None:
        if hasattr(self, "case"):
            held = {reason.rule.id for reason in self.read().reasons}
            assert held & {"suicidal_ideation", "safety_flag"} == self.alerts()

    # How.

    def alerts(self) -> set[str]:
        decided = any(review.decided for review in self.reviews)
        alerts = set() if decided else {"suicidal_ideation"}
        if self.flagged_at is not None:
            since = [one for one in self.reviews if one.decided and self.is_after(one)]
            alerts |= set() if since else {"safety_flag"}
        return alerts

    def is_after(self, review: Signed) -> bool:
        with self.database.owner().connect() as connection:
            signed_at = connection.execute(
                text("SELECT signed_at FROM review.case_review WHERE id = :id"), {"id": review.id}
            ).scalar_one()
        return signed_at > self.flagged_at

    def line_at(self, place: int) -> UUID:
        ids = list(self.lines)
        return ids[-1 - place % len(ids)]

    def read(self):
        with acting_as(self.team.psychiatrist) as connection:
            return read_case(connection, self.case.episode, TODAY)

    def sign(
        self, amended: Signed | None, kind: SettlementKind, decision: str, new: int, place: int
    ) -> None:
        """Sign a review that treats one of the open lines so, and the others as proposed."""
        case = self.read()
        owed = owed_by(case, amended and amended.id)
        lines = tuple(
            DraftLine(str(n), "other", detail=f"Ligne {n}", owner_role="nurse") for n in range(new)
        )
        content = DraftReview("Revue", lines, SOON, risk=DECISIONS[decision])
        chosen = owed.earlier[place % len(owed.earlier)] if owed.earlier else None
        if chosen is not None:
            content = with_settlement(content, str(chosen.line.id), kind=kind)
        must = bool(self.alerts()) or owed.restates_risk
        statement = DECISIONS[decision]
        settles = chosen is not None and (kind, new) != (SettlementKind.KEPT, 0)
        named = chosen is None or kind is not SettlementKind.REPLACED or new > 0
        decides = bool(lines) or settles or (statement is not None and statement.is_decision)
        if not decides or not named or (must and statement is None):
            with pytest.raises(NotReady):
                self.write(amended, content)
            return
        if amended is not None:
            self.undo(amended)
        before = {line: one.status for line, one in self.lines.items()}
        signed = self.write(amended, content)
        for line_id, line in self.lines.items():
            if line.status != "standing":
                continue
            if not line.is_open:
                line.status = "replaced"
            elif chosen is not None and line_id == chosen.line.id:
                line.status = "standing" if kind is SettlementKind.KEPT else kind.value
        ids = self.lines_of(signed)
        self.lines |= {line: Line() for line in ids}
        decided = statement is not None and statement.is_decision
        if amended is not None:
            self.reviews.remove(amended)
        self.reviews.append(Signed(signed, ids, before, decided))

    def undo(self, amended: Signed) -> None:
        """Undo the effects of a superseded review."""
        for line_id, status in amended.before.items():
            if self.lines[line_id].status not in ("withdrawn between", "superseded"):
                self.lines[line_id].status = status
        for line_id in amended.lines:
            self.lines[line_id].status = "superseded"

    def write(self, amended: Signed | None, content: DraftReview) -> UUID:
        case = self.read()
        with acting_as(self.team.psychiatrist) as connection:
            if amended is None:
                draft = open_draft(connection, self.case.episode)
            else:
                draft = begin_amendment(connection, amended.id, TODAY)
            saved = save_draft(connection, draft, content).draft
        owed = owed_by(case, amended and amended.id)
        ready = replace(saved, content=completed(saved.content, owed))
        try:
            with acting_as(self.team.psychiatrist) as connection:
                return sign(connection, ready, seen_in(case), TODAY).id
        except NotReady:
            with acting_as(self.team.psychiatrist) as connection:
                discard_draft(connection, saved)
            raise

    def lines_of(self, review_id: UUID) -> list[UUID]:
        with self.database.owner().connect() as connection:
            return list(
                connection.execute(
                    text(
                        "SELECT id FROM review.recommendation WHERE case_review_id = :id"
                        " ORDER BY position"
                    ),
                    {"id": review_id},
                ).scalars()
            )


def test_every_line_has_one_state_and_no_alert_ends_by_itself(database):
    Advice.database = database
    run_state_machine_as_test(
        Advice,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

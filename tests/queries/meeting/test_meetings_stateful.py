"""Two people's actions in a meeting, in any order, repeated or simultaneous.

No case is lost, and none is decided twice. A model in plain Python gives the result of each step;
after every step the database is compared with it.
"""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import (
    ChangedMeanwhile,
    Draft,
    DraftInTheWay,
    Seen,
    SignedReview,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.meeting.meetings import AlreadyDecided, NotRunning
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.queries.advice.changes import changed_since
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.meeting import holding, meetings
from tests.support.factories import Case, Database, Team, completed_draft
from tests.support.signing import no_change, sign

pytestmark = pytest.mark.thorough

EXAMPLES, STEPS = 12, 20
TODAY = today()
CASES = 4
REASONS = ("Absente", "Bilan attendu")
ADVICE = DraftReview(
    "Réponse partielle",
    (DraftLine("a", kind="other", detail="Agenda du sommeil", owner_role="nurse"),),
    next_review_on=TODAY + timedelta(days=28),
)
NO_CHANGE = DraftReview("Vu.", next_review_on=TODAY + timedelta(days=28))

Outcome = tuple[str, int, str | None]
"""The decision, its author's id, and the reason."""

people = st.sampled_from(["psychiatrist", "nurse", "covering"])
psychiatrists = st.sampled_from(["psychiatrist", "covering"])
places = st.integers(0, CASES - 1)


class Held(RuleBasedStateMachine):
    """A meeting of a psychiatrist, a nurse, and a colleague who covers the psychiatrist."""

    database: Database

    @initialize(order=st.permutations(range(1, CASES + 1)))
    def agenda(self, order: list[int]) -> None:
        self.team: Team = self.database.team()
        self.covering = self.database.practitioner("psychiatrist", "Suppléant")
        self.database.add(
            tables.cover,
            covered_id=self.team.psychiatrist,
            covering_id=self.covering,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=1),
        )
        cases = [self.team.case(TODAY - timedelta(days=90)) for _n in range(CASES)]
        self.meeting = self.database.meeting(self.team, [])
        for case, position in zip(cases, order, strict=True):
            self.database.agenda_item(self.meeting, case, position * 10)
        self.cases: list[Case] = [
            case for _position, case in sorted(zip(order, cases, strict=True), key=lambda p: p[0])
        ]
        self.started = self.ended = False
        self.at = 0
        self.outcomes: list[Outcome | None] = [None] * CASES
        self.reviews: list[list[SignedReview]] = [[] for _case in range(CASES)]
        self.deciding: list[UUID | None] = [None] * CASES
        self.drafts: dict[tuple[str, int], DraftReview] = {}

    # Actions.

    @rule(person=people)
    def starts(self, person: str) -> None:
        if self.ended:
            with pytest.raises(NotRunning):
                self.do(person, holding.start, self.meeting)
            return
        self.do(person, holding.start, self.meeting)
        self.started = True

    @rule()
    def all_start_at_once(self) -> None:
        if self.ended:
            return
        given = self.at_once(
            *(lambda one=one: self.do(one, holding.start, self.meeting) for one in PEOPLE)
        )
        assert len({one.started_at for one in given}) == 1
        self.started = True

    @rule(person=people, place=places)
    def turns(self, person: str, place: int) -> None:
        if not self.running:
            with pytest.raises(NotRunning):
                self.do(person, holding.turn_to, self.meeting, self.item(place).id)
            return
        self.do(person, holding.turn_to, self.meeting, self.item(place).id)
        self.at = place

    @rule(person=people)
    def looks(self, person: str) -> None:
        self.do(person, holding.follow, self.meeting)

    @rule(person=psychiatrists, place=places)
    def writes(self, person: str, place: int) -> None:
        self.write(person, place)

    @rule(person=psychiatrists, place=places, retries=st.integers(0, 2))
    def signs(self, person: str, place: int, retries: int) -> None:
        before = self.outcomes[place]
        draft = self.write(person, place)
        try:
            review = self.do(person, sign_having_seen_all, draft)
        except AlreadyDecided as told:
            assert self.running
            self.told(told, before)
            assert before is not None
            assert before[0] == "deferred"
            return
        for _retry in range(retries):
            again = self.do(person, sign, draft, Seen(), TODAY)
            assert again.id == review.id
        self.signed(person, place, review, "reviewed")

    @rule(person=psychiatrists, place=places, retries=st.integers(0, 2))
    def sees_no_change(self, person: str, place: int, retries: int) -> None:
        for _click in range(retries + 1):
            self.no_change(person, place)

    def no_change(self, person: str, place: int) -> None:
        before = self.outcomes[place]
        try:
            review = self.do(person, see_no_change, self.item(place), self.cases[place].episode)
        except NotRunning:
            assert not self.running
        except AlreadyDecided as told:
            self.told(told, before)
        except DraftInTheWay:
            assert before is None
            assert (person, place) in self.drafts
        else:
            if review is None:
                assert before == ("no_change", self.id(person), None)
                return
            assert before is None
            self.signed(person, place, review, "no_change")

    @rule(person=people, place=places, reason=st.sampled_from(REASONS))
    def defers(self, person: str, place: int, reason: str) -> None:
        before = self.outcomes[place]
        wanted = ("deferred", self.id(person), reason)
        try:
            self.do(person, holding.defer, self.item(place).id, reason)
        except NotRunning:
            assert not self.running
        except AlreadyDecided as told:
            assert before != wanted
            self.told(told, before)
        else:
            assert before in (None, wanted)
            self.outcomes[place] = wanted

    @rule(person=people, place=places)
    def takes_up(self, person: str, place: int) -> None:
        if not self.running:
            with pytest.raises(NotRunning):
                self.do(person, holding.take_up, self.item(place).id)
            return
        self.do(person, holding.take_up, self.item(place).id)
        before = self.outcomes[place]
        if before is not None and before[0] == "deferred":
            self.outcomes[place] = None

    @rule(person=psychiatrists, place=places)
    def amends(self, person: str, place: int) -> None:
        if not self.reviews[place] or (person, place) in self.drafts:
            return
        last = self.reviews[place][-1]
        review = self.do(person, amend, last.id, self.cases[place].episode)
        self.reviews[place].append(review)

    @rule(place=places, reason=st.sampled_from(REASONS))
    def sign_and_deferral_at_once(self, place: int, reason: str) -> None:
        if not self.running or self.outcomes[place] is not None:
            return
        draft = self.write("psychiatrist", place)
        by_review, by_deferral = self.at_once(
            lambda: self.do("psychiatrist", sign_having_seen_all, draft),
            lambda: self.do("nurse", holding.defer, self.item(place).id, reason),
        )
        if isinstance(by_review, AlreadyDecided):
            assert by_deferral is None
            self.outcomes[place] = ("deferred", self.team.nurse, reason)
        else:
            assert isinstance(by_deferral, AlreadyDecided)
            self.signed("psychiatrist", place, by_review, "reviewed")

    @rule(place=places)
    def two_psychiatrists_sign_at_once(self, place: int) -> None:
        if not self.running or self.outcomes[place] is not None:
            return
        names = ("psychiatrist", "covering")
        drafts = {
            name: self.do(name, completed_draft, self.write(name, place), TODAY) for name in names
        }
        seen = self.do("nurse", everything_seen, self.cases[place].episode)
        given = self.at_once(
            *(lambda name=name: self.do(name, sign, drafts[name], seen, TODAY) for name in names)
        )
        [won] = [one for one in given if isinstance(one, SignedReview)]
        [lost] = [one for one in given if isinstance(one, ChangedMeanwhile)]
        winner = names[given.index(won)]
        assert lost.changes.reviews[-1].psychiatrist.id == self.id(winner)
        self.signed(winner, place, won, "reviewed")

    @precondition(lambda self: self.started)
    @rule(person=people, twice=st.booleans())
    def ends(self, person: str, twice: bool) -> None:
        ends = [
            lambda one=one: self.do(one, holding.end, self.meeting)
            for one in (person, *(["nurse"] if twice else []))
        ]
        given = self.at_once(*ends)
        assert len({one.ended_at for one in given}) == 1
        self.ended = True

    # Invariants.

    @invariant()
    def nothing_is_lost_and_nothing_decided_twice(self) -> None:
        seen = [self.do(person, meetings.state, self.meeting) for person in PEOPLE]
        assert len({(one.current_item_id, one.items) for one in seen}) == 1
        meeting = seen[0]
        assert [one.episode_id for one in meeting.items] == [one.episode for one in self.cases]
        assert meeting.is_running is self.running
        if self.started:
            assert [one.position for one in meeting.items] == list(range(1, CASES + 1))
            assert meeting.current == meeting.items[self.at]
        for place, item in enumerate(meeting.items):
            decided = item.outcome and (
                item.outcome,
                item.decided_by and item.decided_by.id,
                item.reason,
            )
            assert decided == self.outcomes[place]
            assert item.case_review_id == self.deciding[place]
            assert item.seconds_spent >= 0

    @invariant()
    def each_review_is_signed_once(self) -> None:
        for place, case in enumerate(self.cases):
            with self.database.owner().begin() as connection:
                signed = connection.exec_driver_sql(
                    "SELECT id FROM review.case_review WHERE episode_id = %s ORDER BY signed_at",
                    (case.episode,),
                ).scalars()
                assert list(signed) == [one.id for one in self.reviews[place]]

    @invariant()
    def no_draft_is_lost(self) -> None:
        for (person, place), content in self.drafts.items():
            assert self.kept(person, place) == content

    # The model.

    @property
    def running(self) -> bool:
        return self.started and not self.ended

    def write(self, person: str, place: int) -> Draft:
        self.drafts[person, place] = ADVICE
        return self.do(person, write, self.cases[place].episode)

    def signed(self, person: str, place: int, review: SignedReview, outcome: str) -> None:
        self.drafts.pop((person, place), None)
        self.reviews[place].append(review)
        if self.running and self.outcomes[place] is None:
            self.outcomes[place] = (outcome, self.id(person), None)
            self.deciding[place] = review.id

    def told(self, told: AlreadyDecided, before: Outcome | None) -> None:
        """Check that the second person is told who has decided and how."""
        assert before is not None
        item = told.item
        assert item.decided_by is not None
        assert (item.outcome, item.decided_by.id, item.reason) == before

    def item(self, place: int) -> Any:
        return self.do("nurse", meetings.state, self.meeting).items[place]

    def kept(self, person: str, place: int) -> DraftReview:
        return self.do(person, open_draft, self.cases[place].episode).content

    def id(self, person: str) -> int:
        return {
            "psychiatrist": self.team.psychiatrist,
            "nurse": self.team.nurse,
            "covering": self.covering,
        }[person]

    def do(self, person: str, act: Callable, *arguments: Any) -> Any:
        with acting_as(self.id(person)) as connection:
            return act(connection, *arguments)

    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        together = threading.Barrier(len(acts))
        given: list[Any] = [None] * len(acts)

        def run(number: int, act: Callable[[], Any]) -> None:
            together.wait()
            try:
                given[number] = act()
            except (AlreadyDecided, ChangedMeanwhile) as refusal:
                given[number] = refusal

        threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return given


PEOPLE = ("psychiatrist", "nurse", "covering")


def write(connection, episode):
    return save_draft(connection, open_draft(connection, episode), ADVICE).draft


def everything_seen(connection, episode):
    return changed_since(connection, episode, Seen(), date.max).seen


def sign_having_seen_all(connection, draft):
    draft = completed_draft(connection, draft, TODAY)
    return sign(connection, draft, everything_seen(connection, draft.episode_id), TODAY)


def see_no_change(connection, item, episode):
    seen = everything_seen(connection, episode)
    return no_change(connection, item.id, NO_CHANGE, seen, TODAY)


def amend(connection, case_review_id, episode):
    draft = begin_amendment(connection, case_review_id, TODAY)
    saved = save_draft(connection, draft, ADVICE).draft
    ready = completed_draft(connection, saved, TODAY)
    return sign(connection, ready, everything_seen(connection, episode), TODAY)


def test_no_case_is_lost_or_decided_twice_whatever_the_order_of_events(database):
    Held.database = database
    run_state_machine_as_test(
        Held,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

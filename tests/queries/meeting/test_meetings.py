"""A meeting is held once, in one order, and each of its cases is decided once."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import (
    ChangedMeanwhile,
    DraftInTheWay,
    NotReady,
    NotYours,
    Seen,
    seen_in,
)
from dashboard.clinical.advice.inbox import ReasonNeeded
from dashboard.clinical.advice.lines import DraftLine, DraftReview, Problem
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.meeting.agenda import USUAL_SECONDS
from dashboard.clinical.meeting.meetings import (
    AlreadyDecided,
    NothingOnTheAgenda,
    NotRunning,
    arrived,
    left_open,
    seconds_in_all,
    to_do,
    with_outcome,
)
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.case.case_file import open_case, read_case
from dashboard.queries.meeting.holding import defer, end, follow, start, take_up, turn_to
from dashboard.queries.meeting.meetings import (
    known_at_start,
    meetings,
    pace_of,
    running,
    state,
    summary,
)
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support.factories import at
from tests.support.signing import no_change, sign

TODAY = today()
ENROLLED = TODAY - timedelta(days=90)
SOON = TODAY + timedelta(days=28)
NO_CHANGE = DraftReview("Vu, sans changement.", next_review_on=SOON)
SLEEP = DraftLine("a", kind="other", detail="Agenda du sommeil", owner_role="nurse", due_on=TODAY)
ADVICE = DraftReview("Réponse partielle", (SLEEP,), next_review_on=SOON)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def cases(team):
    return [team.case(ENROLLED, name) for name in ("Un", "Deux", "Trois")]


@pytest.fixture
def meeting(database, team, cases):
    return database.meeting(team, cases)


def act(person, do: Callable, *arguments, **named):
    with acting_as(person) as connection:
        return do(connection, *arguments, **named)


def begun(team, meeting):
    return act(team.nurse, start, meeting)


def item(team, meeting, place):
    return act(team.nurse, state, meeting).items[place - 1]


def signed(person, case, content=ADVICE, seen=Seen()):  # noqa: B008 - frozen
    def save_and_sign(connection):
        draft = save_draft(connection, open_draft(connection, case.episode), content).draft
        return sign(connection, draft, seen, TODAY)

    return act(person, save_and_sign)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Return the results or errors of the actions, all done at the same moment."""
    together = threading.Barrier(len(acts))
    given: list[object] = [None] * len(acts)

    def run(place: int, do: Callable[[], object]) -> None:
        together.wait()
        try:
            given[place] = do()
        except Exception as error:
            given[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


# Starting.


@pytest.mark.parametrize("role", ["psychiatrist", "nurse"])
def test_either_starts_it_at_the_first_case_in_a_frozen_order(database, team, cases, role):
    meeting = database.meeting(team, [])
    for case, position in zip(cases, (7, 3, 5), strict=True):
        database.agenda_item(meeting, case, position)
    off = team.case(ENROLLED, "Quatre")
    database.agenda_item(
        meeting, off, 1, removed_at=at(TODAY), removed_reason="Revu en consultation"
    )
    now = act(getattr(team, role), start, meeting)
    assert [one.episode_id for one in now.items] == [cases[n].episode for n in (1, 2, 0)]
    assert [one.position for one in now.items] == [1, 2, 3]
    assert now.is_running
    assert now.current == now.items[0]
    assert now.held_on == TODAY


def test_starting_again_changes_nothing(team, meeting):
    first = begun(team, meeting)
    act(team.nurse, turn_to, meeting, first.items[1].id)
    again = act(team.psychiatrist, start, meeting)
    assert again.started_at == first.started_at
    assert again.current == first.items[1]


def test_two_who_start_at_once_start_one_meeting(team, meeting, database):
    one, two = at_once(
        lambda: act(team.nurse, start, meeting), lambda: act(team.psychiatrist, start, meeting)
    )
    assert one.started_at == two.started_at
    assert traces(database, "meeting_started") == 1


def test_a_meeting_without_a_case_does_not_begin(database, team):
    meeting = database.meeting(team, [])
    with pytest.raises(NothingOnTheAgenda):
        begun(team, meeting)
    assert not act(team.nurse, state, meeting).is_running


def test_a_meeting_of_others_is_not_there(database, team, meeting):
    begun(team, meeting)
    stranger = database.team().psychiatrist
    for person in (stranger, team.gp):
        assert act(person, state, meeting) is None
        assert act(person, meetings) == []
        for do in (start, lambda c, m: turn_to(c, m, uuid4()), end):
            with pytest.raises(NotYours):
                act(person, do, meeting)
    first = item(team, meeting, 1)
    with pytest.raises(NotYours):
        act(stranger, defer, first.id, "plus tard")


def test_who_covers_one_of_the_two_holds_it_in_their_place(database, team, meeting):
    other = database.practitioner("psychiatrist", "Suppléant")
    database.add(
        tables.cover,
        covered_id=team.psychiatrist,
        covering_id=other,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    now = act(other, start, meeting)
    act(other, no_change, now.items[0].id, NO_CHANGE, Seen(), TODAY)
    decided = item(team, meeting, 1)
    assert (decided.outcome, decided.decided_by.id) == ("no_change", other)


# Where the two are, and the time.


def test_both_are_at_the_same_case(team, meeting):
    now = begun(team, meeting)
    act(team.psychiatrist, turn_to, meeting, now.items[2].id)
    for person in (team.nurse, team.psychiatrist):
        assert act(person, follow, meeting).current == now.items[2]
    assert [one.id for one in act(team.nurse, running)] == [meeting]


def test_one_cannot_turn_to_what_is_not_on_the_agenda(database, team, meeting, cases):
    now = begun(team, meeting)
    other = database.meeting(database.team(), [cases[0]])
    elsewhere = database.agenda_item(other, cases[1], 2)
    removed = database.agenda_item(
        meeting, team.case(ENROLLED), 9, removed_at=at(TODAY), removed_reason="absent"
    )
    for target in (elsewhere, removed, uuid4()):
        with pytest.raises(NotYours):
            act(team.nurse, turn_to, meeting, target)
    assert act(team.nurse, state, meeting).current == now.items[0]


def test_the_time_goes_to_the_case_that_is_left(database, team, meeting):
    now = begun(team, meeting)
    earlier(database, 200)
    present(database)
    assert act(team.nurse, state, meeting).seconds_here == pytest.approx(200, abs=2)
    turned = act(team.nurse, turn_to, meeting, now.items[1].id)
    assert turned.items[0].seconds_spent == pytest.approx(200, abs=2)
    assert turned.seconds_here <= 1
    # A second click on the same case starts nothing again.
    earlier(database, 30)
    present(database)
    again = act(team.psychiatrist, turn_to, meeting, now.items[1].id)
    assert again.seconds_here == pytest.approx(30, abs=2)
    assert seconds_in_all(again) == pytest.approx(230, abs=3)


def test_the_time_when_nobody_was_there_is_not_counted(database, team, meeting):
    now = begun(team, meeting)
    # Two minutes on the case, then half an hour without activity.
    earlier(database, 1920)
    earlier(database, 1800, "last_seen_at")
    assert act(team.nurse, state, meeting).seconds_here == pytest.approx(120, abs=2)
    act(team.nurse, follow, meeting)
    back = act(team.nurse, state, meeting)
    assert back.seconds_here <= 1
    assert back.items[0].seconds_spent == pytest.approx(120, abs=2)
    earlier(database, 60)
    present(database)
    done = act(team.nurse, turn_to, meeting, now.items[1].id)
    assert done.items[0].seconds_spent == pytest.approx(180, abs=3)


def test_following_writes_at_most_every_twenty_seconds_and_never_to_the_log(
    database, team, meeting
):
    begun(team, meeting)
    logged = traces(database)
    seen = value(database, "last_seen_at")
    for _poll in range(3):
        act(team.nurse, follow, meeting)
    assert value(database, "last_seen_at") == seen
    earlier(database, 25, "last_seen_at")
    act(team.nurse, follow, meeting)
    assert value(database, "last_seen_at") > seen
    assert traces(database) == logged


def earlier(database, seconds, *columns):
    columns = columns or ("turned_at",)
    moved = ", ".join(f"{one} = {one} - interval '{seconds} seconds'" for one in columns)
    run(database, f"UPDATE review.meeting SET {moved}")


def present(database):
    run(database, "UPDATE review.meeting SET last_seen_at = clock_timestamp()")


def run(database, statement):
    with database.owner().begin() as connection:
        connection.exec_driver_sql(statement)


def value(database, column):
    with database.owner().begin() as connection:
        return connection.exec_driver_sql(f"SELECT {column} FROM review.meeting").scalar_one()


def traces(database, action=None):
    with database.owner().begin() as connection:
        return connection.exec_driver_sql(
            "SELECT count(*) FROM review.access_log WHERE %(action)s::text IS NULL"
            " OR action = %(action)s",
            {"action": action},
        ).scalar_one()


# Deciding.


def test_a_signed_review_is_the_outcome_of_its_case(database, team, meeting, cases):
    begun(team, meeting)
    review = signed(team.psychiatrist, cases[1])
    decided = item(team, meeting, 2)
    assert (decided.outcome, decided.case_review_id) == ("reviewed", review.id)
    assert decided.decided_by.id == team.psychiatrist
    assert reviews(database, cases[1]) == [(meeting, "reviewed")]
    assert item(team, meeting, 1).outcome is None


def test_a_review_outside_of_a_meeting_is_of_none(database, team, meeting, cases):
    signed(team.psychiatrist, cases[0])
    assert reviews(database, cases[0]) == [(None, "reviewed")]
    assert item(team, meeting, 1).outcome is None


def test_seen_without_change_is_signed_with_one_click_and_says_so(database, team, meeting, cases):
    first = begun(team, meeting).items[0]
    review = act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY)
    assert review.content.summary == "Vu, sans changement."
    assert review.content.next_review_on == SOON
    decided = item(team, meeting, 1)
    assert (decided.outcome, decided.case_review_id) == ("no_change", review.id)
    assert act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY) is None
    assert reviews(database, cases[0]) == [(meeting, "no_change")]


def flag(database, case):
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="safety",
        raised_by=case.team.nurse,
        raised_at=at(TODAY - timedelta(days=1)),
    )


def test_no_change_is_refused_while_an_alert_stands(database, team, meeting, cases):
    first = begun(team, meeting).items[0]
    flag(database, cases[0])
    seen = Seen(flags=frozenset(flags_of(database)))
    with pytest.raises(NotReady) as refused:
        act(team.psychiatrist, no_change, first.id, NO_CHANGE, seen, TODAY)
    assert "alert_stands" in {one.code for one in refused.value.problems}
    assert reviews(database, cases[0]) == []
    assert item(team, meeting, 1).outcome is None


def flags_of(database):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql("SELECT id FROM registry.flag").scalars().all()


def test_no_change_keeps_what_is_open_and_leaves_a_due_decision_open(
    database, team, meeting, cases
):
    earlier = database.case_review(
        cases[0],
        at(TODAY - timedelta(days=20)),
        risk_level="moderate",
        risk_reassess_on=TODAY - timedelta(days=6),
    )
    line = database.recommendation(cases[0], earlier)
    first = begun(team, meeting).items[0]
    seen = Seen(reviews=frozenset({earlier}))
    review = act(team.psychiatrist, no_change, first.id, NO_CHANGE, seen, TODAY)
    assert review.content.risk == RiskStatement(RiskLevel.NOT_ASSESSED)
    assert [(one.id, one.kind) for one in review.content.settlements] == [
        (str(line), SettlementKind.KEPT)
    ]
    held = {
        one.rule.id for one in act(team.psychiatrist, read_case, cases[0].episode, TODAY).reasons
    }
    assert "risk_reassessment_due" in held


def test_a_summary_that_is_being_written_is_kept_in_it(team, meeting, cases):
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], DraftReview("Va mieux"))
    review = act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY)
    assert review.content.summary == "Va mieux"


def ask(database, case):
    """Add a question that the nurse made ready yesterday; return what its reader has seen."""
    database.add(
        tables.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question="Passer à 100 mg ?",
        ready_at=at(TODAY - timedelta(days=1)),
    )
    return seen_in(act(case.team.psychiatrist, read_case, case.episode, TODAY))


def test_no_change_sends_the_answer_that_is_being_written(database, team, meeting, cases):
    seen = ask(database, cases[0])
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], DraftReview(answer="Oui, dès demain."))
    review = act(team.psychiatrist, no_change, first.id, NO_CHANGE, seen, TODAY)
    assert review.content.summary == "→ Oui, dès demain.\n\nVu, sans changement."


@pytest.mark.parametrize("answer", ["", "  "])
def test_no_change_is_refused_while_the_nurse_has_no_answer(database, team, meeting, cases, answer):
    seen = ask(database, cases[0])
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], DraftReview("Va mieux", answer=answer))
    with pytest.raises(NotReady) as refused:
        act(team.psychiatrist, no_change, first.id, NO_CHANGE, seen, TODAY)
    assert refused.value.problems == (Problem("answer", "missing"),)
    assert reviews(database, cases[0]) == []
    assert item(team, meeting, 1).outcome is None


def test_advice_that_is_being_written_is_not_thrown_away(team, meeting, cases):
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], ADVICE)
    with pytest.raises(DraftInTheWay):
        act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY)
    assert act(team.psychiatrist, open_draft, cases[0].episode).content == ADVICE
    assert item(team, meeting, 1).outcome is None


def test_what_came_in_meanwhile_is_seen_first(database, team, meeting, cases):
    first = begun(team, meeting).items[0]
    database.assessment(cases[0].patient, "phq9", TODAY, 20)
    with pytest.raises(ChangedMeanwhile):
        act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY)
    assert reviews(database, cases[0]) == []
    assert item(team, meeting, 1).outcome is None


def test_only_a_psychiatrist_signs(database, team, meeting, cases):
    first = begun(team, meeting).items[0]
    with pytest.raises(DBAPIError):
        act(team.nurse, no_change, first.id, NO_CHANGE, Seen(), TODAY)
    assert reviews(database, cases[0]) == []
    assert item(team, meeting, 1).outcome is None


def test_a_case_is_deferred_with_a_reason_by_either(team, meeting):
    now = begun(team, meeting)
    with pytest.raises(ReasonNeeded):
        act(team.nurse, defer, now.items[0].id, "  ")
    act(team.nurse, defer, now.items[0].id, " Bilan attendu ")
    act(team.nurse, defer, now.items[0].id, "Bilan attendu")
    act(team.psychiatrist, defer, now.items[1].id, "Absente")
    deferred = act(team.nurse, state, meeting).items
    assert [one.reason for one in deferred] == ["Bilan attendu", "Absente", None]
    assert deferred[0].decided_by.id == team.nurse


def test_the_second_to_decide_is_told_who_decided_what_and_loses_nothing(team, meeting, cases):
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], ADVICE)
    act(team.nurse, defer, first.id, "Bilan attendu")
    with pytest.raises(AlreadyDecided) as told:
        signed(team.psychiatrist, cases[0])
    assert told.value.item.decided_by.id == team.nurse
    assert told.value.item.reason == "Bilan attendu"
    assert act(team.psychiatrist, open_draft, cases[0].episode).content == ADVICE
    for again in (
        lambda: act(team.psychiatrist, defer, first.id, "Autre raison"),
        lambda: act(team.psychiatrist, no_change, first.id, NO_CHANGE, Seen(), TODAY),
    ):
        with pytest.raises(AlreadyDecided):
            again()


def test_a_deferred_case_can_be_taken_up_again(team, meeting, cases):
    first = begun(team, meeting).items[0]
    act(team.nurse, defer, first.id, "Bilan attendu")
    act(team.psychiatrist, take_up, first.id)
    assert item(team, meeting, 1).outcome is None
    signed(team.psychiatrist, cases[0])
    act(team.nurse, take_up, first.id)
    assert item(team, meeting, 1).outcome == "reviewed"


def test_a_reviewed_case_is_not_deferred(team, meeting, cases):
    first = begun(team, meeting).items[0]
    signed(team.psychiatrist, cases[0])
    with pytest.raises(AlreadyDecided) as told:
        act(team.nurse, defer, first.id, "Bilan attendu")
    assert told.value.item.outcome == "reviewed"


def test_of_two_who_decide_at_once_one_does(database, team, meeting, cases):
    first = begun(team, meeting).items[0]
    act(team.psychiatrist, draft, cases[0], ADVICE)
    by_review, by_deferral = at_once(
        lambda: signed(team.psychiatrist, cases[0]),
        lambda: act(team.nurse, defer, first.id, "Bilan attendu"),
    )
    refused = [one for one in (by_review, by_deferral) if isinstance(one, AlreadyDecided)]
    assert len(refused) == 1
    outcome = item(team, meeting, 1).outcome
    assert refused[0].item.outcome == outcome
    assert len(reviews(database, cases[0])) == (outcome == "reviewed")


def test_an_amendment_keeps_the_outcome(database, team, meeting, cases):
    begun(team, meeting)
    review = act(team.psychiatrist, no_change, item(team, meeting, 1).id, NO_CHANGE, Seen(), TODAY)
    amend(team, review)
    decided = item(team, meeting, 1)
    assert (decided.outcome, decided.case_review_id) == ("no_change", review.id)
    assert reviews(database, cases[0]) == [(meeting, "no_change"), (meeting, "reviewed")]


def test_amending_an_earlier_review_decides_nothing(team, meeting, cases):
    review = signed(team.psychiatrist, cases[0])
    begun(team, meeting)
    amend(team, review)
    assert item(team, meeting, 1).outcome is None


def amend(team, review):
    def sign_amendment(connection):
        begun = begin_amendment(connection, review.id, TODAY)
        saved = save_draft(connection, begun, ADVICE).draft
        return sign(connection, saved, Seen(reviews=frozenset({review.id})), TODAY)

    return act(team.psychiatrist, sign_amendment)


def draft(connection, case, content):
    save_draft(connection, open_draft(connection, case.episode), content)


def reviews(database, case):
    with database.owner().begin() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT meeting_id, outcome FROM review.case_review WHERE episode_id = %s"
                " ORDER BY signed_at",
                (case.episode,),
            )
        ]


# Ending.


def test_what_is_undecided_at_the_end_was_not_reached(team, meeting, cases):
    now = begun(team, meeting)
    signed(team.psychiatrist, cases[0])
    act(team.nurse, defer, now.items[1].id, "Absente")
    ended = act(team.nurse, end, meeting)
    assert [one.outcome for one in ended.items] == ["reviewed", "deferred", None]
    assert [one.reason for one in ended.items] == [None, "Absente", None]
    assert not ended.is_running


def test_it_ends_once_and_nothing_is_decided_after_it(database, team, meeting, cases):
    now = begun(team, meeting)
    ends = at_once(
        lambda: act(team.nurse, end, meeting),
        lambda: act(team.psychiatrist, end, meeting),
    )
    assert ends[0].ended_at == ends[1].ended_at
    assert traces(database, "meeting_ended") == 1
    first = now.items[0].id
    for late in (
        lambda: act(team.nurse, turn_to, meeting, now.items[1].id),
        lambda: act(team.nurse, defer, first, "plus tard"),
        lambda: act(team.nurse, take_up, first),
        lambda: act(team.psychiatrist, no_change, first, NO_CHANGE, Seen(), TODAY),
        lambda: act(team.nurse, start, meeting),
    ):
        with pytest.raises(NotRunning):
            late()
    signed(team.psychiatrist, cases[0])
    assert reviews(database, cases[0]) == [(None, "reviewed")]
    assert item(team, meeting, 1).outcome is None


def test_what_has_not_begun_does_not_end(team, meeting):
    with pytest.raises(NotRunning):
        act(team.nurse, end, meeting)
    with pytest.raises(NotRunning):
        act(team.nurse, defer, item(team, meeting, 1).id, "plus tard")


def test_the_summary_says_who_does_what_by_when(team, meeting, cases):
    now = begun(team, meeting)
    review = signed(team.psychiatrist, cases[0])
    act(team.psychiatrist, no_change, now.items[1].id, NO_CHANGE, Seen(), TODAY)
    act(team.nurse, end, meeting)
    told = act(team.nurse, summary, meeting, TODAY)
    assert [one.identity.family_name for one in told.agreed] == ["Un", "Deux", "Trois"]
    [task] = to_do(told, "nurse")
    assert (task.line.detail, task.line.due_on) == ("Agenda du sommeil", TODAY)
    assert to_do(told, "gp") == ()
    assert with_outcome(told, "deferred") == ()
    left = [*left_open(told, reached=True), *left_open(told, reached=False)]
    assert [one.identity.family_name for one in left] == ["Trois"]
    act(team.nurse, answer, task.line.id, "done", None, uuid4())
    assert to_do(act(team.nurse, summary, meeting, TODAY), "nurse")[0].line.state == "done"
    later = amend(team, review)
    assert act(team.nurse, summary, meeting, TODAY).agreed[0].review.id == later.id


def test_the_meetings_are_the_running_the_next_and_the_latest(database, team, cases):
    ended = [
        database.meeting(team, cases, held_on=day, started_at=at(day, 9), ended_at=at(day, 10))
        for day in (TODAY - timedelta(days=14), TODAY - timedelta(days=7))
    ]
    other = database.practitioner("nurse", "Autre")
    running_now = database.meeting(team, cases, nurse_id=other, started_at=at(TODAY, 9))
    upcoming = database.meeting(team, cases)
    listed = [one.id for one in act(team.psychiatrist, meetings)]
    assert listed == [running_now, upcoming, *reversed(ended)]
    assert [one.id for one in act(team.psychiatrist, meetings, latest=1)] == listed[:3]


def test_the_pace_is_that_of_the_pairs_own_cases(database, team, meeting, cases):
    now = begun(team, meeting)
    assert act(team.nurse, pace_of, now) == USUAL_SECONDS
    earlier_meeting = database.meeting(
        team, [], held_on=TODAY, started_at=at(TODAY, 9), ended_at=at(TODAY, 10)
    )
    for position, seconds in enumerate((100, 110, 120, 130, 2000), start=1):
        database.agenda_item(
            earlier_meeting,
            team.case(ENROLLED),
            position,
            outcome="reviewed",
            decided_at=at(TODAY),
            seconds_spent=seconds,
        )
    assert act(team.nurse, pace_of, now) == 120


# Arrivals since the meeting began.


def test_what_came_in_since_the_start_is_marked(database, team, meeting, cases):
    case = cases[0]
    phq9 = database.assessment(case.patient, "phq9", TODAY - timedelta(days=3), 12)
    signed(team.psychiatrist, case, seen=Seen(frozenset({phq9})))
    now = begun(team, meeting)
    assert not come_in(team, now, case)
    new = database.assessment(case.patient, "phq9", TODAY - timedelta(days=5), 17)
    call = database.add(
        registry.contact,
        patient_id=case.patient,
        happened_at=at(TODAY, 0),
        kind="phone",
        attended=True,
        practitioner_id=team.nurse,
    )
    [review] = opened(team, case).reviews
    act(team.nurse, answer, review.recommendations[0].id, "done", None, uuid4())
    told = come_in(team, now, case)
    assert [one.id for one in told.assessments] == [new]
    assert [one.id for one in told.contacts] == [call]
    assert [one.outcome for _line, one in told.answers] == ["done"]


def come_in(team, now, case):
    known = act(team.psychiatrist, known_at_start, now.item_of(case.episode).id)
    return arrived(opened(team, case), known, now.started_at)


def opened(team, case) -> CaseFile:
    found = act(team.psychiatrist, open_case, case.episode, date.fromordinal(TODAY.toordinal()))
    assert found is not None
    return found

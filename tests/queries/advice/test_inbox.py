"""The advice that a nurse and a GP receive, and its later states."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from dashboard.calendar import today
from dashboard.clinical.advice.answering import TooLateToUndo
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.inbox import ReasonNeeded, Superseded
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.queries.advice.answering import answer, undo_answer
from dashboard.queries.advice.inbox import inbox
from dashboard.queries.advice.withdrawing import withdraw
from dashboard.vocabulary import Role
from tests.support.factories import at
from tests.support.inboxes import open_lines
from tests.support.notices import number_notices

TODAY = today()


def days_ago(number):
    return TODAY - timedelta(days=number)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(team):
    return team.case(TODAY - timedelta(weeks=12))


def sent(database, case, signed_on, *lines, **values):
    """Add a signed review with these lines; return its id and those of the lines."""
    review = database.case_review(case, at(signed_on), **values)
    return review, [
        database.recommendation(case, review, position=position, **line)
        for position, line in enumerate(lines or ({},), start=1)
    ]


def received(person, **options):
    with acting_as(person) as connection:
        return inbox(connection, TODAY, **options)


def given(person, line, outcome="done", reason=None, key=None):
    with acting_as(person) as connection:
        return answer(connection, line, outcome, reason, key or uuid4())


def count(database, table):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM review.{table}").scalar_one()


def test_nurse_and_gp_see_what_was_signed_for_their_patient(database, case, team):
    dose = {"kind": "medication", "action": "increase", "drug_name": "sertraline", "detail": ""}
    sent(database, case, days_ago(2), dose | {"owner_role": "gp"}, {"detail": "Sommeil"})
    for person in (team.nurse, team.gp):
        (one,) = received(person)
        assert one.episode_id == case.episode
        assert (one.identity.family_name, one.identity.birth_date) == ("Lefèvre", date(1983, 5, 2))
        (review,) = one.reviews
        assert (review.summary, review.psychiatrist.id) == ("Synthèse", team.psychiatrist)
        assert [line.detail for line in review.recommendations] == ["", "Sommeil"]
        assert review.recommendations[0].drug_name == "sertraline"


def test_phone_and_ins_are_there_to_be_hidden_in_texts(database, team):
    case = team.case(TODAY - timedelta(weeks=12))
    with database.owner().begin() as connection:
        connection.execute(registry.patient.update().values(phone="0611223344", ins="1830578"))
    sent(database, case, days_ago(2))
    (one,) = received(team.nurse)
    assert (one.identity.phone, one.identity.ins) == ("0611223344", "1830578")


def test_nobody_else_sees_it(database, case, team):
    sent(database, case, days_ago(2))
    assert received(database.practitioner("nurse")) == []
    assert received(database.practitioner("gp")) == []


def test_a_nurse_who_takes_a_patient_over_receives_what_was_sent_before(database, case, team):
    sent(database, case, days_ago(2))
    successor = database.practitioner("nurse")
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(nurse_id=successor))
    assert received(team.nurse) == []
    assert len(received(successor)) == 1


def mail_failed(database, case, review, recipient):
    database.add(
        tables.delivery,
        patient_id=case.patient,
        case_review_id=review,
        recipient_id=recipient,
        channel="mail",
        state="failed",
        message_id=str(uuid4()),
        queued_at=at(days_ago(2)),
    )


@pytest.mark.parametrize("role", ["nurse", "gp"])
def test_who_takes_a_patient_over_does_not_miss_the_mail_to_their_predecessor(
    database, case, team, role
):
    review, _ = sent(database, case, days_ago(2), {"owner_role": role})
    mail_failed(database, case, review, getattr(team, role))
    successor = database.practitioner(role)
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values({f"{role}_id": successor}))
    assert received(successor)[0].undelivered == frozenset()


@pytest.mark.parametrize(("role", "other"), [("nurse", "gp"), ("gp", "nurse")])
def test_a_mail_that_the_other_recipient_did_not_get_is_told(database, case, team, role, other):
    review, _ = sent(database, case, days_ago(2), {"owner_role": other})
    mail_failed(database, case, review, getattr(team, other))
    assert received(getattr(team, role))[0].undelivered == frozenset({(review, Role(other))})


@pytest.mark.parametrize("former_first", [True, False])
def test_a_notice_to_a_successor_does_not_change_that_the_mail_failed(
    database, case, team, former_first
):
    review, (withdrawn, _) = sent(database, case, days_ago(4), {}, {"owner_role": "gp"})
    mail_failed(database, case, review, team.gp)
    successor = database.practitioner("gp", "Successor")
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(gp_id=successor))
    with acting_as(team.psychiatrist) as connection:
        withdraw(connection, withdrawn, "Trop tôt", TODAY)
    both = (team.gp, successor)
    number_notices(database, *(both if former_first else reversed(both)))
    assert received(team.nurse)[0].undelivered == frozenset({(review, Role.GP)})


def test_what_is_signed_or_answered_later_does_not_exist_yet(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    sent(database, case, TODAY + timedelta(days=1))
    answered(database, case, line, "done", TODAY + timedelta(days=1))
    (one,) = received(team.nurse)
    (review,) = one.reviews
    assert review.recommendations[0].state == "unanswered"


def answered(database, case, line, outcome, on=TODAY, **values):
    defaults = {"patient_id": case.patient, "practitioner_id": case.team.nurse}
    database.add(
        tables.answer,
        recommendation_id=line,
        outcome=outcome,
        answered_at=at(on),
        **defaults | values,
    )


@pytest.mark.parametrize(
    ("outcomes", "awaited"),
    [
        ([], True),
        (["acknowledged"], True),
        (["done"], False),
        (["modified"], False),
        (["declined"], False),
        (["refused_by_patient"], False),
        (["acknowledged", "done"], False),
        (["done", "acknowledged"], True),
    ],
)
def test_a_line_waits_until_its_latest_answer_settles_it(database, case, team, outcomes, awaited):
    _, (line,) = sent(database, case, days_ago(9))
    for place, outcome in enumerate(outcomes):
        answered(database, case, line, outcome, days_ago(5 - place), reason="parce que")
    assert bool(received(team.nurse)) is awaited
    (one,) = received(team.nurse, only_open=False)
    assert bool(open_lines(one)) is awaited
    assert [each.outcome for each in one.reviews[0].recommendations[0].answers] == outcomes


def test_a_review_with_one_line_to_answer_is_shown_whole(database, case, team):
    _, (first, _) = sent(database, case, days_ago(9), {"detail": "Un"}, {"detail": "Deux"})
    answered(database, case, first, "done")
    (one,) = received(team.nurse)
    assert [line.state for line in one.reviews[0].recommendations] == ["done", "unanswered"]
    assert [line.detail for line in open_lines(one)] == ["Deux"]


def test_a_superseded_review_waits_for_nothing_and_stays_readable(database, case, team):
    first, _ = sent(database, case, days_ago(9))
    second, _ = sent(database, case, days_ago(8), supersedes=first)
    (one,) = received(team.nurse)
    assert [review.id for review in one.reviews] == [second]
    (one,) = received(team.nurse, only_open=False)
    assert [(review.id, review.superseded_by) for review in one.reviews] == [
        (second, None),
        (first, second),
    ]
    assert len(open_lines(one)) == 1


@pytest.mark.parametrize(
    ("closed_on", "awaited"), [(TODAY, False), (TODAY + timedelta(days=1), True)]
)
def test_a_closed_episode_waits_for_nothing(database, case, team, closed_on, awaited):
    sent(database, case, days_ago(9))
    with database.owner().begin() as connection:
        values = {"status": "closed", "closed_on": closed_on}
        connection.execute(registry.episode.update().values(**values))
    assert bool(received(team.nurse)) is awaited
    assert len(received(team.nurse, only_open=False)) == 1


def test_what_waits_is_shown_however_long_ago_and_of_the_rest_the_latest(
    database, team, monkeypatch
):
    monkeypatch.setattr("dashboard.queries.advice.inbox.LATEST", 2)
    for number in range(4):
        case = team.case(TODAY - timedelta(weeks=12), f"n{number}")
        _, (line,) = sent(database, case, days_ago(number))
        if number < 3:
            answered(database, case, line, "done")
    assert [one.identity.family_name for one in received(team.nurse)] == ["n3"]
    shown = received(team.nurse, only_open=False)
    assert [one.identity.family_name for one in shown] == ["n0", "n1", "n3"]


def test_what_a_closed_episode_left_unanswered_is_shown_only_among_the_latest(
    database, team, monkeypatch
):
    monkeypatch.setattr("dashboard.queries.advice.inbox.LATEST", 1)
    sent(database, team.case(TODAY - timedelta(weeks=12), "closed"), days_ago(9))
    with database.owner().begin() as connection:
        values = {"status": "closed", "closed_on": days_ago(1)}
        connection.execute(registry.episode.update().values(**values))
    sent(database, team.case(TODAY - timedelta(weeks=12), "open"), days_ago(2))
    shown = received(team.nurse, only_open=False)
    assert [one.identity.family_name for one in shown] == ["open"]


def test_opening_the_inbox_leaves_a_trace(database, case, team):
    received(team.nurse)
    with database.owner().connect() as connection:
        query = "SELECT practitioner_id, action, detail FROM review.access_log"
        assert connection.exec_driver_sql(query).all() == [
            (team.nurse, "inbox_opened", {"only_open": True})
        ]


def test_an_answer_is_added_with_who_when_and_why(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    added = given(team.gp, line, "declined", "  Refus du cardiologue ")
    assert (added.outcome, added.reason) == ("declined", "Refus du cardiologue")
    assert added.practitioner.id == team.gp
    (one,) = received(team.nurse, only_open=False)
    assert one.reviews[0].recommendations[0].answers == (added,)


def test_every_answer_stays_and_the_latest_counts(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    given(team.nurse, line, "acknowledged")
    given(team.gp, line, "done")
    (one,) = received(team.nurse, only_open=False)
    answers = one.reviews[0].recommendations[0].answers
    assert [(each.outcome, each.practitioner.id) for each in answers] == [
        ("acknowledged", team.nurse),
        ("done", team.gp),
    ]


def test_the_latest_counts_also_where_the_clock_was_moved_back(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    by_a_fast_clock = datetime.now(UTC) + timedelta(hours=1)
    with database.owner().begin() as connection:
        connection.execute(
            tables.answer.insert().values(
                patient_id=case.patient,
                id=uuid4(),
                recommendation_id=line,
                practitioner_id=team.nurse,
                outcome="acknowledged",
                answered_at=by_a_fast_clock,
            )
        )
    last = given(team.nurse, line, "done")
    assert (last.outcome, last.answered_at > by_a_fast_clock) == ("done", True)


def test_the_psychiatrist_answers_lines_of_their_own(database, case, team):
    _, (line,) = sent(database, case, days_ago(2), {"owner_role": "psychiatrist"})
    assert given(team.psychiatrist, line, "done").practitioner.id == team.psychiatrist


def test_a_double_click_adds_one_answer(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    together = threading.Barrier(8)
    key = uuid4()
    results = []

    def click():
        together.wait()
        results.append(given(team.nurse, line, "done", key=key))

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len({one.id for one in results}) == 1
    assert (count(database, "answer"), count(database, "access_log")) == (1, 1)


def test_the_same_answer_again_adds_nothing(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    first = given(team.nurse, line, "modified", "50 mg")
    assert given(team.nurse, line, "modified", "50 mg") == first
    assert given(team.nurse, line, "modified", "75 mg") != first
    assert count(database, "answer") == 2


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_declining_needs_a_reason(database, case, team, reason):
    _, (line,) = sent(database, case, days_ago(2))
    with pytest.raises(ReasonNeeded):
        given(team.nurse, line, "declined", reason)
    assert count(database, "answer") == 0


def test_a_safety_line_is_done_only_with_what_was_found(database, case, team):
    _, (line,) = sent(database, case, days_ago(2), {"kind": "safety"})
    with pytest.raises(ReasonNeeded):
        given(team.nurse, line, "done")
    assert given(team.nurse, line, "done", "No plan, no means.").reason == "No plan, no means."


def undone(person, given_answer, line):
    with acting_as(person) as connection:
        undo_answer(connection, given_answer, line)


def test_an_undone_answer_leaves_the_line_open_and_stays_recorded(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    undone(team.nurse, given(team.nurse, line, "done"), line)
    [one] = open_lines(received(team.nurse)[0])
    assert [said.outcome for said in one.answers] == ["done", "acknowledged"]


def test_an_undone_answer_leaves_the_decision_of_somebody_else_and_does_not_repeat_it(
    database, case, team
):
    _, (line,) = sent(database, case, days_ago(9))
    answered(database, case, line, "done", days_ago(5), practitioner_id=team.gp)
    undone(team.nurse, given(team.nurse, line, "declined", "Refus"), line)
    assert received(team.nurse) == []
    [one] = received(team.nurse, only_open=False)
    [shown] = one.reviews[0].recommendations
    assert [(said.practitioner.id, said.outcome) for said in shown.answers] == [
        (team.gp, "done"),
        (team.nurse, "declined"),
        (team.nurse, "acknowledged"),
    ]
    assert shown.state == "done"


def test_a_correction_of_advice_that_was_done_can_be_undone_after_a_later_review(
    database, case, team
):
    _, (line,) = sent(database, case, days_ago(9))
    answered(database, case, line, "done", days_ago(5), practitioner_id=team.gp)
    sent(database, case, days_ago(2))
    undone(team.nurse, given(team.nurse, line, "declined", "Refus"), line)
    assert count(database, "answer") == 3


def test_undoing_twice_adds_one_answer(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    last = given(team.nurse, line, "done")
    for _click in range(2):
        undone(team.nurse, last, line)
    assert count(database, "answer") == 2


def test_an_answer_that_another_followed_is_not_undone(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    first = given(team.nurse, line, "done")
    given(team.gp, line, "modified")
    with pytest.raises(TooLateToUndo):
        undone(team.nurse, first, line)
    assert count(database, "answer") == 2


def test_nobody_undoes_the_answer_of_somebody_else(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    with pytest.raises(TooLateToUndo):
        undone(team.gp, given(team.nurse, line, "done"), line)


def test_an_answer_to_a_line_that_was_superseded_meanwhile_is_not_undone(database, case, team):
    first, (line,) = sent(database, case, days_ago(2))
    last = given(team.nurse, line, "done")
    sent(database, case, days_ago(1), supersedes=first)
    with pytest.raises(Superseded):
        undone(team.nurse, last, line)
    assert count(database, "answer") == 1


def test_undoing_leaves_a_trace(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    undone(team.nurse, given(team.nurse, line, "done"), line)
    query = "SELECT detail->>'outcome' FROM review.access_log WHERE action = 'answer_undone'"
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(query).scalars().all() == ["done"]


def test_a_superseded_line_is_not_answered(database, case, team):
    first, (line,) = sent(database, case, days_ago(9))
    sent(database, case, days_ago(8), supersedes=first)
    with pytest.raises(Superseded):
        given(team.nurse, line)


@pytest.mark.parametrize("there", [True, False])
def test_a_line_that_is_not_yours_is_like_one_that_is_not_there(database, case, team, there):
    _, (line,) = sent(database, case, days_ago(2))
    with pytest.raises(NotYours):
        given(database.practitioner("nurse"), line if there else uuid4())
    assert count(database, "answer") == 0


def test_an_answer_is_never_changed(database, case, team):
    _, (line,) = sent(database, case, days_ago(2))
    given(team.nurse, line)
    with pytest.raises(DBAPIError), acting_as(team.nurse) as connection:
        connection.exec_driver_sql("UPDATE review.answer SET outcome = 'acknowledged'")


def test_a_cover_receives_for_the_nurse_the_advice_on_a_case_without_gp(database, case, team):
    sent(database, case, days_ago(2))
    database.without("gp", case)
    colleague = database.cover(team.nurse, "nurse")
    (one,) = received(colleague)
    assert one.covered.id == team.nurse

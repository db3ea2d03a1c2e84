"""The state of the advice on one's own patients, and its reminders."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from dashboard import calendar
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import NoLongerInCare, NothingAwaited, TooSoon
from dashboard.clinical.advice.inbox import Superseded
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.advice.reminding import remind
from dashboard.queries.advice.withdrawing import withdraw
from tests.support.factories import at
from tests.support.notices import number_notices

TODAY = calendar.today()
ENROLLED = TODAY - timedelta(days=200)


def days_ago(number):
    return TODAY - timedelta(days=number)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(team):
    return team.case(ENROLLED)


def advised(database, case, signed_on, *lines, **values):
    """Add a signed review with these lines, sent to nurse and GP; return its id and theirs."""
    review = database.case_review(case, at(signed_on), **values)
    for recipient in (case.team.nurse, case.team.gp):
        delivered(database, case, review, recipient, queued_at=at(signed_on))
    return review, [
        database.recommendation(case, review, position=position, **line)
        for position, line in enumerate(lines or ({},), start=1)
    ]


def delivered(database, case, review, recipient, **values):
    defaults = {"channel": "inbox", "state": "sent", "message_id": str(uuid4())}
    return database.add(
        tables.delivery,
        patient_id=case.patient,
        case_review_id=review,
        recipient_id=recipient,
        **defaults | values,
    )


def answered(database, case, line, outcome, ago=1):
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.nurse,
        outcome=outcome,
        reason="Refus",
        answered_at=at(days_ago(ago)),
    )


def followed(person, as_of=TODAY):
    with acting_as(person) as connection:
        return follow_up(connection, as_of)


def reminded(person, review, recipient):
    with acting_as(person) as connection:
        return remind(connection, review, recipient)


def ask(database, statement):
    with database.owner().begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


@pytest.mark.parametrize("role", ["psychiatrist", "nurse"])
def test_each_line_has_its_state_its_patient_and_its_people(database, case, team, role):
    due = {"due_on": days_ago(3), "owner_role": "gp", "detail": "ECG"}
    review, lines = advised(database, case, days_ago(10), {}, due, {})
    answered(database, case, lines[2], "done")
    (one,) = followed(getattr(team, role))
    assert (one.id, one.episode_id, one.age_in_days(TODAY)) == (review, case.episode, 10)
    assert one.identity.family_name == "Lefèvre"
    assert (one.nurse.id, one.signed_by.id, one.site) == (
        team.nurse,
        team.psychiatrist,
        "MSP du Parc",
    )
    assert [(line.line.id, line.state) for line in one.lines] == list(
        zip(lines, ["unanswered", "overdue", "done"], strict=True)
    )
    assert {each.role: each.person.id for each in one.recipients} == {
        "nurse": team.nurse,
        "gp": team.gp,
    }


def test_a_mail_that_failed_is_of_whom_it_was_for(database, case, team):
    review, _ = advised(database, case, days_ago(4), {"owner_role": "gp"}, {"owner_role": "nurse"})
    values = {"channel": "mail", "state": "failed", "error": "550 no such user"}
    delivered(database, case, review, team.gp, **values)
    (one,) = followed(team.psychiatrist)
    assert [line.state for line in one.lines] == ["not_delivered", "unanswered"]
    (gp,) = [each for each in one.recipients if each.role == "gp"]
    assert gp.undelivered(TODAY).error == "550 no such user"


@pytest.mark.parametrize("former_first", [True, False])
def test_a_notice_to_a_successor_does_not_change_that_the_letter_failed(
    database, case, team, former_first
):
    review, (withdrawn, _) = advised(database, case, days_ago(4), {}, {"owner_role": "gp"})
    delivered(database, case, review, team.gp, channel="mail", state="failed")
    successor = database.practitioner("gp", "Successor")
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(gp_id=successor))
    with acting_as(team.psychiatrist) as connection:
        withdraw(connection, withdrawn, "Trop tôt", TODAY)
    both = (team.gp, successor)
    number_notices(database, *(both if former_first else reversed(both)))
    (one,) = followed(team.psychiatrist)
    assert [line.state for line in one.lines] == ["withdrawn", "not_delivered"]


def test_the_scores_are_valid_ones_of_the_episode(database, case, team):
    def score(instrument, ago, total=None, **values):
        database.assessment(case.patient, instrument, days_ago(ago), total, **values)

    score("phq9", 230, 27)
    score("phq9", 40, 17)
    score("phq9", 30, 99)
    score("phq9", 5, items=[1, 1, 1, 1, 1, 1, 1, 1, None])
    score("gad7", 40, 0)
    score("phq9", -1, 1)
    advised(database, case, days_ago(20))
    (one,) = followed(team.psychiatrist)
    assert (one.scores["phq9"].before.value, one.scores["phq9"].latest.value) == (17, 9)
    assert one.scores["phq9"].change == -8
    assert (one.scores["gad7"].before.value, one.scores["gad7"].latest) == (0, None)


def test_superseded_reviews_and_closed_episodes_are_left_out(database, case, team):
    first, _ = advised(database, case, days_ago(20))
    second, _ = advised(database, case, days_ago(19), supersedes=first)
    closed = team.case(ENROLLED, "Fermé", status="closed", closed_on=days_ago(1))
    advised(database, closed, days_ago(20))
    assert [one.id for one in followed(team.psychiatrist)] == [second]
    assert [one.id for one in followed(team.psychiatrist, days_ago(20))] != [second]


def test_what_is_awaited_is_shown_however_old_and_of_the_settled_half_a_year(database, team):
    old, other = team.case(days_ago(400)), team.case(days_ago(400))
    _, lines = advised(database, old, days_ago(300), {}, {})
    answered(database, old, lines[0], "done", ago=290)
    _, (recent,) = advised(database, other, days_ago(100))
    answered(database, other, recent, "done", ago=90)
    shown = [[line.line.id for line in one.lines] for one in followed(team.psychiatrist)]
    assert shown == [[lines[1]], [recent]]


def test_a_day_in_the_past_is_as_it_was(database, case, team):
    _, (line,) = advised(database, case, days_ago(10), {"due_on": days_ago(5)})
    answered(database, case, line, "done", ago=2)
    states = {
        ago: [one.lines[0].state for one in followed(team.nurse, days_ago(ago))]
        for ago in (11, 10, 4, 2)
    }
    assert states == {11: [], 10: ["unanswered"], 4: ["overdue"], 2: ["done"]}


def test_nobody_follows_anothers_patients(database, case, team):
    advised(database, case, days_ago(3))
    other = database.team()
    assert followed(other.psychiatrist) == followed(other.nurse) == []
    with acting_as(None) as connection:
        assert follow_up(connection, TODAY) == []


def test_the_number_of_queries_does_not_depend_on_the_number_of_patients(database, team):
    def queries():
        with acting_as(team.psychiatrist) as connection:
            said = []
            event.listen(connection, "before_cursor_execute", lambda *what: said.append(what[2]))
            found = len(follow_up(connection, TODAY))
        return found, len(said)

    for expected in (1, 6):
        while len(ask(database, "SELECT id FROM registry.episode")) < expected:
            advised(database, team.case(ENROLLED), days_ago(9), {}, {})
        assert queries() == (expected, 10)


def test_following_up_leaves_a_trace(database, case, team):
    advised(database, case, days_ago(3))
    followed(team.nurse)
    assert ask(database, "SELECT practitioner_id, action, detail FROM review.access_log") == [
        (team.nurse, "follow_up_opened", {"as_of": TODAY.isoformat(), "lines": 1})
    ]


@pytest.mark.parametrize("role", ["psychiatrist", "nurse"])
def test_a_reminder_is_queued_for_the_mail_and_leaves_a_trace(database, case, team, role):
    review, _ = advised(database, case, days_ago(9), {"owner_role": "gp"})
    assert reminded(getattr(team, role), review, team.gp) == 1
    assert ask(
        database,
        "SELECT recipient_id, channel, reminder, state, attempts, next_attempt_at <= now(),"
        " sent_at, queued_at > now() - interval '1 minute', message_id LIKE '<%%@%%>'"
        " FROM review.delivery WHERE reminder > 0",
    ) == [(team.gp, "mail", 1, "queued", 0, True, None, True, True)]
    assert ask(database, "SELECT action, patient_id FROM review.access_log") == [
        ("recipient_reminded", case.patient)
    ]


def test_whoever_covers_the_nurse_reminds(database, case, team):
    review, _ = advised(database, case, days_ago(9), {"owner_role": "gp"})
    stand_in = database.practitioner("nurse")
    with pytest.raises(NotYours):
        reminded(stand_in, review, team.gp)
    database.add(
        tables.cover,
        covered_id=team.nurse,
        covering_id=stand_in,
        starts_on=days_ago(1),
        ends_on=days_ago(-1),
    )
    assert reminded(stand_in, review, team.gp) == 1


def test_a_week_must_pass_for_each_recipient_of_each_review(database, case, team):
    review, _ = advised(database, case, days_ago(30), {"owner_role": "gp"}, {})
    values = {"channel": "mail", "reminder": 1}
    delivered(database, case, review, team.gp, queued_at=at(days_ago(6)), **values)
    with pytest.raises(TooSoon) as refusal:
        reminded(team.nurse, review, team.gp)
    assert refusal.value.allowed_on == TODAY + timedelta(days=1)
    assert reminded(team.psychiatrist, review, team.nurse) == 1
    later, _ = advised(database, case, days_ago(2), {"owner_role": "gp"})
    assert reminded(team.nurse, later, team.gp) == 1


def test_after_a_week_the_next_has_the_next_number(database, case, team):
    review, _ = advised(database, case, days_ago(30), {"owner_role": "gp"})
    values = {"channel": "mail", "reminder": 1, "queued_at": at(days_ago(7), 23, 59)}
    delivered(database, case, review, team.gp, **values)
    assert reminded(team.nurse, review, team.gp) == 2


def test_eight_clicks_at_once_send_one_reminder(database, case, team):
    review, _ = advised(database, case, days_ago(30), {"owner_role": "gp"})
    together, results = threading.Barrier(8), []

    def click():
        together.wait()
        try:
            results.append(reminded(team.nurse, review, team.gp))
        except TooSoon:
            results.append("too soon")

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(map(str, results)) == ["1", *["too soon"] * 7]
    assert len(ask(database, "SELECT id FROM review.delivery WHERE reminder > 0")) == 1


def test_there_must_be_something_to_remind_of(database, case, team):
    review, (line,) = advised(database, case, days_ago(30), {"owner_role": "gp"})
    with pytest.raises(NothingAwaited):
        reminded(team.psychiatrist, review, team.nurse)
    answered(database, case, line, "acknowledged", ago=5)
    assert reminded(team.psychiatrist, review, team.gp) == 1
    answered(database, case, line, "done", ago=1)
    with pytest.raises(NothingAwaited):
        reminded(team.psychiatrist, review, team.gp)
    second, _ = advised(database, case, days_ago(2), {"owner_role": "gp"}, supersedes=review)
    with pytest.raises(Superseded):
        reminded(team.psychiatrist, review, team.gp)
    with database.owner().begin() as connection:
        values = {"status": "closed", "closed_on": TODAY}
        connection.execute(registry.episode.update().values(**values))
    with pytest.raises(NothingAwaited):
        reminded(team.psychiatrist, second, team.gp)


def test_who_has_not_received_it_and_what_is_not_yours(database, case, team):
    review, _ = advised(database, case, days_ago(30), {"owner_role": "gp"})
    stranger = database.practitioner("gp")
    for person, of, recipient in (
        (team.psychiatrist, review, stranger),
        (team.psychiatrist, uuid4(), team.gp),
        (database.practitioner("nurse"), review, team.gp),
        (team.gp, review, team.gp),
    ):
        with pytest.raises(NotYours):
            reminded(person, of, recipient)
    assert ask(database, "SELECT id FROM review.delivery WHERE reminder > 0") == []


LEAVES = {
    "transferred to another GP": "UPDATE registry.episode SET gp_id = {successor}",
    "left": "UPDATE registry.practitioner SET active = false WHERE id = {gp}",
}


@pytest.mark.parametrize("statement", LEAVES.values(), ids=LEAVES)
def test_nobody_is_reminded_who_no_longer_has_the_case(database, case, team, statement):
    review, _ = advised(database, case, days_ago(9), {"owner_role": "gp"})
    successor = database.practitioner("gp", "Successor")
    with database.owner().begin() as connection:
        connection.exec_driver_sql(statement.format(successor=successor, gp=team.gp))
    (one,) = followed(team.nurse)
    assert {who.person.id: who.in_care for who in one.recipients} == {
        team.nurse: True,
        team.gp: False,
    }
    with pytest.raises(NoLongerInCare):
        reminded(team.nurse, review, team.gp)
    assert ask(database, "SELECT id FROM review.delivery WHERE reminder > 0") == []


@pytest.mark.parametrize(
    ("letter", "number"), [(False, None), (True, 1)], ids=["alone", "after the letter"]
)
def test_a_notice_of_a_withdrawal_is_no_letter_to_remind_of(database, case, team, letter, number):
    review, (withdrawn, _) = advised(database, case, days_ago(9), {}, {})
    nurse = team.nurse
    if not letter:
        nurse = database.practitioner("nurse", "Successor")
        with database.owner().begin() as connection:
            connection.execute(registry.episode.update().values(nurse_id=nurse))
    with acting_as(team.psychiatrist) as connection:
        withdraw(connection, withdrawn, "Trop tôt", TODAY)
    (one,) = followed(team.psychiatrist)
    assert {who.person.id: who.got_letter for who in one.recipients}[nurse] is letter
    if number is None:
        with pytest.raises(NotYours):
            reminded(team.psychiatrist, review, nurse)
    else:
        assert reminded(team.psychiatrist, review, nurse) == number

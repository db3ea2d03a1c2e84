"""The next agenda of a pair: worked out, changed by hand, sent, until the meeting starts."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.calendar import today
from dashboard.clinical.meeting.agenda import MeetingStarted, NotOnAgenda, ReasonMissing
from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.case.case_file import read_case
from dashboard.queries.meeting.agenda import agendas, next_agenda, pairs_short_of_time
from dashboard.queries.meeting.arranging import (
    choose_day,
    choose_length,
    make_agenda,
    return_to_agenda,
    save_order,
    send_agenda,
    take_off,
)
from dashboard.queries.meeting.preparation import caseload_to_prepare
from dashboard.queries.meeting.preparing import make_ready, save_preparation
from tests.support.factories import at

TODAY = today()


def days_ago(number):
    return TODAY - timedelta(days=number)


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def due(team):
    """Return a patient whom the rules choose: never reviewed."""
    return team.case(days_ago(20), family_name="Due")


@pytest.fixture
def settled(database, team):
    """Return a patient whom no rule chooses: reviewed last week, measured and seen since."""
    return well(database, team, "Settled")


def well(database, team, family_name):
    case = team.case(days_ago(60), family_name=family_name)
    database.case_review(case, at(days_ago(7)), next_review_on=TODAY + timedelta(days=30))
    database.assessment(case.patient, "phq9", days_ago(3), 4)
    database.add(
        registry.contact,
        patient_id=case.patient,
        happened_at=at(days_ago(3)),
        kind="phone",
        attended=True,
        practitioner_id=team.nurse,
    )
    return case


def done(act, team, *arguments, by=None):
    with acting_as(by or team.nurse) as connection:
        return act(connection, team.psychiatrist, team.nurse, *arguments, TODAY)


def written(database, meeting_id):
    """Return the agenda as the meeting will find it: episodes in order, with who chose them."""
    with database.owner().connect() as connection:
        rows = connection.execute(
            text(
                "SELECT position, episode_id, chosen_by FROM review.agenda_item"
                " WHERE meeting_id = :meeting AND removed_at IS NULL ORDER BY position"
            ),
            {"meeting": meeting_id},
        )
        return [tuple(row) for row in rows]


def wished(team, case):
    with acting_as(team.nurse) as connection:
        save_preparation(connection, case.episode, wants_discussion=True)


def past_meeting(database, team, *items, day=None):
    """Add a meeting that is over; each item is the case, its outcome, its seconds."""
    held_on = day or days_ago(7)
    meeting = database.add(
        review.meeting,
        psychiatrist_id=team.psychiatrist,
        nurse_id=team.nurse,
        held_on=held_on,
        started_at=at(held_on, 14),
        ended_at=at(held_on, 15),
    )
    for position, (case, outcome, seconds) in enumerate(items, 1):
        database.add(
            review.agenda_item,
            patient_id=case.patient,
            meeting_id=meeting,
            episode_id=case.episode,
            position=position,
            chosen_by="rule",
            outcome=outcome,
            reason="No time" if outcome == "deferred" else None,
            decided_at=at(held_on, 14, 30) if outcome else None,
            seconds_spent=seconds,
        )
    return meeting


def test_the_rules_and_the_nurse_choose_and_nobody_stands_there_twice(database, team, due, settled):
    assert done(next_agenda, team).order == [due.episode]
    wished(team, settled)
    wished(team, due)
    agenda = done(next_agenda, team)
    assert [(item.episode_id, item.chosen_by) for item in agenda.items] == [
        (due.episode, "nurse"),
        (settled.episode, "nurse"),
    ]


def test_a_question_chooses_once_it_is_ready(team, settled):
    with acting_as(team.nurse) as connection:
        save_preparation(connection, settled.episode, question="Que faire ?")
    assert done(next_agenda, team).order == []
    with acting_as(team.nurse) as connection:
        make_ready(connection, settled.episode)
    assert done(next_agenda, team).order == [settled.episode]


def test_whoever_the_last_meeting_put_off_comes_first(database, team, due, settled):
    past_meeting(database, team, (settled, "deferred", 60))
    first = done(next_agenda, team).items[0]
    assert (first.episode_id, first.chosen_by, first.deferral) == (
        settled.episode,
        "deferred",
        "No time",
    )
    database.case_review(settled, at(days_ago(1)))
    assert done(next_agenda, team).order == [due.episode]


def test_a_case_that_was_not_reached_says_so_and_keeps_its_place(database, team, due, settled):
    wished(team, settled)
    past_meeting(database, team, (settled, None, 0))
    agenda = done(next_agenda, team)
    assert [(item.episode_id, item.not_reached) for item in agenda.items] == [
        (due.episode, False),
        (settled.episode, True),
    ]
    assert [item.chosen_by for item in agenda.items] == ["rule", "nurse"]
    database.case_review(settled, at(days_ago(1)))
    wished(team, settled)
    assert not any(item.not_reached for item in done(next_agenda, team).items)


def test_a_case_that_was_opened_without_a_decision_is_not_said_to_be_not_reached(
    database, team, due
):
    past_meeting(database, team, (due, None, 240))
    assert [item.not_reached for item in done(next_agenda, team).items] == [False]


@pytest.mark.parametrize("left", [(None, 0), (None, 240)], ids=["not reached", "not decided"])
def test_a_deferral_outlasts_a_meeting_that_leaves_the_case_undecided(
    database, team, due, settled, left
):
    past_meeting(database, team, (settled, "deferred", 60), day=days_ago(6))
    past_meeting(database, team, (due, "no_change", 60), (settled, *left), day=days_ago(2))
    first = done(next_agenda, team).items[0]
    assert (first.episode_id, first.deferral) == (settled.episode, "No time")


def test_a_deferral_outlasts_an_agenda_from_which_the_patient_was_taken_off(
    database, team, due, settled
):
    past_meeting(database, team, (settled, "deferred", 60), day=days_ago(6))
    meeting = done(take_off, team, settled.episode, "Absent")
    assert [one.episode_id for one in done(next_agenda, team).off] == [settled.episode]
    with database.owner().begin() as connection:
        connection.execute(
            text("UPDATE review.meeting SET started_at = now(), ended_at = now() WHERE id = :id"),
            {"id": meeting},
        )
    assert done(next_agenda, team).order == [settled.episode, due.episode]


def test_the_longest_deferred_comes_first_and_a_second_deferral_gives_the_reason(
    database, team, due, settled
):
    other = well(database, team, "Other")
    again = well(database, team, "Again")
    past_meeting(database, team, (again, "deferred", 60), (other, "deferred", 60), day=days_ago(6))
    past_meeting(
        database, team, (settled, "deferred", 60), (again, "deferred", 60), day=days_ago(2)
    )
    assert done(next_agenda, team).order == [
        other.episode,
        settled.episode,
        again.episode,
        due.episode,
    ]


@pytest.mark.parametrize("role", ["nurse", "psychiatrist"])
def test_a_deferral_outlasts_a_change_of_the_practitioners(database, team, settled, role):
    past_meeting(database, team, (settled, "deferred", 60), day=days_ago(6))
    new = database.practitioner(role, "Nouveau")
    with database.owner().begin() as connection:
        connection.execute(text(f"UPDATE registry.episode SET {role}_id = :new"), {"new": new})
    pair = {"psychiatrist": team.psychiatrist, "nurse": team.nurse} | {role: new}
    for person in pair.values():
        with acting_as(person) as connection:
            agenda = next_agenda(connection, pair["psychiatrist"], pair["nurse"], TODAY)
        assert [(one.episode_id, one.deferral) for one in agenda.items] == [
            (settled.episode, "No time")
        ]


def test_either_of_the_two_makes_it_and_the_second_finds_the_first(database, team, due):
    meeting = done(make_agenda, team, by=team.psychiatrist)
    assert written(database, meeting) == [(1, due.episode, "rule")]
    assert done(make_agenda, team) == meeting
    assert written(database, meeting) == [(1, due.episode, "rule")]


def test_two_at_once_make_one(database, team, due):
    made = []
    makers = [
        threading.Thread(
            target=lambda person=person: made.append(done(make_agenda, team, by=person))
        )
        for person in (team.nurse, team.psychiatrist) * 2
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert len(written(database, made[0])) == 1


def test_looking_writes_nothing_but_the_access_log(database, team, due):
    done(next_agenda, team, by=team.psychiatrist)
    with acting_as(team.nurse) as connection:
        agendas(connection, caseload_to_prepare(connection, TODAY), TODAY)
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM review.meeting").scalar_one() == 0
        actions = connection.exec_driver_sql("SELECT action FROM review.access_log ORDER BY at")
        assert actions.scalars().all() == ["agenda_opened", "preparing_opened"]


def test_the_order_is_kept_and_a_newcomer_stands_behind_whom_they_follow(database, team):
    first, second, third = (team.case(days_ago(20 - n), family_name=f"P{n}") for n in range(3))
    done(save_order, team, [third.episode, first.episode, second.episode])
    newcomer = team.case(days_ago(5))
    order = [third.episode, newcomer.episode, first.episode, second.episode]
    assert done(next_agenda, team).order == order
    meeting = done(make_agenda, team)
    assert [episode for _, episode, _ in written(database, meeting)] == order
    assert [position for position, _, _ in written(database, meeting)] == [1, 2, 3, 4]


def test_taking_off_needs_a_reason_and_can_be_undone(database, team, due):
    with pytest.raises(ReasonMissing):
        done(take_off, team, due.episode, "  ")
    meeting = done(take_off, team, due.episode, "Hospitalisé")
    assert written(database, meeting) == []
    off = done(next_agenda, team).off
    assert [(one.episode_id, one.removed_reason) for one in off] == [(due.episode, "Hospitalisé")]
    done(return_to_agenda, team, due.episode)
    assert written(database, meeting) == [(1, due.episode, "rule")]
    assert done(next_agenda, team).off == ()


def test_taking_off_twice_keeps_the_first_reason(team, due):
    for reason in ("Hospitalisé", "Encore"):
        done(take_off, team, due.episode, reason)
    [off] = done(next_agenda, team).off
    assert off.removed_reason == "Hospitalisé"


def test_suicidal_thoughts_entered_after_the_removal_bring_the_patient_back(database, team, due):
    done(take_off, team, due.episode, "Stable")
    done(make_agenda, team)
    database.assessment(due.patient, "phq9", days_ago(4), 9, items=[1] * 7 + [0, 2])
    assert done(next_agenda, team).order == [due.episode]
    done(take_off, team, due.episode, "Vu hier avec le GP")
    assert done(next_agenda, team).order == []


def test_putting_back_twice_changes_nothing(team, due):
    done(take_off, team, due.episode, "Hospitalisé")
    for _ in range(2):
        done(return_to_agenda, team, due.episode)
        assert done(next_agenda, team).order == [due.episode]


@pytest.mark.parametrize(
    ("change", "arguments"), [(take_off, ["Hospitalisé"]), (return_to_agenda, [])]
)
def test_who_is_neither_on_the_agenda_nor_off_it_is_not_changed(
    team, due, settled, change, arguments
):
    with pytest.raises(NotOnAgenda):
        done(change, team, settled.episode, *arguments)


def test_a_safety_rule_brings_back_whoever_was_taken_off_before(database, team, due):
    meeting = done(take_off, team, due.episode, "Absent")
    with database.owner().begin() as connection:
        connection.execute(
            text("UPDATE review.agenda_item SET removed_at = :at"), {"at": at(days_ago(2))}
        )
    assert done(next_agenda, team).order == []
    database.assessment(due.patient, "phq9", days_ago(1), 21, items=[3] * 6 + [1, 0, 2])
    assert done(next_agenda, team).order == [due.episode]
    done(make_agenda, team)
    assert written(database, meeting) == [(1, due.episode, "rule")]


def test_what_is_no_longer_due_goes_and_comes_back(database, team, due, settled):
    wished(team, settled)
    meeting = done(make_agenda, team)
    with acting_as(team.nurse) as connection:
        save_preparation(connection, settled.episode, wants_discussion=False)
    agenda = done(next_agenda, team)
    assert (agenda.order, agenda.off) == ([due.episode], ())
    done(make_agenda, team)
    assert [episode for _, episode, _ in written(database, meeting)] == [due.episode]
    wished(team, settled)
    done(make_agenda, team)
    assert [one for _, one, _ in written(database, meeting)] == [due.episode, settled.episode]


def test_sending_says_when_and_what_comes_after_is_marked(team, due, settled):
    done(send_agenda, team)
    sent = done(next_agenda, team, by=team.psychiatrist)
    assert sent.sent_at is not None
    assert [item.is_new for item in sent.items] == [False]
    wished(team, settled)
    assert [item.is_new for item in done(next_agenda, team).items] == [False, True]
    done(send_agenda, team)
    assert [item.is_new for item in done(next_agenda, team).items] == [False, False]


def test_the_day_is_that_of_the_last_meeting_unless_chosen(database, team, due):
    assert done(next_agenda, team).held_on == TODAY
    past_meeting(database, team, day=days_ago(3))
    assert done(next_agenda, team).held_on == TODAY + timedelta(days=4)
    done(choose_day, team, TODAY + timedelta(days=2))
    assert done(next_agenda, team).held_on == TODAY + timedelta(days=2)


def test_the_agenda_and_the_proposed_review_day_use_the_same_weekday(database, team, due):
    for weeks in range(1, 9):
        moved = timedelta(days=2) if weeks in (1, 3) else timedelta(0)
        past_meeting(database, team, day=days_ago(7 * weeks) - moved)
    with acting_as(team.psychiatrist) as connection:
        case = read_case(connection, due.episode, TODAY)
    before = done(next_agenda, team).held_on
    done(make_agenda, team)
    stored = done(next_agenda, team).held_on
    assert (before.weekday(), stored.weekday()) == (case.meeting_weekday,) * 2


def test_nothing_changes_once_the_meeting_has_started(database, team, due):
    meeting = done(make_agenda, team)
    with database.owner().begin() as connection:
        connection.exec_driver_sql("UPDATE review.meeting SET started_at = now()")
    team.case(days_ago(5))
    for act, arguments in (
        (save_order, [[due.episode]]),
        (take_off, [due.episode, "Trop tard"]),
        (return_to_agenda, [due.episode]),
        (choose_day, [TODAY]),
        (choose_length, [90]),
        (send_agenda, []),
    ):
        with pytest.raises(MeetingStarted):
            done(act, team, *arguments)
    assert done(make_agenda, team) == meeting
    assert done(next_agenda, team).order == [due.episode]
    assert done(next_agenda, team).started_at is not None
    assert len(written(database, meeting)) == 1


def test_the_pace_is_that_of_what_was_not_put_off_in_meetings_that_are_over(database, team, due):
    cases = [team.case(days_ago(90), family_name=f"P{n}") for n in range(5)]
    agenda = done(next_agenda, team)
    assert (agenda.pace.seconds, agenda.pace.cases, agenda.minutes) == (300, None, 30)
    seconds = (100, 110, 120, 600, 900)
    past_meeting(
        database,
        team,
        *((case, "no_change", spent) for case, spent in zip(cases, seconds, strict=True)),
    )
    past_meeting(database, team, *((case, "deferred", 5) for case in cases), day=days_ago(14))
    agenda = done(next_agenda, team)
    assert (agenda.pace.seconds, agenda.pace.cases, agenda.minutes) == (120, 5, 12)


def test_there_is_one_agenda_a_psychiatrist(database, team, due, settled):
    other = database.practitioner("psychiatrist", "Autre")
    theirs = team.case(days_ago(9), psychiatrist_id=other)
    with acting_as(team.nurse) as connection:
        found = agendas(connection, caseload_to_prepare(connection, TODAY), TODAY)
    orders = {agenda.psychiatrist.id: agenda.order for agenda in found}
    assert orders == {team.psychiatrist: [due.episode], other: [theirs.episode]}


def test_nobody_else_makes_or_reads_it(database, team, due):
    other = database.practitioner("nurse", "Autre")
    for act in (make_agenda, send_agenda):
        with pytest.raises(DBAPIError):
            done(act, team, by=other)
    assert done(next_agenda, team, by=other).order == []


def test_a_covering_nurse_prepares_for_the_other(database, team, due, settled):
    covering = database.practitioner("nurse", "Remplace")
    database.add(
        review.cover,
        covered_id=team.nurse,
        covering_id=covering,
        starts_on=days_ago(1),
        ends_on=TODAY,
    )
    with acting_as(covering) as connection:
        save_preparation(connection, settled.episode, wants_discussion=True)
    meeting = done(send_agenda, team, by=covering)
    assert [one for _, one, _ in written(database, meeting)] == [due.episode, settled.episode]


def held(database, team, days, due_cases, room, minutes=None):
    database.add(
        review.meeting,
        psychiatrist_id=team.psychiatrist,
        nurse_id=team.nurse,
        held_on=days_ago(days),
        ended_at=at(days_ago(days)),
        due_cases=due_cases,
        room=room,
        minutes=minutes,
    )


def test_a_meeting_is_as_long_as_the_one_before_until_the_pair_chooses(database, team, due):
    assert done(next_agenda, team).length == 60
    held(database, team, 7, 5, 9, minutes=45)
    agenda = done(next_agenda, team)
    assert (agenda.length, agenda.room) == (45, 9)
    done(choose_length, team, 90)
    assert done(next_agenda, team).length == 90


def test_what_was_due_and_the_room_for_it_are_written_down_with_the_agenda(database, team, due):
    meeting = done(make_agenda, team)
    with database.owner().connect() as connection:
        kept = connection.execute(
            text("SELECT due_cases, room FROM review.meeting WHERE id = :id"), {"id": meeting}
        ).one()
    assert tuple(kept) == (1, 12)


def test_a_pair_without_room_four_times_is_told_and_so_is_the_lead_of_its_site(database, team, due):
    lead = database.practitioner("lead")
    for days in (28, 21, 14):
        held(database, team, days, 15, 12)
    assert not done(next_agenda, team).short_of_time
    held(database, team, 7, 13, 12)
    assert done(next_agenda, team).short_of_time
    with acting_as(lead) as connection:
        (pair,) = pairs_short_of_time(connection)
    assert (pair.psychiatrist.id, pair.nurse.id) == (team.psychiatrist, team.nurse)
    with acting_as(team.nurse) as connection:
        assert pairs_short_of_time(connection) == []

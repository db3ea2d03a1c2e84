"""The nurse's preparation: saved as it is typed, asked once it is ready, never lost."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotYours
from dashboard.database import acting_as
from dashboard.database.schema import review
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from dashboard.queries.meeting.preparation import caseload_to_prepare, log_case
from dashboard.queries.meeting.preparing import make_ready, save_preparation, withdraw
from tests.support.factories import at

TODAY = today()


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(database, team):
    """Reviewed a while ago."""
    case = team.case(TODAY - timedelta(days=40))
    database.case_review(
        case, at(TODAY - timedelta(days=9)), next_review_on=TODAY + timedelta(days=30)
    )
    return case


def done(act, case, by=None, **typed):
    with acting_as(by or case.team.nurse) as connection:
        return act(connection, case.episode, **typed)


def prepared(case, by=None):
    with acting_as(by or case.team.nurse) as connection:
        (found,) = caseload_to_prepare(connection, TODAY)
    return found.preparation


def rules_of(case):
    """Return the rules about a question that hold for the psychiatrist."""
    with acting_as(case.team.psychiatrist) as connection:
        (found,) = review_list(connection, as_of=TODAY).reasons
    return {rule for rule, _since in found} & {"nurse_question", "answer_due"}


def asked(case):
    """Return the questions that the psychiatrist sees in the case."""
    with acting_as(case.team.psychiatrist) as connection:
        shown = open_case(connection, case.episode, as_of=TODAY)
    return [question.text for question in shown.questions]


def actions(database):
    with database.owner().connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action, patient_id FROM review.access_log ORDER BY at, action"
        )
        return [tuple(row) for row in rows]


def rows(database):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(
            "SELECT question, tried, wants_discussion, ready_at IS NOT NULL, withdrawn_at IS NOT"
            " NULL FROM review.preparation ORDER BY asked_at"
        ).all()


def test_nothing_is_written_before_something_is_typed(database, case):
    first = prepared(case)
    assert (first.question, first.tried, first.wants_discussion) == ("", "", False)
    assert first.asked_at is None
    assert rows(database) == []


def test_each_field_is_saved_without_the_others(database, case):
    begun = prepared(case)
    assert done(save_preparation, case, question="Que faire ?").id == begun.id
    done(save_preparation, case, tried="Sertraline")
    saved = done(save_preparation, case, wants_discussion=True)
    assert saved.saved_at is not None
    now = prepared(case)
    assert (now.id, now.question, now.tried, now.wants_discussion) == (
        begun.id,
        "Que faire ?",
        "Sertraline",
        True,
    )
    assert len(rows(database)) == 1


@pytest.mark.parametrize(
    ("typed", "kept"), [("  \n", ""), ("a\x00b", "ab"), (" deux mots ", " deux mots "), ("", "")]
)
def test_blank_is_nothing_and_what_no_database_holds_is_left_out(case, typed, kept):
    assert done(save_preparation, case, question=typed).question == kept


def test_a_question_is_asked_once_it_is_ready_and_no_sooner(case):
    done(save_preparation, case, question="Que faire ?")
    assert (rules_of(case), asked(case)) == (set(), [])
    first = done(make_ready, case).ready_at
    assert first is not None
    assert (rules_of(case), asked(case)) == ({"nurse_question"}, ["Que faire ?"])
    assert done(make_ready, case).ready_at == first


@pytest.mark.parametrize(
    "typed", [{}, {"wants_discussion": True}, {"question": " "}, {"tried": "x"}]
)
def test_ready_without_a_question_asks_nothing(case, typed):
    done(save_preparation, case, **typed)
    assert done(make_ready, case).ready_at is not None
    assert (rules_of(case), asked(case)) == (set(), [])


def test_an_old_wish_without_a_question_owes_no_answer(database, case):
    database.add(
        review.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question=" \n",
        wants_discussion=True,
        ready_at=at(TODAY - timedelta(days=6)),
    )
    assert rules_of(case) == set()


def test_withdrawn_is_not_asked_and_its_text_is_kept(database, case):
    done(save_preparation, case, question="Que faire ?", tried="Sertraline")
    ready = done(make_ready, case)
    again = done(withdraw, case)
    assert (rules_of(case), asked(case)) == (set(), [])
    assert (again.question, again.tried, again.ready_at) == ("Que faire ?", "Sertraline", None)
    assert again.id != ready.id
    assert prepared(case).id == again.id
    assert [tuple(row) for row in rows(database)] == [
        ("Que faire ?", "Sertraline", False, True, True),
        ("Que faire ?", "Sertraline", False, False, False),
    ]
    assert done(withdraw, case).id == again.id
    assert len(rows(database)) == 2


def test_a_review_answers_it_and_the_next_one_begins_empty(database, case):
    done(save_preparation, case, question="Que faire ?")
    ready = done(make_ready, case)
    database.case_review(case, ready.ready_at + timedelta(seconds=1))
    after = prepared(case)
    assert (after.question, after.asked_at) == ("", None)
    # A window that stayed open saves more text: the asked and answered question stays as it was.
    done(save_preparation, case, question="Et ensuite ?")
    assert [row.question for row in rows(database)] == ["Que faire ?", "Et ensuite ?"]


def test_what_is_not_ready_waits_through_a_review(database, case):
    begun = done(save_preparation, case, question="À finir")
    database.case_review(case, begun.asked_at + timedelta(seconds=1))
    assert prepared(case).question == "À finir"


def test_two_windows_begin_the_same_one(database, case):
    def type_in(name):
        done(save_preparation, case, **{name: name})

    windows = [threading.Thread(target=type_in, args=(name,)) for name in ("question", "tried") * 3]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert [tuple(row)[:2] for row in rows(database)] == [("question", "tried")]


@pytest.mark.parametrize("role", ["psychiatrist", "gp", "somebody"])
@pytest.mark.parametrize("act", [save_preparation, make_ready, withdraw])
def test_nobody_but_the_nurse_prepares(database, case, act, role):
    person = getattr(case.team, role, None) or database.practitioner("nurse", "Autre")
    with pytest.raises(NotYours):
        done(act, case, by=person)
    assert rows(database) == []


def test_a_covering_nurse_goes_on_with_the_same_one(database, case):
    covering = database.practitioner("nurse", "Remplace")
    database.add(
        review.cover,
        covered_id=case.team.nurse,
        covering_id=covering,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    done(save_preparation, case, question="Que faire ?")
    done(save_preparation, case, by=covering, tried="Sertraline")
    now = prepared(case, by=covering)
    assert (now.question, now.tried) == ("Que faire ?", "Sertraline")


@pytest.fixture
def successor(database, case):
    """Return a function that hands the case over to another nurse, and returns her."""

    def hand_over():
        nurse = database.practitioner("nurse", "Yvon")
        with database.owner().begin() as connection:
            connection.exec_driver_sql(
                "UPDATE registry.episode SET nurse_id = %s WHERE id = %s", (nurse, case.episode)
            )
        return nurse

    return hand_over


def test_after_a_hand_over_the_question_stays_and_can_be_withdrawn(case, successor):
    done(save_preparation, case, question="Switch?")
    ready = done(make_ready, case)
    nurse = successor()
    assert prepared(case, nurse) == ready
    again = done(withdraw, case, nurse)
    assert (again.question, again.ready_at) == ("Switch?", None)
    assert prepared(case, nurse) == again
    assert asked(case) == []


def test_after_a_hand_over_the_notes_go_on_under_the_successors_name(database, case, successor):
    done(save_preparation, case, question="Switch?", tried="Sleep diary", wants_discussion=True)
    nurse = successor()
    begun = prepared(case, nurse)
    assert (begun.question, begun.tried, begun.wants_discussion) == ("Switch?", "Sleep diary", True)
    saved = done(save_preparation, case, nurse, tried="")
    assert (saved.id, saved.question, saved.tried) == (begun.id, "Switch?", "")
    assert saved.wants_discussion
    done(make_ready, case, nurse)
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT nurse_id FROM review.preparation WHERE ready_at IS NOT NULL"
        ).scalars().all() == [nurse]
    assert asked(case) == ["Switch?"]
    database.case_review(case, at(TODAY + timedelta(days=1)))
    assert prepared(case, nurse).question == ""


def test_opening_is_on_the_access_log_and_typing_is_not(database, case):
    with acting_as(case.team.nurse) as connection:
        (found,) = caseload_to_prepare(connection, TODAY)
        log_case(connection, found)
    done(save_preparation, case, question="Que faire ?")
    done(make_ready, case)
    done(withdraw, case)
    assert actions(database) == [
        ("preparation_opened", case.patient),
        ("preparing_opened", None),
        ("preparation_ready", case.patient),
        ("preparation_withdrawn", case.patient),
    ]


def test_the_caseload_has_the_order_and_the_reasons_of_the_list(database, team, case):
    team.case(TODAY - timedelta(days=3), family_name="Nouveau")
    with acting_as(team.nurse) as connection:
        cases = caseload_to_prepare(connection, TODAY)
        listed = review_list(connection, as_of=TODAY)
    assert [one.episode_id for one in cases] == listed.episode_id.tolist()
    assert [[(r.rule.id, r.since) for r in one.reasons] for one in cases] == listed.reasons.tolist()


def test_the_number_of_queries_does_not_follow_the_caseload(database, team, case):
    def queries():
        with acting_as(team.nurse) as connection:
            ran = []
            event.listen(connection, "before_cursor_execute", lambda *_: ran.append(1))
            caseload_to_prepare(connection, TODAY)
            return len(ran)

    one = queries()
    for number in range(12):
        team.case(TODAY - timedelta(days=number), family_name=f"P{number}")
    assert queries() == one

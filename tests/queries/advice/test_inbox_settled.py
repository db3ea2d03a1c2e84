"""The lines that leave the inbox, the follow-up and the answer link once they are settled."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import today
from dashboard.clinical.advice.answer_link import LinkClosed
from dashboard.clinical.advice.follow_up import NothingAwaited
from dashboard.clinical.advice.inbox import NotWanted
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.queries.advice.answer_links import open_link
from dashboard.queries.advice.answering import answer, answer_by_link
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.advice.inbox import inbox, withdrawn_lately
from dashboard.queries.advice.reminding import remind
from dashboard.queries.meeting.meetings import summary
from dashboard.vocabulary import RiskLevel
from tests.support.factories import at
from tests.support.inboxes import open_lines

TODAY = today()


def days_ago(number):
    return TODAY - timedelta(days=number)


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


def advised(database, case, ago, *lines, **values):
    """Add a signed review with these lines, sent to nurse and GP; return its id and theirs."""
    review = database.case_review(case, at(days_ago(ago)), **values)
    for recipient in (case.team.nurse, case.team.gp):
        database.add(
            tables.delivery,
            patient_id=case.patient,
            case_review_id=review,
            recipient_id=recipient,
            channel="inbox",
            state="sent",
            message_id=str(uuid4()),
            queued_at=at(days_ago(ago)),
        )
    return review, [
        database.recommendation(case, review, position=position, **line)
        for position, line in enumerate(lines, start=1)
    ]


def settled(database, case, line, review, kind, ago, **values):
    database.add(
        tables.settlement,
        patient_id=case.patient,
        case_review_id=review,
        settled_by=case.team.psychiatrist,
        settled_at=at(days_ago(ago)),
        recommendation_id=line,
        kind=kind,
        **values,
    )


def received(person, **options):
    with acting_as(person) as connection:
        return inbox(connection, TODAY, **options)


def answered(person, line, outcome="done", reason=None):
    with acting_as(person) as connection:
        return answer(connection, line, outcome, reason, uuid4())


def followed(person):
    with acting_as(person) as connection:
        return follow_up(connection, TODAY)


def stored_answers(database):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql("SELECT outcome FROM review.answer").scalars().all()


SERTRALINE = {"kind": "medication", "action": "start", "drug_name": "sertraline", "detail": ""}
SWITCH = {"kind": "medication", "action": "switch", "drug_name": "venlafaxine", "detail": ""}


@pytest.fixture
def switched(database, case):
    """Return a start of sertraline that a switch replaced, and a line that the same review kept."""
    first, (start, sleep) = advised(
        database, case, 20, SERTRALINE | {"owner_role": "gp"}, {"due_on": days_ago(12)}
    )
    second, (switch,) = advised(
        database,
        case,
        6,
        SWITCH | {"owner_role": "gp"},
        risk_level="moderate",
        risk_reassess_on=TODAY,
    )
    settled(database, case, start, second, "replaced", 6, replaced_by=switch)
    settled(database, case, sleep, second, "kept", 6, due_on=TODAY + timedelta(days=8))
    return first, start, sleep, second, switch


def test_nurse_and_gp_have_to_answer_what_stands_and_no_more(case, switched):
    _first, _start, sleep, second, switch = switched
    for person in (case.team.nurse, case.team.gp):
        (one,) = received(person)
        assert [review.id for review in one.reviews] == [second]
        assert [line.id for line in open_lines(one)] == [switch, sleep]


def test_a_kept_line_is_due_and_sent_as_the_review_that_kept_it_says(case, switched):
    _first, _start, sleep, second, _switch = switched
    (one,) = received(case.team.nurse)
    (kept,) = one.reviews[0].kept
    assert (kept.id, kept.current_due_on) == (sleep, TODAY + timedelta(days=8))
    assert kept.course.sent_at == at(days_ago(6))
    assert followed(case.team.nurse)[0].id == second


def test_the_inbox_shows_the_decision_and_what_is_not_wanted_any_more(case, switched):
    _first, start, _sleep, _second, switch = switched
    (one,) = received(case.team.gp)
    review = one.reviews[0]
    assert review.risk == RiskStatement(RiskLevel.MODERATE, TODAY)
    assert [(line.id, line.state, line.replacement.id) for line in review.ended] == [
        (start, "replaced", switch)
    ]


def test_a_replaced_line_is_not_answered_any_more_also_from_an_old_page(database, case, switched):
    _first, start, *_others = switched
    for outcome in ("done", "acknowledged"):
        with pytest.raises(NotWanted):
            answered(case.team.gp, start, outcome)
    assert stored_answers(database) == []


def test_a_line_that_was_read_before_it_was_kept_is_read_anew(database, case):
    _first, (line,) = advised(database, case, 20, {})
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.nurse,
        outcome="acknowledged",
        answered_at=at(days_ago(19)),
    )
    second, _none = advised(database, case, 6)
    settled(database, case, line, second, "kept", 6)
    (one,) = received(case.team.nurse)
    assert [line.state for line in open_lines(one)] == ["unanswered"]
    answered(case.team.nurse, line, "acknowledged")
    (one,) = received(case.team.nurse)
    assert [line.state for line in open_lines(one)] == ["acknowledged"]
    assert stored_answers(database) == ["acknowledged", "acknowledged"]


def test_a_line_answered_before_a_review_can_be_corrected_but_not_taken_back(database, case):
    _first, (line,) = advised(database, case, 20, {})
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.nurse,
        outcome="done",
        answered_at=at(days_ago(19)),
    )
    advised(database, case, 6, {})
    with pytest.raises(NotWanted):
        answered(case.team.nurse, line, "acknowledged")
    answered(case.team.nurse, line, "declined", "Refus du patient")
    assert stored_answers(database) == ["done", "declined"]


def test_those_who_had_a_line_are_told_that_it_was_withdrawn(database, case):
    _first, (line, other) = advised(database, case, 20, SERTRALINE, {})
    settled(database, case, line, None, "withdrawn", 3, reason="Grossesse")
    for person in (case.team.nurse, case.team.gp):
        (one,) = received(person)
        assert [each.id for each in open_lines(one)] == [other]
        with acting_as(person) as connection:
            (told,) = withdrawn_lately(connection, TODAY)
        assert (told.line.id, told.reason, told.by.id) == (
            line,
            "Grossesse",
            case.team.psychiatrist,
        )
    stranger = database.practitioner("nurse")
    with acting_as(stranger) as connection:
        assert withdrawn_lately(connection, TODAY) == []


def test_a_withdrawal_is_told_for_two_weeks(database, case):
    _first, (line,) = advised(database, case, 40, {})
    settled(database, case, line, None, "withdrawn", 14)
    with acting_as(case.team.nurse) as connection:
        assert withdrawn_lately(connection, TODAY) == []
        assert len(withdrawn_lately(connection, days_ago(1))) == 1


def test_the_follow_up_holds_what_stands_with_the_review_that_sent_it(case, switched):
    first, start, sleep, second, switch = switched
    states = {
        review.id: {one.line.id: one.state for one in review.lines}
        for review in followed(case.team.psychiatrist)
    }
    assert states == {
        first: {start: "replaced"},
        second: {switch: "unanswered", sleep: "unanswered"},
    }
    decisions = {review.id: review.risk for review in followed(case.team.psychiatrist)}
    assert decisions[second] == RiskStatement(RiskLevel.MODERATE, TODAY)


def test_a_reminder_is_of_the_review_that_last_sent_the_line(case, switched):
    first, _start, _sleep, second, _switch = switched
    with acting_as(case.team.psychiatrist) as connection:
        with pytest.raises(NothingAwaited):
            remind(connection, first, case.team.nurse)
        assert remind(connection, second, case.team.nurse) == 1


def link(database, case, review):
    return database.add(
        tables.answer_link,
        patient_id=case.patient,
        case_review_id=review,
        recipient_id=case.team.gp,
        expires_at=at(TODAY + timedelta(days=30)),
    )


def test_a_link_of_a_letter_of_which_nothing_stands_is_closed(database, case, switched):
    first, *_others = switched
    old = link(database, case, first)
    with acting_as(case.team.gp) as connection:
        with pytest.raises(LinkClosed) as closed:
            open_link(connection, old)
        assert closed.value.why == "not_wanted"


def test_a_link_asks_for_what_its_letter_has_kept(database, case):
    _first, (kept,) = advised(database, case, 20, {"owner_role": "gp"})
    second, _none = advised(database, case, 6, outcome="no_change")
    settled(database, case, kept, second, "kept", 6)
    new = link(database, case, second)
    with acting_as(case.team.gp) as connection:
        assert [line.id for line in open_link(connection, new).awaited] == [kept]
        answer_by_link(connection, new, {kept: ("done", "")})
    assert stored_answers(database) == ["done"]


def test_an_answer_by_link_to_a_line_replaced_meanwhile_records_nothing(database, case):
    first, (line, other) = advised(database, case, 20, {"owner_role": "gp"}, {"owner_role": "gp"})
    old = link(database, case, first)
    settled(database, case, line, None, "withdrawn", 1)
    given = {line: ("done", ""), other: ("done", "")}
    with acting_as(case.team.gp) as connection, pytest.raises(NotWanted):
        answer_by_link(connection, old, given)
    assert stored_answers(database) == []
    with acting_as(case.team.gp) as connection:
        answer_by_link(connection, old, {other: ("done", "")})
    assert stored_answers(database) == ["done"]


def test_what_a_meeting_came_to_says_that_a_line_was_replaced_since(database, case):
    meeting = database.meeting(case.team, [], ended_at=at(days_ago(20), 18))
    first, (start,) = advised(database, case, 20, SERTRALINE, meeting_id=meeting)
    database.agenda_item(
        meeting, case, 1, outcome="reviewed", decided_at=at(days_ago(20)), case_review_id=first
    )
    second, (switch,) = advised(database, case, 6, SWITCH)
    settled(database, case, start, second, "replaced", 6, replaced_by=switch)
    with acting_as(case.team.psychiatrist) as connection:
        (agreed,) = summary(connection, meeting, TODAY).agreed
    assert [line.state for line in agreed.review.recommendations] == ["replaced"]

"""An answer settles a recommendation for every page alike.

Nobody takes back the decision of somebody else by only reading the recommendation.
"""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import now, today
from dashboard.clinical.advice.answer_link import LinkClosed
from dashboard.clinical.advice.follow_up import NothingAwaited
from dashboard.clinical.advice.standing_advice import unsettled_advice
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.queries.advice.answer_links import open_link
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.advice.inbox import inbox
from dashboard.queries.advice.reminding import remind
from dashboard.queries.case.case_file import open_case
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.caseload.review_list import review_list
from tests.support.factories import at

TODAY = today()


def days_ago(number):
    return TODAY - timedelta(days=number)


@pytest.fixture
def case(database):
    return database.team().case(days_ago(60))


@pytest.fixture
def signed(database, case):
    """Return a review that was sent to the GP with a link."""
    signed = database.case_review(case, at(days_ago(12)), next_review_on=TODAY + timedelta(days=30))
    sent_to_gp = {
        "patient_id": case.patient,
        "case_review_id": signed,
        "recipient_id": case.team.gp,
    }
    database.add(
        tables.delivery,
        channel="inbox",
        state="sent",
        message_id=str(uuid4()),
        queued_at=at(days_ago(12)),
        **sent_to_gp,
    )
    database.add(tables.answer_link, expires_at=now() + timedelta(days=60), **sent_to_gp)
    return signed


@pytest.mark.parametrize(
    ("answers", "is_awaited"),
    [
        ([("nurse", "acknowledged")], True),
        ([("gp", "declined"), ("nurse", "acknowledged")], False),
        ([("gp", "done"), ("nurse", "acknowledged")], False),
        ([("nurse", "done"), ("gp", "acknowledged")], False),
        ([("gp", "declined"), ("nurse", "done"), ("nurse", "acknowledged")], False),
        ([("gp", "done"), ("gp", "acknowledged")], True),
    ],
)
def test_all_pages_await_an_answer_until_somebody_decides_and_does_not_take_it_back(
    database, case, signed, answers, is_awaited
):
    line = database.recommendation(case, signed, owner_role="gp", due_on=days_ago(8))
    for place, (role, outcome) in enumerate(answers):
        database.add(
            tables.answer,
            patient_id=case.patient,
            recommendation_id=line,
            practitioner_id=getattr(case.team, role),
            outcome=outcome,
            reason="Refus",
            answered_at=at(days_ago(5 - place)),
        )
    awaited = {page.__name__: page(database, case, signed) for page in PAGES}
    assert awaited == dict.fromkeys(awaited, is_awaited)


def of_list(database, case, signed):
    with acting_as(case.team.psychiatrist) as connection:
        (reasons,) = review_list(connection, TODAY).reasons
    return "advice_overdue" in dict(reasons)


def of_form(database, case, signed):
    with acting_as(case.team.psychiatrist) as connection:
        return bool(unsettled_advice(open_case(connection, case.episode, TODAY)))


def of_follow_up(database, case, signed):
    with acting_as(case.team.psychiatrist) as connection:
        [followed] = follow_up(connection, TODAY)
    return followed.lines[0].is_awaited


def of_inbox_of_gp(database, case, signed):
    with acting_as(case.team.gp) as connection:
        return bool(inbox(connection, TODAY))


def of_inbox_of_nurse(database, case, signed):
    with acting_as(case.team.nurse) as connection:
        return bool(inbox(connection, TODAY))


def of_answer_link(database, case, signed):
    with database.owner().connect() as owner:
        link = owner.execute(tables.answer_link.select()).one().id
    try:
        with acting_as(case.team.gp) as connection:
            open_link(connection, link)
    except LinkClosed:
        return False
    return True


def of_reminder(database, case, signed):
    try:
        with acting_as(case.team.psychiatrist) as connection:
            remind(connection, signed, case.team.gp)
    except NothingAwaited:
        return False
    return True


PAGES = (
    of_list,
    of_form,
    of_follow_up,
    of_inbox_of_gp,
    of_inbox_of_nurse,
    of_answer_link,
    of_reminder,
)


def test_same_answer_from_two_windows_at_once_is_stored_once(database, case, signed):
    line = database.recommendation(case, signed, owner_role="gp")

    def window():
        with acting_as(case.team.gp) as connection:
            answer(connection, line, "done", None, uuid4())

    windows = [threading.Thread(target=window) for _ in range(2)]
    with acting_as(case.team.gp) as holding, database.owner().connect() as owner:
        lock_advice(holding, case.episode)
        for one in windows:
            one.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while owner.exec_driver_sql(waiting).scalar_one() < len(windows):
            pass
    for one in windows:
        one.join()
    with database.owner().connect() as owner:
        stored = owner.exec_driver_sql("SELECT outcome FROM review.answer").scalars().all()
    assert stored == ["done"]

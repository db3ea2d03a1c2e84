"""The calendar feed: who has its address reads days and counts of one person, and no more."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database import serving
from dashboard.database.schema import review
from dashboard.database.security.calendar_feed import DAYS_BACK
from dashboard.vocabulary import CalendarEventKind
from dashboard.web.auth.calendar_feed import (
    end_feed,
    events_of_feed,
    language_of_feed,
    renew_feed,
    renewed_at,
)
from tests.support.factories import at

TODAY = today()
MONTH_AGO = at(TODAY - timedelta(days=28))
WEEK_AGO = at(TODAY - timedelta(days=7))
DUE = TODAY + timedelta(days=3)
LATER = TODAY + timedelta(days=10)


@pytest.fixture
def case(people):
    return people.team.case(TODAY - timedelta(weeks=12))


def feed_of(people, username):
    practitioner = people.practitioner(username)
    with serving(practitioner) as connection:
        return renew_feed(connection, practitioner)


def events(people, username, kind=None):
    token = feed_of(people, username)
    with serving() as connection:
        return [
            (one.kind, one.day, one.count)
            for one in events_of_feed(connection, token)
            if kind in (None, one.kind)
        ]


def reviewed(case, signed_at=MONTH_AGO, **values):
    return case.team.database.case_review(case, signed_at, **values)


def line(case, review_id, **values):
    return case.team.database.recommendation(case, review_id, **{"due_on": DUE} | values)


def answered(case, recommendation, *answers):
    for hours, (role, outcome) in enumerate(answers):
        case.team.database.add(
            review.answer,
            patient_id=case.patient,
            recommendation_id=recommendation,
            practitioner_id=getattr(case.team, role),
            outcome=outcome,
            reason="Refus",
            answered_at=WEEK_AGO + timedelta(hours=hours),
        )


def settled(case, recommendation, kind, by_review=None, **values):
    case.team.database.add(
        review.settlement,
        patient_id=case.patient,
        recommendation_id=recommendation,
        case_review_id=by_review,
        kind=kind,
        settled_by=case.team.psychiatrist,
        settled_at=WEEK_AGO,
        **{"reason": ""} | values,
    )


def test_meeting_is_in_the_calendar_of_both_and_names_the_colleague(people):
    people.database.meeting(people.team, [], held_on=DUE)
    for username, colleague in (("moreau", "Nurse"), ("roux", "Psychiatrist")):
        token = feed_of(people, username)
        with serving() as connection:
            (event,) = events_of_feed(connection, token)
        assert (event.kind, event.day, event.colleague) == (
            CalendarEventKind.MEETING,
            DUE,
            colleague,
        )


def test_next_reviews_of_a_day_are_counted_for_their_psychiatrist(people, case):
    reviewed(case, WEEK_AGO, next_review_on=DUE)
    reviewed(people.team.case(TODAY - timedelta(weeks=9)), WEEK_AGO, next_review_on=DUE)
    assert events(people, "moreau") == [(CalendarEventKind.REVIEW_DUE, DUE, 2)]
    assert events(people, "roux") == []


def test_only_the_latest_review_says_when_the_next_is_due(people, case):
    reviewed(case, MONTH_AGO, next_review_on=DUE)
    reviewed(case, WEEK_AGO, next_review_on=LATER)
    assert events(people, "moreau") == [(CalendarEventKind.REVIEW_DUE, LATER, 1)]


def test_an_amended_review_no_longer_counts(people, case):
    first = reviewed(case, MONTH_AGO, next_review_on=DUE)
    reviewed(case, WEEK_AGO, next_review_on=None, supersedes=first)
    assert events(people, "moreau") == []


def test_reassessment_of_suicide_risk_is_in_the_psychiatrists_calendar(people, case):
    reviewed(case, WEEK_AGO, risk_level="moderate", risk_reassess_on=DUE)
    assert events(people, "moreau") == [(CalendarEventKind.REASSESSMENT_DUE, DUE, 1)]


@pytest.mark.parametrize(("owner", "reader"), [("nurse", "roux"), ("gp", "petit")])
def test_open_line_is_in_the_calendar_of_its_owner_alone(people, case, owner, reader):
    line(case, reviewed(case), owner_role=owner)
    for username in ("roux", "petit", "moreau"):
        due = [(CalendarEventKind.ANSWER_DUE, DUE, 1)] if username == reader else []
        assert events(people, username, CalendarEventKind.ANSWER_DUE) == due


@pytest.mark.parametrize(
    ("answers", "still_due"),
    [
        ([("nurse", "acknowledged")], True),
        ([("nurse", "done")], False),
        ([("nurse", "modified")], False),
        ([("nurse", "declined")], False),
        ([("nurse", "refused_by_patient")], False),
        ([("gp", "declined"), ("nurse", "acknowledged")], False),
        ([("nurse", "done"), ("nurse", "acknowledged")], True),
    ],
)
def test_answer_that_settles_a_line_takes_it_off_the_calendar(people, case, answers, still_due):
    answered(case, line(case, reviewed(case)), *answers)
    assert bool(events(people, "roux")) is still_due


def test_withdrawn_line_is_off_the_calendar(people, case):
    settled(case, line(case, reviewed(case)), "withdrawn", reason="Erreur")
    assert events(people, "roux") == []


@pytest.mark.parametrize("kind", ["withdrawn", "replaced"])
def test_line_that_a_later_review_ended_is_off_the_calendar(people, case, kind):
    first = line(case, reviewed(case))
    second = reviewed(case, WEEK_AGO)
    replaced_by = line(case, second, due_on=None) if kind == "replaced" else None
    settled(case, first, kind, second, replaced_by=replaced_by)
    assert events(people, "roux") == []


def test_line_kept_with_another_day_is_due_on_that_day(people, case):
    first = line(case, reviewed(case))
    second = reviewed(case, WEEK_AGO)
    settled(case, first, "kept", second, due_on=LATER)
    assert events(people, "roux") == [(CalendarEventKind.ANSWER_DUE, LATER, 1)]


def test_line_stands_after_a_review_without_change(people, case):
    line(case, reviewed(case))
    reviewed(case, WEEK_AGO, outcome="no_change")
    assert events(people, "roux") == [(CalendarEventKind.ANSWER_DUE, DUE, 1)]


def test_closed_episode_has_no_events(people):
    closed = people.team.case(
        TODAY - timedelta(weeks=12), status="closed", closed_on=TODAY - timedelta(days=1)
    )
    line(closed, reviewed(closed, next_review_on=DUE))
    assert events(people, "roux") == events(people, "moreau") == []


def test_events_older_than_a_month_are_left_out(people, case):
    reviewed(case, next_review_on=TODAY - timedelta(days=DAYS_BACK + 1))
    assert events(people, "moreau") == []


def test_new_address_makes_the_old_one_void(people):
    old, new = feed_of(people, "roux"), feed_of(people, "roux")
    with serving() as connection:
        assert language_of_feed(connection, old) is None
        assert language_of_feed(connection, new) == "fr"


def test_ended_feed_has_no_address(people):
    token, nurse = feed_of(people, "roux"), people.practitioner("roux")
    with serving(nurse) as connection:
        assert renewed_at(connection, nurse) is not None
        end_feed(connection, nurse)
        assert renewed_at(connection, nurse) is None
        assert language_of_feed(connection, token) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review.account SET locked_at = now()",
        "UPDATE registry.practitioner SET active = false",
    ],
)
def test_address_of_a_person_who_is_locked_out_or_has_left_is_void(
    people, case, run_as_owner, statement
):
    line(case, reviewed(case))
    token = feed_of(people, "roux")
    run_as_owner(statement)
    with serving() as connection:
        assert language_of_feed(connection, token) is None
        assert events_of_feed(connection, token) == []


def test_token_is_not_in_the_database(people, run_as_owner):
    token = feed_of(people, "roux")
    ((stored,),) = run_as_owner("SELECT token_hash FROM review.calendar_feed")
    assert token not in stored


def test_renewal_and_end_are_on_the_access_log(people, run_as_owner):
    nurse = people.practitioner("roux")
    feed_of(people, "roux")
    with serving(nurse) as connection:
        end_feed(connection, nurse)
    logged = run_as_owner(
        "SELECT action FROM review.access_log WHERE practitioner_id = :n", n=nurse
    )
    assert [row.action for row in logged] == ["calendar_renewed", "calendar_ended"]

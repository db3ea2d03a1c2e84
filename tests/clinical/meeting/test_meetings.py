"""Where the two are on the agenda, how long it takes, what it comes to."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.meeting.meetings import (
    Agreed,
    Known,
    Meeting,
    MeetingItem,
    MeetingSummary,
    known_from_json,
    left_open,
    next_item,
    place,
    previous_item,
    runs_over,
    seconds_in_all,
    seconds_on,
    to_do,
    undecided,
    with_outcome,
)
from dashboard.clinical.people import Identity

DAY = date(2026, 11, 24)
STARTED = datetime(2026, 11, 24, 14, 0, tzinfo=PARIS)
FIRST, SECOND, THIRD = (
    MeetingItem(UUID(int=n), episode_id=n, position=n, chosen_by="rule") for n in (1, 2, 3)
)
MEETING = Meeting(
    id=UUID(int=9),
    psychiatrist=None,
    nurse=None,
    held_on=DAY,
    sent_at=None,
    started_at=STARTED,
    ended_at=None,
    current_item_id=FIRST.id,
    seconds_here=0,
    items=(FIRST, SECOND, THIRD),
)


@pytest.mark.parametrize(
    ("item", "number", "before", "after"),
    [(FIRST, 1, None, SECOND), (SECOND, 2, FIRST, THIRD), (THIRD, 3, SECOND, None)],
)
def test_each_case_has_its_number_and_its_neighbours(item, number, before, after):
    assert place(MEETING, item) == (number, 3)
    assert previous_item(MEETING, item) == before
    assert next_item(MEETING, item) == after


@pytest.mark.parametrize(
    ("started", "ended", "running"),
    [(None, None, False), (STARTED, None, True), (STARTED, STARTED, False)],
)
def test_it_runs_from_its_start_to_its_end(started, ended, running):
    assert replace(MEETING, started_at=started, ended_at=ended).is_running is running


def test_the_current_case_may_be_none_of_ones_own():
    assert MEETING.current == FIRST
    assert replace(MEETING, current_item_id=UUID(int=8)).current is None
    assert MEETING.item_of(2) == SECOND
    assert MEETING.item_of(8) is None


def test_what_is_left_is_what_has_no_outcome():
    decided = replace(MEETING, items=(replace(FIRST, outcome="deferred"), SECOND, THIRD))
    assert undecided(decided) == (SECOND, THIRD)


def test_the_time_is_what_was_spent_and_what_runs_now():
    spent = (replace(FIRST, seconds_spent=60), replace(SECOND, seconds_spent=30), THIRD)
    now = replace(MEETING, items=spent, seconds_here=5)
    assert [seconds_on(now, item) for item in now.items] == [65, 30, 0]
    assert seconds_in_all(now) == 95


@pytest.mark.parametrize(("seconds", "over"), [(0, False), (300, False), (450, False), (451, True)])
def test_a_case_runs_over_at_half_as_long_again_as_usual(seconds, over):
    assert runs_over(seconds, pace=300) is over


def line(number, owner_role="nurse", due_on=None):
    return Recommendation(
        id=UUID(int=number),
        position=number,
        kind="other",
        action=None,
        atc_code=None,
        drug_name=None,
        daily_dose_mg=None,
        titration=None,
        detail=f"line {number}",
        alternative=None,
        owner_role=owner_role,
        due_on=due_on,
        answers=(),
    )


def review(*lines):
    return CaseReview(
        id=UUID(int=100),
        psychiatrist=None,
        outcome="reviewed",
        summary="",
        next_review_on=None,
        signed_at=STARTED,
        signed_on=DAY,
        supersedes=None,
        superseded_by=None,
        recommendations=lines,
        seen={},
    )


def agreed(item, outcome, found=None):
    who = Identity(item.episode_id, "Un", "Camille", DAY, "female", None, None)
    return Agreed(replace(item, outcome=outcome), who, found)


def test_who_does_what_the_soonest_first():
    tomorrow, later = DAY + timedelta(days=1), DAY + timedelta(days=9)
    summary = MeetingSummary(
        MEETING,
        (
            agreed(FIRST, "reviewed", review(line(1), line(2, "gp"), line(3, due_on=later))),
            agreed(SECOND, "deferred"),
            agreed(THIRD, "reviewed", review(line(4, due_on=tomorrow))),
        ),
    )
    assert [task.line.detail for task in to_do(summary, "nurse")] == ["line 4", "line 3", "line 1"]
    assert [task.episode_id for task in to_do(summary, "gp")] == [1]
    assert [one.item.id for one in with_outcome(summary, "reviewed")] == [FIRST.id, THIRD.id]
    assert [one.item.id for one in with_outcome(summary, "deferred")] == [SECOND.id]


def test_a_case_that_was_opened_and_not_decided_was_reached():
    opened = replace(FIRST, seconds_spent=120)
    found = MeetingSummary(
        MEETING, (agreed(opened, None), agreed(SECOND, None), agreed(THIRD, "deferred"))
    )
    assert [one.item.id for one in left_open(found, reached=True)] == [FIRST.id]
    assert [one.item.id for one in left_open(found, reached=False)] == [SECOND.id]


def test_what_was_known_is_read_from_json():
    assert known_from_json(None) is None
    assert known_from_json({"contacts": [3]}) == Known(contacts=frozenset({3}))

"""The cases of a meeting, their order, their duration, and the data missing beforehand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.caseload.rules import RULES, Reason, Tier, reasons
from dashboard.clinical.episodes import (
    AdviceFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    ScreenerFact,
    SequenceFact,
)
from dashboard.clinical.meeting.agenda import (
    NO_LONGER_DUE,
    Agenda,
    CaseToPrepare,
    NotOnAgenda,
    Pace,
    Preparation,
    ReasonMissing,
    StoredItem,
    case_to_show,
    merged,
    missing_before,
    next_meeting_day,
    next_to_prepare,
    proposed,
    put_back,
    reordered,
    room_for,
    short_of_time,
    treatment_unconfirmed_since,
    usual_pace,
    without,
    woven,
)
from dashboard.clinical.people import Identity, Person

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def days_ago(number):
    return TODAY - timedelta(days=number)


def facts(episode_id=1, **values):
    defaults = {"enrolled_on": days_ago(90), "status": "active", "birth_date": date(1983, 5, 2)}
    return EpisodeFacts(episode_id=episode_id, patient_id=episode_id, **defaults | values)


def case(episode_id, tier=Tier.REVIEW_DUE, *, rules=(), **preparation):
    """Return a case whose rank is its episode's id."""
    return CaseToPrepare(
        rank=episode_id,
        tier=tier,
        reasons=tuple(
            Reason(RULES[rule], RULES[rule].tier, since, {"raised": since}) for rule, since in rules
        ),
        facts=facts(episode_id),
        identity=Identity(episode_id, "Lefèvre", "Camille", date(1983, 5, 2), "female", None, None),
        psychiatrist=Person(100, "Moreau", "Alix"),
        nurse=Person(200, "Roux", "Dominique"),
        missing=(),
        preparation=Preparation(UUID(int=episode_id), **preparation),
    )


NO_ROOM = 0
"""The room of a meeting in tests of the cases that are proposed even without room."""


def agenda(*cases, off=()):
    items = tuple(proposed(cases, {}, NO_ROOM))
    return Agenda(cases[0].psychiatrist, cases[0].nurse, cases, TODAY, Pace(300), items=items)


def chosen(cases, deferred=None, room=NO_ROOM, taken_off=()):
    return [
        (item.episode_id, item.chosen_by)
        for item in proposed(cases, deferred or {}, room, taken_off)
    ]


# The cases.


@pytest.mark.parametrize("tier", list(Tier))
def test_the_rules_choose_the_tiers_that_are_due(tier):
    assert chosen([case(1, tier)]) == ([(1, "rule")] if tier <= Tier.REVIEW_DUE else [])


@pytest.mark.parametrize(
    ("preparation", "is_chosen"),
    [
        ({}, False),
        ({"wants_discussion": True}, True),
        ({"question": "Que faire ?"}, False),
        ({"question": "Que faire ?", "ready_at": NOW}, True),
        ({"question": " \n", "ready_at": NOW}, False),
        ({"ready_at": NOW}, False),
    ],
)
def test_the_nurse_chooses_with_a_wish_or_a_question_that_is_ready(preparation, is_chosen):
    on_track = case(1, Tier.NOTHING_DUE, **preparation)
    assert chosen([on_track]) == ([(1, "nurse")] if is_chosen else [])


def test_those_put_off_come_first_and_nobody_twice():
    cases = [
        case(1),
        case(2, wants_discussion=True),
        case(3, Tier.FOLLOW_UP),
        case(4, Tier.NOTHING_DUE),
    ]
    assert chosen(cases, {4: "No time", 2: None, 9: "closed since"}) == [
        (4, "deferred"),
        (2, "deferred"),
        (1, "rule"),
    ]


def test_the_nurses_own_stand_at_their_rank():
    cases = [case(3, Tier.FOLLOW_UP, wants_discussion=True), case(1), case(2)]
    assert chosen(cases) == [(1, "rule"), (2, "rule"), (3, "nurse")]


def test_tier_3_fills_what_room_is_left_in_the_order_of_the_list():
    follow_up = [case(number, Tier.FOLLOW_UP) for number in (3, 4, 5)]
    cases = [case(1), *follow_up, case(6, Tier.NOTHING_DUE)]
    assert chosen(cases, room=3) == [(1, "rule"), (3, "rule"), (4, "rule")]
    assert chosen(cases, room=9) == [(1, "rule"), (3, "rule"), (4, "rule"), (5, "rule")]


def test_tiers_0_to_2_and_the_nurses_own_are_on_it_whatever_the_room():
    cases = [
        case(1),
        case(2),
        case(3, Tier.FOLLOW_UP),
        case(4, Tier.STEP_DOWN, wants_discussion=True),
    ]
    assert chosen(cases, room=1) == [(1, "rule"), (2, "rule"), (4, "nurse")]


def test_who_was_taken_off_needs_no_room():
    cases = [case(1), case(2), case(3, Tier.FOLLOW_UP), case(4, Tier.FOLLOW_UP)]
    assert chosen(cases, room=2, taken_off={2}) == [(1, "rule"), (2, "rule"), (3, "rule")]


@pytest.mark.parametrize(
    ("minutes", "seconds", "room"), [(60, 300, 12), (60, 299, 12), (60, 301, 11), (1, 300, 1)]
)
def test_the_minutes_at_the_pairs_pace_are_the_room(minutes, seconds, room):
    assert room_for(minutes, Pace(seconds)) == room


@pytest.mark.parametrize(
    ("meetings", "expected"),
    [
        ([(13, 12)] * 4, True),
        ([(13, 12)] * 3, False),
        ([(13, 12)] * 3 + [(12, 12)], False),
        ([(13, 12)] * 4 + [(5, 12)], True),
        ([(13, 12), (None, None), (13, 12), (13, 12)], False),
    ],
)
def test_four_meetings_running_without_room_for_what_is_due_are_said(meetings, expected):
    assert short_of_time(meetings) is expected


@pytest.mark.parametrize(
    ("short_of_time", "minutes", "expected"),
    [(True, 5, True), (True, 10, False), (False, 5, False)],
)
def test_more_time_is_needed_while_the_next_meeting_is_too_short_as_well(
    short_of_time, minutes, expected
):
    two_due = replace(agenda(case(1), case(2)), short_of_time=short_of_time, length=minutes)
    assert two_due.needs_more_time is expected


# In what order.


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [1, 2, 3], [1, 2, 3]),
        ([3, 1], [1, 2, 3], [3, 1, 2]),
        ([2, 1], [0, 1, 2], [0, 2, 1]),
        ([3, 9, 1], [1, 3], [3, 1]),
        ([2, 2, 1], [1, 2], [2, 1]),
    ],
)
def test_newcomers_stand_behind_whom_they_follow(first, second, expected):
    assert woven(first, second) == expected


@given(st.lists(st.integers(0, 12)), st.lists(st.integers(0, 12), unique=True))
def test_nobody_is_lost_or_doubled_and_the_hands_order_stands(first, second):
    order = woven(first, second)
    assert sorted(order) == sorted(second)
    by_hand = [one for one in dict.fromkeys(first) if one in second]
    assert [one for one in order if one in by_hand] == by_hand


@given(
    st.lists(st.integers(1, 8), unique=True),
    st.lists(
        st.tuples(st.integers(1, 8), st.sampled_from([None, "absent", NO_LONGER_DUE])),
        unique_by=lambda one: one[0],
    ),
)
def test_each_proposed_case_is_on_the_agenda_or_taken_off(episodes, before):
    proposal = proposed([case(one) for one in episodes], {}, NO_ROOM)
    stored = [StoredItem(one, one, "rule", reason and NOW, reason) for one, reason in before]
    items, off = merged(proposal, stored)
    assert sorted(one.episode_id for one in (*items, *off)) == sorted(episodes)
    assert {one.episode_id for one in off} == {one for one, why in before if why == "absent"} & set(
        episodes
    )


def test_only_a_safety_rule_of_a_later_day_brings_somebody_back():
    taken_off = [StoredItem(1, 1, "rule", REMOVED, "absent")]
    for since, rule, comes_back in (
        (days_ago(1), "suicidal_ideation", True),
        (days_ago(2), "suicidal_ideation", False),
        (days_ago(1), "deteriorated", False),
    ):
        items, off = merged(proposed([case(1, rules=[(rule, since)])], {}, NO_ROOM), taken_off)
        assert (len(items), len(off)) == ((1, 0) if comes_back else (0, 1))


@pytest.mark.parametrize(
    ("removed_in", "comes_back"),
    [(Tier.REVIEW_DUE, True), (Tier.FOLLOW_UP, True), (Tier.SAFETY, False), (None, False)],
)
def test_a_form_entered_late_brings_back_who_was_in_no_danger_at_the_removal(
    removed_in, comes_back
):
    taken_off = [StoredItem(1, 1, "rule", REMOVED, "absent", removed_in)]
    alerted = case(1, Tier.SAFETY, rules=[("suicidal_ideation", days_ago(5))])
    items, off = merged(proposed([alerted], {}, NO_ROOM), taken_off)
    assert (len(items), len(off)) == ((1, 0) if comes_back else (0, 1))


REMOVED = NOW - timedelta(days=2)
LONG_AGO = ("suicidal_ideation", days_ago(10))
OLD_FORM = DatedAnswer(days_ago(10), 2)


@pytest.mark.parametrize(
    ("title", "alert", "facts_then", "comes_back"),
    [
        ("nothing since", LONG_AGO, {"item9": (OLD_FORM,)}, False),
        ("a later form beside an old alert", LONG_AGO,
         {"item9": (OLD_FORM, DatedAnswer(days_ago(1), 3))}, True),
        ("a later form without suicidal thoughts", LONG_AGO,
         {"item9": (OLD_FORM, DatedAnswer(days_ago(1), 0))}, False),
        ("a later C-SSRS with a yes to question 5", LONG_AGO,
         {"screeners": (ScreenerFact(days_ago(1), (1, 1, 1, 0, 1, 0)),)}, True),
        ("a flag earlier on the same day", ("safety_flag", days_ago(2)),
         {"flags": (FlagFact("safety", days_ago(2), REMOVED - timedelta(hours=1)),)}, False),
        ("a flag later on the same day", ("safety_flag", days_ago(2)),
         {"flags": (FlagFact("safety", days_ago(2), REMOVED + timedelta(hours=1)),)}, True),
        ("a flag for a discussion", LONG_AGO,
         {"flags": (FlagFact("discussion", days_ago(1), REMOVED + timedelta(days=1)),)}, False),
    ],
)  # fmt: skip
def test_an_alert_after_somebody_was_taken_off_brings_them_back(
    title, alert, facts_then, comes_back
):
    taken_off = [StoredItem(1, 1, "rule", REMOVED, "absent")]
    alerted = replace(case(1, rules=[alert]), facts=facts(**facts_then))
    items, off = merged(proposed([alerted], {}, NO_ROOM), taken_off)
    assert (len(items), len(off)) == ((1, 0) if comes_back else (0, 1))


def test_an_order_by_hand_leaves_out_nobody():
    assert reordered(agenda(case(1), case(2), case(3)), [3, 1, 7]).order == [3, 1, 2]


def test_taking_off_asks_why_and_putting_back_comes_last():
    three = agenda(case(1), case(2), case(3))
    with pytest.raises(ReasonMissing):
        without(three, 1, "\t")
    less = without(three, 1, " absent ")
    assert (less.order, less.off[0].removed_reason) == ([2, 3], "absent")
    assert put_back(less, 1).order == [2, 3, 1]
    assert put_back(less, 1).off == ()
    for act in (lambda: without(less, 9, "absent"), lambda: put_back(less, 9)):
        with pytest.raises(NotOnAgenda):
            act()


def test_taking_off_or_putting_back_again_changes_nothing():
    three = agenda(case(1), case(2), case(3))
    less = without(three, 1, "absent")
    assert without(less, 1, "encore") == less
    assert put_back(three, 1) == three


def test_the_next_to_prepare_is_behind_this_one_and_not_ready():
    four = agenda(case(1), case(2, ready_at=NOW), case(3), case(4, ready_at=NOW))
    assert next_to_prepare(four) == 1
    assert next_to_prepare(four, 1) == 3
    assert next_to_prepare(four, 3) == 1
    assert next_to_prepare(agenda(case(2, ready_at=NOW))) is None
    assert next_to_prepare(agenda(case(1)), 1) is None


def test_the_address_names_whom_to_show_else_the_first_to_prepare():
    three = agenda(case(1, ready_at=NOW), case(2), case(3, Tier.NOTHING_DUE))
    for named, shown in (("3", 3), ("", 2), ("99", 2), ("x", 2)):
        assert case_to_show(three, named).episode_id == shown
    assert case_to_show(agenda(case(1, ready_at=NOW)), "").episode_id == 1
    assert case_to_show(agenda(case(7, Tier.NOTHING_DUE)), "").episode_id == 7
    assert [one.episode_id for one in three.others] == [3]


# How long.


@pytest.mark.parametrize(
    ("seconds", "pace"),
    [
        ([], Pace(300)),
        ([60, 60, 60, 60], Pace(300)),
        ([60, 120, 180, 240, 3600], Pace(180, 5)),
        ([60, 61] * 3, Pace(60, 6)),
    ],
)
def test_the_pace_is_the_median_from_five_cases_on(seconds, pace):
    assert usual_pace(seconds) == pace


@pytest.mark.parametrize(("cases", "seconds", "minutes"), [(0, 300, 0), (12, 300, 60), (3, 61, 4)])
def test_the_time_is_in_whole_minutes_rounded_up(cases, seconds, minutes):
    assert Pace(seconds).minutes_for(cases) == minutes


@pytest.mark.parametrize(
    ("held_on", "expected"),
    [
        ([], TODAY),
        ([days_ago(7)], TODAY),
        ([days_ago(3)], TODAY + timedelta(days=4)),
        ([days_ago(30)], TODAY + timedelta(days=5)),
        ([TODAY], TODAY + timedelta(days=7)),
        # Once put off by a day, and once held a day early.
        ([days_ago(6), days_ago(14), days_ago(21)], TODAY),
        ([days_ago(1), days_ago(7), days_ago(14)], TODAY + timedelta(days=7)),
        # The pair has moved to another weekday.
        ([days_ago(6), days_ago(13), days_ago(21), days_ago(28)], TODAY + timedelta(days=1)),
    ],
)
def test_the_next_meeting_is_on_the_usual_weekday_of_the_pair(held_on, expected):
    assert next_meeting_day(held_on, TODAY) == expected


# Missing data.


def sertraline(started_on, stopped_on=None):
    return Medication(1, "N06AB06", "sertraline", None, False, started_on, stopped_on)


@pytest.mark.parametrize(
    ("medications", "contacts", "since"),
    [
        ([], [], None),
        ([sertraline(days_ago(60))], [], days_ago(60)),
        ([sertraline(days_ago(30))], [], days_ago(30)),
        ([sertraline(days_ago(29))], [], None),
        ([sertraline(days_ago(60))], [ContactFact(days_ago(29), True)], None),
        ([sertraline(days_ago(60))], [ContactFact(days_ago(40), True)], days_ago(40)),
        ([sertraline(days_ago(60))], [ContactFact(days_ago(5), False)], days_ago(60)),
        ([sertraline(days_ago(60)), sertraline(days_ago(3))], [], None),
        ([sertraline(days_ago(60), days_ago(2))], [], None),
    ],
)
def test_a_treatment_is_confirmed_by_a_kept_contact_or_a_change(medications, contacts, since):
    episode = facts(medications=tuple(medications), contacts=tuple(contacts))
    assert treatment_unconfirmed_since(episode, TODAY) == since


def lacking(episode):
    found = missing_before(episode, reasons(episode, TODAY), TODAY)
    return {remark.code: remark.day for remark in found}


COMPLETE = facts(
    phq9=(DatedScore(days_ago(5), 8),),
    item9=(DatedAnswer(days_ago(5), 0),),
    contacts=(ContactFact(days_ago(5), True),),
    medications=(sertraline(days_ago(60)),),
    sequence=SequenceFact("classique", 1, days_ago(30), TODAY + timedelta(days=60)),
    reviews=(ReviewFact(days_ago(20), None),),
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        (
            {"phq9": (DatedScore(days_ago(31), 8),), "item9": (DatedAnswer(days_ago(31), 0),)},
            {"score_overdue": days_ago(31)},
        ),
        ({"phq9": (), "item9": ()}, {"score_overdue": None}),
        ({"item9": ()}, {"item9_unknown": days_ago(5)}),
        ({"item9": (DatedAnswer(days_ago(40), 0),)}, {"item9_unknown": days_ago(5)}),
        ({"contacts": ()}, {"treatment_unconfirmed": days_ago(60)}),
        (
            {"sequence": SequenceFact("classique", 1, days_ago(80), TODAY + timedelta(days=14))},
            {"sequence_ending": TODAY + timedelta(days=14)},
        ),
        ({"standing_advice": (AdviceFact(days_ago(7)),)}, {"advice_unanswered": TODAY}),
        (
            {"standing_advice": (AdviceFact(days_ago(7), None, days_ago(8), kept=True),)},
            {"advice_unanswered": TODAY},
        ),
        ({"standing_advice": (AdviceFact(days_ago(7), None, days_ago(7), kept=True),)}, {}),
        (
            {"standing_advice": (AdviceFact(days_ago(20), days_ago(6), days_ago(9)),)},
            {"advice_unanswered": days_ago(5)},
        ),
        (
            {
                "standing_advice": (
                    AdviceFact(days_ago(20), days_ago(6), days_ago(9), "done", days_ago(9)),
                )
            },
            {},
        ),
    ],
)
def test_what_the_nurse_can_still_get(change, expected):
    assert lacking(replace(COMPLETE, **change)) == expected

"""The meeting on its pages: the agenda, the bar above each case, its result."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.risk import RiskStatement
from dashboard.components.meeting import meeting_bar
from dashboard.components.meeting.meeting_bar import EVERY
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.locale import LANGUAGES
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.meeting import holding, meetings
from dashboard.queries.meeting.arranging import take_off
from dashboard.queries.meeting.holding import start
from dashboard.queries.meeting.meetings import state
from dashboard.vocabulary import RiskLevel
from tests.pages.conftest import TODAY, words
from tests.support.factories import at
from tests.support.signing import no_change, sign

ENROLLED = TODAY - timedelta(weeks=10)
ADVICE = DraftReview(
    "Réponse partielle",
    (
        DraftLine("a", kind="other", detail="Agenda du sommeil", owner_role="nurse", due_on=TODAY),
        DraftLine("b", kind="other", detail="Bilan hépatique", owner_role="gp"),
    ),
    next_review_on=TODAY + timedelta(weeks=4),
)


@pytest.fixture
def cases(team):
    return [team.case(ENROLLED, name) for name in ("Un", "Deux", "Trois")]


@pytest.fixture
def meeting(database, team, cases):
    """Return a meeting that has just been started by the nurse."""
    meeting = database.meeting(team, cases)
    with acting_as(team.nurse) as connection:
        start(connection, meeting)
    return meeting


def now(team, meeting):
    with acting_as(team.nurse) as connection:
        return state(connection, meeting)


def in_it(visit, meeting, username="moreau", **query):
    """Return the page at the case of the meeting, with names on the screen."""
    return visit(username, "case", meeting=meeting, remembered={"joined_meeting": meeting}, **query)


def button(tab, label):
    [found] = [one for one in tab.button if one.label == label]
    return found


def click(tab, label):
    """Click, and rerun as often as a page needs to turn if its browser does not answer."""
    button(tab, label).click().run()
    return tab.run()


# Before it.


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_the_next_agenda_is_shown_and_started(visit, team, cases, username):
    tab = visit(username, "meeting")
    said = words(tab)
    assert all(f"{name} Camille, 43" in said for name in ("Un", "Deux", "Trois"))
    assert "3 cases · about 15 min" in said
    button(tab, "Start the meeting").click().run()
    assert set(tab.query_params) == {"episode", "meeting"}
    with acting_as(team.nurse) as connection:
        [begun] = meetings.running(connection)
    assert len(begun.items) == 3
    assert str(begun.id) in str(tab.query_params["meeting"])


def test_starting_an_agenda_that_was_emptied_meanwhile_starts_nothing(visit, team, cases):
    tab = visit("moreau", "meeting")
    with acting_as(team.nurse) as connection:
        for case in cases:
            take_off(connection, team.psychiatrist, team.nurse, case.episode, "Absent", TODAY)
    said = words(click(tab, "Start the meeting"))
    assert "Nobody is on this agenda." in said
    with acting_as(team.nurse) as connection:
        assert meetings.running(connection) == []


def test_who_shares_no_patient_has_no_meeting(visit, database):
    assert "No meeting" in words(visit("moreau", "meeting"))


def test_a_running_meeting_is_gone_on_with_where_it_is(visit, team, meeting, cases):
    with acting_as(team.nurse) as connection:
        holding.turn_to(connection, meeting, now(team, meeting).items[1].id)
    tab = visit("moreau", "meeting")
    assert "at case 2 of 3" in words(tab)
    button(tab, "Join the meeting").click().run()
    assert str(cases[1].episode) in str(tab.query_params["episode"])


def test_a_case_says_that_a_meeting_is_running(visit, meeting, cases):
    tab = visit("roux", "case", episode=cases[2].episode)
    assert "Join the meeting" in words(tab)
    assert "2 / 3" not in words(tab)
    assert "Join the meeting" not in words(visit("petit", "case", episode=cases[2].episode))


# In it.


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_both_are_shown_the_case_of_the_meeting_whatever_the_address(
    visit, meeting, cases, username
):
    tab = in_it(visit, meeting, username, episode=cases[2].episode)
    assert "**1 / 3**" in words(tab)
    assert "Un Camille" in words(tab)
    assert str(cases[0].episode) in str(tab.query_params["episode"])


def test_following_a_meeting_hides_the_names_once(visit, meeting, cases):
    tab = visit("moreau", "case", meeting=meeting)
    assert "**1 / 3**" in words(tab)
    assert tab.session_state["joined_meeting"] == meeting


def test_next_and_previous_turn_the_page_for_both(visit, team, meeting):
    tab = in_it(visit, meeting)
    assert button(tab, "Previous case").disabled
    said = words(click(tab, "Next case"))
    assert "**2 / 3**" in said
    assert "Deux Camille" in said
    assert "**2 / 3**" in words(in_it(visit, meeting, "roux"))
    click(tab, "Next case")
    assert button(tab, "Next case").disabled
    assert "**2 / 3**" in words(click(tab, "Previous case"))


def test_the_page_follows_when_the_other_turns_it(visit, team, meeting):
    tab = in_it(visit, meeting)
    with acting_as(team.nurse) as connection:
        holding.turn_to(connection, meeting, now(team, meeting).items[2].id)
    assert "Trois Camille" in words(tab.run())


def test_no_page_asks_oftener_than_every_two_seconds():
    assert EVERY == "2s"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_change_is_one_click(visit, team, meeting, cases, language):
    tab = in_it(visit, meeting, language=language)
    [one] = [one for one in tab.button if "/no_change" in str(one.key) and "meeting" in one.key]
    one.click().run()
    tab.run()
    assert now(team, meeting).items[0].outcome == "no_change"
    assert "1" in tab.tabs[0].label
    assert not [
        one for one in tab.button if str(one.key).endswith("/no_change") and "meeting" in one.key
    ]


def test_the_nurse_does_not_sign(visit, meeting):
    tab = in_it(visit, meeting, "roux")
    assert "No change" not in [one.label for one in tab.button]


def test_no_change_is_not_offered_while_an_alert_stands(visit, meeting, cases, database):
    database.add(
        registry.flag,
        patient_id=cases[0].patient,
        kind="safety",
        raised_by=cases[0].team.nurse,
        raised_at=at(TODAY - timedelta(days=1)),
    )
    labels = [one.label for one in in_it(visit, meeting).button]
    assert "No change" not in labels
    assert "Seen, no change" not in labels


def test_the_summary_says_the_decision_on_the_risk(visit, team, meeting, cases, database):
    decided = RiskStatement(RiskLevel.HIGH, TODAY + timedelta(days=7), "Hospitalisée")
    signed(team, cases[0], replace(ADVICE, risk=decided))
    with acting_as(team.nurse) as connection:
        holding.end(connection, meeting)
    said = words(visit("roux", "meeting", meeting=meeting))
    assert "1. Un Camille, 43 · high risk of suicide, to be reassessed by" in said


def test_advice_that_is_being_written_is_named(visit, team, meeting, cases):
    with acting_as(team.psychiatrist) as connection:
        save_draft(connection, open_draft(connection, cases[0].episode), ADVICE)
    tab = in_it(visit, meeting)
    said = words(click(tab, "No change"))
    assert "A review is being written for this case" in said
    assert now(team, meeting).items[0].outcome is None


def test_a_deferral_asks_why(visit, team, meeting):
    tab = in_it(visit, meeting)
    click(tab, "Defer it")
    assert now(team, meeting).items[0].outcome is None


def test_who_decided_what_is_said_and_can_be_taken_up_again(visit, team, meeting):
    with acting_as(team.nurse) as connection:
        holding.defer(connection, now(team, meeting).items[0].id, "Bilan *attendu*")
    tab = in_it(visit, meeting)
    assert "Deferred by Nurse: Bilan *attendu*" in words(tab)
    click(tab, "Take it up again")
    assert now(team, meeting).items[0].outcome is None


def test_the_second_to_decide_is_told(visit, team, meeting):
    tab = in_it(visit, meeting)
    with acting_as(team.nurse) as connection:
        holding.defer(connection, now(team, meeting).items[0].id, "Bilan attendu")
    said = words(click(tab, "No change"))
    assert "Deferred by Nurse: Bilan attendu" in said
    assert "Nothing was changed" in said


def test_signing_a_case_that_was_deferred_meanwhile_is_told_and_loses_nothing(
    visit, team, meeting, cases
):
    with acting_as(team.psychiatrist) as connection:
        save_draft(connection, open_draft(connection, cases[0].episode), ADVICE)
    tab = in_it(visit, meeting)
    button(tab, "Preview and sign").click().run()
    with acting_as(team.nurse) as connection:
        holding.defer(connection, now(team, meeting).items[0].id, "Bilan attendu")
    button(tab, "Sign and send").click().run()
    assert "Deferred by Nurse in the meeting. Nothing was signed" in words(tab)
    with acting_as(team.psychiatrist) as connection:
        assert open_draft(connection, cases[0].episode).content == ADVICE


def test_what_came_in_since_it_began_is_marked(visit, team, meeting, cases, database):
    assert "New since the meeting began" not in words(in_it(visit, meeting))
    database.assessment(cases[0].patient, "phq9", TODAY, 17)
    database.add(
        registry.contact,
        patient_id=cases[0].patient,
        happened_at=at(TODAY, 0),
        kind="phone",
        attended=False,
        practitioner_id=team.nurse,
    )
    said = words(in_it(visit, meeting))
    assert "New since the meeting began: PHQ-9 17 of" in said
    assert "missed contact of" in said


# After it.


def test_the_end_says_first_what_is_not_decided(visit, team, meeting):
    tab = in_it(visit, meeting)
    expected = "3 cases have no decision yet. They will stay undecided"
    assert f"{expected} and keep their rank." in words(tab)
    click(tab, "End it")
    ended = now(team, meeting)
    assert {one.outcome for one in ended.items} == {None}


def signed(team, case, content=ADVICE):
    with acting_as(team.psychiatrist) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), content).draft
        sign(connection, draft, Seen(), TODAY)


@pytest.fixture
def ended(team, meeting, cases):
    """Return an ended meeting: one case reviewed, one seen without change, one not reached."""
    signed(team, cases[0])
    with acting_as(team.psychiatrist) as connection:
        content = DraftReview("Vu.", next_review_on=TODAY + timedelta(weeks=4))
        second = meetings.state(connection, meeting).items[1].id
        no_change(connection, second, content, Seen(), TODAY)
    with acting_as(team.nurse) as connection:
        holding.end(connection, meeting)
    return meeting


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_what_it_came_to(visit, ended, username):
    said = words(visit(username, "meeting", meeting=ended))
    assert "Un Camille, 43: Agenda du sommeil · **by" in said
    assert "**GP** · 1" in said
    assert "2. Deux Camille, 43 · next review" in said
    assert "3. Trois Camille" in said
    assert "Start the meeting" not in said


def test_earlier_meetings_are_a_click_away(visit, ended):
    tab = visit("moreau", "meeting")
    [one] = [one for one in tab.button if str(one.key).endswith("/show")]
    one.click().run()
    assert "3. Trois Camille" in words(tab)


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_who_follows_a_meeting_and_runs_again_as_it_is_ended_gets_what_it_came_to(
    visit, team, meeting, username, monkeypatch
):
    tab = in_it(visit, meeting, username)
    with acting_as(team.nurse) as connection:
        holding.end(connection, meeting)
    assert "**1 / 3**" in words(tab.run())
    monkeypatch.setattr(meeting_bar, "STAYS_AFTER_THE_END", 0)
    monkeypatch.setattr(meeting_bar, "TURNED_AFTER", 0)
    said = words(tab.run())
    assert "1. Un Camille" in said
    assert "**1 / 3**" not in said


def test_who_comes_back_to_the_case_after_that_stays_there(visit, ended, cases):
    tab = visit(
        "moreau",
        "case",
        meeting=ended,
        episode=cases[1].episode,
        remembered={"meeting_end_shown": ended},
    )
    assert "Deux Camille" in words(tab)
    assert "meeting" not in tab.query_params


def test_who_goes_back_from_what_it_came_to_finds_the_last_case(visit, ended, team):
    case = visit("moreau", "case", meeting=ended, remembered={"meeting_end_shown": ended})
    assert not case.warning
    assert case.query_params["episode"] == str(now(team, ended).current.episode_id)


def test_a_meeting_of_another_day_in_the_address_of_a_case_is_forgotten(
    visit, ended, cases, database
):
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE review.meeting SET started_at = started_at - interval '1 day',"
            " ended_at = ended_at - interval '1 day'"
        )
    tab = visit("moreau", "case", meeting=ended, episode=cases[1].episode)
    assert "Deux Camille" in words(tab)
    assert "meeting" not in tab.query_params


def test_the_inbox_of_the_nurse_leads_to_what_it_came_to(visit, ended):
    tab = visit("roux", "inbox")
    assert "Agenda du sommeil" in "\n".join(one.label for one in tab.expander)
    assert "Last meeting with Dr Psychiatrist Claude" in words(tab)
    assert "Last meeting with" not in words(visit("petit", "inbox"))


@pytest.mark.parametrize(("days", "shown"), [(14, True), (15, False)])
def test_the_nurse_finds_an_ended_meeting_in_the_inbox_for_two_weeks(
    visit, ended, database, days, shown
):
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE review.meeting SET ended_at = ended_at - interval '{days} days'"
        )
    assert ("Last meeting with Dr Psychiatrist Claude" in words(visit("roux", "inbox"))) == shown

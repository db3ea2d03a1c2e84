"""The inbox: received advice, owed answers, and later states."""

import html
from datetime import timedelta

import pytest

from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.locale import LANGUAGES, _, speaking
from dashboard.locale.formats import day, short_day
from dashboard.queries.advice.delivering import deliver
from tests.pages.conftest import TODAY, words
from tests.support.factories import at

ENROLLED = TODAY - timedelta(weeks=10)
LAST_WEEK = TODAY - timedelta(days=7)

NOTHING = "Nothing is waiting for an answer. What psychiatrists sign for you comes here."


@pytest.fixture
def case(team):
    return team.case(ENROLLED, family_name="Zwingelstein")


@pytest.fixture
def received(case, database):
    """Return a function that sends a line of advice to the nurse: ``received(due_on=…)``."""

    def receive(case=case, signed_on=LAST_WEEK, **line):
        signed = database.case_review(case, at(signed_on), summary="Réponse partielle")
        return database.recommendation(case, signed, **line)

    return receive


@pytest.fixture
def opened(visit):
    """Return a function that opens an inbox with these lines open."""

    def come(username, *lines, **state):
        lines_open = {f"inbox/{line}/line": True for line in lines}
        return visit(username, "inbox", remembered=lines_open | state)

    return come


def labels(tab):
    """Return the lines as they stand before they are opened."""
    assert not tab.exception
    return html.unescape("\n".join(one.label for one in tab.expander)).replace("\u2060", "")


def answer(tab, line, outcome):
    return tab.segmented_control(key=f"answer/{line}/0/outcome").set_value(outcome).run()


def answers(database):
    with database.owner().connect() as connection:
        rows = connection.execute(review.answer.select()).all()
    return [(row.recommendation_id, row.outcome, row.reason, row.practitioner_id) for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("username", ["roux", "petit"])
def test_an_empty_inbox_says_what_will_come(visit, case, username, language):
    tab = visit(username, "inbox", language=language)
    with speaking(language):
        assert [one.value for one in tab.info] == [_(NOTHING)]


def test_a_line_names_its_patient_its_advice_its_owner_and_its_day(visit, received):
    received(due_on=TODAY + timedelta(days=3))
    tab = visit("roux", "inbox")
    label = labels(tab)
    for said in ("Zwingelstein Camille, 43", "Revoir le sommeil", "nurse · no answer yet"):
        assert said in label
    assert short_day(TODAY + timedelta(days=3)) in label
    assert "1 recommendation to answer · 1 patient" in words(tab)


def test_the_count_keeps_what_others_have_to_answer_apart(visit, received, team):
    received(owner_role="gp")
    received(team.case(ENROLLED, "Autre"))
    for username in ("roux", "petit"):
        said = words(visit(username, "inbox"))
        assert "1 recommendation to answer · 1 addressed to others · 2 patients" in said


@pytest.mark.parametrize(("username", "gives"), [("roux", True), ("petit", False)])
def test_a_letter_that_the_gp_never_got_is_not_called_unanswered_or_overdue(
    visit, received, case, database, username, gives
):
    signed = database.case_review(case, at(LAST_WEEK))
    database.recommendation(
        case, signed, owner_role="gp", due_on=TODAY - timedelta(days=1), detail="Bilan"
    )
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (case.team.gp,))
    tab = visit(username, "inbox")
    assert ("GP · not delivered" in labels(tab)) is gives
    headings = [one.value for one in tab.markdown if one.value.startswith("## ")]
    assert headings == (["## Not delivered · 1"] if gives else ["## Overdue · 1"])


def test_an_open_line_shows_the_identity_the_psychiatrist_and_the_summary(opened, received):
    said = words(opened("roux", received(due_on=TODAY + timedelta(days=3))))
    assert "Zwingelstein Camille · 43 years · F · born 2 May 1983" in said
    assert f"Signed on {day(LAST_WEEK)} 12:00 · Dr Psychiatrist Claude" in said
    assert "Réponse partielle" in said
    assert "1\\. Revoir le sommeil" in said
    assert "overdue" not in said


def test_lines_stand_in_four_parts_by_urgency(visit, received, team):
    days = {"Late": -1, "Soon": 7, "Later": 8}
    for name, after in days.items():
        received(team.case(ENROLLED, name), due_on=TODAY + timedelta(days=after))
    received(team.case(ENROLLED, "Danger"), kind="safety", due_on=TODAY)
    tab = visit("roux", "inbox")
    headings = [one.value for one in tab.markdown if one.value.startswith("## ")]
    assert headings == ["## Overdue · 1", "## Safety · 1", "## Within a week · 1", "## Later · 1"]
    places = [labels(tab).index(name) for name in ("Late", "Danger", "Soon", "Later ")]
    assert places == sorted(places)


def test_phone_and_ins_are_not_on_the_page(opened, received, database):
    line = received()
    with database.owner().begin() as connection:
        connection.execute(registry.patient.update().values(phone="0611223344", ins="1830578"))
    tab = opened("roux", line)
    assert "Zwingelstein" in words(tab)
    assert "0611223344" not in str(tab.main)
    assert "1830578" not in str(tab.main)


def test_what_is_overdue_says_so(opened, received):
    assert "overdue" in words(opened("roux", received(due_on=TODAY - timedelta(days=1))))


@pytest.mark.parametrize("outcome", ["acknowledged", "done"])
def test_an_answer_is_one_click(opened, received, database, team, outcome):
    line = received()
    tab = answer(opened("roux", line), line, outcome)
    assert not tab.exception
    assert answers(database) == [(line, outcome, None, team.nurse)]


def test_the_same_answer_again_changes_nothing(opened, received, database, team):
    line = received()
    for count in (0, 1):
        tab = opened("roux", line)
        tab.segmented_control(key=f"answer/{line}/{count}/outcome").set_value("acknowledged").run()
        assert not tab.exception
    assert answers(database) == [(line, "acknowledged", None, team.nurse)]
    assert "Recorded" not in words(tab)


def test_a_safety_line_is_done_once_it_is_said_what_was_found(opened, received, database, team):
    line = received(kind="safety")
    tab = answer(opened("roux", line), line, "done")
    tab.button(key=f"answer/{line}/0/send").click().run()
    assert not tab.exception
    assert answers(database) == []


def test_what_is_done_waits_no_more_and_can_still_be_read(opened, received):
    line = received()
    tab = answer(opened("roux", line), line, "done")
    assert NOTHING in words(tab)
    tab.segmented_control(key="inbox_shows").set_value("all").run()
    assert "Revoir le sommeil" in labels(tab)


def test_an_answer_can_be_undone_at_once_and_both_stay_recorded(opened, received, database, team):
    line = received()
    tab = answer(opened("roux", line), line, "done")
    assert "Recorded: done." in words(tab)
    tab.button(key="undo_last").click().run()
    assert not tab.exception
    assert "1 recommendation to answer · 1 patient" in words(tab)
    given = [(line, "done", None, team.nurse), (line, "acknowledged", None, team.nurse)]
    assert answers(database) == given


def test_an_answer_about_a_patient_who_has_gone_to_others_is_not_undone(
    opened, received, database, team
):
    line = received()
    tab = answer(opened("roux", line), line, "done")
    with database.owner().begin() as connection:
        elsewhere = database.practitioner("nurse", "Loin")
        connection.execute(registry.episode.update().values(nurse_id=elsewhere))
    tab.button(key="undo_last").click().run()
    assert not tab.exception
    assert answers(database) == [(line, "done", None, team.nurse)]


@pytest.mark.parametrize(
    ("outcome", "recorded"), [("declined", 0), ("modified", 1), ("refused_by_patient", 1)]
)
def test_declining_needs_a_reason_and_the_others_may_do_without(
    opened, received, database, outcome, recorded
):
    line = received()
    tab = answer(opened("roux", line), line, outcome)
    assert answers(database) == []
    tab.button(key=f"answer/{line}/0/send").click().run()
    assert not tab.exception
    assert len(answers(database)) == recorded


def test_the_gp_receives_it_too_and_answers_what_is_the_gps(opened, received, database, team):
    line = received(owner_role="gp", detail="ECG")
    assert "1\\. ECG" in words(opened("roux", line))
    answer(opened("petit", line), line, "done")
    assert answers(database) == [(line, "done", None, team.gp)]


def test_what_others_owe_is_not_answered_by_mistake(opened, received):
    """Check that the answers to it are shown only after one more click."""
    tab = opened("roux", received(owner_role="psychiatrist"))
    assert "1\\. Revoir le sommeil · **psychiatrist**" in words(tab)
    assert [one.key for one in tab.segmented_control] == ["inbox_shows"]


def test_what_another_team_received_is_not_there(visit, case, database):
    foreign = database.team().case(ENROLLED, family_name="Fremd")
    database.recommendation(foreign, database.case_review(foreign, at(LAST_WEEK)))
    for shows in ("open", "all"):
        assert "Fremd" not in labels(visit("roux", "inbox", remembered={"inbox_shows": shows}))


def test_a_superseded_review_and_a_closed_episode_are_read_and_not_answered(
    opened, received, database, team, case
):
    first = database.case_review(case, at(LAST_WEEK), summary="Avant")
    old = database.recommendation(case, first)
    second = database.case_review(case, at(TODAY, 0, 1), summary="Après", supersedes=first)
    new = database.recommendation(case, second)
    closed = team.case(ENROLLED, family_name="Ferme", status="closed", closed_on=TODAY)
    tab = opened("roux", old, new, received(closed), inbox_shows="all")
    said = words(tab)
    assert "superseded: not to be answered" in said
    assert "episode closed" in said
    assert "Avant" in said
    assert len([one for one in tab.segmented_control if one.key != "inbox_shows"]) == 1


def test_all_open_lines_are_on_one_page(visit, team, received):
    for number in range(17):
        received(team.case(ENROLLED, family_name=f"Patient{number:02}"))
    tab = visit("roux", "inbox")
    assert "17 recommendations to answer · 17 patients" in words(tab)
    assert len(tab.expander) == 17


def test_each_way_to_a_case_names_its_patient(opened, team, received):
    lines = [received(team.case(ENROLLED, family_name=name)) for name in ("Roche", "Martin")]
    ways = [one.label for one in opened("roux", *lines).button if "Open the case" in one.label]
    assert sorted(ways) == ["Open the case of Martin Camille", "Open the case of Roche Camille"]

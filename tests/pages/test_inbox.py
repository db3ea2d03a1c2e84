"""The inbox: received advice, owed answers, and later states."""

from datetime import timedelta

import pytest

from dashboard.database.schema import registry, review
from dashboard.locale import LANGUAGES, _, speaking
from dashboard.locale.formats import day
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


def test_what_was_received_stands_with_its_patient_and_its_psychiatrist(visit, received):
    received(due_on=TODAY + timedelta(days=3))
    said = words(visit("roux", "inbox"))
    assert "Zwingelstein Camille · 43 years · F · born 2 May 1983" in said
    assert f"Signed on {day(LAST_WEEK)} 12:00 · Dr Psychiatrist Claude" in said
    assert "Réponse partielle" in said
    assert "1\\. Revoir le sommeil" in said
    assert "1 line to answer · 1 patient" in said
    assert "overdue" not in said


def test_phone_and_ins_are_not_on_the_page(visit, received, database):
    received()
    with database.owner().begin() as connection:
        connection.execute(registry.patient.update().values(phone="0611223344", ins="1830578"))
    tab = visit("roux", "inbox")
    assert "Zwingelstein" in words(tab)
    assert "0611223344" not in str(tab.main)
    assert "1830578" not in str(tab.main)


def test_what_is_overdue_says_so(visit, received):
    received(due_on=TODAY - timedelta(days=1))
    assert "overdue" in words(visit("roux", "inbox"))


@pytest.mark.parametrize("outcome", ["acknowledged", "done"])
def test_an_answer_is_one_click(visit, received, database, team, outcome):
    line = received()
    tab = answer(visit("roux", "inbox"), line, outcome)
    assert not tab.exception
    assert answers(database) == [(line, outcome, None, team.nurse)]


def test_what_is_done_waits_no_more_and_can_still_be_read(visit, received):
    line = received()
    tab = answer(visit("roux", "inbox"), line, "done")
    assert NOTHING in words(tab)
    tab.segmented_control(key="inbox_shows").set_value("all").run()
    assert "1\\. Revoir le sommeil" in words(tab)


@pytest.mark.parametrize(
    ("outcome", "recorded"), [("declined", 0), ("modified", 1), ("refused_by_patient", 1)]
)
def test_declining_needs_a_reason_and_the_others_may_do_without(
    visit, received, database, outcome, recorded
):
    line = received()
    tab = answer(visit("roux", "inbox"), line, outcome)
    assert answers(database) == []
    tab.button(key=f"answer/{line}/0/send").click().run()
    assert not tab.exception
    assert len(answers(database)) == recorded


def test_the_gp_receives_it_too_and_answers_what_is_the_gps(visit, received, database, team):
    line = received(owner_role="gp", detail="ECG")
    assert "1\\. ECG" in words(visit("roux", "inbox"))
    answer(visit("petit", "inbox"), line, "done")
    assert answers(database) == [(line, "done", None, team.gp)]


def test_what_others_owe_is_not_answered_by_mistake(visit, received):
    """Check that the answers to it are shown only after one more click."""
    received(owner_role="psychiatrist")
    tab = visit("roux", "inbox")
    assert "1\\. Revoir le sommeil · **psychiatrist**" in words(tab)
    assert [one.key for one in tab.segmented_control] == ["inbox_shows"]


def test_what_another_team_received_is_not_there(visit, case, database):
    foreign = database.team().case(ENROLLED, family_name="Fremd")
    database.recommendation(foreign, database.case_review(foreign, at(LAST_WEEK)))
    for shows in ("open", "all"):
        said = words(visit("roux", "inbox", remembered={"inbox_shows": shows}))
        assert "Fremd" not in said


def test_a_superseded_review_and_a_closed_episode_are_read_and_not_answered(
    visit, received, database, team, case
):
    first = database.case_review(case, at(LAST_WEEK), summary="Avant")
    database.recommendation(case, first)
    second = database.case_review(case, at(TODAY, 0, 1), summary="Après", supersedes=first)
    database.recommendation(case, second)
    closed = team.case(ENROLLED, family_name="Ferme", status="closed", closed_on=TODAY)
    received(closed)
    tab = visit("roux", "inbox", remembered={"inbox_shows": "all"})
    said = words(tab)
    assert "superseded: not to be answered" in said
    assert "episode closed" in said
    assert "Avant" in said
    assert len([one for one in tab.segmented_control if one.key != "inbox_shows"]) == 1


def test_the_newest_comes_first_and_fifteen_patients_make_a_page(visit, team, received):
    for number in range(17):
        case = team.case(ENROLLED, family_name=f"Patient{number:02}")
        received(case, signed_on=TODAY - timedelta(days=20 - number))
    tab = visit("roux", "inbox")
    said = words(tab)
    assert "17 lines to answer · 17 patients" in said
    assert said.index("Patient16") < said.index("Patient15") < said.index("Patient02")
    assert "Patient01" not in said
    tab.pagination(key="inbox/page").set_value(2).run()
    assert "Patient01" in words(tab)

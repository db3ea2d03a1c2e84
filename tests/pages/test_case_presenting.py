"""The pages while their screen is shared: what they show in place of names."""

from datetime import timedelta

import pytest

from dashboard.database.schema import review
from tests.pages.conftest import TODAY, rows_of, words
from tests.support.factories import at

ENROLLED = TODAY - timedelta(weeks=10)
NAME = "Zwingelstein"
QUESTION = "ZWINGELSTEIN dort mal, Camille demande un arrêt ?"


@pytest.fixture
def case(team, database):
    case = team.case(ENROLLED, NAME)
    asked = {"asked_at": at(ENROLLED), "ready_at": at(ENROLLED), "question": QUESTION}
    about = {"patient_id": case.patient, "episode_id": case.episode}
    database.add(review.preparation, nurse_id=team.nurse, **about, **asked)
    return case


@pytest.fixture
def presenting(visit):
    """Come to an address, and present: ``presenting("moreau", "case", episode=7)``."""

    def come(*address, **query):
        return visit(*address, **query).button(key="start_presenting").click().run()

    return come


def test_a_case_has_initials_an_age_and_its_number(presenting, case):
    said = words(presenting("moreau", "case", episode=case.episode))
    assert f"Ms Z., 43 years · no. {case.episode}" in said
    assert "Z. dort mal, C. demande un arrêt ?" in said
    assert NAME.casefold() not in said.casefold()
    assert "1983" not in said


def test_the_list_shows_counts_and_the_case_in_hand_alone(presenting, case, team):
    team.case(ENROLLED, "Autrepart")
    tab = presenting("moreau", "review-list", remembered={"case_in_hand": case.episode})
    [row] = rows_of(tab)
    assert row["patient"] == "Ms Z."
    assert row["under"].startswith("43 years")
    said = words(tab)
    assert "2 patients" in said
    assert "Autrepart" not in said
    assert not tab.text_input


def test_without_a_case_in_hand_the_list_leads_to_its_first(presenting, case, team):
    team.case(ENROLLED, "Autrepart")
    tab = presenting("moreau", "review-list")
    assert rows_of(tab) == []
    tab = next(one for one in tab.button if one.label.startswith("Open the first")).click().run()
    assert "Ms " in words(tab)
    assert "1 / 2" in words(tab)


def test_a_case_that_was_opened_is_the_one_in_hand(presenting, case):
    tab = presenting("moreau", "case", episode=case.episode)
    assert tab.session_state["case_in_hand"] == case.episode


def test_an_inbox_has_initials_in_every_text(presenting, case, database):
    signed = database.case_review(case, at(ENROLLED), summary=f"Mme {NAME} répond")
    line = database.recommendation(case, signed, detail="Appeler CAMILLE")
    said = words(presenting("roux", "inbox", remembered={f"inbox/{line}/line": True}))
    assert "Ms Z., 43 years" in said
    assert "Mme Z. répond" in said
    assert "Appeler C." in said
    assert NAME not in said

"""Failed letters are shown to psychiatrist and nurse until they are settled."""

from datetime import timedelta

import pytest

from dashboard.database import acting_as
from dashboard.queries.advice.delivering import deliver
from dashboard.settings import settings
from tests.pages.conftest import TODAY, words
from tests.support.factories import at
from tests.web.conftest import run_as_owner

__all__ = ["run_as_owner"]

SIGNED = TODAY - timedelta(days=2)
NO_ADDRESS = "The registry has no secure address for this recipient."


@pytest.fixture
def case(team):
    return team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")


@pytest.fixture
def signed(case, database, run_as_owner):
    """Return a review whose letter went to the nurse, and could not go to the GP."""
    run_as_owner("UPDATE registry.practitioner SET secure_email = 'n@x.fr' WHERE role = 'nurse'")
    signed = database.case_review(case, at(SIGNED))
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (case.team.nurse, case.team.gp))
    run_as_owner(
        "UPDATE review.delivery SET state = 'sent', sent_at = now(), transport = 'mssante'"
        " WHERE state = 'queued'"
    )
    return signed


def failed(run_as_owner):
    return run_as_owner(
        "SELECT id, state, settled_how, next_attempt_at FROM review.delivery"
        " WHERE error IS NOT NULL OR state = 'queued'"
    )[0]


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_follow_up_says_what_did_not_leave_and_why(visit, signed, username):
    said = words(visit(username, "follow-up"))
    assert "1 letter not delivered" in said
    assert "Zwingelstein" in said
    assert "Dr Gp" in said
    assert NO_ADDRESS in said


def test_when_all_is_delivered_there_is_nothing_to_say(visit, signed, run_as_owner):
    run_as_owner("UPDATE review.delivery SET state = 'sent', sent_at = now()")
    assert "not delivered" not in words(visit("moreau", "follow-up"))


def test_without_an_address_it_cannot_be_sent_again_but_its_recipient_can_be_told(
    visit, signed, run_as_owner
):
    one = failed(run_as_owner)
    tab = visit("roux", "follow-up")
    assert "Send again" not in words(tab)
    tab = tab.button(key=f"told_{one.id}_phone").click().run()
    assert "not delivered" not in words(tab)
    assert failed(run_as_owner).settled_how == "phone"
    case_said = words(visit("moreau", "case", episode=episode_of(run_as_owner)))
    assert "told by phone on" in case_said


def test_without_a_letter_there_is_nothing_to_send_again_and_the_page_says_so(
    visit, signed, run_as_owner
):
    run_as_owner("UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    said = words(visit("roux", "follow-up"))
    assert "No letter was made with this review." in said
    assert "Send again" not in said


def test_with_an_address_it_is_sent_again_by_one_click(visit, signed, case, database, run_as_owner):
    run_as_owner("UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    database.letter(case, signed)
    one = failed(run_as_owner)
    tab = visit("moreau", "follow-up").button(key=f"send_again_{one.id}").click().run()
    assert "not delivered" not in words(tab)
    after = failed(run_as_owner)
    assert (after.state, after.settled_how) == ("queued", None)
    assert after.next_attempt_at is not None


@pytest.mark.parametrize("button", ["send_again_{}", "told_{}_phone"])
def test_a_letter_of_a_case_that_has_gone_to_others_is_refused_in_words(
    visit, signed, case, database, run_as_owner, button
):
    run_as_owner("UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    database.letter(case, signed)
    one = failed(run_as_owner)
    tab = visit("roux", "follow-up")
    elsewhere = database.practitioner("nurse", "Loin")
    run_as_owner(f"UPDATE registry.episode SET nurse_id = {elsewhere}")
    tab = tab.button(key=button.format(one.id)).click().run()
    assert [one.value for one in tab.toast] == ["This case is no longer one of yours."]
    assert failed(run_as_owner) == one


def test_a_letter_is_not_sent_again_to_a_gp_who_no_longer_has_the_case(
    visit, signed, case, database, run_as_owner
):
    run_as_owner("UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    database.letter(case, signed)
    one = failed(run_as_owner)
    tab = visit("roux", "follow-up")
    elsewhere = database.practitioner("gp", "Loin")
    run_as_owner(f"UPDATE registry.episode SET gp_id = {elsewhere}")
    tab = tab.button(key=f"send_again_{one.id}").click().run()
    assert [one.value for one in tab.toast] == ["The recipient no longer follows this patient."]
    assert "Dr Gp no longer follows this patient." in words(tab)
    assert "Send again" not in words(tab)
    assert failed(run_as_owner) == one


def test_the_case_says_what_became_of_each_letter(visit, signed, run_as_owner):
    said = words(visit("moreau", "case", episode=episode_of(run_as_owner)))
    assert "Nurse Nurse: sent on" in said
    assert f"Dr Gp: {NO_ADDRESS}" in said


@pytest.mark.parametrize("gateway", [None, "smtp.example"])
def test_without_a_gateway_the_page_says_that_nobody_gets_mail(visit, case, monkeypatch, gateway):
    if gateway:
        monkeypatch.setenv("CASE_REVIEW_MAIL_HOST", gateway)
    settings.cache_clear()
    said = words(visit("moreau", "follow-up"))
    settings.cache_clear()
    assert ("No mail gateway is set up" in said) is (gateway is None)


def episode_of(run_as_owner):
    return run_as_owner("SELECT id FROM registry.episode")[0].id

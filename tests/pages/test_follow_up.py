"""Follow-up: the states of the advice, and one click to remind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.database.schema import review
from dashboard.locale import LANGUAGES, _, speaking
from tests.pages.conftest import TODAY, words
from tests.support.factories import at
from tests.web.conftest import run_as_owner

__all__ = ["run_as_owner"]

ENROLLED = TODAY - timedelta(weeks=10)
SIGNED = TODAY - timedelta(days=9)


@pytest.fixture
def case(team):
    return team.case(ENROLLED, family_name="Zwingelstein")


@pytest.fixture
def sent(case, database):
    """Return a function that sends a line of advice: ``sent(due_on=…)``; it returns both ids."""

    def send(case=case, signed_on=SIGNED, **line):
        signed = database.case_review(case, at(signed_on))
        for recipient in (case.team.nurse, case.team.gp):
            delivery(database, case, signed, recipient, channel="inbox", queued_at=at(signed_on))
        return signed, database.recommendation(case, signed, **{"owner_role": "gp"} | line)

    return send


def delivery(database, case, signed, recipient, **values):
    defaults = {"channel": "mail", "state": "sent", "message_id": str(uuid4())}
    database.add(
        review.delivery,
        patient_id=case.patient,
        case_review_id=signed,
        recipient_id=recipient,
        **defaults | values,
    )


def reminders(database):
    with database.owner().connect() as connection:
        rows = connection.execute(review.delivery.select().where(review.delivery.c.reminder > 0))
        return [(row.recipient_id, row.reminder) for row in rows]


def remind(tab, signed, recipient):
    return tab.button(key=f"follow_up/{signed}/remind/{recipient}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_without_advice_the_page_says_what_will_come(visit, case, username, language):
    tab = visit(username, "follow-up", language=language)
    nothing = "No advice yet. What is recommended in a signed review is followed here."
    with speaking(language):
        assert [one.value for one in tab.info] == [_(nothing)]


def test_a_line_stands_with_its_patient_its_age_its_state_and_the_scores_since(
    visit, sent, case, database
):
    database.assessment(case.patient, "phq9", SIGNED - timedelta(days=1), 17)
    database.assessment(case.patient, "phq9", TODAY, 12)
    sent(due_on=TODAY - timedelta(days=2))
    said = words(visit("moreau", "follow-up"))
    assert "Zwingelstein Camille · 43 years" in said
    assert "9 days ago" in said
    assert "PHQ-9 17 → 12 (−5)" in said
    assert "GAD-7: none" in said
    assert "1\\. Revoir le sommeil · **GP**" in said
    assert "2 days late" in said


def test_what_is_settled_is_one_click_away_and_counted(visit, sent, case, database, team):
    sent()
    _, done = sent(detail="Fait")
    database.add(
        review.answer,
        patient_id=case.patient,
        recommendation_id=done,
        practitioner_id=team.nurse,
        outcome="done",
    )
    tab = visit("moreau", "follow-up")
    assert "Fait" not in words(tab)
    states = tab.pills(key="follow_up/state")
    assert any("done · 1" in option for option in states.options)
    states.set_value(["done"]).run()
    assert "Fait" in words(tab)
    assert "Revoir le sommeil" not in words(tab)


def test_the_filters_leave_what_matches(visit, sent, team, database):
    sent()
    elsewhere = database.site("MSP du Lac")
    other = team.case(ENROLLED, family_name="Autre", site_id=elsewhere)
    sent(other, signed_on=TODAY - timedelta(days=40), owner_role="nurse")
    tab = visit("moreau", "follow-up")
    assert {"Autre", "Zwingelstein"} <= set(words(tab).split())
    for key, value in (("owner", ["nurse"]), ("site", [elsewhere])):
        tab.multiselect(key=f"follow_up/{key}").set_value(value).run()
        assert "Zwingelstein" not in words(tab)
        assert "Autre" in words(tab)
        tab.multiselect(key=f"follow_up/{key}").set_value([]).run()
    tab.selectbox(key="follow_up/age").set_value("week").run()
    assert "No advice matches these filters." in words(tab)


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_one_click_reminds_and_the_next_is_a_week_away(visit, sent, team, database, username):
    signed, _line = sent()
    tab = remind(visit(username, "follow-up"), signed, team.gp).click().run()
    said = words(tab)
    assert reminders(database) == [(team.gp, 1)]
    assert "The reminder is on its way." in said
    assert "1 reminder, on" in said
    assert "next from" in said
    assert [one.key for one in tab.button if "/remind/" in one.key] == []


def test_a_reminder_that_came_meanwhile_is_said_and_not_doubled(visit, sent, case, team, database):
    signed, _line = sent()
    tab = visit("moreau", "follow-up")
    delivery(database, case, signed, team.gp, reminder=1)
    assert "Already reminded" in words(remind(tab, signed, team.gp).click().run())
    assert reminders(database) == [(team.gp, 1)]


def test_a_reminder_of_a_case_that_has_gone_to_others_is_refused_in_words(
    visit, sent, team, database, run_as_owner
):
    signed, _line = sent()
    tab = visit("roux", "follow-up")
    elsewhere = database.practitioner("nurse", "Loin")
    run_as_owner(f"UPDATE registry.episode SET nurse_id = {elsewhere}")
    tab = remind(tab, signed, team.gp).click().run()
    assert "This case is no longer one of yours." in words(tab)
    assert reminders(database) == []


def test_a_gp_who_no_longer_has_the_case_is_named_instead_of_reminded(
    visit, sent, team, database, run_as_owner
):
    signed, _line = sent()
    tab = visit("roux", "follow-up")
    elsewhere = database.practitioner("gp", "Loin")
    run_as_owner(f"UPDATE registry.episode SET gp_id = {elsewhere}")
    tab = remind(tab, signed, team.gp).click().run()
    said = words(tab)
    assert said.count("Dr Gp no longer follows this patient.") == 2
    assert [one.key for one in tab.button if "/remind/" in one.key] == []
    assert reminders(database) == []


def test_what_did_not_arrive_says_why_and_is_not_reminded_of(visit, sent, case, team, database):
    signed, _line = sent()
    delivery(database, case, signed, team.gp, state="failed", error="refused 550 5.1.1 no such box")
    tab = visit("moreau", "follow-up")
    said = words(tab)
    assert said.count("The mail server does not know the address in the registry.") == 2
    assert "550" not in "\n".join(one.value for one in tab.caption)
    assert "not delivered" in said
    assert [one.key for one in tab.button if "/remind/" in one.key] == []


def test_only_those_are_reminded_of_whom_something_is_awaited(visit, sent, team):
    signed, _line = sent(owner_role="nurse")
    keys = {one.key for one in visit("moreau", "follow-up").button}
    assert f"follow_up/{signed}/remind/{team.nurse}" in keys
    assert f"follow_up/{signed}/remind/{team.gp}" not in keys
    own = {one.key for one in visit("roux", "follow-up").button}
    assert f"follow_up/{signed}/remind/{team.nurse}" not in own


def test_a_case_says_of_each_recommendation_what_followed(visit, sent, case, database):
    database.assessment(case.patient, "phq9", SIGNED, 17)
    database.assessment(case.patient, "phq9", TODAY, 12)
    sent()
    said = words(visit("moreau", "case", episode=case.episode))
    assert "Since: PHQ-9 17 → 12 (−5)" in said


@pytest.mark.parametrize(
    "name", ["D'Arc*", "O’Brien <b>x</b>", "Ünal $x$", "كمال", "nul\u202elum", ":smile: [x](y)"]
)
def test_odd_names_are_shown_as_they_are(visit, sent, team, name):
    sent(team.case(ENROLLED, family_name=name), detail=name)
    said = words(visit("moreau", "follow-up"))
    assert name.replace("\u202e", "") in said


RECORD_PAGES = [("moreau", True), ("roux", True), ("petit", False)]


def opened(visit, username, case, signed):
    """Return the case with the record of its review open."""
    return visit(username, "case", episode=case.episode, remembered={f"record/{signed}": True})


def test_the_record_says_what_the_law_asks_for(visit, sent, case, database, team):
    database.add(
        review.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=team.nurse,
        question="Que faire du *sommeil* ?",
        ready_at=at(SIGNED - timedelta(days=8)),
    )
    signed, _line = sent()
    database.add(
        review.incident,
        patient_id=case.patient,
        case_review_id=signed,
        practitioner_id=team.nurse,
        description="Son coupé",
        noted_at=at(SIGNED),
    )
    said = words(opened(visit, "moreau", case, signed))
    assert "Que faire du *sommeil* ?" in said
    assert "8 days: over the 7 days" in said
    assert "Roux" not in said or "RPPS not recorded" in said
    assert "Son coupé" in said
    assert "**Consent** · not recorded" in said


@pytest.mark.parametrize(("username", "offered"), RECORD_PAGES)
def test_the_record_is_for_psychiatrist_and_nurse(visit, sent, case, username, offered):
    signed, _line = sent()
    said = words(opened(visit, username, case, signed))
    assert ("Answer time" in said) is offered


def test_a_record_of_right_to_left_and_odd_text_is_shown(visit, team, sent, database):
    case = team.case(ENROLLED, family_name="كمال")
    signed, _line = sent(case)
    database.add(
        review.incident,
        patient_id=case.patient,
        case_review_id=signed,
        practitioner_id=team.nurse,
        description="[x](http://y) \u202ekcab\x07 <b>",
        noted_at=at(SIGNED),
    )
    said = words(opened(visit, "roux", case, signed))
    assert "[x](http://y) kcab <b>" in said

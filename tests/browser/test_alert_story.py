"""The story of an alert of suicide, in a browser: only a named decision ends it, for a time.

Item 9 rises, and the patient is in tier 0. A review that leaves the risk open changes nothing. A
decision with a safety line ends the alert. Its day of reassessment brings the patient back.
Pictures of the steps are in ``var/screenshots`` afterwards.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.calendar import today
from dashboard.clinical.caseload.rules import Tier
from dashboard.database import acting_as
from dashboard.locale import _, pgettext, speaking
from dashboard.queries.caseload.review_list import review_list
from dashboard.words.caseload.reasons import tier_name
from tests.browser.open_tabs import at_rest
from tests.browser.programme import picture, rows_shown
from tests.browser.served_site import add_line, button, go, settled
from tests.browser.test_risk_and_settlements import (
    LOCALES,
    add_safety_line,
    can_sign,
    choose_radio,
    chosen,
    field,
    weeks,
)
from tests.support.factories import at

TODAY = today()


@pytest.fixture
def language():
    with speaking("fr"):
        yield "fr"


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


def form(ward, case, days_ago, item9):
    items = [2, 2, 2, 1, 1, 1, 1, 1, item9]
    taken_on = TODAY - timedelta(days=days_ago)
    ward.database.assessment(case.patient, "phq9", taken_on, sum(items), items=items)


def test_an_alert_stays_until_a_decision_and_comes_back_on_its_day(ward, language):
    case = ward.case()
    form(ward, case, 30, 0)
    ward.database.case_review(case, at(TODAY - timedelta(days=20)))
    assert place(ward, case)[0] > Tier.SAFETY
    form(ward, case, 1, 2)
    page = ward.open_tab(locale=LOCALES[language])

    assert place(ward, case) == (Tier.SAFETY, "suicidal_ideation")
    show_list(ward, page, tier_name(Tier.SAFETY), f"alert_1_raised_{language}")

    open_case(ward, page, case)
    leave_open(page)
    assert place(ward, case) == (Tier.SAFETY, "suicidal_ideation")
    show_list(ward, page, tier_name(Tier.SAFETY), f"alert_2_left_open_{language}")

    open_case(ward, page, case)
    decide(page)
    tier, _rule = place(ward, case)
    assert tier > Tier.OWED
    show_list(ward, page, tier_name(tier), f"alert_3_decided_{language}")

    into_the_past(ward, case, days=15)
    assert place(ward, case) == (Tier.OWED, "risk_reassessment_due")
    show_list(ward, page, tier_name(Tier.OWED), f"alert_4_due_{language}")
    open_case(ward, page, case)
    expect(page.get_by_text(_("A decision on the risk is asked for."))).to_be_visible()
    picture(page, f"alert_5_case_{language}")


def place(ward, case) -> tuple[Tier, str]:
    """Return the tier of the case on its psychiatrist's list, and the rule of its first reason."""
    with acting_as(ward.team.psychiatrist) as connection:
        rows = review_list(connection, TODAY)
    (row,) = rows[rows.episode_id == case.episode].to_dict("records")
    return Tier(row["tier"]), row["reasons"][0][0]


def show_list(ward, page: Page, tier: str, name: str) -> None:
    go(page, f"{ward.url}/review-list")
    expect(rows_shown(page).first).to_be_visible()
    expect(page.get_by_text(tier).first).to_be_visible()
    settled(page)
    picture(page, name)


def open_case(ward, page: Page, case) -> None:
    page.goto(f"{ward.url}/case?episode={case.episode}")
    expect(field(page, _("Summary"))).to_be_visible()
    settled(page)


def leave_open(page: Page) -> None:
    field(page, _("Summary")).fill("Non jointe, rappel prévu.")
    add_psychotherapy(page)
    choose_radio(chosen(page, weeks(1)))
    choose_radio(chosen(page, _("not assessed")))
    sign(page)


def decide(page: Page) -> None:
    field(page, _("Summary")).fill("Idées sans projet, entourage présent.")
    choose_radio(chosen(page, weeks(4)))
    choose_radio(chosen(page, pgettext("risk", "moderate")))
    add_safety_line(page)
    field(page, _("What is to be done")).last.fill("Rappeler demain, plan de sécurité")
    sign(page)


def add_psychotherapy(page: Page) -> None:
    add_line(page, _("Psychotherapy"), _("Add a recommendation"))
    field(page, _("What is to be done")).fill("Activation comportementale")


def sign(page: Page) -> None:
    at_rest(page)
    button(page, _("Preview and sign")).click()
    expect(button(page, _("Sign and send"))).to_be_visible()
    at_rest(page)
    can_sign(page).click()
    expect(button(page, _("Sign and send"))).to_have_count(0)
    expect(page.get_by_text(_("Signed and sent on {time}.", time="")[:12])).to_be_visible()
    settled(page)


def into_the_past(ward, case, *, days: int) -> None:
    """Move the forms and what was signed today, for the server's clock cannot be moved."""
    ward.run(
        "UPDATE registry.assessment SET taken_on = taken_on - :days WHERE patient_id = :patient",
        patient=case.patient,
        days=days,
    )
    ward.run("ALTER TABLE review.case_review DISABLE TRIGGER append_only")
    ward.run(
        "UPDATE review.case_review SET signed_at = signed_at - make_interval(days => :days),"
        " risk_reassess_on = risk_reassess_on - :days"
        " WHERE episode_id = :episode AND signed_at > now() - interval '1 day'",
        episode=case.episode,
        days=days,
    )
    ward.run("ALTER TABLE review.case_review ENABLE TRIGGER append_only")

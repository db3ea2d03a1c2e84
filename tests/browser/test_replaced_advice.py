"""A switch that replaces an earlier order: what nurse and GP see of it, in both languages."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.browser.open_tabs import at_rest
from tests.browser.programme import picture
from tests.browser.served_site import go, open_line, open_menu, settled
from tests.support.factories import at
from tests.support.signing import sign

pytestmark = pytest.mark.thorough

TODAY = today()


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    shared.run("UPDATE registry.episode SET status = 'closed', closed_on = enrolled_on")
    return shared


@pytest.fixture
def ordered(ward):
    """Return a case with an order that the GP has not answered, and a line for the nurse."""
    case = ward.case()
    review = ward.database.case_review(
        case, at(TODAY - timedelta(days=12)), summary="Début de traitement"
    )
    order = ward.database.recommendation(
        case,
        review,
        kind="medication",
        action="start",
        drug_name="sertraline",
        daily_dose_mg=50,
        detail="",
        owner_role="gp",
    )
    sleep = ward.database.recommendation(
        case, review, position=2, detail="Agenda du sommeil", due_on=TODAY + timedelta(days=2)
    )
    return case, order, sleep


def switch(case, order, sleep):
    """Sign a switch that replaces the order and keeps the other line, with a risk decision."""
    content = DraftReview(
        summary="Échec de la sertraline",
        lines=(
            DraftLine(
                "a",
                "medication",
                "switch",
                "N06AX16",
                "venlafaxine",
                "75",
                "37,5 mg puis 75 mg à J7",
                alternative="mirtazapine",
                owner_role="gp",
                due_on=TODAY + timedelta(days=14),
                replaced_atc_code="N06AB06",
                replaced_drug_name="sertraline",
            ),
            DraftLine("b", "safety", detail="Appeler à 48 heures", owner_role="nurse"),
        ),
        next_review_on=TODAY + timedelta(days=28),
        risk=RiskStatement(RiskLevel.MODERATE, TODAY + timedelta(days=14)),
        settlements=(
            DraftSettlement(str(order), SettlementKind.REPLACED, replaced_by="a"),
            DraftSettlement(str(sleep), SettlementKind.KEPT),
        ),
    )
    with acting_as(case.team.psychiatrist) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), content).draft
        reviews = connection.exec_driver_sql("SELECT id FROM review.case_review").scalars()
        return sign(connection, draft, Seen(reviews=frozenset(reviews)), TODAY)


def inbox_of(ward, person, locale):
    page = ward.open_tab(person, locale=locale)
    go(page, f"{ward.url}/inbox")
    return page


WORDS = {
    "en-GB": {
        "switch": "1. Switch from sertraline to venlafaxine 75 mg/day",
        "ended": "Not wanted any more",
        "order": "Start sertraline 50 mg/day",
        "by": "replaced by the review of",
        "kept": "no. 2 of the review of",
        "risk": "Moderate risk of suicide, to be reassessed by",
        "done": "done",
        "refused": "A later review has replaced or withdrawn this recommendation",
    },
    "fr-FR": {
        "switch": "1. Remplacer sertraline par venlafaxine 75 mg/j",
        "ended": "À ne plus faire",
        "order": "Débuter sertraline 50 mg/j",
        "by": "remplacée par la revue du",
        "kept": "nº 2 de la revue du",
        "risk": "Risque suicidaire modéré, à réévaluer au plus tard le",
        "done": "faite",
        "refused": "Une revue plus récente a remplacé ou retiré cette recommandation",
    },
}


@pytest.mark.parametrize(("role", "locale"), [("nurse", "fr-FR"), ("gp", "en-GB")])
def test_a_switch_replaces_the_earlier_order_in_the_inbox(ward, ordered, role, locale):
    case, order, sleep = ordered
    words = WORDS[locale]
    switch(case, order, sleep)
    page = inbox_of(ward, getattr(case.team, role), locale)
    open_line(page, "venlafaxine")
    expect(page.get_by_text(words["risk"])).to_be_visible()
    expect(page.get_by_text(words["switch"]).first).to_be_visible()
    expect(page.get_by_text(words["ended"], exact=True)).to_be_visible()
    expect(page.get_by_text(words["by"])).to_be_visible()
    # The order is there once, struck out, and nothing answers it.
    expect(page.locator("del", has_text=words["order"])).to_have_count(1)
    open_line(page, "sommeil")
    expect(page.get_by_text(words["kept"])).to_be_visible()
    expect(page.get_by_text("Début de traitement")).to_have_count(0)
    picture(page, f"inbox_{role}_{locale[:2]}")


@pytest.mark.parametrize(("role", "locale"), [("nurse", "en-GB"), ("gp", "fr-FR")])
def test_an_old_page_says_that_the_order_is_not_wanted_any_more(ward, ordered, role, locale):
    case, order, sleep = ordered
    words = WORDS[locale]
    page = inbox_of(ward, getattr(case.team, role), locale)
    open_line(page, words["order"])
    if role == "nurse":
        answers = page.get_by_test_id("stPopoverBody").get_by_text(words["done"], exact=True)
        open_menu(page, "Answer on their behalf", shows=answers)
    switch(case, order, sleep)
    # An element that opens over the page comes after it in the document.
    done = page.get_by_text(words["done"], exact=True)
    (done.last if role == "nurse" else done.first).click()
    expect(page.get_by_text(words["refused"]).first).to_be_visible()
    picture(page, f"old_page_{role}_{locale[:2]}")
    answered = "SELECT outcome FROM review.answer WHERE recommendation_id = :order"
    assert ward.ask(answered, order=order) == []


def test_the_case_shows_what_became_of_each_line_and_the_safety_strip(ward, ordered):
    case, order, sleep = ordered
    switch(case, order, sleep)
    page = ward.tab(case.team.nurse, ward.visitor(locale="fr-FR", color_scheme="dark"))
    page.goto(f"{ward.url}/case?episode={case.episode}")
    expect(page.get_by_text("remplacée par la revue du")).to_be_visible()
    expect(page.get_by_text("maintenue par la revue du")).to_be_visible()
    expect(page.get_by_text("Risque suicidaire modéré").first).to_be_visible()
    at_rest(page)
    page.get_by_text("Sécurité : le tableau").click()
    settled(page)
    picture(page, "case_fr_dark")


def test_the_follow_up_has_the_switch_and_not_the_order(ward, ordered):
    case, order, sleep = ordered
    switch(case, order, sleep)
    page = ward.tab(case.team.psychiatrist, ward.visitor(locale="fr-FR"))
    page.goto(f"{ward.url}/follow-up")
    expect(
        page.get_by_text("1. Remplacer sertraline par venlafaxine 75 mg/j").first
    ).to_be_visible()
    expect(page.get_by_text("nº 2 de la revue du")).to_be_visible()
    expect(page.get_by_text("Débuter sertraline 50 mg/j")).to_have_count(0)
    at_rest(page)
    page.get_by_text("remplacée · 1").click()
    expect(page.get_by_text("Débuter sertraline 50 mg/j").first).to_be_visible()
    picture(page, "follow_up_fr")

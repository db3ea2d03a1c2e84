"""Choosing a drug: typed text never becomes one unless it is listed, or chosen explicitly."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.calendar import today
from dashboard.database.schema import registry as tables
from dashboard.locale import speaking
from dashboard.words.advice.lines import kind_name
from tests.browser.programme import eventually, picture
from tests.browser.served_site import (
    add_line,
    button,
    choose,
    confirm_cautions,
    next_review,
    preview,
    settled,
    sign_and_send,
    summary,
)

pytestmark = pytest.mark.thorough


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def case(ward):
    """Return a patient who takes sertraline."""
    case = ward.case()
    ward.database.add(
        tables.medication,
        patient_id=case.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=50,
        as_needed=False,
        started_on=today() - timedelta(days=60),
    )
    return case


@pytest.fixture
def page(ward, case) -> Page:
    """Return the form of this patient with a line that starts a drug."""
    page = ward.open(case)
    summary(page).fill("No response")
    add_line(page, "Medication")
    choose(page, "What to do", "start")
    settled(page)
    return page


def field(page: Page, label: str = "Drug"):
    return page.get_by_role("combobox", name=label, exact=True)


def drug_in(ward, case) -> tuple[str, str | None]:
    """Return the drug of the draft's first line, and its code."""
    [(line,)] = ward.ask(
        "SELECT content->'lines'->0 FROM review.draft WHERE episode_id = :episode",
        episode=case.episode,
    )
    return line["drug_name"], line["atc_code"]


@pytest.mark.parametrize(
    ("typed", "drug", "code"),
    [
        ("esci", "escitalopram", "N06AB10"),
        ("SERTRA", "sertraline", "N06AB06"),
        ("paroxetine", "paroxétine", "N06AB05"),
    ],
)
def test_enter_takes_the_first_drug_that_is_listed(ward, case, page, typed, drug, code):
    field(page).press_sequentially(typed)
    field(page).press("Enter")
    eventually(lambda: drug_in(ward, case) == (drug, code))
    expect(field(page)).to_have_value(drug)
    page.reload()
    expect(field(page)).to_have_value(drug)


def test_a_fragment_that_is_left_is_no_drug_and_a_whole_name_is_one(ward, case, page):
    field(page).press_sequentially("esci")
    field(page).press("Tab")
    expect(field(page)).to_have_value("")
    settled(page)
    assert drug_in(ward, case) == ("", None)
    field(page).press_sequentially("Escitalopram")
    field(page).press("Tab")
    eventually(lambda: drug_in(ward, case) == ("escitalopram", "N06AB10"))
    field(page).fill("sertr")
    field(page).press("Escape")
    expect(field(page)).to_have_value("escitalopram")


def test_a_drug_that_is_not_listed_is_the_last_choice_and_asks_for_a_confirmation(ward, case, page):
    field(page).press_sequentially("lit")
    listed = page.get_by_role("option")
    expect(listed.first).to_have_text("lithium")
    expect(listed.last).to_have_text("Write “lit”: not in the list, not checked")
    field(page).fill("trazodone")
    expect(listed).to_have_text(["Write “trazodone”: not in the list, not checked"])
    picture(page, "drug_field_unlisted")
    field(page).press("Enter")
    settled(page)
    assert drug_in(ward, case) == ("", None)
    field(page).press("ArrowDown")
    field(page).press("Enter")
    eventually(lambda: drug_in(ward, case) == ("trazodone", None))
    page.get_by_role("textbox", name="mg a day").fill("50")
    page.get_by_role("textbox", name="Steps and intervals").fill("50 mg a week")
    page.get_by_role("textbox", name="If it does not work").fill("mirtazapine 15 mg")
    next_review(page)
    preview(page)
    expect(button(page, "Sign and send")).to_be_disabled()
    expect(page.get_by_text("trazodone is not in the list of drugs: neither its")).to_be_visible()
    picture(page, "drug_field_confirmation")
    confirm_cautions(page)
    expect(button(page, "Sign and send")).to_be_enabled()


def test_the_last_choice_speaks_the_reader_s_language(ward, case, visitor):
    page = ward.tab(context=visitor(locale="fr-FR"))
    page.goto(f"{ward.url}/case?episode={case.episode}")
    with speaking("fr"):
        kind = kind_name("medication")
    expect(button(page, "Ajouter une recommandation")).to_be_visible()
    add_line(page, kind, "Ajouter une recommandation")
    field(page, "Médicament").press_sequentially("trazo")
    # Not to_have_text, which takes a no-break space for a space.
    expect(page.get_by_role("option")).to_have_count(1)
    [last] = page.get_by_role("option").all_text_contents()
    assert last == "Écrire « trazo » : hors liste, non vérifié"


def test_a_switch_names_the_drug_that_it_replaces(ward, case, page):
    choose(page, "What to do", "switch to")
    expect(field(page, "Drug that is replaced")).to_have_value("sertraline")
    field(page).press_sequentially("mirtaz")
    field(page).press("Enter")
    page.get_by_role("textbox", name="mg a day").fill("15")
    page.get_by_role("textbox", name="Steps and intervals").fill("overlap of a week")
    page.get_by_role("textbox", name="If it does not work").fill("venlafaxine LP 75 mg")
    next_review(page)
    picture(page, "switch_form")
    preview(page)
    said = "Switch from sertraline to mirtazapine 15 mg/day"
    expect(page.get_by_text(said)).to_be_visible()
    picture(page, "switch_preview")
    sign_and_send(page)
    gp = ward.tab(ward.team.gp)
    gp.goto(f"{ward.url}/inbox")
    expect(gp.locator("summary").filter(has_text=said)).to_be_visible()


def test_a_drug_beside_another_of_its_class_is_cautioned_at_its_line_and_in_the_preview(page):
    field(page).press_sequentially("paroxetine")
    field(page).press("Enter")
    said = "paroxétine: second SSRI beside sertraline 50 mg/day. Say what becomes of sertraline."
    expect(page.get_by_text(said)).to_be_visible()
    choose(page, "What to do", "increase")
    absent = "paroxétine is not among the patient’s current drugs."
    expect(page.get_by_text(absent)).to_be_visible()
    picture(page, "drug_cautions_form")
    page.get_by_role("textbox", name="mg a day").fill("40")
    page.get_by_role("textbox", name="Steps and intervals").fill("10 mg a week")
    page.get_by_role("textbox", name="If it does not work").fill("mirtazapine 15 mg")
    next_review(page)
    preview(page)
    expect(button(page, "Sign and send")).to_be_disabled()
    for text in (said, absent):
        expect(page.get_by_text(text)).to_be_visible()
    picture(page, "drug_cautions_preview")
    confirm_cautions(page)
    expect(button(page, "Sign and send")).to_be_enabled()


def test_the_chart_draws_a_dose_while_it_is_typed(page):
    choose(page, "What to do", "increase")
    field(page).press_sequentially("sertra")
    field(page).press("Enter")
    expect(page.get_by_text("in the draft")).to_have_count(0)
    page.get_by_role("textbox", name="mg a day").fill("100")
    page.get_by_role("textbox", name="Steps and intervals").fill("50 mg every 7 days")
    expect(page.get_by_text("in the draft")).to_be_visible()
    picture(page, "dose_drawn_while_typed")

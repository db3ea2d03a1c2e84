"""The texts of Streamlit's own elements in the reader's language, in a browser."""

from playwright.sync_api import expect

from dashboard.calendar import today
from tests.browser.open_tabs import at_rest
from tests.browser.programme import rows_shown
from tests.browser.served_site import go


def test_the_form_of_the_sign_in_says_in_french_which_key_sends_it(shared, visitor):
    page = visitor().new_page()
    page.goto(shared.url)
    password = page.locator("input[type=password]")
    password.fill("mot")
    expect(page.get_by_text("Entrée pour envoyer")).to_be_visible()
    expect(page.get_by_role("button", name="Afficher le mot de passe")).to_be_visible()
    expect(page.get_by_text("Press Enter")).to_have_count(0)


def test_a_filter_offers_nothing_in_english_and_says_in_french_that_nothing_is_found(shared):
    shared.case()
    page = shared.open_tab(locale="fr-FR")
    go(page, f"{shared.url}/review-list")
    expect(rows_shown(page)).to_have_count(1)
    rule = page.get_by_role("combobox", name="Raison")
    at_rest(page)
    rule.click()
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("option", name="Select all")).to_have_count(0)
    rule.fill("qqq")
    expect(page.get_by_text("Aucun résultat")).to_be_visible()
    page.keyboard.press("Escape")


def test_a_long_text_in_a_form_says_in_french_which_keys_send_it(shared):
    page = shared.open_tab(locale="fr-FR")
    go(page, f"{shared.url}/emergency")
    page.locator("textarea").fill("Garde")
    expect(page.get_by_text("+Entrée pour envoyer")).to_be_visible()
    expect(page.get_by_text("to submit form")).to_have_count(0)


def test_the_buttons_of_a_chart_have_french_names(shared):
    case = shared.case()
    shared.database.assessment(case.patient, "phq9", today(), 12)
    page = shared.open_tab(locale="fr-FR")
    go(page, f"{shared.url}/case?episode={case.episode}")
    for name in ("Télécharger en PNG", "Plein écran", "Copier la description Vega-Lite"):
        # The buttons are hidden until the pointer is on the chart.
        expect(page.locator(f"button[aria-label^='{name}\u00a0: ']").first).to_be_attached()
    expect(page.locator("[aria-label^=Download], [aria-label^=Fullscreen]")).to_have_count(0)

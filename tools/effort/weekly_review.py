"""The story of a whole review: the first case, a drug, psychotherapy, signing, the next case."""

import time

from playwright.sync_api import Locator, Page, expect

from dashboard.clinical.drug_names import atc_code_of
from dashboard.clinical.medication import ANTIDEPRESSANTS
from tests.browser.served_site import button, settled
from tools.effort.hand import Hand

NEXT_CASE_WITHIN = 20.0
"""Maximum number of seconds from signing to the next case. After that the story fails."""


def review_first_case(hand: Hand) -> None:
    """Review the first case of the list, and print the time from signing to the next case.

    If the case requires it, the question of the nurse is answered, and the risk is left as not
    assessed.
    """
    page = hand.page
    _open_first(hand)
    expect(page.get_by_role("textbox", name="Summary")).to_be_visible()
    settled(page)
    _answer(hand)
    _decide_on_risk(hand)
    hand.click(button(page, "+ Medication"))
    _focused(page, "What to do")
    drug: Locator = page.get_by_role("combobox", name="Drug", exact=True).last
    taken = drug.input_value()
    hand.write("incr" if taken else "star")
    hand.press("Enter")
    if not taken:
        hand.click(drug)
        hand.write("esci")
        hand.press("Enter")
    hand.click(page.get_by_role("textbox", name="mg a day").last)
    hand.write(_highest_dose(taken) if taken else "10")
    for text in ("5 mg every 7 days", "a consultation after 4 weeks"):
        hand.press("Tab")
        hand.write(text)
    hand.click(button(page, "+ Psychotherapy"))
    _focused(page, "What is to be done")
    hand.write("Behavioural activation, weekly")
    hand.press("Escape")
    hand.press("Control+Enter")
    signs = button(page, "Sign and next")
    expect(signs).to_be_enabled()
    before = _number(page)
    begun = time.monotonic()
    hand.press("Control+Enter")
    expect(page.get_by_text(f"Case no. {before} signed and sent")).to_be_visible(
        timeout=NEXT_CASE_WITHIN * 1000
    )
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    print(f"from signing to the next case: {time.monotonic() - begun:.2f} s", flush=True)


def _open_first(hand: Hand) -> None:
    """Open the first case of the list by a click on its row."""
    hand.click(hand.page.get_by_role("row").nth(1))
    hand.page.wait_for_url("**/case?episode=*")


def _answer(hand: Hand) -> None:
    field = hand.page.get_by_role("textbox", name="Answer to the nurse")
    if field.count():
        hand.click(field)
    else:
        hand.click(hand.page.get_by_role("textbox", name="Summary"))
    hand.write("Partial response; a higher dose first.")


def _decide_on_risk(hand: Hand) -> None:
    level = hand.page.get_by_text("not assessed", exact=True)
    if level.count():
        hand.click(level)


def _highest_dose(name: str) -> str:
    """Return the highest dose of an antidepressant that is allowed at every age, in mg a day."""
    drug = ANTIDEPRESSANTS[atc_code_of(name) or ""]
    return f"{drug.maximum_over_65 or drug.maximum}"


def _focused(page: Page, name: str) -> None:
    expect(page.get_by_label(name, exact=True).last).to_be_focused()


def _number(page: Page) -> str:
    return page.url.rsplit("=", 1)[1]

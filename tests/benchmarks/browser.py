"""The reader's wait from the click on a patient to the drawn chart."""

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium

CHOICES = 15

# Notes when the pointer goes down, and when a chart's drawing is in the page.
_WATCH = """() => {
  window.drawn = null
  window.addEventListener('pointerdown', () => {
    const started = performance.now()
    const look = () => {
      const chart = document.querySelector(
        '[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg')
      if (chart && chart.getBoundingClientRect().height > 50)
        requestAnimationFrame(() => { window.drawn = performance.now() - started })
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, {once: true, capture: true})
}"""


def from_row_to_chart(url: str, cookie: str) -> list[float]:
    """Return the times in ms, each for another row of the list."""
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="fr-FR")
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.goto(url)
        took = [_choose(page, number % 8) for number in range(CHOICES + 2)]
        browser.close()
    return took[2:]


def _choose(page: Page, row: int) -> float:
    """Choose a row of the list, then go back to the list, as in a meeting."""
    chosen = page.locator("tr[data-id]").nth(row)
    chosen.wait_for()
    page.wait_for_timeout(1000)
    page.evaluate(_WATCH)
    chosen.locator(".why").click()
    # The page's content security policy forbids what ``wait_for_function`` evaluates.
    while (drawn := page.evaluate("() => window.drawn")) is None:
        page.wait_for_timeout(50)
    page.wait_for_timeout(1000)
    page.get_by_test_id("stPageLink").get_by_role("link").first.click()
    return drawn

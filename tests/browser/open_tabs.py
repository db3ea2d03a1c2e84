"""Tabs that stay open from test to test: a click in an open page takes a tenth of loading one.

A module has one tab for each person and language. Between two tests it rests on the account page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, expect

RESTING_PLACE = "account"
"""The page of a tab between two tests: every role has it, and it queries little."""

_TITLES = ("Your account", "Votre compte")
_LEFT_OVER = "[role=dialog], [data-testid=stPopoverBody], [data-testid=stException]"
_PRESENTING = "Presenting: names are hidden"


@dataclass
class OpenTabs:
    """The open tabs of one module."""

    new_context: Callable[[Mapping[str, Any]], BrowserContext]
    end_context: Callable[[BrowserContext, Mapping[str, Any]], None]
    tabs: dict[str, Page] = field(default_factory=dict)
    options: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    """The errors on the consoles of all tabs."""

    def tab(self, url: str, person: int, cookie: Callable[[], Any], **options: object) -> Page:
        """Return this person's tab at the server ``url``, clean and at rest.

        It is opened at the first call, with the session cookie that ``cookie`` makes. Raise
        AssertionError if an earlier test has left a dialog, an error or the mode of presenting.
        """
        options = {"locale": "en-GB"} | options
        key = f"{person} {sorted(options.items())}"
        if key not in self.tabs:
            context = self.new_context(options)
            context.add_cookies([cookie()])
            self.tabs[key] = context.new_page()
            self.options[key] = options
            self.tabs[key].on("console", self._listen)
            self.tabs[key].on("pageerror", self._note)
        page = self.tabs[key]
        go(page, f"{url}/{RESTING_PLACE}")
        page.evaluate("() => sessionStorage.clear()")
        assert page.title() in _TITLES
        expect(page.locator(_LEFT_OVER)).to_have_count(0)
        expect(page.get_by_text(_PRESENTING)).to_have_count(0)
        assert self.errors == [], self.errors
        return page

    def hear_errors(self) -> None:
        """Note all errors so far: they come with an answer of the browser, here to a question."""
        for page in self.tabs.values():
            page.evaluate("0")

    def close(self) -> None:
        """Close all tabs; the next test opens new ones."""
        for key, page in self.tabs.items():
            page.remove_listener("console", self._listen)
            page.remove_listener("pageerror", self._note)
            self.end_context(page.context, self.options[key])
        self.tabs.clear()
        self.errors.clear()

    def _note(self, error: Error) -> None:
        self.errors.append(str(error))

    def _listen(self, message: ConsoleMessage) -> None:
        # Streamlit looks for its server below the page's own address first, where there is none.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)


def settled(page: Page) -> None:
    """Wait until no run is going on or asked for, and all that the last one sent is drawn.

    A text whose parser is still being loaded has a placeholder. The elements below it move down
    when the text is drawn, even between the two halves of a click.
    """
    expect(page.locator(_SETTLED), "The page waits for a run or draws one").to_have_count(1)


_SETTLED = (
    "html:not([data-awaits-run]):not(:has([data-testid=stSkeleton], [data-testid=stAppSkeleton]))"
    " [data-testid=stApp][data-test-script-state=notRunning]"
)
"""The app of a settled page; ``run_watch.js`` marks a page that waits."""


def at_rest(page: Page) -> None:
    """Wait until the page is settled, and nothing has moved for a tenth of a second.

    The content of an opened line appears in several steps, and a menu moves while it opens. Where a
    button moves between the two halves of a click, they fall on two elements, and the browser sends
    no click.
    """
    settled(page)
    page.evaluate("() => { delete window.seenPlaces; }")
    page.wait_for_function(_NOTHING_MOVES, polling=100)


_NOTHING_MOVES = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  const busy = !app || app.dataset.testScriptState !== "notRunning" ||
    document.documentElement.hasAttribute("data-awaits-run")
  const moving = document.getAnimations().some((one) =>
    one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity)
  const watched = "[data-testid], [role=dialog], [role=dialog] *, [role=listbox], [role=option]"
  const places = [...document.querySelectorAll(watched)]
    .map((one) => one.getBoundingClientRect())
    .map(({ left, top, width, height }) => `${left} ${top} ${width} ${height}`)
    .join()
  const still = !busy && !moving && places === window.seenPlaces
  window.seenPlaces = busy || moving ? undefined : places
  return still
}"""
"""Menus and dialogs are drawn beside the app, so that the whole document is watched."""


def choose_in_menu(page: Page, option: str) -> None:
    """Choose in the menu of the person who is signed in."""
    at_rest(page)
    page.locator(".st-key-person_menu").get_by_role("button").click()
    item = page.get_by_text(option, exact=True)
    expect(item).to_be_visible()
    at_rest(page)
    item.click()


def go(page: Page, url: str) -> None:
    """Go to another page of the app, as Back does, in a fraction of the time of a reload.

    The title changes with the first message of the new page. A page that is already shown is left
    for the account page first, because its title would stay.
    """
    if page.url == "about:blank":
        page.goto(url)
    else:
        if _address(page.url) == _address(url):
            _walk(page, f"{url.partition('?')[0].rpartition('/')[0]}/{RESTING_PLACE}")
        _walk(page, url)
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    settled(page)


def _walk(page: Page, url: str) -> None:
    settled(page)
    before = page.title()
    if _address(page.url) == _address(url):
        return
    # One call: between two, a message of the server could put the former address back.
    page.evaluate(
        "url => { history.pushState(null, '', url);"
        " dispatchEvent(new PopStateEvent('popstate')); }",
        url,
    )
    page.wait_for_function("before => document.title !== before", arg=before)
    settled(page)


def _address(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]

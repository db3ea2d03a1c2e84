"""The hand of a person at a page: it counts clicks, keys and scrolls."""

import math
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.browser.served_site import settled


@dataclass
class Hand:
    """The hand of a person who uses this page, with the number of actions so far.

    ``keys`` counts keys that command the page. ``letters`` counts the letters of typed text, which
    do not depend on the page. A scroll moves the page by at most the height of the window.
    """

    page: Page
    clicks: int = 0
    keys: int = 0
    scrolls: int = 0
    letters: int = 0

    def click(self, target: Locator) -> None:
        """Scroll until the target is in view, then click its middle."""
        target.wait_for()
        self.look_at(target)
        target.click()
        self.clicks += 1
        settled(self.page)

    def press(self, key: str) -> None:
        """Press one key, or several at once (``Control+Enter``)."""
        self.page.keyboard.press(key)
        self.keys += 1
        settled(self.page)

    def write(self, text: str) -> None:
        """Type the text into the field that has the focus."""
        self.page.keyboard.type(text)
        self.letters += len(text)
        settled(self.page)

    def look_at(self, target: Locator) -> None:
        """Scroll until the middle of the target is in view. A scroll by one window height counts as
        one.
        """
        box, window = target.bounding_box(), self.page.viewport_size
        if box is None or window is None:
            return
        middle = box["y"] + box["height"] / 2
        outside = max(-middle, middle - window["height"], 0)
        if outside:
            target.scroll_into_view_if_needed()
            self.scrolls += math.ceil(outside / window["height"])
        elif not target.evaluate(_IS_UNCOVERED):
            # The target is scrolled out of its part of the page, or another element covers it.
            target.scroll_into_view_if_needed()
            self.scrolls += 1


_IS_UNCOVERED = """element => {
  const { x, y, width, height } = element.getBoundingClientRect()
  const hit = document.elementFromPoint(x + width / 2, y + height / 2)
  const host = element.getRootNode().host ?? element
  return Boolean(hit) && (host.contains(hit) || hit.contains(host))
}"""
"""Whether a click on the middle of the element reaches the element itself, an element around it or
one inside it.
"""

"""The camera: it saves a page in each wanted size of the window and each theme."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.programme import themes

SIZES = ((1280, 720), (1440, 900), (1920, 1080), (1024, 768), (390, 844))
PHONE = 640
"""Windows that are narrower than this, in pixels, count as telephones."""

MOST_SCREENS = 3
"""A telephone's page is saved down to this number of screens."""

MOST_TRIES = 8
"""The number of screenshots after which a page that never comes to rest is saved as it is."""


@dataclass
class Camera:
    """A folder for screenshots, with the sizes and the themes to take."""

    folder: Path
    sizes: Sequence[tuple[int, int]] = SIZES
    themes: Sequence[str] = ("light", "dark")
    taken: list[Path] = field(default_factory=list)

    def take(
        self,
        page: Page,
        name: str,
        *,
        on_phone: bool = False,
        place: Callable[[Page], object] | None = None,
    ) -> None:
        """Save the page in each size and theme, then restore the size of the window.

        It is saved in the size of a telephone only if ``on_phone`` is true. ``place`` scrolls the
        page before each screenshot, because another size of the window loses the scroll position.
        """
        before = page.viewport_size
        page.mouse.move(0, 0)
        for width, height in self.sizes:
            if width < PHONE and not on_phone:
                continue
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(500)
            for theme in themes(page):
                if theme in self.themes:
                    self._save(
                        page,
                        f"{name}_{width}_{theme}.png",
                        ViewportSize(width=width, height=height),
                        place,
                    )
        if before is not None:
            page.set_viewport_size(before)

    def _save(
        self,
        page: Page,
        name: str,
        size: ViewportSize,
        place: Callable[[Page], object] | None,
    ) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if size["width"] < PHONE:
            needed = page.evaluate(_HEIGHT)
            height = min(max(needed, size["height"]), MOST_SCREENS * size["height"])
            page.set_viewport_size({"width": size["width"], "height": height})
            page.wait_for_timeout(300)
        if place is not None:
            place(page)
        path = self.folder / name
        path.write_bytes(_still(page))
        page.set_viewport_size(size)
        self.taken.append(path)


def _still(page: Page) -> bytes:
    """Return a screenshot of the page at rest: the first one that equals the one before it.

    A change of theme, a popover and a rerun are drawn in several steps. After ``MOST_TRIES``
    screenshots, return the last one.
    """
    before = b""
    for _try in range(MOST_TRIES):
        now = page.screenshot()
        if now == before:
            break
        before = now
        page.wait_for_timeout(250)
    return now


_HEIGHT = """() => {
  const main = document.querySelector("[data-testid=stMain]") ?? document.documentElement
  return main.scrollHeight
}"""
"""The height of the whole page in pixels."""

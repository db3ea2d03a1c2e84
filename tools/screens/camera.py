"""The camera: it saves a page in each wanted size of the window and each theme."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.programme import themes

SIZES = ((1280, 720), (1440, 900), (1920, 1080), (1024, 768), (390, 844))
PHONE = 640
"""Windows that are narrower than this, in pixels, count as telephones."""

MOST_SCREENS = 3
"""A telephone's page is saved down to this number of screens."""


@dataclass
class Camera:
    """A folder for screenshots, with the sizes and the themes to take."""

    folder: Path
    sizes: Sequence[tuple[int, int]] = SIZES
    themes: Sequence[str] = ("light", "dark")
    taken: list[Path] = field(default_factory=list)

    def take(self, page: Page, name: str, *, on_phone: bool = False) -> None:
        """Save the page in each size and theme, then restore the size of the window.

        It is saved in the size of a telephone only if ``on_phone`` is true.
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
                    )
        if before is not None:
            page.set_viewport_size(before)

    def _save(self, page: Page, name: str, size: ViewportSize) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if size["width"] < PHONE:
            needed = page.evaluate(_HEIGHT)
            height = min(max(needed, size["height"]), MOST_SCREENS * size["height"])
            page.set_viewport_size({"width": size["width"], "height": height})
            page.wait_for_timeout(300)
        path = self.folder / name
        page.screenshot(path=path)
        page.set_viewport_size(size)
        self.taken.append(path)


_HEIGHT = """() => {
  const main = document.querySelector("[data-testid=stMain]") ?? document.documentElement
  return main.scrollHeight
}"""
"""The height of the whole page in pixels."""

"""``python -m tools.effort``: the number of clicks, keys and scrolls of each story, at 1280 × 720.

The demonstration is kept in ``var/effort``, so that a second call begins at once. It also keeps the
changes that a story makes. ``--data`` names another folder.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from dashboard.settings import DEMONSTRATION_PASSWORD
from dashboard.vocabulary import Role
from tests.browser import chromium
from tests.browser.conftest import sign_in
from tests.browser.served_site import settled
from tools.demonstration import served_demonstration
from tools.effort.hand import Hand
from tools.effort.opening import open_first_case
from tools.effort.reading_inbox import read_inbox
from tools.effort.weekly_review import review_first_case


@dataclass(frozen=True)
class Story:
    """A story: the role of its person, and the actions from the start page on."""

    role: Role
    do: Callable[[Hand], None]


STORIES: Mapping[str, Story] = {
    "from the list to an open case, by keyboard": Story(Role.PSYCHIATRIST, open_first_case),
    "the nurse's inbox down to its 60th open line": Story(Role.NURSE, read_inbox),
    "review the first case and go to the next": Story(Role.PSYCHIATRIST, review_first_case),
}
"""The stories by name."""


def main() -> int:
    """Print a line for each story."""
    chosen = _options()
    stories = {name: story for name, story in STORIES.items() if chosen.story in name}
    with served_demonstration(chosen.data) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        print(f"{'story':<56}{'clicks':>8}{'keys':>6}{'scrolls':>9}{'letters':>9}{'seconds':>9}")
        for name, story in stories.items():
            hand, seconds = _done(browser, served.url, served.usernames[story.role], story)
            print(
                f"{name:<56}{hand.clicks:>8}{hand.keys:>6}{hand.scrolls:>9}"
                f"{hand.letters:>9}{seconds:>9.1f}",
                flush=True,
            )
        browser.close()
    return 0


def _done(browser: Browser, url: str, username: str, story: Story) -> tuple[Hand, float]:
    """Do the story as this person. Return the hand with its counts, and the duration in seconds."""
    expect.set_options(timeout=45_000)
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    page = context.new_page()
    sign_in(page, url, username, DEMONSTRATION_PASSWORD)
    settled(page)
    hand, begun = Hand(page), time.monotonic()
    story.do(hand)
    seconds = time.monotonic() - begun
    context.close()
    return hand, seconds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.effort", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var/effort"), help="the demonstration")
    parser.add_argument("--story", default="", help="only stories with this text in their name")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

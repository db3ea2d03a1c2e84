"""The story: a nurse reads the inbox from the first line on. Each further screen takes a scroll."""

from tools.effort.hand import Hand

LINES = 60
"""The number of open lines that are read. The nurse of the demonstration has more."""


def read_inbox(hand: Hand) -> None:
    """Scroll from the first to the last of these lines."""
    lines = hand.page.locator("summary")
    lines.nth(LINES - 1).wait_for()
    hand.look_at(lines.nth(LINES - 1))

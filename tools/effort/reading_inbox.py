"""The nurse reads her inbox from the first line on: the scrolls are its screens but one."""

from tools.effort.hand import Hand

LINES = 60
"""The number of open lines up to which the inbox is read. The demonstration's nurse has more."""


def read_inbox(hand: Hand) -> None:
    """Look at the sixtieth open line."""
    lines = hand.page.locator("summary")
    lines.nth(LINES - 1).wait_for()
    hand.look_at(lines.nth(LINES - 1))

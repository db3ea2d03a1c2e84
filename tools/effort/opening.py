"""The story: from the review list to an open case, by keyboard alone."""

from playwright.sync_api import expect

from tools.effort.hand import Hand


def open_first_case(hand: Hand) -> None:
    """Open the first case of the list: the down arrow, then Enter."""
    expect(hand.page.get_by_role("row").nth(1)).to_be_visible()
    hand.press("ArrowDown")
    hand.press("Enter")
    hand.page.wait_for_url("**/case?episode=*")

"""A check on the pages outside a meeting: has another person started or ended a meeting?"""

from collections.abc import Callable
from uuid import UUID

from dashboard.clinical.meeting.meetings import Meeting
from dashboard.components.elements.guarded import fragment
from dashboard.components.meeting.meeting_bar import EVERY


def meeting_watch(
    drawn: set[UUID], running: Callable[[], list[Meeting] | None], draw_again: Callable[[], None]
) -> None:
    """Compare, every two seconds, the running meetings with the meetings that the page shows. If
    they differ, call ``draw_again``.

    ``drawn`` are the ids of the running meetings on the page. ``running`` returns the meetings that
    run now, or None if the database does not answer.
    """
    fragment(_watch, run_every=EVERY, key="meeting/watch")(drawn, running, draw_again)


def _watch(
    drawn: set[UUID], running: Callable[[], list[Meeting] | None], draw_again: Callable[[], None]
) -> None:
    found = running()
    if found is not None and {one.id for one in found} != drawn:
        draw_again()

"""The check that a fragment may still be drawn (``components.elements.guarded``).

It is needed because Streamlit runs fragments without the main script.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.elements.guarded import DeferredFile, guard_with
from dashboard.database.security.identity import NotSignedIn
from dashboard.web import database_retry
from dashboard.web.auth import authorization, rights, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.page_support import deferred, page_runs


class PageGuard:
    """The check, at each run of a fragment alone, that the page may still be shown."""

    def drawn_under(self) -> Rights | None:
        """Return the rights under which the current run draws the page."""
        return authorization.rights_of_run()

    @contextmanager
    def still(self, drawn: object, *, automatic: bool) -> Iterator[None]:
        """Run the block if the rights are still equal to ``drawn``; otherwise rerun the whole page.

        The main script then draws the page under the present rights, or the sign-in page. Set
        ``automatic`` if nobody asked for this run. It then does not postpone the idle timeout.
        """
        if authorization.rights_of_run() is not None:
            # The fragment is part of a full run, which has already checked the rights.
            yield
            return
        role = drawn.person.role if isinstance(drawn, Rights) else page_runs.NOBODY
        with page_runs.timed_partial_run(role):
            now = _now(drawn, seen=not automatic)
            if now is None or now != drawn:
                st.rerun()
            try:
                with authorization.established(now):
                    yield
            except NotSignedIn:
                # The sign-in may have ended since the rights were read.
                st.rerun()

    def held(self, make: Callable[[], bytes]) -> DeferredFile:
        """Return a file with data that the current run has read.

        The download is refused if the rights of the sign-in have changed since.
        """
        return deferred.while_shown(make)


def listen() -> None:
    """Register ``PageGuard`` as the check for fragments, dialogs and files."""
    guard_with(PageGuard())


def _now(drawn: object, *, seen: bool) -> Rights | None:
    if not isinstance(drawn, Rights):
        return None
    token = sessions.presented_token()
    return database_retry.answered(
        lambda: rights.rights_now(drawn, token, seen=seen), database_retry.toast
    )

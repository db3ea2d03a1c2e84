"""Authorization of Streamlit's partial runs (``components.elements.guarded``)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.elements.guarded import DeferredFile, guard_with
from dashboard.web import database_retry
from dashboard.web.auth import authorization, rights, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.page_support import deferred, page_runs


class PageGuard:
    """The check, once per partial run, that the page may still be shown."""

    def drawn_under(self) -> Rights | None:
        """Return the rights under which the current run draws."""
        return authorization.rights_of_run()

    @contextmanager
    def still(self, drawn: object, *, automatic: bool) -> Iterator[None]:
        """Run the block if the rights ``drawn`` still hold; otherwise rerun the whole app.

        After a rerun, the main script draws the page under the present rights, or the sign-in page.
        An ``automatic`` run does not postpone the idle timeout.
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
            with authorization.established(now):
                yield

    def held(self, make: Callable[[], bytes]) -> DeferredFile:
        """Return a file with content of this run.

        Its download is refused once the rights have changed.
        """
        return deferred.while_shown(make)


def listen() -> None:
    """Register ``PageGuard`` for fragments, dialogs and files."""
    guard_with(PageGuard())


def _now(drawn: object, *, seen: bool) -> Rights | None:
    if not isinstance(drawn, Rights):
        return None
    token = sessions.presented_token()
    return database_retry.answered(
        lambda: rights.rights_now(drawn, token, seen=seen), database_retry.toast
    )

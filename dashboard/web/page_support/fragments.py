"""Authorization of Streamlit's partial runs (``components.elements.guarded``)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.components.elements.guarded import DeferredFile, guard_with
from dashboard.web import database_retry
from dashboard.web.auth import authorization, rights, sessions
from dashboard.web.auth.rights import Rights
from dashboard.web.page_support import deferred


class PageGuard:
    """Check, once per partial run, that a page may still show what it shows."""

    def drawn_under(self) -> Rights | None:
        """Return the rights under which the present run draws."""
        return authorization.rights_of_run()

    @contextmanager
    def still(self, drawn: object, *, automatic: bool) -> Iterator[None]:
        """Establish these rights within the block if they still hold; otherwise rerun the app.

        The main script then shows what is due: the page as it is now, or the sign-in.
        """
        if authorization.rights_of_run() is not None:
            # Part of a full run, which has already checked the rights.
            yield
            return
        now = _now(drawn, seen=not automatic)
        if now is None or now != drawn:
            st.rerun()
        with authorization.established(now):
            yield

    def held(self, make: Callable[[], bytes]) -> DeferredFile:
        """Return a file of the content of this run, delivered while its rights hold."""
        return deferred.while_shown(make)


def listen() -> None:
    """Register the guard of fragments, dialogs and files."""
    guard_with(PageGuard())


def _now(drawn: object, *, seen: bool) -> Rights | None:
    if not isinstance(drawn, Rights):
        return None
    token = sessions.presented_token()
    return database_retry.answered(
        lambda: rights.rights_now(drawn, token, seen=seen), database_retry.toast
    )

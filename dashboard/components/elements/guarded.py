"""Authorization of what Streamlit runs without the page: fragments, dialogs, deferred files.

A browser requests these by their id, over a connection that may be hours old, and Streamlit runs
them without the main script. So each first checks whether the rights under which the page was drawn
still hold. Components know neither sign-ins nor the database: the server passes in the check once
(``guard_with``). Without it none of them runs again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, Protocol

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Parameters = ParamSpec("Parameters")


class Guard(Protocol):
    """The check of what a page may show, and whether it still may."""

    def drawn_under(self) -> object:
        """Return the rights under which the present run draws."""

    def still(self, drawn: object, *, automatic: bool) -> AbstractContextManager[object]:
        """Return a block that is entered if these rights hold; otherwise the app is rerun.

        ``automatic`` means that the page runs it on its own, without a click.
        """

    def held(self, make: Callable[[], bytes]) -> "DeferredFile":
        """Return a file that is made for this page alone, while its rights hold."""


@dataclass(frozen=True)
class DeferredFile:
    """A file that is made on request; its maker has checked the reader's rights.

    Only ``dashboard.web`` makes one.
    """

    make: Callable[[], bytes]


_guard: Guard | None = None


def guard_with(guard: Guard) -> None:
    """Use this guard from now on."""
    global _guard
    _guard = guard


def fragment(
    draw: Callable[Parameters, None],
    *,
    key: str | None = None,
    run_every: float | str | None = None,
) -> Callable[Parameters, None]:
    """Return ``draw`` as a fragment of Streamlit that is guarded. Also a decorator."""
    return _guarded(
        draw, st.fragment, automatic=run_every is not None, key=key, run_every=run_every
    )


def dialog(
    draw: Callable[Parameters, None], title: str, *, width: Literal["small", "large"] = "small"
) -> Callable[Parameters, None]:
    """Return ``draw`` as a dialog of Streamlit that is guarded; a dialog is a fragment."""
    return _guarded(draw, st.dialog(title, width=width))


def held_file(make: Callable[[], bytes]) -> DeferredFile:
    """Return a file of what the page shows, for its reader only, while their rights hold."""
    return DeferredFile(make) if _guard is None else _guard.held(make)


def download_button(label: str, file: DeferredFile, *, file_name: str, **looks: Any) -> None:
    """Draw a button that downloads a file; the file is made at the click, the page stays."""
    st.download_button(label, file.make, file_name=file_name, on_click="ignore", **looks)


def _guarded(
    draw: Callable[Parameters, None],
    as_streamlit_does: Callable[..., Any],
    *,
    automatic: bool = False,
    **named: Any,
) -> Callable[Parameters, None]:
    @wraps(draw)
    def checked(_drawn: object, *arguments: Any, **given: Any) -> None:
        if not _runs_by_itself():
            draw(*arguments, **given)
        elif _guard is None:
            st.stop()
        else:
            with _guard.still(_drawn, automatic=automatic):
                draw(*arguments, **given)

    run = as_streamlit_does(checked, **named)

    @wraps(draw)
    def begin(*arguments: Parameters.args, **given: Parameters.kwargs) -> None:
        run(_guard.drawn_under() if _guard else None, *arguments, **given)

    return begin


def _runs_by_itself() -> bool:
    """Return whether Streamlit runs fragments alone, and not the whole page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)

"""Authorization of the code that Streamlit runs without running the page: fragments, dialogs and
files that are made for a download.

A browser requests a fragment, a dialog or a file by its id, over a connection that may be hours
old. Streamlit then does not run the main script. So each fragment, dialog and file first checks
whether the reader still has the rights under which the page was drawn.

Components have no access to sign-ins or to the database. So the server passes this check to
``guard_with`` when it starts. Without this check, fragments and dialogs do not run again.
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
    """A check whether the rights under which a page was drawn still hold."""

    def drawn_under(self) -> object:
        """Return the rights under which the present run draws the page."""

    def still(self, drawn: object, *, automatic: bool) -> AbstractContextManager[object]:
        """Return a context manager that runs its block only if the rights ``drawn`` still hold.

        If they no longer hold, the whole page runs again instead. ``automatic`` means that the page
        runs the block at intervals, without a click.
        """

    def held(self, make: Callable[[], bytes]) -> "DeferredFile":
        """Return a file whose content ``make`` returns.

        The file is delivered only while the reader has the rights of the present run.
        """


@dataclass(frozen=True)
class DeferredFile:
    """A file that is made when the browser requests it.

    In a file that ``dashboard.web`` creates, ``make`` checks the rights of the reader.
    """

    make: Callable[[], bytes]


_guard: Guard | None = None


def guard_with(guard: Guard) -> None:
    """Set the check that fragments, dialogs and files make."""
    global _guard
    _guard = guard


def fragment(
    draw: Callable[Parameters, None],
    *,
    key: str | None = None,
    run_every: float | str | None = None,
) -> Callable[Parameters, None]:
    """Return ``draw`` as a Streamlit fragment that first checks the rights of the reader.

    The function can be used as a decorator.
    """
    return _guarded(
        draw, st.fragment, automatic=run_every is not None, key=key, run_every=run_every
    )


def dialog(
    draw: Callable[Parameters, None], title: str, *, width: Literal["small", "large"] = "small"
) -> Callable[Parameters, None]:
    """Return ``draw`` as a Streamlit dialog that first checks the rights of the reader.

    A dialog is a kind of fragment.
    """
    return _guarded(draw, st.dialog(title, width=width))


def held_file(make: Callable[[], bytes]) -> DeferredFile:
    """Return a file whose content ``make`` returns.

    The file is delivered only to the reader of this page, and only while this reader keeps the same
    rights. Without a guard, which the server always sets, nothing is checked.
    """
    return DeferredFile(make) if _guard is None else _guard.held(make)


def download_button(label: str, file: DeferredFile, *, file_name: str, **looks: Any) -> None:
    """Draw a button that downloads ``file``.

    A click on the button makes the file and does not rerun the page.
    """
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
    """Return whether the present run concerns only fragments and not the whole page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)

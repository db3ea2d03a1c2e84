"""Requests of the page to the browser itself.

Streamlit talks to the browser over a websocket, which cannot set an ``HttpOnly`` cookie. So the
page asks its own script in the browser to exchange a ticket over HTTP, and then to reload the page:
Streamlit sees only the cookies with which the websocket was opened.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_EXCHANGE = st.components.v2.component(
    "case_review_exchange",
    html="<span></span>",
    js=Path(__file__).with_name("exchange.js").read_text(encoding="utf-8"),
)

_LEAVE = st.components.v2.component(
    "case_review_leave",
    html="<span></span>",
    js=Path(__file__).with_name("leave.js").read_text(encoding="utf-8"),
)

_ABOUT_THE_PAGE = st.components.v2.component(
    "case_review_about_the_page",
    html="<span></span>",
    js=Path(__file__).with_name("page_watch.js").read_text(encoding="utf-8"),
)


def open_session(ticket: str, on_refused: Callable[[], None]) -> None:
    """Exchange the ticket for the cookie, then load this address again, signed in."""
    _EXCHANGE(
        key="open_session",
        data={"method": "POST", "ticket": ticket, "home": False},
        on_refused_change=on_refused,
    )


def close_session(on_refused: Callable[[], None]) -> None:
    """Delete the cookie, then go to the start page."""
    _EXCHANGE(
        key="close_session",
        data={"method": "DELETE", "ticket": "", "home": True},
        on_refused_change=on_refused,
    )


def go_to_provider(start: str) -> None:
    """Leave for the identity provider through ``start``; it comes back to the present address."""
    _LEAVE(key="go_to_provider", data={"start": start}, width=1)


def tell(
    language: str,
    cookie: str,
    *,
    remember: bool,
    idle: float | None = None,
    left: float | None = None,
) -> None:
    """Tell the browser the language of the page, and let it remember a choice of language.

    After ``idle`` seconds without activity, and after ``left`` seconds in any case, the browser
    asks once whether the sign-in is still live. If not, it hides the page and reloads it, which
    shows the form. During activity it says so at most once a minute. The server alone decides: its
    clock runs whatever the browser says.
    """
    _ABOUT_THE_PAGE(
        key="about_the_page",
        data={
            "language": language,
            "cookie": cookie,
            "remember": remember,
            "idle": idle,
            "left": left,
        },
        width=1,
    )

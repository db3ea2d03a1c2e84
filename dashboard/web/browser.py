"""Requests that the server sends to the script of the page in the browser.

Streamlit talks to the browser over a websocket, which cannot set an ``HttpOnly`` cookie. So the
script in the browser exchanges a ticket over HTTP. It then reloads the page, because Streamlit sees
only the cookies that the browser had when the websocket was opened.
"""

from collections.abc import Callable, Mapping
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


_STREAMLIT_TEXTS = st.components.v2.component(
    "case_review_streamlit_texts",
    html="<span></span>",
    js=Path(__file__).with_name("streamlit_texts.js").read_text(encoding="utf-8"),
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
    """Go to the identity provider by the path ``start``; the browser comes back to this address."""
    _LEAVE(key="go_to_provider", data={"start": start}, width=1)


def tell(
    language: str,
    cookie: str,
    names: Mapping[str, str],
    *,
    remember: bool,
    idle: float | None = None,
    left: float | None = None,
) -> None:
    """Tell the browser the language of the page and how long the sign-in may stay open.

    ``names`` are the names of the menu (``menu``) and of the link that skips it (``skip``). With
    ``remember`` the browser stores the language in ``cookie``.

    After ``idle`` seconds without activity, and after ``left`` seconds in any case, the browser
    asks the server once whether the sign-in is still live. If it is not, the browser hides the page
    and reloads it, which shows the sign-in form. While the person is active, the browser reports
    the activity to the server, at most once a minute. Only the server decides when a sign-in
    expires, by its own clock.
    """
    _ABOUT_THE_PAGE(
        key="about_the_page",
        data={
            "language": language,
            "cookie": cookie,
            "names": dict(names),
            "remember": remember,
            "idle": idle,
            "left": left,
        },
        width=1,
    )


def translate_streamlit(texts: Mapping[str, str]) -> None:
    """Replace the texts of Streamlit's own elements, from the English of the keys to the values.

    Texts in other places stay as they are, even if they are the same words.
    """
    _STREAMLIT_TEXTS(key="streamlit_texts", data={"texts": dict(texts)}, width=1)

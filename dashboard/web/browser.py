"""Requests of the server to scripts in the browser.

Streamlit talks to the browser over a websocket, which cannot set an ``HttpOnly`` cookie. A script
in the browser therefore exchanges a ticket for the cookie by HTTP. It then reloads the page,
because Streamlit sees only the cookies that the browser had when the websocket was opened.
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
    """Make the browser exchange the ticket for the cookie, then load this address again.

    Call ``on_refused`` if the server refuses the exchange or does not answer.
    """
    _EXCHANGE(
        key="open_session",
        data={"method": "POST", "ticket": ticket, "home": False},
        on_refused_change=on_refused,
    )


def close_session(on_refused: Callable[[], None]) -> None:
    """Make the browser delete the cookie, then go to the start page.

    Call ``on_refused`` if the server refuses the deletion or does not answer.
    """
    _EXCHANGE(
        key="close_session",
        data={"method": "DELETE", "ticket": "", "home": True},
        on_refused_change=on_refused,
    )


def go_to_provider(start: str) -> None:
    """Send the browser to the identity provider. ``start`` is the path of this server that
    redirects it.

    After the sign-in, the browser returns to its present address.
    """
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
    """Tell the browser the language of the page, and how long the sign-in may stay open.

    If ``remember`` is set, the browser stores the language in the cookie ``cookie``. ``names`` has
    the name of the menu (``menu``), and that of the link that skips the menu (``skip``).

    After ``idle`` seconds without activity, and ``left`` seconds after this call in any case, the
    browser asks the server whether the sign-in is still live. If it is not, or if the server does
    not answer, the browser hides the page and reloads it. Activity is reported to the server at
    most once a minute. The server alone decides when a sign-in expires. If ``idle`` is None,
    nobody is signed in, and nothing is asked or reported.
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
    """Translate the texts of Streamlit's own elements. ``texts`` maps each text to its translation.

    The same words in other elements are not changed, except in the attributes ``aria-label``,
    ``title`` and ``placeholder``.
    """
    _STREAMLIT_TEXTS(key="streamlit_texts", data={"texts": dict(texts)}, width=1)

"""What the page asks of the browser itself.

Streamlit talks to the browser over a websocket, which cannot set a cookie that scripts may
not read. So the page asks its own script in the browser to exchange a ticket over HTTP and
then to load the page anew: cookies are those with which the websocket was opened.
"""

from collections.abc import Callable

import streamlit as st

_EXCHANGE = st.components.v2.component(
    "case_review_exchange",
    html="<span></span>",
    js="""
export default function ({ data, setTriggerValue }) {
  const key = data.method + data.ticket
  if (window.caseReviewExchange === key) return
  window.caseReviewExchange = key
  fetch("/auth/session", { method: data.method, headers: { "X-Ticket": data.ticket } })
    .then((answer) => answer.ok)
    .catch(() => false)
    .then((done) => {
      if (!done) setTriggerValue("refused", data.ticket)
      else if (data.home) window.location.assign("/")
      else window.location.reload()
    })
}
""",
)

_LANGUAGE = st.components.v2.component(
    "case_review_language",
    html="<span></span>",
    js="""
export default function ({ data }) {
  document.documentElement.lang = data.language
  if (data.remember) {
    document.cookie = `${data.cookie}=${data.language}; path=/; max-age=31536000; samesite=lax`
  }
}
""",
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


def tell_language(language: str, cookie: str, *, remember: bool) -> None:
    """Tell the browser which language the page speaks; let it remember a choice."""
    _LANGUAGE(
        key="page_language",
        data={"language": language, "cookie": cookie, "remember": remember},
        width=1,
    )

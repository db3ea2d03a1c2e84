"""Bringing into view what has just been drawn above the part of the page that is shown."""

import streamlit as st


def in_view(key: str) -> None:
    """Scroll to this place, if it is out of sight, the first time that it is drawn there."""
    _PLACE(key=key)


_JS = """
const seen = new WeakSet()

export default function ({ parentElement }) {
  if (seen.has(parentElement)) return
  seen.add(parentElement)
  const place = parentElement.querySelector("span")
  const { top } = place.getBoundingClientRect()
  if (top < 0 || top > window.innerHeight) place.scrollIntoView({ block: "start" })
}
"""

# The margin keeps the place clear of what stays at the top of the page.
_PLACE = st.components.v2.component(
    "case_review_in_view",
    html="<span></span>",
    css="span { display: block; scroll-margin-top: 5rem; }",
    js=_JS,
)

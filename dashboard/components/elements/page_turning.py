"""Turning the page under the hands of somebody who may be typing.

Before the page goes, every text field sends what it holds and waits until that is kept;
only then is the page turned. A field that takes too long keeps its text in the browser. That
it is ready the browser says until the page is turned: Streamlit may lose a single word.
"""

import streamlit as st


def page_turning(target: str | None, *, key: str) -> str | None:
    """Prepare the browser for turning to ``target``; gives it back once all texts are kept."""
    result = _TURNING(key=key, data={"target": target}, on_ready_change=_nothing)
    return result.get("ready")


def _nothing() -> None:
    """Without a callback Streamlit does not hand over the trigger; the run reads it."""


_JS = """
const LONGEST = 3000, LOOK = 40, AGAIN = 1500
let turning = null

export default function ({ data, setTriggerValue }) {
  if (turning !== data.target) {
    turning = data.target
    if (turning) prepare(turning, setTriggerValue)
  }
  return () => { turning = null }
}

function prepare(target, setTriggerValue) {
  const begun = Date.now(), waiting = []
  window.dispatchEvent(new CustomEvent("case-review-flush", { detail: waiting }))
  const look = () => {
    if (turning !== target) return
    const ready = waiting.every((unsaved) => !unsaved()) || Date.now() - begun > LONGEST
    if (ready) setTriggerValue("ready", target)
    setTimeout(look, ready ? AGAIN : LOOK)
  }
  setTimeout(look, 0)
}
"""

_TURNING = st.components.v2.component("case_review_page_turning", html="<span></span>", js=_JS)

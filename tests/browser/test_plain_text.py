"""Typed text is shown letter by letter, even if Streamlit would interpret it."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import pytest

from dashboard.components.elements.escaping import legible
from tests.browser.conftest import SECONDS_TO_START, free_port
from tests.browser.open_tabs import settled
from tests.support.hostile_texts import MARKUP

SCRIPT = """
import streamlit as st
from dashboard.components.elements.escaping import legible, plain
from tests.support.hostile_texts import MARKUP

for number, text in enumerate(MARKUP):
    with st.container(key=f"markdown-{number}"):
        st.markdown(plain(text))
    with st.container(key=f"amid-{number}"):
        st.markdown(f"**before** {plain(text)} **after**")
    with st.container(key=f"badge-{number}"):
        st.badge(plain(text))
    with st.container(key=f"caption-{number}"):
        st.caption(plain(text))
    with st.container(key=f"button-{number}"):
        st.button(plain(text), key=f"b{number}")
    with st.container(key=f"text-{number}"):
        st.text(legible(text))
st.write("drawn")
"""


@pytest.fixture(scope="module")
def drawn(chromium, tmp_path_factory):
    """Yield a page with every nasty text in every place."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "script.py").write_text(SCRIPT)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "script.py", "--server.headless", "true"],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": os.getcwd(),
            "STREAMLIT_SERVER_PORT": str(port),
            "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
            break
        time.sleep(0.2)
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{port}")
    page.get_by_text("drawn", exact=True).wait_for(timeout=60_000)
    settled(page)
    yield page
    page.close()
    process.terminate()
    process.wait(20)


def seen(text):
    """Return the letters with single spaces, without the characters that the page adds."""
    unseen = dict.fromkeys(map(ord, "\u2060\u2068\u2069"))
    return " ".join(legible(text).translate(unseen).split())


@pytest.mark.parametrize("number", range(len(MARKUP)))
@pytest.mark.parametrize("place", ["markdown", "badge", "caption", "button", "text"])
def test_each_letter_is_shown_and_nothing_else(drawn, place, number):
    shown = drawn.locator(f".st-key-{place}-{number}").inner_text()
    assert seen(shown) == seen(MARKUP[number])


@pytest.mark.parametrize("number", range(len(MARKUP)))
def test_what_stands_around_it_is_left_as_it_is(drawn, number):
    place = drawn.locator(f".st-key-amid-{number}")
    assert seen(place.inner_text()) == f"before {seen(MARKUP[number])} after"
    assert place.locator("strong").all_inner_texts() == ["before", "after"]


def test_none_of_it_becomes_an_element_of_the_page(drawn):
    made = "em, code, a, img, iframe, script, table, h1, blockquote, li, hr, del, .katex"
    inside = drawn.locator('[class*="st-key-"]').locator(made)
    assert inside.evaluate_all("all => all.map(one => one.outerHTML)") == []
    assert drawn.title() not in ("gone", "1")

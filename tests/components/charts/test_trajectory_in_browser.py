"""The chart as Chromium draws it, from the page that Streamlit serves."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium as browsers
from tests.support.chart_cases import CASES
from tests.support.repository import ROOT

pytestmark = pytest.mark.thorough

SCREENS = {"small": (1280, 720), "large": (1440, 900)}
SECONDS_TO_START = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a server with the theme and the fonts of the dashboard."""
    folder = tmp_path_factory.mktemp("chart")
    shutil.copy(ROOT / "tests/support/chart_page.py", folder)
    (folder / "static").symlink_to(ROOT / "dashboard/web/static")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(folder / "chart_page.py"),
         "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await_health(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def await_health(url: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()  # noqa: S310
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = browsers.find(browsers.WITH_WINDOWS)
    if program is None:
        pytest.fail(browsers.HOW_TO_GET_ONE, pytrace=False)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(browsers.ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a tab; a message of the page on the console, or an error, fails the test."""
    options = getattr(request, "param", {})
    width, height = SCREENS[options.get("screen", "small")]
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=options.get("theme", "light")
    )
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert [one for one in complaints if "ector" in one or "ega" in one or "Error" in one] == []


def opened(tab: Page, server: str, *cases: str, **choices: str) -> Page:
    """Return the page with the charts of these cases, once all of them are drawn."""
    chosen = "".join(f"&{name}={value}" for name, value in choices.items())
    tab.goto(f"{server}/?cases={','.join(cases)}{chosen}")
    drawn = f"document.querySelectorAll('.stVegaLiteChart svg').length === {len(cases)}"
    tab.wait_for_function(drawn, timeout=60_000)
    tab.evaluate("document.fonts.ready")
    tab.wait_for_timeout(300)
    return tab


CHARTS = """() => [...document.querySelectorAll('.stVegaLiteChart svg')].map(svg => {
    const sheet = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim());
    return {
        sheet: {left: sheet.left, right: sheet.right, top: sheet.top, bottom: sheet.bottom},
        texts: texts.map(one => {
            const box = one.getBoundingClientRect(), style = getComputedStyle(one);
            // The letters, without the space that the font keeps above and below them.
            const middle = (box.top + box.bottom) / 2, half = parseFloat(style.fontSize) * 0.38;
            return {text: one.textContent, left: box.left, right: box.right,
                    top: middle - half, bottom: middle + half, colour: style.fill};
        }),
        signs: svg.querySelectorAll('.mark-symbol path').length,
    };
})"""


def overlapping(chart: dict) -> list[tuple[str, str]]:
    """Return the pairs of texts that overlap."""
    return [
        (one["text"], other["text"])
        for one, other in combinations(chart["texts"], 2)
        if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
        and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]) > 1
    ]


def cut(chart: dict) -> list[str]:
    """Texts that end in dots or leave the sheet."""
    sheet = chart["sheet"]
    return [
        one["text"]
        for one in chart["texts"]
        if one["text"].endswith("…")
        or one["left"] < sheet["left"] - 1
        or one["right"] > sheet["right"] + 1
        or one["top"] < sheet["top"] - 1
        or one["bottom"] > sheet["bottom"] + 1
    ]


def texts(tab: Page) -> list[str]:
    return [one["text"] for chart in tab.evaluate(CHARTS) for one in chart["texts"]]


everywhere = pytest.mark.parametrize(
    "tab", [{"screen": "small"}, {"screen": "large", "theme": "dark"}], indirect=True,
    ids=["small and light", "large and dark"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("tab", "language"),
    [({"screen": "small"}, "fr"), ({"screen": "large", "theme": "dark"}, "en")],
    indirect=["tab"],
    ids=["small, light and French", "large, dark and English"],
)
def test_no_text_overlaps_another_or_is_cut(tab, server, language):
    charts = opened(tab, server, *CASES, language=language).evaluate(CHARTS)
    assert [len(chart["texts"]) > 10 for chart in charts] == [True] * len(CASES)
    for name, chart in zip(CASES, charts, strict=True):
        assert (name, overlapping(chart), cut(chart)) == (name, [], [])


@everywhere
def test_the_chart_takes_its_place_on_the_page_and_its_colours_from_the_theme(tab, server):
    chart = opened(tab, server, "improver").evaluate(CHARTS)[0]
    column = tab.query_selector("[data-testid=stColumn]").bounding_box()
    assert abs(chart["sheet"]["right"] - chart["sheet"]["left"] - column["width"]) <= 2
    assert chart["sheet"]["bottom"] - chart["sheet"]["top"] <= 431
    title = next(one for one in chart["texts"] if one["text"] == "PHQ-9")
    dark = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert title["colour"] == ("rgb(228, 235, 238)" if dark else "rgb(14, 23, 27)")


def test_every_fact_is_drawn_in_the_font_that_comes_with_the_dashboard(tab, server):
    chart = opened(tab, server, "improver").evaluate(CHARTS)[0]
    for text in ("PHQ-9", "GAD-7", "sertraline", "alprazolam", "R1", "R2"):
        assert text in texts(tab)
    for dose in ("50 mg", "100 mg"):
        assert any(text.startswith(dose) for text in texts(tab))
    # 7 + 4 points, 1 diamond, 14 contacts, 3 answers, 1 sign below the minimum, 1 arrow. In the
    # legend 3 answers, 2 points and 3 doses.
    assert chart["signs"] == 7 + 4 + 1 + 14 + 3 + 1 + 1 + 3 + 2 + 3
    loaded = "[...document.fonts].filter(one => one.status === 'loaded').map(one => one.family)"
    assert "IBM Plex Sans" in tab.evaluate(loaded)


def test_other_questionnaires_have_panels_of_their_own(tab, server):
    opened(tab, server, "odd", instruments="phq9,xyz_scale,madrs")
    assert {"PHQ-9", "xyz_scale", "MADRS", "34 ?", "99 ?"} <= set(texts(tab))


def test_somebody_who_cannot_see_the_chart_hears_what_it_says(tab, server):
    opened(tab, server, "improver", language="en")
    said = tab.locator("[role=graphics-document]").get_attribute("aria-label")
    assert said.startswith("PHQ-9 from 18 on 18 Aug 2026 to 3 on 17 Nov 2026 (−15).")

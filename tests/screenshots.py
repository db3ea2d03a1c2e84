"""The pictures of the README, taken of the demonstration: ``make screenshots``."""

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.database import acting_as, connect_to
from dashboard.database.embedded import app_address_of, embedded_postgres
from dashboard.demo.accounts import DEMONSTRATION_PASSWORD
from dashboard.queries.review_list import review_list
from dashboard.web.clock import today
from tests.browser import chromium
from tests.browser.conftest import free_port, sign_in

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1440, "height": 900}


def main() -> None:
    """Start the demonstration in a folder of its own and take the pictures, in both themes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demonstration(Path(folder)) as (url, username):
        episode_id = telling_case(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
            )
            for theme, suffix in (("light", ""), ("dark", "_dark")):
                page = reader(browser, theme)
                sign_in(page, url, username, DEMONSTRATION_PASSWORD)
                page.get_by_test_id("stDataFrame").wait_for()
                take(page, f"review_list{suffix}")
                page.goto(f"{url}/case?episode={episode_id}")
                page.get_by_test_id("stVegaLiteChart").wait_for()
                take(page, f"case{suffix}")
            browser.close()


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[str, str]]:
    """The demonstration's address, and the psychiatrist's username."""
    port = free_port()
    command = [sys.executable, "-m", "dashboard", "serve", "--demonstration", "--port", str(port)]
    environment = os.environ | {"CASE_REVIEW_DATA_DIRECTORY": str(folder)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stdout or ():
            said += line
            if line.rstrip().endswith(", lead"):
                break
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{url}/healthz", timeout=60):  # noqa: S310
            pass
        found = re.search(r"^ *(\S+): .*, psychiatrist$", said, re.MULTILINE)
        assert found, said
        yield url, found[1]
        process.terminate()


def telling_case(folder: Path) -> int:
    """A case to review, with reasons of several kinds and a history."""
    with embedded_postgres(folder / "postgres") as owner_url:
        connect_to(app_address_of(owner_url, "case_review"))
        with acting_as(None) as connection:
            psychiatrist_id = connection.exec_driver_sql(
                "SELECT a.practitioner_id FROM review.account a JOIN registry.practitioner p"
                " ON p.id = a.practitioner_id WHERE p.role = 'psychiatrist'"
            ).scalar_one()
        with acting_as(psychiatrist_id) as connection:
            rows = review_list(connection, today())
    telling = rows[(rows.tier == 2) & (rows.weeks_in_care >= 20)]
    return int(telling.loc[telling.why.map(len).idxmax()].episode_id)


def reader(browser: Browser, theme: str) -> Page:
    """A French reader with this theme."""
    return browser.new_context(viewport=SIZE, color_scheme=theme, locale="fr-FR").new_page()


def take(page: Page, name: str) -> None:
    """Keep what the window shows, once it has settled."""
    page.wait_for_timeout(2500)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"{name}.png")


if __name__ == "__main__":
    main()

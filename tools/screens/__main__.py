"""``python -m tools.screens FOLDER``: screenshots of every page and state of the demonstration.

They are taken in both languages and themes, in the sizes of windows that are supported. A
scene that fails is named at the end; the other scenes are taken nevertheless.
"""

import argparse
import secrets
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Error, expect, sync_playwright

from dashboard.locale import LANGUAGES, speaking
from tests.browser import chromium
from tests.browser.conftest import free_port
from tests.support.mail_server import PostOffice
from tools.demonstration import Demonstration, served_demonstration
from tools.screens.camera import SIZES, Camera
from tools.screens.scenes import LOCALES, SCENES, Stage, signed_in

ERROR_LINES = 4
"""Lines of an error that are printed: the last one names the element that was waited for."""


def main() -> int:
    """Take the screenshots; return 1 if a scene has failed."""
    chosen = _options()
    failed: list[str] = []
    expect.set_options(timeout=15_000)
    post = PostOffice(free_port())
    post.open()
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        with served_demonstration(chosen.data or Path(made), _mailed_to(post)) as site:
            for number, language in enumerate(chosen.languages):
                for role in SCENES:
                    failed += _play(browser, site, post, role, language, number, chosen)
        browser.close()
    post.close()
    print("\n".join(failed))
    return min(len(failed), 1)


def _mailed_to(post: PostOffice) -> dict[str, str]:
    """Return the settings of a server that sends its letters and invitations to ``post``."""
    return {
        "CASE_REVIEW_PUBLIC_URL": "{url}",
        "CASE_REVIEW_LINK_KEY": secrets.token_hex(20),
        "CASE_REVIEW_MAIL_HOST": "127.0.0.1",
        "CASE_REVIEW_MAIL_PORT": str(post.port),
        "CASE_REVIEW_MAIL_TLS": "none",
        "CASE_REVIEW_MAIL_FROM": "avis@sesame.example",
    }


def _play(
    browser: Browser,
    site: Demonstration,
    post: PostOffice,
    role: str,
    language: str,
    number: int,
    chosen: argparse.Namespace,
) -> list[str]:
    """Play the scenes of a role; return the failed ones, with the first lines of their errors."""
    scenes = [scene for scene in SCENES[role] if chosen.only in f"{role}/{scene.__name__}"]
    if not scenes:
        return []
    failed = []
    folder = chosen.folder / language / (role or "nobody")
    camera = Camera(folder, chosen.sizes, chosen.themes)
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale=LOCALES[language])
    context.set_default_timeout(15_000)
    stage = Stage(context.new_page(), site, post, camera, number, role, language)
    with speaking(language):
        signed_in(stage, role)
        for scene in scenes:
            try:
                scene(stage)
            except (Error, AssertionError) as error:
                said = " | ".join(str(error).splitlines()[:ERROR_LINES])
                failed.append(f"{language} {role} {scene.__name__}: {said}")
    context.close()
    print(f"{language} {role or 'nobody'}: {len(camera.taken)} screenshots", flush=True)
    return failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.screens", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the screenshots are saved")
    parser.add_argument("--data", type=Path, help="the demonstration; by default a new one")
    parser.add_argument("--only", default="", help="only scenes with this text in role/name")
    parser.add_argument("--languages", nargs="+", default=LANGUAGES, choices=LANGUAGES)
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--sizes", nargs="+", type=_size, default=SIZES, help="such as 1280x720")
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())

"""Screenshots of the demonstration for the README: ``make screenshots``."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, ViewportSize, sync_playwright

from dashboard.calendar import today
from dashboard.clinical.case.case_file import CaseFile, Treatment
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.caseload.review_list import list_of
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.medication import ANTIDEPRESSANTS, age_on
from dashboard.database import acting_as, serving
from dashboard.locale import _, speaking
from dashboard.locale.formats import number
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import read_list
from dashboard.settings import DEMONSTRATION_PASSWORD
from dashboard.vocabulary import Role
from tests.browser import chromium
from tests.browser.conftest import sign_in
from tests.browser.programme import chart_height, eventually, list_shown, themes
from tests.browser.served_site import button, choose, settled
from tests.support.identity import sign_in_whoever_acts
from tests.support.repository import ROOT
from tools.demonstration import served_demonstration

IMAGES = ROOT / "docs" / "images"
WINDOW: ViewportSize = {"width": 1440, "height": 900}
SUMMARY = "Réponse insuffisante à dose stable ; l’observance est bonne, le sommeil reste mauvais."
PHQ9_CUT_OFF = 10
TITRATION = "par paliers de 7 jours"


@dataclass(frozen=True)
class Subject:
    """The subject of the screenshots: a psychiatrist, and a case by its tier and its row there."""

    username: str
    tier: int
    row: int
    drug: str
    dose: str


def main() -> None:
    """Start the demonstration in a folder of its own and take the screenshots, in both themes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, served_demonstration(Path(folder)) as served:
        take_pictures(served.url, subject_of(served.usernames[Role.PSYCHIATRIST]))


def subject_of(username: str) -> Subject:
    """Return this psychiatrist with the case of the list that shows most."""
    with serving() as connection:
        psychiatrist = connection.exec_driver_sql(
            "SELECT practitioner_id FROM review.account WHERE username = %s", (username,)
        ).scalar_one()
    sign_in_whoever_acts()
    with acting_as(psychiatrist) as connection:
        rows = read_list(connection, today()).rows
        listed = list_of(rows, "psychiatrist", psychiatrist)
        episodes = [row.episode_id for row in listed if row.tier <= Tier.REVIEW_DUE]
        cases = [open_case(connection, episode, today()) for episode in episodes]
    case = max(filter(None, cases), key=telling)
    tier = next(row.tier for row in listed if row.episode_id == case.episode_id)
    in_tier = [row.episode_id for row in listed if row.tier == tier]
    drug = antidepressant(case)
    assert drug is not None, "no case to review takes an antidepressant that can be raised"
    row = in_tier.index(case.episode_id)
    return Subject(username, int(tier), row, drug.name, number(raised(drug)))


def telling(case: CaseFile) -> float:
    """Return a score for what a case shows: no response, reasons, dose steps, answers to advice."""
    drug, scores = antidepressant(case), case.scores_of("phq9")
    if drug is None or not scores or not (scores[-1].plotted or 0) >= PHQ9_CUT_OFF:
        return -100
    steps = {one.daily_dose_mg for one in case.treatments if one.atc_code == drug.atc_code}
    drugs = {one.name for one in case.treatments}
    states = {line.state for review in case.reviews for line in review.recommendations}
    shown = 8 * len(case.reasons[:3]) + 4 * len(case.questions) + 2 * len(steps) + len(states)
    return shown - 2 * max(0, len(drugs) - 4) - 0.1 * abs(case.weeks_in_care - 16)


def antidepressant(case: CaseFile) -> Treatment | None:
    """Return the antidepressant that is taken now, if its dose can be raised."""
    for one in case.treatments:
        if one.atc_code in ANTIDEPRESSANTS and one.daily_dose_mg and is_current(one, case.as_of):
            age = age_on(case.identity.birth_date, case.as_of)
            if raised(one) <= ANTIDEPRESSANTS[one.atc_code].maximum_at(age):
                return one
    return None


def raised(drug: Treatment) -> Decimal:
    """Return the daily dose increased by the minimum effective dose of the drug, in mg."""
    return (drug.daily_dose_mg or Decimal(0)) + ANTIDEPRESSANTS[drug.atc_code].minimum


def take_pictures(url: str, subject: Subject) -> None:
    """Take screenshots of the list, and of a case beside a half-written review, in French."""
    with speaking("fr"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(chromium.WITH_WINDOWS), args=list(chromium.ARGUMENTS)
        )
        page = browser.new_page(viewport=WINDOW, locale="fr-FR")
        sign_in(page, url, subject.username, DEMONSTRATION_PASSWORD)
        eventually(lambda: list_shown(page))
        take(page, "review_list")
        page.goto(f"{url}/review-list?tier={subject.tier}")
        eventually(lambda: list_shown(page))
        open_row(page, subject.row)
        eventually(lambda: chart_height(page) > 300)
        write(page, subject)
        take(page, "case")
        browser.close()


def open_row(page: Page, row: int) -> None:
    """Open a case of the list by keyboard: it may be below the visible part."""
    for _row in range(row + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def write(page: Page, subject: Subject) -> None:
    """Write half of a review."""
    page.get_by_role("textbox", name=_("Summary")).fill(SUMMARY)
    page.get_by_role("button", name=_("Add a recommendation"), exact=True).click()
    button(page, _("Medication")).click()
    choose(page, _("What to do"), _("increase"))
    choose(page, _("Drug"), subject.drug)
    page.get_by_role("textbox", name=_("mg a day")).fill(subject.dose)
    page.get_by_role("textbox", name=_("Steps and intervals")).fill(TITRATION)
    settled(page)


def take(page: Page, name: str) -> None:
    """Save a screenshot of the window in each theme."""
    page.mouse.move(0, 0)
    for theme in themes(page):
        path = IMAGES / f"{name}{'_dark' if theme == 'dark' else ''}.png"
        page.screenshot(path=path)
        print(path.relative_to(IMAGES.parents[1]))


if __name__ == "__main__":
    main()

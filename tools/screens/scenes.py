"""The scenes: every page, in each of its states, by the person who sees it.

The scenes of one person are played in the order of the table, in one tab. A scene that writes
something uses a case of its own, so that the scenes can be played once in each language.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import Row, make_url, text

from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.components.case.in_sight import FORM
from dashboard.database import administering
from dashboard.database.connection import database_url
from dashboard.locale import _, speaking
from dashboard.settings import DEMONSTRATION_PASSWORD
from dashboard.vocabulary import AccountAction, EmergencyReason, Role
from dashboard.words.access.emergency import reason_name
from dashboard.words.accounts import account_action_name
from dashboard.words.roles import role_name
from tests.browser.conftest import sign_in
from tests.browser.open_tabs import go, settled
from tests.browser.programme import chart_height, eventually, list_shown, rows_shown
from tests.browser.served_site import button, choose
from tests.support.mail_server import PostOffice
from tools.demonstration import Demonstration
from tools.screens.camera import PHONE, Camera


@dataclass(frozen=True)
class Stage:
    """The tab of a person, the site, the mail that it sends, the camera, and the language.

    ``round`` is the number of the language, from 0.
    """

    page: Page
    site: Demonstration
    post: PostOffice
    camera: Camera
    round: int
    role: str
    language: str

    def at(self, address: str) -> Page:
        """Go to this page of the site."""
        go(self.page, f"{self.site.url}/{address}")
        return self.page

    def shot(
        self,
        name: str,
        *,
        on_phone: bool = False,
        place: Callable[[Page], object] | None = None,
    ) -> None:
        """Take the screenshots of the page as it is, scrolled by ``place`` in each size."""
        settled(self.page)
        self.camera.take(self.page, name, on_phone=on_phone, place=place)

    def shot_at_once(self, name: str) -> None:
        """Take one screenshot of a notice that disappears after some seconds."""
        Camera(self.camera.folder, self.camera.sizes[:1], self.camera.themes[:1]).take(
            self.page, name
        )

    def asked(self, sql: str, **values: object) -> list[Row[Any]]:
        """Return the rows of a query that the owner of the demonstration's database makes."""
        owner = make_url(database_url()).set(username="postgres")
        with administering(owner.render_as_string(hide_password=False)) as connection:
            return list(connection.execute(text(sql), values))

    def typed(self, french: str, english: str) -> str:
        """Return the text that a user types in the language of this round."""
        return french if self.language == "fr" else english


Scene = Callable[[Stage], None]

LOCALES = {"fr": "fr-FR", "en": "en-GB"}


# Everybody.


def sign_in_page(stage: Stage) -> None:
    """Show the form before and after a wrong password."""
    page = stage.page
    page.goto(stage.site.url)
    expect(page.locator("input[type=password]")).to_be_visible()
    stage.shot("sign_in", on_phone=True)
    page.locator("[data-testid=stForm] input[type=text]").first.fill("duval")
    page.locator("input[type=password]").fill("wrong")
    page.locator("input[type=password]").press("Enter")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    stage.shot("sign_in_refused")


def first_visit(stage: Stage) -> None:
    """Show the three sentences of a first visit, and dismiss them."""
    page = stage.page
    dismiss = button(page, _("Do not show again"))
    if dismiss.count():
        stage.shot("first_visit")
        dismiss.click()
        expect(dismiss).to_have_count(0)


def help_page(stage: Stage) -> None:
    """Show the help, its top and its end."""
    stage.at("help")
    stage.shot("help", on_phone=True)
    stage.shot("help_end", place=_to_the_end)


def _to_the_end(page: Page) -> None:
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")


def _to_the_top(page: Page) -> None:
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")


def _to_the_form(page: Page) -> None:
    """Scroll to the form where it is below the case, as on a telephone."""
    form = page.locator(f".st-key-{FORM}")
    form.evaluate("form => form.scrollIntoView({ block: 'start' })")


def account(stage: Stage) -> None:
    """Show the account, and the menu of the person."""
    stage.at("account")
    stage.shot("account")
    menu = stage.page.locator(".st-key-person_menu").get_by_role("button")
    menu.click()
    stage.shot("person_menu")
    stage.page.keyboard.press("Escape")


# The psychiatrist.


def review_list(stage: Stage) -> None:
    """Show the list whole, with a row unfolded, explained, filtered, and with nobody found."""
    page = stage.at("review-list")
    eventually(lambda: list_shown(page))
    stage.shot("list", on_phone=True)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("tr.whole")).to_be_visible()
    stage.shot("list_row_unfolded")
    page.keyboard.press("Space")
    button(page, _("What the tiers mean")).click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    stage.shot("list_tiers")
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name=_("Reason")).click()
    expect(page.get_by_role("option").first).to_be_visible()
    stage.shot("list_filter_open")
    page.get_by_role("option").nth(1).click()
    page.keyboard.press("Escape")
    settled(page)
    stage.shot("list_filtered")
    page.get_by_placeholder(_("Name (key /)")).fill("qqqq")
    page.keyboard.press("Enter")
    expect(page.get_by_text(_("No patient matches these filters."))).to_be_visible()
    stage.shot("list_nobody_found")
    begin_anew(stage)


def begin_anew(stage: Stage) -> None:
    """Load the start page again, without filters."""
    stage.page.goto(stage.site.url)
    expect(stage.page.locator(".st-key-person_menu")).to_be_visible()
    settled(stage.page)


def covered_list(stage: Stage) -> None:
    """Show the list of a colleague whom this person covers."""
    page = stage.at("review-list")
    others = page.locator(".st-key-shown_list, [data-testid=stButtonGroup]").first
    tabs = others.get_by_role("radio").or_(others.get_by_role("button"))
    if tabs.count() > 1:
        tabs.nth(1).click()
        settled(page)
        stage.shot("list_covered")
        begin_anew(stage)


def case_read(stage: Stage) -> None:
    """Show a case while it is read: its top, its tabs, its keys."""
    page = case(stage, 0)
    stage.shot("case", on_phone=True)
    stage.shot("case_scrolled", place=_to_the_end)
    for number, name in enumerate(
        ("Items", "Treatments", "Contacts", "Conditions and care", "All facts")
    ):
        page.get_by_role("tab", name=_(name)).click()
        settled(page)
        stage.shot(f"case_tab_{number}")
    page.get_by_role("tab").first.click()
    settled(page)
    page.keyboard.press("?")
    stage.shot("case_keys")
    page.keyboard.press("Escape")


def case_written(stage: Stage) -> None:
    """Write a review, from its first words to its amendment."""
    page = _case_without_draft(stage)
    button(page, _("Preview and sign")).click()
    expect(page.get_by_text(_("Write a summary."))).to_be_visible()
    stage.shot("case_missing", on_phone=True, place=_on_phone(_to_the_form))
    page.get_by_role("textbox", name=_("Summary")).fill(
        stage.typed(
            "Sommeil mauvais ; observance à vérifier.", "Sleep is poor; adherence to be checked."
        )
    )
    answer_and_decide(stage)
    _add_line(page, _("Medication"))
    _write_drug(stage)
    _add_line(page, _("Psychotherapy"))
    page.get_by_role("textbox", name=_("What is to be done")).last.fill(
        stage.typed("Activation comportementale", "Behavioural activation")
    )
    settled(page)
    stage.shot("case_written", on_phone=True, place=_on_phone(_to_the_form))
    expect(page.get_by_text(_("in the draft"), exact=True).first).to_be_visible()
    stage.shot("case_ghost", on_phone=True, place=_to_the_top)
    page.get_by_text(re.compile("^4 (wk|sem)")).click()
    settled(page)
    button(page, _("Preview and sign")).click()
    expect(button(page, _("Sign and send"))).to_be_visible()
    settled(page)
    stage.shot("case_preview", on_phone=True, place=_on_phone(_to_the_form))
    for box in page.get_by_role("checkbox").all():
        box.check(force=True)
        settled(page)
    button(page, _("Show the letter")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(800)
    stage.shot("case_letter")
    page.keyboard.press("Escape")
    button(page, _("Sign and send")).click()
    expect(button(page, _("Write another review"))).to_be_visible()
    stage.shot("case_signed")
    button(page, _("Amend")).first.click()
    expect(page.get_by_role("textbox", name=_("Summary"))).to_be_visible()
    settled(page)
    stage.shot("case_amended")


def _add_line(page: Page, kind: str) -> None:
    page.get_by_role("button", name=_("Add a recommendation"), exact=True).click()
    button(page, kind).click()
    expect(button(page, kind)).to_be_hidden()
    settled(page)


def _case_without_draft(stage: Stage) -> Page:
    """Open a case on which the person has not begun a review."""
    for place in range(2 + stage.round, 12):
        page = case(stage, place)
        summary = page.get_by_role("textbox", name=_("Summary"))
        if summary.count() and not summary.input_value():
            return page
    raise AssertionError("every case has a draft")


def _on_phone(scroll: Callable[[Page], object]) -> Callable[[Page], object]:
    """Return a function that scrolls the page only in the size of a telephone."""

    def place(page: Page) -> None:
        size = page.viewport_size
        if size is not None and size["width"] < PHONE:
            scroll(page)

    return place


def _write_drug(stage: Stage) -> None:
    """Increase the patient's antidepressant by twice its minimum effective dose, to the maximum at
    most. Without an antidepressant, start sertraline.
    """
    page = stage.page
    drugs = stage.asked(
        "SELECT m.atc_code, m.name, m.daily_dose_mg, m.stopped_on,"
        " extract(year FROM age(p.birth_date))::int AS age"
        " FROM registry.medication m"
        " JOIN registry.episode e ON e.patient_id = m.patient_id"
        " JOIN registry.patient p ON p.id = m.patient_id"
        " WHERE e.id = :episode ORDER BY m.started_on",
        episode=int(page.url.rsplit("=", 1)[1]),
    )
    current = [one for one in drugs if one.stopped_on is None and one.atc_code in ANTIDEPRESSANTS]
    name = current[-1].name if current else "sertraline"
    known = ANTIDEPRESSANTS[current[-1].atc_code if current else "N06AB06"]
    taken = (current[-1].daily_dose_mg or 0) if current else 0
    step = known.minimum
    dose = min(taken + 2 * step, known.maximum_at(current[-1].age)) if current else step
    choose(page, _("What to do"), _("increase") if current else _("start"))
    drug = page.get_by_role("combobox", name=_("Drug"), exact=True).last
    drug.fill(name[:6])
    stage.shot("case_drug_options")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name=_("mg a day")).last.fill(f"{dose}")
    page.get_by_role("textbox", name=_("Steps and intervals")).last.fill(
        stage.typed(f"paliers de {step} mg tous les 7 jours", f"steps of {step} mg every 7 days")
    )
    page.get_by_role("textbox", name=_("If it does not work")).last.fill(
        stage.typed("avis en présentiel après 4 semaines", "a consultation after 4 weeks")
    )


def answer_and_decide(stage: Stage) -> None:
    """Fill in what a case asks for besides the review: an answer to the nurse, the risk."""
    page = stage.page
    settled(page)
    asked = page.get_by_role("textbox", name=_("Answer to the nurse"))
    if asked.count():
        asked.fill(stage.typed("Renforcer le traitement.", "Strengthen the treatment."))
    level = page.get_by_text(_("not assessed"), exact=True)
    if level.count():
        level.click()
    settled(page)


def case_presented(stage: Stage) -> None:
    """Show a case and the list with names hidden."""
    page = case(stage, 1)
    page.keyboard.press("Alt+p")
    expect(page.get_by_text(_("Presenting: names are hidden"))).to_be_visible()
    settled(page)
    stage.shot("case_presented")
    stage.at("review-list")
    stage.shot("list_presented")
    page.keyboard.press("Alt+p")
    shown = button(page, _("Show names"))
    expect(shown).to_be_visible()
    stage.shot("presenting_ends")
    shown.click()
    expect(page.get_by_text(_("Presenting: names are hidden"))).to_have_count(0)


def foreign_case(stage: Stage) -> None:
    """Show the refusal of another team's case, and the form for emergency access."""
    page = stage.at("case?episode=999999")
    stage.shot("case_foreign", on_phone=True)
    page.get_by_role("link", name=_("Emergency access")).click()
    expect(page.get_by_role("textbox", name=_("Case number"))).to_be_visible()
    stage.shot("emergency", on_phone=True)


def emergency_in_use(stage: Stage) -> None:
    """Open another team's case in an emergency, and show the notice above it."""
    patient = _patient_of_others(stage)
    page = stage.at("emergency")
    page.get_by_role("textbox", name=_("Case number")).fill(str(patient.id))
    page.get_by_role("textbox", name=_("Family name")).fill(patient.family_name)
    page.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
    page.keyboard.type(f"{patient.birth_date:%d%m%Y}")
    choose(page, _("Reason"), reason_name(EmergencyReason.ON_CALL))
    page.get_by_role(
        "textbox",
        name=_(
            "What is happening, in a sentence (the patient’s team and the medical lead read it)"
        ),
    ).fill(stage.typed("Garde : idées suicidaires ce soir", "On call: suicidal thoughts tonight"))
    stage.shot("emergency_asked")
    button(page, _("Open the record for one hour")).click()
    page.wait_for_url("**/case?episode=*")
    eventually(lambda: chart_height(page) > 200)
    stage.shot("emergency_in_use", on_phone=True)


def _patient_of_others(stage: Stage) -> Row[Any]:
    """Return an open case of another psychiatrist: its number, the family name and birth date."""
    others = stage.asked(
        "SELECT e.id, p.family_name, p.birth_date FROM registry.episode e"
        " JOIN registry.patient p ON p.id = e.patient_id"
        " WHERE e.status <> 'closed' AND e.psychiatrist_id <> ("
        "  SELECT practitioner_id FROM review.account WHERE username = :username"
        " ) ORDER BY e.id LIMIT 1 OFFSET :place",
        username=stage.site.usernames[Role.PSYCHIATRIST],
        place=stage.round,
    )
    return others[0]


def answer_link(stage: Stage) -> None:
    """Show the page of a GP without an account, before and after the answers, and used again."""
    page = _own_tab(stage)
    page.goto(_link(stage, "/answer/"))
    stage.camera.take(page, "answer_link", on_phone=True)
    # The page is in the language of the letter, and the GPs have chosen none.
    with speaking("fr"):
        for outcome in page.get_by_text(_("acknowledged"), exact=True).all():
            outcome.click()
        page.get_by_role("button", name=_("Send the answers")).click()
    expect(page.get_by_role("button")).to_have_count(0)
    stage.camera.take(page, "answer_link_answered", on_phone=True)
    page.goto(_link(stage, "/answer/"))
    stage.camera.take(page, "answer_link_used", on_phone=True)
    page.context.close()


def _own_tab(stage: Stage) -> Page:
    """Return a tab of a browser in which nobody has signed in."""
    browser = stage.page.context.browser
    assert browser is not None
    return browser.new_context(
        viewport={"width": 1280, "height": 720}, locale=LOCALES[stage.language]
    ).new_page()


def _link(stage: Stage, path: str) -> str:
    """Return the link with this path in the newest mail that has one; wait for the mail."""
    links: list[str] = []

    def arrived() -> bool:
        for message in stage.post.messages:
            body = message.get_body(("plain",))
            written = body.get_content().replace("=\n", "") if body else ""
            links.extend(re.findall(rf"{re.escape(stage.site.url + path)}\S+", written))
        return bool(links)

    eventually(arrived, seconds=40)
    return links[-1]


def own_figures(stage: Stage) -> None:
    """Show the figures of the person's own patients."""
    stage.at("figures")
    stage.shot("own_figures", on_phone=True)


def follow_up(stage: Stage) -> None:
    """Show the follow-up of advice, and a filter of it."""
    page = stage.at("follow-up")
    stage.shot("follow_up", on_phone=True)
    page.get_by_role("combobox").first.click()
    stage.shot("follow_up_filter_open")
    page.keyboard.press("Escape")


def cover(stage: Stage) -> None:
    """Show the page of cover."""
    stage.at("cover")
    stage.shot("cover", on_phone=True)


def unknown_page(stage: Stage) -> None:
    """Show an address without a page."""
    page = stage.page
    page.goto(f"{stage.site.url}/nothing-here")
    expect(page.locator(".st-key-person_menu")).to_be_visible()
    stage.shot("unknown_page")


def case(stage: Stage, place: int) -> Page:
    """Open a case by its place on the list."""
    page = stage.at("review-list")
    eventually(lambda: list_shown(page))
    rows_shown(page).nth(place).locator(".why").click()
    page.wait_for_url("**/case?episode=*")
    eventually(lambda: chart_height(page) > 200)
    settled(page)
    return page


# The nurse.


def inbox(stage: Stage) -> None:
    """Show the inbox, an open line, a chosen answer, the notice that undoes it, and all lines."""
    page = stage.at("inbox")
    stage.shot("inbox", on_phone=True)
    # In the pictures of a nurse and of a GP, a line that the person answers.
    mine = role_name(Role.GP if stage.role == Role.GP else Role.NURSE)
    lines = page.locator("summary").filter(has_text=f"{mine} ·")
    unanswered = page.locator("summary").filter(has_text=f"{mine} · {_('no answer yet')}")
    can_be_undone = unanswered.count() > 0
    (unanswered if can_be_undone else lines).first.click()
    expect(page.locator("details[open]")).to_have_count(1)
    settled(page)
    page.wait_for_timeout(1000)
    stage.shot("inbox_open", on_phone=True)
    page.get_by_text(_("declined"), exact=True).first.click()
    settled(page)
    page.wait_for_timeout(700)
    stage.shot("inbox_answer", on_phone=True)
    page.get_by_text(_("acknowledged"), exact=True).first.click()
    if can_be_undone:
        expect(button(page, _("Undo"))).to_be_visible()
        stage.shot_at_once("inbox_undo")
    expect(button(page, _("Undo"))).to_have_count(0)
    page.get_by_text(_("all"), exact=True).click()
    settled(page)
    stage.shot("inbox_all")


def prepare(stage: Stage) -> None:
    """Show the preparation of a meeting, and how a patient is taken off."""
    page = stage.at("prepare")
    stage.shot("prepare", on_phone=True)
    off = page.get_by_role("button", name=_("Take off the agenda"))
    if off.count():
        off.first.click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        stage.shot("prepare_taking_off")
        page.keyboard.press("Escape")


def nurse_case(stage: Stage) -> None:
    """Show a case without a form."""
    page = case(stage, 0)
    assert page.url
    stage.shot("nurse_case", on_phone=True)


def meeting(stage: Stage) -> None:
    """Hold a meeting: planned, at a case, deferring, ending, ended."""
    page = stage.at("meeting")
    begin = button(page, _("Start the meeting"))
    if begin.count():
        stage.shot("meeting_planned", on_phone=True)
        begin.click()
    else:
        button(page, _("Join the meeting")).first.click()
    expect(page.get_by_text(re.compile(r"^\d+ / \d+$")).first).to_be_visible()
    eventually(lambda: chart_height(page) > 200)
    stage.shot("meeting_case", on_phone=True)
    _joined(stage)
    button(page, _("Defer")).click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    stage.shot("meeting_deferring")
    page.keyboard.press("Escape")
    stage.at("meeting")
    stage.shot("meeting_running")
    button(page, _("Join the meeting")).first.click()
    expect(button(page, _("End the meeting"))).to_be_visible()
    button(page, _("End the meeting")).click()
    expect(button(page, _("End it"))).to_be_visible()
    stage.shot("meeting_ending")
    button(page, _("End it")).click()
    expect(page.get_by_role("heading", name=_("To do"))).to_be_visible()
    stage.shot("meeting_ended", on_phone=True)
    if page.get_by_text(_("Presenting: names are hidden")).count():
        page.keyboard.press("Alt+p")
        if button(page, _("Show names")).count():
            button(page, _("Show names")).click()


def _joined(stage: Stage) -> None:
    """Show the running meeting to the psychiatrist, who joins it."""
    page = _own_tab(stage)
    username = stage.site.usernames[Role.PSYCHIATRIST]
    sign_in(page, stage.site.url, username, DEMONSTRATION_PASSWORD)
    go(page, f"{stage.site.url}/meeting")
    join = button(page, _("Join the meeting")).first
    expect(join).to_be_visible()
    settled(page)
    stage.camera.take(page, "meeting_to_join", on_phone=True)
    join.click()
    eventually(lambda: chart_height(page) > 200)
    settled(page)
    stage.camera.take(page, "meeting_joined", on_phone=True)
    page.context.close()


# The lead.


def programme(stage: Stage) -> None:
    """Show each view of the programme."""
    page = stage.at("programme")
    page.wait_for_timeout(1500)
    stage.shot("programme", on_phone=True)
    views = page.get_by_test_id("stButtonGroup").first
    for number in range(1, views.get_by_role("radio").or_(views.get_by_role("button")).count()):
        views.get_by_role("radio").or_(views.get_by_role("button")).nth(number).click()
        settled(page)
        page.wait_for_timeout(1200)
        stage.shot(f"programme_view_{number}")
    button(page, _("Export")).click()
    stage.shot("programme_taking_away")
    page.keyboard.press("Escape")


def access(stage: Stage) -> None:
    """Show the accesses to records."""
    page = stage.at("access")
    stage.shot("access")
    # The lead of the demonstration has no sites of their own, and so watches all sites.
    opened = stage.asked(
        "SELECT e.id FROM registry.episode e"
        " LEFT JOIN review.access_log a ON a.patient_id = e.patient_id"
        " GROUP BY e.id ORDER BY count(a.id) DESC, e.id LIMIT 1"
    )
    page.get_by_role("textbox", name=_("Case number")).fill(str(opened[0].id))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    settled(page)
    page.wait_for_timeout(500)
    stage.shot("access_of_case")


def accounts(stage: Stage) -> None:
    """Show the accounts of the lead's sites."""
    page = stage.at("accounts")
    stage.shot("accounts")
    page.get_by_placeholder(_("Name")).fill("a")
    page.keyboard.press("Enter")
    settled(page)
    page.locator("[class*=st-key-accounts]").get_by_role("button").nth(stage.round).click()
    stage.shot("accounts_menu")
    page.get_by_text(account_action_name(AccountAction.INVITE), exact=True).click()
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    stage.shot_at_once("accounts_invitation_sent")
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    stage.shot("accounts_invited")


def invitation(stage: Stage) -> None:
    """Show the page of an invitation, and the choice of a password."""
    page = _own_tab(stage)
    page.goto(_link(stage, "/invitation/"))
    stage.camera.take(page, "invitation", on_phone=True)
    page.get_by_role("button").click()
    expect(page.locator("input[type=password]").first).to_be_visible()
    stage.camera.take(page, "invitation_password", on_phone=True)
    page.context.close()


SCENES: dict[str, tuple[Scene, ...]] = {
    "": (sign_in_page,),
    Role.PSYCHIATRIST: (
        first_visit,
        review_list,
        covered_list,
        case_read,
        case_written,
        case_presented,
        answer_link,
        foreign_case,
        emergency_in_use,
        own_figures,
        follow_up,
        cover,
        account,
        help_page,
        unknown_page,
    ),
    Role.NURSE: (first_visit, inbox, prepare, nurse_case, follow_up, own_figures, meeting),
    Role.GP: (first_visit, inbox, foreign_case),
    Role.LEAD: (first_visit, programme, access, accounts, invitation, help_page),
}
"""The scenes of each role, in their order; those of nobody under an empty name."""


def signed_in(stage: Stage, role: str) -> None:
    """Sign this person in, unless nobody is meant."""
    if role:
        sign_in(stage.page, stage.site.url, stage.site.usernames[role], DEMONSTRATION_PASSWORD)
        settled(stage.page)

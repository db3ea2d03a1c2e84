"""The form while an alert stands and earlier advice is open, in one of both languages each.

Pictures of the steps stand in ``var/screenshots`` afterwards.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.locale import _, ngettext, pgettext, speaking
from dashboard.locale.formats import day
from tests.browser.open_tabs import at_rest
from tests.browser.programme import picture
from tests.browser.served_site import (
    add_line,
    button,
    choose,
    confirm_cautions,
    go,
    open_menu,
    settled,
)
from tests.support.factories import at

pytestmark = pytest.mark.thorough

TODAY = today()
LOCALES = {"fr": "fr-FR", "en": "en-GB"}


in_french, in_english = (
    pytest.mark.parametrize("language", [one], indirect=True) for one in LOCALES
)


@pytest.fixture
def language(request):
    with speaking(request.param):
        yield request.param


@pytest.fixture
def ward(shared, visitor):
    shared.visitor = visitor
    return shared


@pytest.fixture
def case(ward):
    """Return a patient with suicidal thoughts again since the last review."""
    case = ward.case()
    database = ward.database
    for days, item9 in ((30, 0), (2, 2)):
        items = [2, 2, 2, 2, 1, 1, 1, 1, item9]
        taken_on = TODAY - timedelta(days=days)
        database.assessment(case.patient, "phq9", taken_on, sum(items), items=items)
    review = database.case_review(case, at(TODAY - timedelta(days=20)))
    database.recommendation(
        case,
        review,
        position=1,
        kind="medication",
        action="increase",
        atc_code="N06AB06",
        drug_name="sertraline",
        daily_dose_mg=100,
        titration="50 mg / 7 j",
        detail="",
        alternative="venlafaxine LP 75 mg",
        owner_role="gp",
        due_on=TODAY + timedelta(days=7),
    )
    database.recommendation(
        case,
        review,
        position=2,
        kind="psychotherapy",
        detail="TCC",
        owner_role="nurse",
        due_on=TODAY - timedelta(days=6),
    )
    return case


@pytest.fixture
def page(ward, case, language):
    page = ward.open_tab(locale=LOCALES[language])
    go(page, f"{ward.url}/case?episode={case.episode}")
    expect(page.get_by_text(_("A decision on the risk is asked for."))).to_be_visible()
    settled(page)
    return page


@in_french
def test_a_switch_replaces_an_earlier_order_and_the_risk_is_decided(ward, case, page, language):
    expect(button(page, _("Seen, no change"))).to_have_count(0)
    field(page, _("Summary")).fill("Idées suicidaires sans projet ; changement d’antidépresseur.")
    write_a_switch(page)
    choose_radio(chosen(page, weeks(2)))
    at_rest(page)
    button(page, _("Preview and sign")).click()
    expect(
        page.get_by_text(_("Decide on the risk, or say that it was not assessed."))
    ).to_be_visible()
    expect(page.get_by_text(_("This day is past."))).to_be_visible()
    show(chosen(page, pgettext("risk", "moderate")))
    picture(page, f"risk_1_asked_{language}")

    choose_radio(chosen(page, pgettext("risk", "moderate")))
    add_safety_line(page)
    field(page, _("What is to be done")).fill("Rappeler demain, plan de sécurité")
    withdraw_earlier_line(page)
    field(page, _("Reason (optional)")).fill("Liste d’attente fermée")
    settled(page)
    show(chosen(page, pgettext("risk", "moderate")))
    picture(page, f"risk_2_decided_{language}")
    show(field(page, _("Reason (optional)")))
    picture(page, f"risk_2_settled_{language}")

    page.reload()
    expect(field(page, _("Reason (optional)"))).to_have_value("Liste d’attente fermée")
    at_rest(page)
    button(page, _("Preview and sign")).click()
    expect(button(page, _("Sign and send"))).to_be_visible()
    for text in ("venlafaxine", "sertraline", "Liste d’attente fermée"):
        expect(page.get_by_text(text).first).to_be_visible()
    picture(page, f"risk_3_preview_{language}")
    # According to the registry, the patient does not take the drug that is replaced.
    confirm_cautions(page)
    at_rest(page)
    can_sign(page).dblclick()
    expect(page.get_by_text(_("Signed and sent on {time}.", time="")[:12])).to_be_visible()
    settled(page)
    picture(page, f"risk_4_signed_{language}")

    stored = ward.ask(
        "SELECT s.kind, c.drug_name, s.reason FROM review.settlement s"
        " JOIN review.case_review r ON r.id = s.case_review_id"
        " LEFT JOIN review.recommendation c ON c.id = s.replaced_by"
        " WHERE r.episode_id = :episode ORDER BY s.kind",
        episode=case.episode,
    )
    assert stored == [
        ("replaced", "venlafaxine LP", None),
        ("withdrawn", None, "Liste d’attente fermée"),
    ]
    assert risk_of(ward, case) == [("moderate", TODAY + timedelta(days=14), None)]
    expect(page.get_by_text(_("A decision on the risk is asked for."))).to_have_count(0)


@in_english
def test_the_risk_is_left_open_with_one_click_and_the_alert_stays(ward, case, page, language):
    field(page, _("Summary")).fill("Non jointe.")
    withdraw_earlier_line(page)
    choose_radio(chosen(page, weeks(1)))
    choose_radio(chosen(page, _("not assessed")))
    at_rest(page)
    button(page, _("Preview and sign")).click()
    said = _("risk not assessed in this review")
    expect(page.get_by_text(said[:1].upper() + said[1:])).to_be_visible()
    at_rest(page)
    can_sign(page).click()
    expect(page.get_by_text(_("Signed and sent on {time}.", time="")[:12])).to_be_visible()
    at_rest(page)
    assert risk_of(ward, case) == [("not_assessed", None, None)]
    button(page, _("Write another review")).click()
    expect(page.get_by_text(_("A decision on the risk is asked for."))).to_be_visible()


@in_french
def test_a_line_is_withdrawn_between_reviews_and_the_nurse_is_told(ward, case, page, language):
    # The popover opens below its button and grows with the error.
    show(button(page, _("Withdraw")).last, at="start")
    withdraw = button(page, _("Withdraw it"))
    open_menu(page, _("Withdraw"), shows=withdraw, place=-1)
    withdraw.click()
    expect(page.get_by_text(_("Say why."))).to_be_visible()
    field(page, _("Why it is withdrawn")).fill("Liste d’attente fermée")
    picture(page, f"withdrawal_1_asked_{language}")
    at_rest(page)
    withdraw.dblclick()
    expect(page.get_by_text("Liste d’attente fermée")).to_be_visible()
    expect(button(page, _("Withdraw"))).to_have_count(1)
    settled(page)
    picture(page, f"withdrawal_2_withdrawn_{language}")
    told = ward.ask(
        "SELECT count(*) FROM review.delivery d JOIN review.case_review r"
        " ON r.id = d.case_review_id WHERE d.reminder < 0 AND r.episode_id = :episode",
        episode=case.episode,
    )
    assert told == [(2,)]

    nurse = ward.open_tab(case.team.nurse, locale=LOCALES[language])
    go(nurse, f"{ward.url}/inbox")
    expect(nurse.get_by_text("Liste d’attente fermée").first).to_be_visible()
    picture(nurse, f"withdrawal_3_inbox_{language}")


def show(field, at="center"):
    field.evaluate("(one, at) => one.scrollIntoView({ block: at })", at)


def weeks(number):
    return ngettext("{n} wk", "{n} wk", number)


def chosen(page, name):
    return page.get_by_role("radio", name=name, exact=True)


def choose_radio(radio):
    """Choose one of several, once the fields above it are at rest."""
    at_rest(radio.page)
    radio.click()
    expect(radio).to_be_checked()


def withdraw_earlier_line(page):
    """Withdraw the last line of earlier advice; the field of the reason is then there."""
    at_rest(page)
    chosen(page, pgettext("recommendation", "withdrawn")).last.click()
    expect(field(page, _("Reason (optional)"))).to_be_visible()


def add_safety_line(page):
    """Add the safety line that a decision on the risk asks for, within two days."""
    add = button(
        page, _("Add a safety recommendation, by {day}", day=day(TODAY + timedelta(days=2)))
    )
    expect(add).to_be_visible()
    at_rest(page)
    add.click()
    expect(add).to_have_count(0)
    at_rest(page)


def field(page, name):
    return page.get_by_role("textbox", name=name)


def can_sign(page):
    return page.get_by_role("button", name=_("Sign and send"), exact=True, disabled=False)


def write_a_switch(page):
    """Write a switch from sertraline, which the patient does not take according to the registry."""
    add_line(page, _("Medication"), _("Add a recommendation"))
    choose(page, _("What to do"), _("switch to"))
    settled(page)
    choose_drug(page, _("Drug that is replaced"), "sertraline")
    choose_drug(page, _("Drug"), "venlafaxine LP")
    field(page, _("mg a day")).fill("75")
    field(page, _("Steps and intervals")).fill("75 mg le matin")
    field(page, _("If it does not work")).fill("mirtazapine 15 mg")
    settled(page)


def choose_drug(page, label, drug):
    field = page.get_by_role("combobox", name=label, exact=True)
    field.press_sequentially(drug[:8])
    field.press("Enter")
    expect(field).to_have_value(drug)
    settled(page)


def risk_of(ward, case):
    return ward.ask(
        "SELECT risk_level, risk_reassess_on, risk_reason FROM review.case_review"
        " WHERE episode_id = :episode AND risk_level IS NOT NULL",
        episode=case.episode,
    )

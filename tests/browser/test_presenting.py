"""While a person presents, nothing that the server sends identifies a patient.

Every frame that the browser receives is recorded, while every page of a role is opened, and
everything on it that can be opened.
"""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import seen_in
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.advice.settling import owed_by
from dashboard.database import acting_as
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review as own_tables
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.case.case_file import open_case
from dashboard.queries.meeting.preparing import save_preparation
from dashboard.web.shell.navigation import TABLE
from tests.browser.identities import Listener, Patient, found_in, pieces_shown, shown
from tests.browser.open_tabs import at_rest
from tests.browser.programme import eventually, picture
from tests.browser.served_site import (
    button,
    choose_answer,
    go,
    next_review,
    open_line,
    open_menu,
    opened,
    press,
    preview,
    settled,
    sign_and_send,
    summary,
)
from tests.support.factories import at
from tests.support.signing import sign

pytestmark = pytest.mark.thorough

TODAY = today()
ENROLLED = TODAY - timedelta(days=90)

PATIENTS = (
    Patient(
        "Lefèvre-Duquesnoy", "Marie-Solange", date(1983, 5, 2), "0612345678", "283057801234567"
    ),
    Patient("N'Diaye", "Aïssatou", date(1971, 11, 28), "+33698765432", "271119901234589"),
    Patient("de La Rivière", "Łucjan", date(1990, 7, 9), "0145678912", "190077501234512"),
    Patient("ØSTERGÅRD", "Élodie", date(1956, 5, 30), "0733445566", "256059901234533"),
)


def telling(who: Patient) -> str:
    """Return a note with all of the patient's identity, each part in another spelling."""
    spaced = " ".join(who.phone[place : place + 2] for place in range(0, len(who.phone), 2))
    born = who.birth_date
    return (
        f"{who.family_name.upper()} {who.given_name} (née {born:%d/%m/%Y}, {born:%Y-%m-%d}), "
        f"tél {spaced} ; M/Mme {who.family_name.replace('-', ' ')} "
        f"INS {who.ins[:1]} {who.ins[1:3]} {who.ins[3:13]} {who.ins[13:]}. "
        f"**{who.given_name.lower()}** va mieux que le {born.day}.{born.month}.{born:%y}."
    )


@pytest.fixture(scope="module")
def served(registry, open_tabs, tmp_path_factory):
    # Letters that wait are not sent: here they have failed.
    away = {"CASE_REVIEW_BACKGROUND_DELIVERY": "false"}
    yield from opened(registry, open_tabs, tmp_path_factory.mktemp("ward"), **away)


@pytest.fixture(scope="module")
def cases(served):
    """Return the patients, with everything that can hold a text about them."""
    served.lead = served.database.practitioner("lead")
    with_account(served, served.lead, "lead")
    served.covering = {"psychiatrist": covered(served, "psychiatrist")}
    return [with_everything(served, who) for who in PATIENTS]


@pytest.fixture
def ward(served, cases, visitor):
    served.visitor = visitor
    served.run("DELETE FROM review.draft")
    return served


def covered(ward, role):
    """Return a colleague with an account who covers the team's list for some days."""
    colleague = ward.database.practitioner(role, "Colleague")
    with_account(ward, colleague, f"colleague{colleague}")
    ward.database.add(
        own_tables.cover,
        covered_id=getattr(ward.team, role),
        covering_id=colleague,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=9),
    )
    return colleague


def with_account(ward, practitioner, username):
    ward.run(
        "INSERT INTO review.account (practitioner_id, username, password_hash)"
        " VALUES (:practitioner, :username, 'none')",
        practitioner=practitioner,
        username=username,
    )


def with_everything(ward, who):
    """Return a case in which every text identifies the patient."""
    text, add = telling(who), ward.database.add
    case = ward.team.case(ENROLLED, problem=text, diagnosis_label=text)
    ward.run(
        "UPDATE registry.patient SET family_name = :family, given_name = :given,"
        " birth_date = :born, phone = :phone, ins = :ins WHERE id = :patient",
        family=who.family_name,
        given=who.given_name,
        born=who.birth_date,
        phone=who.phone,
        ins=who.ins,
        patient=case.patient,
    )
    about, team = {"patient_id": case.patient}, ward.team
    call = {"happened_at": at(ENROLLED), "kind": "phone", "attended": True, "note": text}
    add(tables.contact, practitioner_id=team.nurse, **call, **about)
    add(
        tables.medication,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=50,
        as_needed=False,
        started_on=ENROLLED,
        stopped_on=TODAY,
        stop_reason=text,
        side_effects=text,
        **about,
    )
    add(tables.psychosocial_care, kind="other", started_on=ENROLLED, note=text, **about)
    add(tables.condition, code="I10", label=text, onset_on=ENROLLED, **about)
    flag = {"raised_by": team.nurse, "raised_at": at(TODAY, 0), "note": text}
    add(tables.flag, kind="discussion", **flag, **about)
    ward.database.assessment(case.patient, "phq9", ENROLLED, 17)
    add(
        own_tables.preparation,
        episode_id=case.episode,
        nurse_id=team.nurse,
        question=text,
        tried=text,
        asked_at=at(ENROLLED),
        ready_at=at(TODAY, 0),
        **about,
    )
    with_review(ward, case, text)
    with_letters(ward, case, text)
    with_agendas(ward, case, text)
    return case


def with_agendas(ward, case, text):
    """Add places in a past meeting (deferred) and in the next one (taken off)."""
    pair = {"psychiatrist_id": ward.team.psychiatrist, "nurse_id": ward.team.nurse}
    if not ward.ask("SELECT 1 FROM review.meeting"):
        held = {"started_at": at(ENROLLED), "ended_at": at(ENROLLED, 13)}
        ward.database.add(own_tables.meeting, held_on=ENROLLED, **held, **pair)
        ward.database.add(own_tables.meeting, held_on=TODAY, **pair)
    (held,), (next_one,) = ward.ask("SELECT id FROM review.meeting ORDER BY held_on")
    place = {"patient_id": case.patient, "episode_id": case.episode, "position": case.episode}
    put_off = {"outcome": "deferred", "reason": text, "decided_at": at(ENROLLED)}
    off = {"removed_at": at(TODAY, 0), "removed_reason": text}
    ward.database.add(own_tables.agenda_item, meeting_id=held, chosen_by="rule", **put_off, **place)
    ward.database.add(
        own_tables.agenda_item, meeting_id=next_one, chosen_by="nurse", **off, **place
    )


def with_review(ward, case, text):
    """Add a signed review, with a line for the nurse and one for the GP, each answered."""
    review = ward.database.case_review(case, at(ENROLLED), summary=text)
    ward.database.add(
        own_tables.incident,
        patient_id=case.patient,
        case_review_id=review,
        practitioner_id=ward.team.nurse,
        description=text,
        noted_at=at(ENROLLED),
    )
    for position, owner in enumerate(("nurse", "gp"), start=1):
        line = ward.database.recommendation(
            case,
            review,
            position=position,
            detail=text,
            alternative=text,
            owner_role=owner,
            due_on=ENROLLED + timedelta(days=14),
        )
        ward.database.add(
            own_tables.answer,
            patient_id=case.patient,
            recommendation_id=line,
            practitioner_id=ward.team.gp,
            outcome="acknowledged",
            reason=text,
            answered_at=at(ENROLLED),
        )


def with_letters(ward, case, text):
    """Add a review signed in the usual way; its letters were not delivered."""
    with acting_as(ward.team.psychiatrist) as connection:
        shown = open_case(connection, case.episode, as_of=TODAY)
        draft = ready_draft(connection, shown, text)
        sign(connection, draft, seen_in(shown), TODAY)
    ward.run(
        "UPDATE review.delivery SET state = 'failed', next_attempt_at = NULL, error = 'refused'"
        " WHERE channel = 'mail'"
    )


def ready_draft(connection, case, text):
    """Return a draft that can be signed, with a line for the nurse and one for the GP.

    Earlier advice is kept, until a day in the future.
    """
    due = TODAY + timedelta(days=9)
    lines = tuple(
        DraftLine(owner, kind="other", detail=text, owner_role=owner, due_on=due)
        for owner in ("nurse", "gp")
    )
    kept = tuple(DraftSettlement(str(one.line.id), due_on=due) for one in owed_by(case).earlier)
    content = DraftReview(text, lines, next_review_on=due, settlements=kept, answer=text)
    return save_draft(connection, open_draft(connection, case.episode_id), content).draft


def with_draft(ward, case, text):
    """Add a draft of the psychiatrist with text in all of the form's fields."""
    line = {"owner_role": "nurse", "due_on": f"{TODAY + timedelta(days=9)}"}
    lines = [
        line | {"id": "a", "kind": "other", "detail": text},
        line
        | {"id": "b", "kind": "medication", "action": "start", "drug_name": text}
        | {"dose": text, "titration": text, "alternative": text},
    ]
    ward.database.add(
        own_tables.draft,
        patient_id=case.patient,
        episode_id=case.episode,
        psychiatrist_id=ward.team.psychiatrist,
        idempotency_key=uuid4(),
        content={"summary": text, "lines": lines},
    )


def tab_of(ward, role, *, presenting):
    """Return a tab of a signed-in person, presenting from the start or not, and its listener."""
    page = ward.tab(person_of(ward, role))
    if presenting:
        ward.run(
            "UPDATE review.sign_in SET presenting_since = now() WHERE presenting_since IS NULL"
        )
    return page, Listener().listen_to(page)


def person_of(ward, role):
    if role.startswith("covering "):
        return ward.covering[role.removeprefix("covering ")]
    return ward.lead if role == "lead" else getattr(ward.team, role)


def addresses(ward, role, cases):
    """Return every page of a role; those of a case, meeting or list once for each."""
    role = role.removeprefix("covering ")
    own = [entry.address for entry in TABLE if role in entry.roles]
    meetings = ward.ask("SELECT id FROM review.meeting")
    numbers = {
        "case": [f"?episode={case.episode}" for case in cases],
        "prepare": [f"?episode={case.episode}" for case in cases],
        "review-list": ["", *(f"?list={one}" for one in (ward.team.psychiatrist, ward.team.nurse))],
        "meeting": ["", *(f"?meeting={one}" for (one,) in meetings)],
    }
    return [address + number for address in own for number in numbers.get(address, [""])]


def explore(page, url):
    """Open the page and everything on it that can be opened; all that was seen."""
    go(page, url)
    at_rest(page)
    seen = pieces_shown(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
        seen |= pieces_shown(page)
    for control in page.get_by_test_id("stPopover").get_by_role("button").all():
        at_rest(page)
        control.click()
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        settled(page)
        seen |= pieces_shown(page)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    return "\n".join(seen)


ROLES = ("psychiatrist", "nurse", "gp", "covering psychiatrist", "lead")
"""The roles whose pages are walked through; a nurse who covers has the pages of a nurse."""


@pytest.mark.parametrize(("number", "role"), list(enumerate(ROLES)))
def test_no_page_of_any_role_tells_who_a_patient_is(ward, cases, number, role):
    """Walk through all pages of a role; each role opens the case of another patient."""
    for who, case in zip(PATIENTS, cases, strict=True):
        with_draft(ward, case, telling(who))
    page, listener = tab_of(ward, role, presenting=True)
    for address in addresses(ward, role, [cases[number % len(cases)]]):
        seen = explore(page, f"{ward.url}/{address}")
        assert found_in(seen, PATIENTS) == set(), address
        assert listener.frames
        assert found_in(listener.heard(), PATIENTS) == set(), address
        listener.frames.clear()


def test_the_same_search_finds_everybody_when_nobody_presents(ward, cases):
    role = "psychiatrist"
    for who, case in zip(PATIENTS, cases, strict=True):
        with_draft(ward, case, telling(who))
    page, listener = tab_of(ward, role, presenting=False)
    seen = explore(page, f"{ward.url}/review-list")
    seen += explore(page, f"{ward.url}/case?episode={cases[0].episode}")
    for case in cases[1:]:
        go(page, f"{ward.url}/case?episode={case.episode}")
        seen += "".join(pieces_shown(page))
    everything = {f"{who.family_name}: {sign}" for who in PATIENTS for sign in who.signs()}
    assert found_in(listener.heard(), PATIENTS) == everything
    assert found_in(seen, PATIENTS) == everything


def test_a_written_draft_is_shown_masked_and_stays_as_it_was_written(ward, cases):
    who, case = PATIENTS[0], cases[0]
    with_draft(ward, case, telling(who))
    page, _listener = tab_of(ward, "psychiatrist", presenting=True)
    ward.open(case, page)
    expect(summary(page)).to_have_attribute("readonly", "")
    picture(page, "presenting_case")
    assert found_in(summary(page).input_value(), PATIENTS) == set()
    summary(page).press("End")
    page.keyboard.type(" encore")
    # Saves the draft as a whole.
    next_review(page)
    eventually(lambda: ward.draft(case, "next_review_on") is not None)
    (content,) = ward.ask(
        "SELECT content FROM review.draft WHERE episode_id = :episode", episode=case.episode
    )[0]
    assert content["next_review_on"] is not None
    assert content["summary"] == telling(who)
    for name in ("drug_name", "dose", "titration", "alternative"):
        assert content["lines"][1][name] == telling(who)
    assert content["lines"][0]["detail"] == telling(who)


def test_a_name_typed_while_presenting_is_saved_as_typed_and_never_sent_back(ward, cases):
    case = cases[0]
    page, listener = tab_of(ward, "psychiatrist", presenting=True)
    ward.open(case, page)
    summary(page).press_sequentially("Mme Lefèvre va ", delay=20)
    ward.wait_for_draft(case, "Mme Lefèvre va ")
    settled(page)
    # The text is still being typed.
    page.keyboard.type("mieux")
    ward.wait_for_draft(case, "Mme Lefèvre va mieux")
    settled(page)
    expect(summary(page)).to_have_value("Mme Lefèvre va mieux")
    next_review(page)
    expect(summary(page)).to_have_value("Mme L. va mieux")
    settled(page)
    assert found_in(listener.heard(), PATIENTS) == set()
    assert found_in(shown(page), PATIENTS) == set()
    assert ward.draft(case) == "Mme Lefèvre va mieux"


def test_what_is_signed_is_what_was_written(ward, cases):
    case = ward.team.case(ENROLLED, "Zwingelstein")
    page, listener = tab_of(ward, "psychiatrist", presenting=True)
    ward.open(case, page)
    summary(page).fill("Mme ZWINGELSTEIN, sans changement")
    ward.wait_for_draft(case, "Mme ZWINGELSTEIN, sans changement")
    at_rest(page)
    button(page, "Seen, no change").click()
    expect(page.get_by_text("Mme Z., sans changement")).to_be_visible()
    sign_and_send(page)
    assert ward.reviews(case) == ["Mme ZWINGELSTEIN, sans changement"]
    assert "zwingelstein" not in listener.heard().lower()


@pytest.mark.thorough
def test_a_text_held_in_a_closed_field_comes_back_when_presenting_ends(ward, cases):
    case = cases[0]
    page, _listener = tab_of(ward, "psychiatrist", presenting=True)
    ward.open(case, page)
    summary(page).fill("Mme Lefèvre dort")
    ward.wait_for_draft(case, "Mme Lefèvre dort")
    page.reload()
    expect(summary(page)).to_have_value("Mme L. dort")
    stop(page)
    expect(summary(page)).to_have_value("Mme Lefèvre dort")
    expect(summary(page)).not_to_have_attribute("readonly", "")
    summary(page).press("End")
    page.keyboard.type(" mieux")
    ward.wait_for_draft(case, "Mme Lefèvre dort mieux")


@pytest.mark.thorough
def test_an_answer_s_reason_goes_out_as_typed_and_never_comes_back(ward, cases):
    case = ward.team.case(ENROLLED, "Zwingelstein")
    review = ward.database.case_review(case, at(TODAY, 0), summary="Partial response")
    line = ward.database.recommendation(case, review)
    page, listener = tab_of(ward, "nurse", presenting=True)
    page.goto(f"{ward.url}/case?episode={case.episode}")
    choose_answer(page, "declined")
    page.get_by_role("textbox", name="Why").fill("Mme Zwingelstein refuse")
    page.wait_for_timeout(2500)
    expect(page.get_by_role("textbox", name="Why")).to_have_value("Mme Zwingelstein refuse")
    at_rest(page)
    button(page, "Send the answer").click()
    expect(page.get_by_text("Mme Z. refuse")).to_be_visible()
    given = ward.ask("SELECT reason FROM review.answer WHERE recommendation_id = :line", line=line)
    assert given == [("Mme Zwingelstein refuse",)]
    assert "zwingelstein" not in listener.heard().lower()


@pytest.mark.thorough
def test_it_is_on_at_once_everywhere_and_off_after_one_question(ward, cases):
    page, _listener = tab_of(ward, "psychiatrist", presenting=False)
    ward.open(cases[0], page)
    expect(page.get_by_text("Lefèvre-Duquesnoy Marie-Solange · 43 years")).to_be_visible()
    press(page, "Alt+p", shows=page.get_by_text("Presenting: names are hidden"))
    expect(page.get_by_text("Ms L.-D., 43 years")).to_be_visible()
    other = page.context.new_page()
    listener = Listener().listen_to(other)
    for address in ("review-list", f"case?episode={cases[1].episode}"):
        explore(other, f"{ward.url}/{address}")
    page.reload()
    expect(page.get_by_text("Ms L.-D., 43 years")).to_be_visible()
    assert found_in(listener.heard(), PATIENTS) == set()
    press(page, "Alt+p", shows=button(page, "Go on presenting"))
    at_rest(page)
    button(page, "Go on presenting").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Ms L.-D., 43 years")).to_be_visible()
    stop(page)
    expect(page.get_by_text("Lefèvre-Duquesnoy Marie-Solange · 43 years")).to_be_visible()


def stop(page):
    at_rest(page)
    page.get_by_role("button", name="Stop presenting").click()
    expect(button(page, "Show names")).to_be_visible()
    at_rest(page)
    button(page, "Show names").click()
    expect(page.get_by_text("Presenting: names are hidden")).to_have_count(0)


@pytest.mark.thorough
def test_a_meeting_tells_nothing_from_its_start_to_its_to_do_list(ward, cases):
    ward.run("UPDATE review.agenda_item SET removed_at = NULL, removed_reason = NULL")
    # Room for these patients alone, whatever else could be reviewed.
    ward.run("UPDATE review.meeting SET minutes = 5 WHERE ended_at IS NULL")
    with acting_as(ward.team.nurse) as connection:
        for case in cases:
            save_preparation(connection, case.episode, wants_discussion=True)
    nurse, heard_by_nurse = tab_of(ward, "nurse", presenting=False)
    doctor, heard_by_doctor = tab_of(ward, "psychiatrist", presenting=False)
    started_by(ward, nurse, heard_by_nurse, "Start the meeting")
    started_by(ward, doctor, heard_by_doctor, "Join the meeting")
    at_rest(doctor)
    button(doctor, "No change").click()
    expect(doctor.get_by_text("Seen without change")).to_be_visible()
    at_rest(doctor)
    at_case = at_places(ward)
    with acting_as(ward.team.psychiatrist) as connection:
        episode, text = at_case[2]
        ready_draft(connection, open_case(connection, episode, TODAY), text)
    turn_to(2, doctor, nurse)
    preview(doctor)
    button(doctor, "Sign and send").click()
    for page in (nurse, doctor):
        expect(page.get_by_text("Reviewed by Psychiatrist")).to_be_visible()
    for number in (3, 4):
        turn_to(number, doctor, nurse)
    reason = nurse.get_by_role("textbox", name="Why it is put off")
    open_menu(nurse, "Defer", shows=reason)
    reason.fill(at_case[4][1])
    at_rest(nurse)
    button(nurse, "Defer it").click()
    for page in (nurse, doctor):
        expect(page.get_by_text("Deferred by Nurse")).to_be_visible()
    open_menu(nurse, "End the meeting", shows=button(nurse, "End it"))
    button(nurse, "End it").click()
    for page in (nurse, doctor):
        expect(page.get_by_role("heading", name="To do")).to_be_visible()
    nurse.goto(f"{ward.url}/inbox")
    expect(nurse.get_by_role("button", name="Meeting with")).to_be_visible()
    open_line(nurse)
    for page, listener in ((nurse, heard_by_nurse), (doctor, heard_by_doctor)):
        settled(page)
        assert found_in(shown(page), PATIENTS) == set()
        assert listener.frames
        assert found_in(listener.heard(), PATIENTS) == set()


def at_places(ward):
    """Return the episode and an identifying text of each place on the running meeting's agenda."""
    rows = ward.ask(
        "SELECT i.position, i.episode_id, p.family_name FROM review.agenda_item i"
        " JOIN registry.patient p ON p.id = i.patient_id"
        " JOIN review.meeting m ON m.id = i.meeting_id"
        " WHERE m.started_at IS NOT NULL AND m.ended_at IS NULL AND i.removed_at IS NULL"
    )
    told = {who.family_name: telling(who) for who in PATIENTS}
    return {place: (episode, told.get(name, name)) for place, episode, name in rows}


def turn_to(number, turning, following):
    turning.keyboard.press("Alt+ArrowDown")
    for page in (turning, following):
        expect(page.get_by_text(re.compile(rf"^{number} / \d+$"))).to_be_visible()
        at_rest(page)


def started_by(ward, page, listener, name):
    """Start or join the meeting; from then on the listener listens: before, names are shown."""
    page.goto(f"{ward.url}/meeting")
    expect(button(page, name)).to_be_visible()
    at_rest(page)
    listener.frames.clear()
    button(page, name).click()
    expect(page.get_by_text(re.compile(r"^1 / \d+$"))).to_be_visible()
    settled(page)

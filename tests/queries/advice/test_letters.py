"""A letter is stored with its review, has the signed text, and never changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.calendar import PARIS
from dashboard.clinical.advice.drafts import NotYours, Seen, seen_in
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.letters.content import from_json
from dashboard.letters.pdf import letter_pdf
from dashboard.letters.plain_text import plain_text
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.letters import open_letter, preview_letter
from dashboard.queries.case.case_file import read_case
from tests.queries.advice.test_signing import CONTENT, TODAY
from tests.support.factories import at
from tests.support.signing import sign

ANSWERED = replace(CONTENT, answer="Oui, à 100 mg.")
SCORED_ON = TODAY - timedelta(days=4)

ADDRESSED = {"nurse": "Nurse Claude, IDE", "gp": "Dr Gp Claude"}


@pytest.fixture
def team(database):
    return database.team()


@pytest.fixture
def case(database, team):
    case = team.case(TODAY - timedelta(weeks=12))
    database.assessment(case.patient, "phq9", SCORED_ON, 14)
    ask(database, case, "Augmenter ?", at(TODAY - timedelta(days=3)))
    return case


def ask(database, case, question, ready_at):
    database.add(
        tables.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question=question,
        ready_at=ready_at,
    )


def draft_of(case, content=ANSWERED):
    with acting_as(case.team.psychiatrist) as connection:
        return save_draft(connection, open_draft(connection, case.episode), content).draft


def signed(case, draft=None):
    with acting_as(case.team.psychiatrist) as connection:
        seen = seen_in(read_case(connection, case.episode, TODAY))
        return sign(connection, draft or draft_of(case), seen, TODAY)


def stored(database):
    with database.owner().connect() as connection:
        query = "SELECT * FROM review.letter ORDER BY made_at, recipient_id"
        return connection.exec_driver_sql(query).mappings().all()


def opened(person, review, role):
    with acting_as(person) as connection:
        return open_letter(connection, review.id, role)


def trail(database, action):
    with database.owner().connect() as connection:
        query = text("SELECT * FROM review.access_log WHERE action = :action")
        return connection.execute(query, {"action": action}).mappings().all()


def test_signing_stores_a_letter_for_the_gp_and_one_for_the_nurse(database, case, team):
    review = signed(case)
    letters = stored(database)
    assert {one["recipient_id"] for one in letters} == {team.gp, team.nurse}
    assert {one["case_review_id"] for one in letters} == {review.id}
    assert {one["patient_id"] for one in letters} == {case.patient}
    for one in letters:
        content = from_json(one["content"])
        assert content.recipient.id == one["recipient_id"]
        assert content.signed_at == review.signed_at
        assert content.summary == review.content.summary == "→ Oui, à 100 mg.\n\nRéponse partielle"
        assert [line.drug_name for line in content.advice] == ["sertraline", None]
        assert content.questions[0].text == "Augmenter ?"
        assert content.team.psychiatrist.id == team.psychiatrist


def test_what_is_stored_can_be_made_again_to_the_byte(database, case):
    signed(case)
    for one in stored(database):
        content = from_json(one["content"])
        assert letter_pdf(content) == bytes(one["pdf"])
        assert plain_text(content) == one["plain_text"]


def test_a_retry_makes_no_second_letter(database, case):
    draft = draft_of(case)
    signed(case, draft)
    signed(case, draft)
    assert len(stored(database)) == 2


def test_what_is_not_signed_has_no_letter(database, case):
    draft = draft_of(case)
    with acting_as(case.team.psychiatrist) as connection, pytest.raises(Exception, match="seen"):
        sign(connection, draft, Seen(), TODAY)
    assert stored(database) == []


def test_the_letter_says_nothing_that_came_after_the_screen(database, case):
    draft = draft_of(case)
    review = signed(case, draft)
    database.assessment(case.patient, "phq9", SCORED_ON, 3)
    letter = opened(case.team.gp, review, "gp")
    assert f"14* ({SCORED_ON:%d/%m/%Y})" in letter.plain_text
    assert f"3* ({SCORED_ON:%d/%m/%Y})" not in letter.plain_text


def test_a_later_change_of_the_registry_does_not_change_it(database, case):
    review = signed(case)
    before = opened(case.team.gp, review, "gp")
    with database.owner().begin() as connection:
        connection.execute(registry.patient.update().values(family_name="Autrement"))
        connection.execute(registry.practitioner.update().values(family_name="Personne"))
        connection.execute(registry.assessment.update().values(total=0))
    assert opened(case.team.gp, review, "gp") == before


def test_a_stored_letter_cannot_be_changed_not_even_by_its_owner(database, case):
    signed(case)
    with database.owner().begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(tables.letter.update().values(plain_text="autre"))


def test_who_covers_for_a_colleague_signs_in_their_place(database, case, team):
    covering = database.practitioner("psychiatrist", "Adler", rpps="10000000001")
    day = datetime.now(PARIS).date()
    database.add(
        tables.cover, covered_id=team.psychiatrist, covering_id=covering, starts_on=day, ends_on=day
    )
    with acting_as(covering) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), ANSWERED).draft
        content = preview_letter(connection, draft, "gp", TODAY)
    assert content.team.psychiatrist.rpps == "10000000001"
    assert content.team.covered.id == team.psychiatrist
    assert "Dr Adler Claude" in plain_text(content)
    assert "Dr Psychiatrist Claude" in plain_text(content)


# The readers.


@pytest.mark.parametrize("who", ["psychiatrist", "nurse", "gp"])
@pytest.mark.parametrize("role", ["nurse", "gp"])
def test_the_care_team_opens_it_and_that_is_on_the_log(database, case, team, who, role):
    review = signed(case)
    letter = opened(getattr(team, who), review, role)
    assert f"\nÀ\u00a0: {ADDRESSED[role]}" in letter.plain_text
    assert letter.pdf.startswith(b"%PDF")
    assert (
        letter.file_name == f"avis-{case.episode}-{letter.made_at.astimezone(PARIS):%Y-%m-%d}.pdf"
    )
    (trace,) = trail(database, "letter_opened")
    assert trace["practitioner_id"] == getattr(team, who)
    assert trace["patient_id"] == case.patient


def test_nobody_else_opens_it(database, case):
    review = signed(case)
    other = database.team()
    for stranger in (other.psychiatrist, other.nurse, other.gp):
        assert opened(stranger, review, "gp") is None
    assert trail(database, "letter_opened") == []


def test_a_review_without_a_letter_has_none_to_open(database, case, team):
    review = database.case_review(case, signed_at=at(TODAY - timedelta(weeks=8)))
    with acting_as(team.gp) as connection:
        assert open_letter(connection, review, "gp") is None
        assert open_letter(connection, uuid4(), "gp") is None


# The language.


def test_it_is_in_french_unless_the_recipient_has_chosen_another(database, case, team):
    account = {"username": "petit", "password_hash": "x"}
    database.add(tables.account, practitioner_id=team.gp, language="en", **account)
    signed(case)
    languages = {one["recipient_id"]: one["language"] for one in stored(database)}
    assert languages == {team.gp: "en", team.nurse: "fr"}


@pytest.mark.parametrize("language", [None, "de", ""])
def test_a_language_that_we_do_not_write_is_french(database, case, team, language):
    account = {"username": "petit", "password_hash": "x"}
    database.add(tables.account, practitioner_id=team.gp, language=language, **account)
    signed(case)
    assert {one["language"] for one in stored(database)} == {"fr"}


# Amending.


def amended(case, review):
    with acting_as(case.team.psychiatrist) as connection:
        draft = begin_amendment(connection, review.id, TODAY)
        content = replace(draft.content, lines=CONTENT.lines, answer="Oui.")
        draft = save_draft(connection, draft, content).draft
    return signed(case, draft)


def ask_since(database, case, review):
    """Ask a second question just after ``review`` and return when."""
    asked_at = review.signed_at + timedelta(milliseconds=1)
    ask(database, case, "Arrêter ?", asked_at)
    return asked_at


def questions_of_last_letter(database):
    return [one.text for one in from_json(stored(database)[-1]["content"]).questions]


def test_an_amendment_says_what_it_replaces_and_answers_the_same_question(database, case):
    first = signed(case)
    second = amended(case, first)
    content = from_json(stored(database)[-1]["content"])
    assert second.supersedes == first.id
    assert content.replaces == first.signed_at
    assert questions_of_last_letter(database) == ["Augmenter ?"]


def test_the_nurse_who_asked_is_named_also_after_another_has_taken_over(database, case):
    successor = database.practitioner("nurse", "Faure")
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(nurse_id=successor))
    first = signed(case)
    amended(case, first)
    for letter in stored(database):
        content = from_json(letter["content"])
        assert content.team.nurse.family_name == "Faure"
        assert [one.by for one in content.questions] == ["Nurse Claude"]


def test_an_amendment_answers_the_same_question_and_one_asked_since(database, case):
    first = signed(case)
    ask_since(database, case, first)
    amended(case, first)
    assert questions_of_last_letter(database) == ["Augmenter ?", "Arrêter ?"]


def test_an_amendment_of_an_amendment_answers_the_questions_of_both(database, case):
    first = signed(case)
    ask_since(database, case, first)
    amended(case, amended(case, first))
    assert questions_of_last_letter(database) == ["Augmenter ?", "Arrêter ?"]


def test_an_amendment_does_not_answer_the_question_of_another_review(database, case):
    first = signed(case)
    asked_at = ask_since(database, case, first)
    database.case_review(case, asked_at + timedelta(milliseconds=1))
    amended(case, first)
    assert questions_of_last_letter(database) == ["Augmenter ?"]


# Before signing.


def test_the_preview_says_the_same_but_that_it_is_not_signed(database, case, team):
    draft = draft_of(case)
    with acting_as(team.psychiatrist) as connection:
        seen_before = preview_letter(connection, draft, "gp", TODAY)
    assert seen_before.signed_at is None
    review = signed(case, draft)
    content = next(
        from_json(one["content"]) for one in stored(database) if one["recipient_id"] == team.gp
    )
    assert replace(seen_before, signed_at=review.signed_at) == content


def test_a_preview_is_on_the_log_and_stores_nothing(database, case, team):
    with acting_as(team.psychiatrist) as connection:
        preview_letter(connection, draft_of(case), "nurse", TODAY)
    assert [one["patient_id"] for one in trail(database, "letter_previewed")] == [case.patient]
    assert stored(database) == []


def test_nobody_previews_a_letter_about_a_strangers_patient(database, case):
    draft = draft_of(case)
    with acting_as(database.team().psychiatrist) as connection, pytest.raises(NotYours):
        preview_letter(connection, draft, "gp", TODAY)

"""A review is signed once, whole, and only when what it rests on has been seen."""

import threading
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    DraftChanged,
    NotReady,
    NotYours,
    Seen,
    SnapshotChanged,
    seen_in,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview, Problem
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.letters.review_letters import render_letters
from dashboard.queries.advice.changes import changed_since
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.inbox import inbox
from dashboard.queries.advice.signing import ATTEMPTS, sign
from dashboard.queries.case.case_file import open_case, read_case
from dashboard.queries.case.standing_lines import lock_advice
from dashboard.queries.meeting.preparing import make_ready, save_preparation
from tests.support.factories import at

TODAY = today()
SOON = TODAY + timedelta(weeks=2)
SERTRALINE = DraftLine(
    "a",
    kind="medication",
    action="increase",
    atc_code="N06AB06",
    drug_name="sertraline",
    dose="100,5 mg/j",
    titration="50 mg tous les 7 jours",
    detail="écrit sous un autre type",
    alternative="venlafaxine LP 75 mg",
    owner_role="gp",
    due_on=SOON,
)
SLEEP = DraftLine("b", kind="other", detail="  Revoir le sommeil ", owner_role="nurse")
CONTENT = DraftReview(" Réponse partielle ", (SERTRALINE, SLEEP), next_review_on=SOON)


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def me(case):
    return case.team.psychiatrist


def draft_of(case, me, content=CONTENT):
    with acting_as(me) as connection:
        return save_draft(connection, open_draft(connection, case.episode), content).draft


def signed(me, draft, seen=Seen(), today=TODAY):  # noqa: B008 - frozen
    return sign(partial(acting_as, me), draft, seen, today, {"phq9": {"id": 1, "score": 14}})


def rows(database, table, order="1"):
    with database.owner().connect() as connection:
        query = f"SELECT * FROM review.{table} ORDER BY {order}"
        return connection.exec_driver_sql(query).mappings().all()


def test_signing_writes_the_review_its_lines_the_deliveries_and_a_trace(database, case, me):
    seen = Seen(frozenset({7, 3}), frozenset())
    review = signed(me, draft_of(case, me), seen)

    (written,) = rows(database, "case_review")
    assert written["id"] == review.id
    assert written["patient_id"] == case.patient
    assert (written["psychiatrist_id"], written["episode_id"]) == (me, case.episode)
    assert (written["summary"], written["outcome"]) == ("Réponse partielle", "reviewed")
    assert written["next_review_on"] == SOON
    assert written["seen"] == {
        "assessments": [3, 7],
        "reviews": [],
        "flags": [],
        "questions": [],
        "assessment_versions": [],
        "flag_versions": [],
        "latest": {"phq9": {"id": 1, "score": 14}},
    }

    drug, sleep = rows(database, "recommendation", "position")
    assert (drug["position"], sleep["position"]) == (1, 2)
    assert (drug["kind"], drug["action"], drug["atc_code"]) == ("medication", "increase", "N06AB06")
    assert (drug["drug_name"], drug["daily_dose_mg"]) == ("sertraline", Decimal("100.5"))
    assert (drug["detail"], drug["alternative"]) == ("", "venlafaxine LP 75 mg")
    assert (sleep["detail"], sleep["drug_name"], sleep["titration"]) == (
        "Revoir le sommeil",
        None,
        None,
    )

    deliveries = rows(database, "delivery")
    assert {one["recipient_id"] for one in deliveries} == {case.team.nurse, case.team.gp}
    assert sorted((one["channel"], one["state"], one["error"]) for one in deliveries) == [
        ("inbox", "sent", None),
        ("inbox", "sent", None),
        # Neither recipient has an address, which needs attention at once.
        ("mail", "failed", "no_address"),
        ("mail", "failed", "no_address"),
    ]
    assert len({one["message_id"] for one in deliveries}) == 4

    (trace,) = rows(database, "access_log")
    assert (trace["action"], trace["patient_id"]) == ("review_signed", case.patient)
    assert trace["detail"] == {"episode_id": case.episode, "case_review_id": str(review.id)}

    assert rows(database, "draft") == []


def test_a_switch_is_written_and_read_with_the_drug_that_it_replaces(database, case, me):
    switch = replace(
        SERTRALINE, action="switch", replaced_atc_code="N06AB03", replaced_drug_name="fluoxétine"
    )
    review = signed(me, draft_of(case, me, replace(CONTENT, lines=(switch,))))
    (line,) = rows(database, "recommendation")
    assert (line["replaced_atc_code"], line["replaced_drug_name"]) == ("N06AB03", "fluoxétine")
    for person in (me, case.team.nurse, case.team.gp):
        with acting_as(person) as connection:
            read = open_case(connection, case.episode, as_of=TODAY)
        assert read.reviews[0].recommendations[0].replaced_drug_name == "fluoxétine"
    with acting_as(case.team.gp) as connection:
        (received,) = inbox(connection, TODAY)
        assert received.reviews[0].recommendations[0].replaced_drug_name == "fluoxétine"
    with acting_as(me) as connection:
        amended = begin_amendment(connection, review.id, TODAY)
    assert amended.content.lines[0].replaced_atc_code == "N06AB03"


def test_a_retry_gets_the_same_answer_and_changes_nothing(database, case, me):
    draft = draft_of(case, me)
    first = signed(me, draft)
    assert signed(me, draft) == first
    assert signed(me, replace(draft, content=DraftReview("Autre"))) == first
    assert len(rows(database, "case_review")) == 1
    assert len(rows(database, "recommendation")) == 2
    assert len(rows(database, "access_log")) == 1


@pytest.fixture
def interrupted(me):
    """Opens transactions of the psychiatrist, and does something before the second of two."""

    def interrupt(event):
        opened = []

        @contextmanager
        def transaction():
            opened.append(len(opened))
            if len(opened) % 2 == 0:
                event()
            with acting_as(me) as connection:
                yield connection

        return transaction

    return interrupt


def takes(database, case, drug):
    """Note in the registry that the patient takes this drug."""
    return database.add(
        registry.medication,
        patient_id=case.patient,
        atc_code="N05AN01",
        name=drug,
        daily_dose_mg=400,
        as_needed=False,
        started_on=TODAY - timedelta(days=3),
    )


def test_no_transaction_is_open_while_the_letters_are_rendered(case, me, monkeypatch):
    draft = draft_of(case, me)
    open_while_rendering = []
    opened = set()

    @contextmanager
    def transaction():
        with acting_as(me) as connection:
            opened.add(connection)
            yield connection
            opened.remove(connection)

    def rendered(*arguments):
        open_while_rendering.append(len(opened))
        return render_letters(*arguments)

    monkeypatch.setattr("dashboard.queries.advice.signing.render_letters", rendered)
    sign(transaction, draft, Seen(), TODAY)
    assert open_while_rendering == [0]


def test_a_drug_that_arrives_while_the_letters_are_rendered_is_in_them(
    database, case, me, interrupted
):
    draft = draft_of(case, me)
    drugs = iter(["lithium"])

    def arrives():
        for drug in drugs:
            takes(database, case, drug)

    sign(interrupted(arrives), draft, Seen(), TODAY)
    letters = rows(database, "letter")
    assert len(letters) == 2
    for letter in letters:
        assert [drug["name"] for drug in letter["content"]["drugs"]] == ["lithium"]
        assert "lithium" in letter["plain_text"]


def test_letters_that_never_hold_are_not_signed(database, case, me, interrupted):
    draft = draft_of(case, me)
    taken = []

    def arrives():
        taken.append(takes(database, case, f"drug {len(taken)}"))

    with pytest.raises(SnapshotChanged):
        sign(interrupted(arrives), draft, Seen(), TODAY)
    assert len(taken) == ATTEMPTS
    assert rows(database, "case_review") == rows(database, "letter") == []
    assert len(rows(database, "draft")) == 1


def test_a_score_that_arrives_while_the_letters_are_rendered_is_said(
    database, case, me, interrupted
):
    draft = draft_of(case, me)

    def arrives():
        database.assessment(case.patient, "phq9", TODAY - timedelta(days=4), 19)

    with pytest.raises(ChangedMeanwhile) as refused:
        sign(interrupted(arrives), draft, Seen(), TODAY)
    assert [score.total for score in refused.value.changes.scores] == [19]
    assert rows(database, "case_review") == rows(database, "letter") == []


def test_a_flag_that_is_raised_while_the_letters_are_rendered_is_said(
    database, case, me, interrupted
):
    draft = draft_of(case, me)

    def arrives():
        database.add(
            registry.flag,
            patient_id=case.patient,
            kind="discussion",
            raised_by=case.team.nurse,
            raised_at=at(TODAY - timedelta(days=1)),
        )

    with pytest.raises(ChangedMeanwhile) as refused:
        sign(interrupted(arrives), draft, Seen(), TODAY)
    assert [one.kind for one in refused.value.changes.flags] == ["discussion"]
    assert rows(database, "case_review") == rows(database, "letter") == []


def test_a_draft_that_changes_while_the_letters_are_rendered_is_not_signed(
    database, case, me, interrupted
):
    draft = draft_of(case, me)

    def changes():
        with acting_as(me) as connection:
            save_draft(connection, draft, replace(CONTENT, summary="Autre fenêtre"))

    with pytest.raises(DraftChanged):
        sign(interrupted(changes), draft, Seen(), TODAY)
    assert rows(database, "case_review") == []


def test_text_that_another_window_saves_while_the_review_is_stored_is_kept(
    database, case, me, monkeypatch
):
    draft = draft_of(case, me)

    def after_another_save(*arguments):
        with acting_as(me) as connection:
            save_draft(connection, draft, replace(CONTENT, summary="Autre fenêtre"))
        return deliver(*arguments)

    monkeypatch.setattr("dashboard.queries.advice.recording.deliver", after_another_save)
    with pytest.raises(DraftChanged):
        signed(me, draft)
    assert rows(database, "case_review") == []
    assert [one["content"]["summary"] for one in rows(database, "draft")] == ["Autre fenêtre"]


def test_eight_clicks_at_once_make_one_review(database, case, me):
    draft = draft_of(case, me)
    together = threading.Barrier(8)
    reviews = []

    def click():
        together.wait()
        reviews.append(signed(me, draft))

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(reviews) == 8
    assert len({review.id for review in reviews}) == 1
    assert len(rows(database, "case_review")) == 1
    assert len(rows(database, "recommendation")) == 2
    assert len(rows(database, "delivery")) == 4


def test_an_earlier_attempt_that_commits_while_the_case_is_read_is_returned(database, case, me):
    """Commit the first attempt late, as PostgreSQL does after a connection is lost at COMMIT."""
    draft = draft_of(case, me)
    first = []

    def commit_once(*_statement):
        if not first:
            first.append(None)
            first[0] = signed(me, draft)

    @contextmanager
    def transaction():
        with acting_as(me) as connection:
            event.listen(connection, "after_cursor_execute", commit_once)
            yield connection

    assert sign(transaction, draft, Seen(), TODAY) == first[0]
    assert len(rows(database, "case_review")) == 1


def test_a_transaction_that_fails_leaves_no_review_and_keeps_the_draft(database, case, me):
    draft = draft_of(case, me)
    with suppress(RuntimeError), acting_as(me) as connection:
        sign(lambda: nullcontext(connection), draft, Seen(), TODAY)
        raise RuntimeError("the connection is lost before the commit")
    assert rows(database, "case_review") == rows(database, "delivery") == []
    assert len(rows(database, "draft")) == 1
    signed(me, draft)
    assert len(rows(database, "case_review")) == 1


def test_seen_without_change_is_a_review_without_lines(database, case, me):
    content = DraftReview("Vu", (), SOON, outcome="no_change")
    assert signed(me, draft_of(case, me, content)).content == content
    assert rows(database, "case_review")[0]["outcome"] == "no_change"
    assert len(rows(database, "delivery")) == 4


def test_what_was_signed_is_what_is_given_back(case, me):
    review = signed(me, draft_of(case, me))
    drug, sleep = review.content.lines
    assert (drug.dose, drug.detail, sleep.detail) == ("100.5", "", "Revoir le sommeil")
    assert review.content.summary == "Réponse partielle"


def test_a_draft_with_problems_is_not_signed(database, case, me):
    with pytest.raises(NotReady) as refused:
        signed(me, draft_of(case, me, replace(CONTENT, summary=" ")))
    assert [one.field for one in refused.value.problems] == ["summary"]
    assert rows(database, "case_review") == []


@pytest.mark.parametrize(
    ("closed_on", "can_sign"),
    [(TODAY - timedelta(days=1), False), (TODAY, False), (TODAY + timedelta(days=1), True)],
)
def test_a_closed_episode_is_like_one_that_is_not_there(database, case, me, closed_on, can_sign):
    draft = draft_of(case, me)
    with database.owner().begin() as connection:
        values = {"status": "closed", "closed_on": closed_on}
        connection.execute(registry.episode.update().values(**values))
    if can_sign:
        assert signed(me, draft)
    else:
        with pytest.raises(NotYours):
            signed(me, draft)


@pytest.mark.parametrize("there", [True, False])
def test_an_episode_that_is_not_yours_is_like_one_that_is_not_there(database, case, me, there):
    draft = replace(draft_of(case, me), episode_id=case.episode if there else 987654)
    with pytest.raises(NotYours):
        signed(database.practitioner("psychiatrist"), draft)
    assert rows(database, "case_review") == []


def test_a_draft_that_another_window_has_changed_is_not_signed_unread(database, case, me):
    draft = draft_of(case, me)
    with acting_as(me) as connection:
        save_draft(connection, draft, replace(CONTENT, summary="Autre fenêtre"))
    with pytest.raises(DraftChanged):
        signed(me, draft)
    assert len(rows(database, "draft")) == 1
    assert rows(database, "case_review") == []


def test_a_nurse_signs_nothing_even_past_the_interface(database, case, me):
    draft = draft_of(case, me)
    with pytest.raises(DBAPIError, match="row-level security"):
        signed(case.team.nurse, draft)
    assert rows(database, "case_review") == []


def test_a_score_that_arrived_meanwhile_is_said_before_signing(database, case, me):
    known = database.assessment(case.patient, "phq9", TODAY - timedelta(days=83), 12)
    draft = draft_of(case, me)
    new = database.assessment(case.patient, "phq9", TODAY - timedelta(days=4), 19)
    seen = Seen(frozenset({known}))
    with pytest.raises(ChangedMeanwhile) as refused:
        signed(me, draft, seen)
    (score,) = refused.value.changes.scores
    assert (score.id, score.instrument, score.total) == (new, "phq9", 19)
    assert rows(database, "case_review") == []
    assert signed(me, draft, seen | refused.value.changes.seen)


@pytest.mark.parametrize(
    ("taken_on", "counts"),
    [
        (TODAY - timedelta(weeks=12, days=15), False),
        (TODAY - timedelta(weeks=12, days=14), True),
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
    ],
)
def test_the_scores_of_the_episode_up_to_today_count(database, case, me, taken_on, counts):
    database.assessment(case.patient, "gad7", taken_on, 5)
    with acting_as(me) as connection:
        assert bool(changed_since(connection, case.episode, Seen(), TODAY)) is counts


def test_a_review_signed_meanwhile_is_said_before_signing(database, case, me):
    draft = draft_of(case, me)
    other = database.practitioner("psychiatrist", "Moreau")
    theirs = database.case_review(case, at(TODAY, 9), psychiatrist_id=other)
    with pytest.raises(ChangedMeanwhile) as refused:
        signed(me, draft)
    (review,) = refused.value.changes.reviews
    assert (review.id, review.psychiatrist.family_name) == (theirs, "Moreau")
    assert signed(me, draft, Seen(reviews=frozenset({theirs})))


def asked(case, question):
    """Let the nurse make this question ready, or change the text of the open question."""
    with acting_as(case.team.nurse) as connection:
        save_preparation(connection, case.episode, question=question)
        make_ready(connection, case.episode)


def shown(case, me):
    """Return what the case page shows now."""
    with acting_as(me) as connection:
        return seen_in(read_case(connection, case.episode, TODAY))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("assessment", "items = '{1,1,1,1,1,1,1,1,3}'"),
        ("assessment", "total = 21"),
        ("assessment", "taken_on = taken_on + 1"),
        ("flag", "kind = 'safety'"),
        ("flag", "cleared_at = NULL, cleared_by = NULL"),
    ],
)
def test_a_row_that_is_corrected_meanwhile_is_said_before_signing(
    database, case, me, table, values
):
    database.assessment(case.patient, "phq9", TODAY - timedelta(days=4), 8, items=[1] * 8 + [0])
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="discussion",
        raised_by=case.team.nurse,
        raised_at=at(TODAY - timedelta(days=3)),
        cleared_by=case.team.nurse if "cleared" in values else None,
        cleared_at=at(TODAY - timedelta(days=2)) if "cleared" in values else None,
    )
    draft, seen = draft_of(case, me), shown(case, me)
    with database.owner().begin() as connection:
        connection.exec_driver_sql(f"UPDATE registry.{table} SET {values}")
    with pytest.raises(ChangedMeanwhile) as refused:
        signed(me, draft, seen)
    changes = refused.value.changes
    assert [one.is_corrected for one in (*changes.scores, *changes.flags)] == [True]
    with acting_as(me) as connection:
        assert not changed_since(connection, case.episode, seen | changes.seen, TODAY)


@pytest.mark.parametrize("before", [None, "Augmenter la sertraline ?"])
def test_a_question_that_came_or_changed_meanwhile_is_said_before_signing(
    database, case, me, before
):
    if before:
        asked(case, before)
    seen = shown(case, me)
    draft = draft_of(case, me, replace(CONTENT, answer="Oui."))
    asked(case, "Arrêter la sertraline ?")
    with pytest.raises(ChangedMeanwhile) as refused:
        signed(me, draft, seen)
    (question,) = refused.value.changes.questions
    assert (question.text, question.nurse.id) == ("Arrêter la sertraline ?", case.team.nurse)
    assert rows(database, "case_review") == []
    assert signed(me, draft, seen | refused.value.changes.seen)


def test_a_question_that_changes_while_the_letters_are_rendered_is_said(
    database, case, me, interrupted
):
    asked(case, "Augmenter la sertraline ?")
    seen = shown(case, me)
    draft = draft_of(case, me, replace(CONTENT, answer="Oui."))

    def changes():
        asked(case, "Arrêter la sertraline ?")

    with pytest.raises(ChangedMeanwhile):
        sign(interrupted(changes), draft, seen, TODAY)
    assert rows(database, "case_review") == rows(database, "letter") == []


def test_a_question_that_was_seen_is_no_change(case, me):
    asked(case, "Augmenter la sertraline ?")
    seen = shown(case, me)
    with acting_as(me) as connection:
        assert not changed_since(connection, case.episode, seen, TODAY)


def test_a_question_is_not_changed_while_a_review_is_being_stored(case, me):
    asked(case, "Augmenter la sertraline ?")

    def change():
        with acting_as(case.team.nurse) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
            save_preparation(connection, case.episode, question="Arrêter la sertraline ?")

    with acting_as(me) as connection:
        lock_advice(connection, case.episode)
        with pytest.raises(DBAPIError, match="lock timeout"):
            change()


def test_a_question_is_answered_before_a_review_is_signed(database, case, me):
    asked(case, "Augmenter la sertraline ?")
    with pytest.raises(NotReady) as refused:
        signed(me, draft_of(case, me), shown(case, me))
    assert refused.value.problems == (Problem("answer", "missing"),)
    assert rows(database, "case_review") == []


def test_an_amendment_supersedes_and_leaves_the_old_review_readable(database, case, me):
    first = signed(me, draft_of(case, me))
    with acting_as(me) as connection:
        draft = begin_amendment(connection, first.id, TODAY)
    seen = Seen(reviews=frozenset({first.id}))
    second = signed(me, replace(draft, content=replace(CONTENT, summary="Corrigé")), seen)
    assert second.supersedes == first.id
    old, new = rows(database, "case_review", "signed_at")
    assert (old["summary"], new["summary"]) == ("Réponse partielle", "Corrigé")
    assert new["supersedes"] == old["id"]
    assert rows(database, "draft") == []


def test_of_two_people_who_amend_one_review_the_second_is_told(database, case, me):
    covering = database.practitioner("psychiatrist", "Moreau")
    day = TODAY
    database.add(tables.cover, covered_id=me, covering_id=covering, starts_on=day, ends_on=day)
    first = signed(me, draft_of(case, me))
    seen = Seen(reviews=frozenset({first.id}))
    drafts = {}
    for person in (me, covering):
        with acting_as(person) as connection:
            drafts[person] = begin_amendment(connection, first.id, TODAY)
    theirs = signed(covering, drafts[covering], seen)
    with pytest.raises(AlreadyAmended) as refused:
        signed(me, drafts[me], seen)
    assert refused.value.by.id == theirs.id
    assert refused.value.by.psychiatrist.family_name == "Moreau"
    assert [one["psychiatrist_id"] for one in rows(database, "draft")] == [me]


def test_two_people_who_amend_at_once_make_one_amendment(database, case, me):
    covering = database.practitioner("psychiatrist")
    day = TODAY
    database.add(tables.cover, covered_id=me, covering_id=covering, starts_on=day, ends_on=day)
    first = signed(me, draft_of(case, me))
    together = threading.Barrier(2)
    results = []

    def amend(person):
        with acting_as(person) as connection:
            draft = begin_amendment(connection, first.id, TODAY)
        together.wait()
        try:
            results.append(signed(person, draft, Seen(reviews=frozenset({first.id}))).id)
        except (AlreadyAmended, ChangedMeanwhile) as told:
            results.append(type(told).__name__)

    people = [threading.Thread(target=amend, args=(person,)) for person in (me, covering)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(rows(database, "case_review")) == 2
    assert "AlreadyAmended" in results


def test_signing_does_not_end_a_draft_that_was_begun_since(database, case, me):
    draft = draft_of(case, me)
    signed(me, draft)
    again = draft_of(case, me, DraftReview("Une autre"))
    signed(me, draft)
    assert [one["idempotency_key"] for one in rows(database, "draft")] == [again.idempotency_key]


def test_a_key_of_another_patient_does_not_keep_a_review_from_being_signed(database, case, me):
    other = case.team.case(TODAY - timedelta(weeks=12), "Durand")
    first = signed(me, draft_of(case, me))
    draft = replace(draft_of(other, me), idempotency_key=draft_of(case, me).idempotency_key)
    assert signed(me, draft).id != first.id


def test_a_review_of_a_patient_cannot_amend_that_of_another(database, case, me):
    first = signed(me, draft_of(case, me))
    other = case.team.case(TODAY - timedelta(weeks=12), "Durand")
    draft = replace(draft_of(other, me), supersedes=first.id, idempotency_key=uuid4())
    with pytest.raises(DBAPIError, match="foreign key"):
        signed(me, draft)

"""A draft is saved while it is typed, and nothing that was typed is lost without a word."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import now, today
from dashboard.clinical.advice.drafts import (
    AlreadyAmended,
    DraftChanged,
    DraftInTheWay,
    Elsewhere,
    NotYours,
    Replaced,
    Seen,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as review_tables
from dashboard.queries.advice.changes import changed_since
from dashboard.queries.advice.drafting import begin_amendment, discard_draft, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.vocabulary import RiskLevel
from tests.support.factories import at
from tests.support.signing import sign

TODAY = today()
SOON = TODAY + timedelta(weeks=2)


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def me(case):
    return case.team.psychiatrist


def opened(case, me):
    with acting_as(me) as connection:
        return open_draft(connection, case.episode)


def saved(me, draft, content):
    with acting_as(me) as connection:
        return save_draft(connection, draft, content)


def line(line_id="a", **values):
    defaults = {"kind": "other", "detail": "Revoir le sommeil", "owner_role": "nurse"}
    return DraftLine(line_id, **defaults | values)


def ready(**values):
    defaults = {"summary": "Stable", "lines": (line(),), "next_review_on": SOON}
    return DraftReview(**defaults | values)


def drafts_in(database):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM review.draft").scalar_one()


def test_opening_a_case_writes_no_draft(database, case, me):
    draft = opened(case, me)
    assert (draft.content.is_empty, draft.begun_at, draft.saved_at) == (True, None, None)
    assert drafts_in(database) == 0


def test_two_windows_that_begin_alike_begin_the_same_draft(case, me):
    assert opened(case, me).idempotency_key == opened(case, me).idempotency_key


def test_what_was_saved_is_offered_again(case, me):
    seen = Seen(frozenset({41}), frozenset({uuid4()}))
    first = saved(me, replace(opened(case, me), seen=seen), ready()).draft
    again = opened(case, me)
    assert again == first
    assert again.content == ready()
    assert again.seen == seen


def test_the_key_and_the_beginning_stay_while_it_is_saved(case, me):
    first = saved(me, opened(case, me), DraftReview("a")).draft
    second = saved(me, first, DraftReview("ab")).draft
    assert (second.idempotency_key, second.begun_at) == (first.idempotency_key, first.begun_at)
    assert second.saved_at > first.saved_at


def test_text_that_a_database_cannot_hold_does_not_keep_the_rest_from_being_saved(case, me):
    saved(me, opened(case, me), DraftReview("a\x00b \ud83d \U0001f600"))
    assert opened(case, me).content.summary == "ab  \U0001f600"


def test_two_windows_that_change_different_fields_keep_both(case, me):
    start = saved(me, opened(case, me), DraftReview("Synthèse")).draft
    saved(me, start, DraftReview("Synthèse", lines=(line(),)))
    both = saved(me, start, DraftReview("Synthèse revue"))
    assert both.draft.content == DraftReview("Synthèse revue", lines=(line(),))
    assert (both.elsewhere.what, both.elsewhere.replaced) == ("changed", ())
    assert opened(case, me).content == both.draft.content


def test_where_two_windows_change_one_field_the_later_stands_and_is_told_what_it_replaced(case, me):
    start = saved(me, opened(case, me), DraftReview("Un")).draft
    earlier = saved(me, start, DraftReview("Un deux")).draft
    later = saved(me, start, DraftReview("Un trois"))
    assert later.draft.content.summary == "Un trois"
    assert later.elsewhere == Elsewhere(
        "changed", earlier.saved_at, (Replaced("summary", "Un deux"),)
    )


def test_the_earlier_window_is_told_at_its_next_save(case, me):
    start = saved(me, opened(case, me), DraftReview("Un")).draft
    earlier = saved(me, start, DraftReview("Un deux")).draft
    saved(me, start, DraftReview("Un trois"))
    told = saved(me, earlier, replace(earlier.content, next_review_on=SOON))
    assert told.draft.content == DraftReview("Un trois", next_review_on=SOON)
    assert told.elsewhere.what == "changed"


def test_two_windows_that_save_for_the_first_time_at_once_make_one_draft(database, case, me):
    start = opened(case, me)
    together = threading.Barrier(8)
    results = []

    def window(number):
        together.wait()
        results.append(saved(me, start, DraftReview(lines=(line(f"l{number}"),))))

    threads = [threading.Thread(target=window, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert drafts_in(database) == 1
    kept = {one.id for one in opened(case, me).content.lines}
    assert kept == {f"l{number}" for number in range(8)}


def test_a_draft_signed_in_another_window_goes_on_as_a_new_one(case, me):
    draft = saved(me, opened(case, me), ready()).draft
    with acting_as(me) as connection:
        signed = sign(connection, draft, Seen(), TODAY)
    later = saved(me, draft, replace(ready(), summary="Encore un mot"))
    assert later.elsewhere == Elsewhere("signed", signed.signed_at)
    assert later.draft.idempotency_key != draft.idempotency_key
    assert opened(case, me).content.summary == "Encore un mot"


def test_a_draft_discarded_in_another_window_goes_on_with_what_is_typed(case, me):
    draft = saved(me, opened(case, me), DraftReview("Un")).draft
    with acting_as(me) as connection:
        discard_draft(connection, draft)
    assert opened(case, me).content.is_empty
    later = saved(me, draft, DraftReview("Un deux"))
    assert later.elsewhere == Elsewhere("discarded")
    assert opened(case, me).content.summary == "Un deux"


def test_a_discarded_draft_is_gone(database, case, me):
    draft = saved(me, opened(case, me), DraftReview("Un")).draft
    with acting_as(me) as connection:
        discard_draft(connection, draft)
    assert drafts_in(database) == 0


def test_a_draft_that_another_window_has_saved_is_not_discarded(case, me):
    draft = saved(me, opened(case, me), DraftReview("Un")).draft
    saved(me, draft, DraftReview("Un deux"))
    with acting_as(me) as connection, pytest.raises(DraftChanged):
        discard_draft(connection, draft)
    assert opened(case, me).content.summary == "Un deux"


def test_a_draft_is_the_psychiatrists_alone(case, me):
    saved(me, opened(case, me), DraftReview("Un"))
    with acting_as(case.team.nurse) as connection:
        assert open_draft(connection, case.episode).content.is_empty


@pytest.mark.parametrize("act", ["open", "save"])
@pytest.mark.parametrize("there", [True, False])
def test_an_episode_that_is_not_yours_is_like_one_that_is_not_there(database, case, act, there):
    episode = case.episode if there else 987654
    draft = replace(opened(case, case.team.psychiatrist), episode_id=episode)
    with acting_as(database.practitioner("psychiatrist")) as connection:
        acts = {
            "open": lambda: open_draft(connection, episode),
            "save": lambda: save_draft(connection, draft, DraftReview("Un")),
        }
        with pytest.raises(NotYours):
            acts[act]()


def test_what_was_on_the_screen_of_either_window_has_been_seen(case, me):
    start = opened(case, me)
    saved(me, replace(start, seen=Seen(frozenset({1}))), DraftReview("Un"))
    both = saved(me, replace(start, seen=Seen(frozenset({2}))), DraftReview(next_review_on=SOON))
    assert both.draft.seen == Seen(frozenset({1, 2}))


def signed_review(me, case, content=None):
    draft = saved(me, opened(case, me), content or ready()).draft
    with acting_as(me) as connection:
        return sign(connection, draft, Seen(), TODAY)


def amendment(me, review_id):
    with acting_as(me) as connection:
        return begin_amendment(connection, review_id, TODAY)


def test_an_amendment_begins_with_what_the_review_says(case, me):
    drug = {"kind": "medication", "action": "increase", "drug_name": "sertraline", "detail": ""}
    order = {"dose": "100", "titration": "50 mg par semaine", "alternative": "venlafaxine LP"}
    lines = (
        line("1", **drug, **order, atc_code="N06AB06", owner_role="gp"),
        line("2", kind="sequence", action="renew", due_on=SOON),
    )
    review = signed_review(me, case, ready(lines=lines))
    draft = amendment(me, review.id)
    assert draft.supersedes == review.id
    assert draft.content == ready(lines=lines)
    assert opened(case, me) == draft


def test_an_amendment_asks_again_for_the_risk_after_a_new_alert(database, case, me):
    review = signed_review(me, case, ready(risk=RiskStatement(RiskLevel.LOW, None, "Rien")))
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="safety",
        raised_by=case.team.nurse,
        raised_at=now(),
    )
    assert amendment(me, review.id).content.risk is None


def test_data_that_arrive_after_an_amendment_was_begun_are_new_to_it(database, case, me):
    review = signed_review(me, case)
    begun = amendment(me, review.id)
    form = database.assessment(case.patient, "phq9", TODAY, 21)
    with acting_as(me) as connection:
        changes = changed_since(connection, case.episode, begun.seen, TODAY)
    assert [one.id for one in changes.scores] == [form]


def test_an_amendment_that_is_begun_is_found_again(case, me):
    review = signed_review(me, case)
    saved(me, amendment(me, review.id), ready(summary="Corrigé"))
    assert amendment(me, review.id).content.summary == "Corrigé"


def test_an_amendment_does_not_overwrite_another_draft(case, me):
    review = signed_review(me, case)
    saved(me, opened(case, me), DraftReview("Autre chose"))
    with pytest.raises(DraftInTheWay):
        amendment(me, review.id)
    assert opened(case, me).content.summary == "Autre chose"


def test_a_superseded_review_is_not_amended_again(case, me):
    review = signed_review(me, case)
    with acting_as(me) as connection:
        later = sign(
            connection, begin_amendment(connection, review.id, TODAY), seen_all(review), TODAY
        )
    with pytest.raises(AlreadyAmended) as refused:
        amendment(me, review.id)
    assert refused.value.by.id == later.id


def seen_all(review):
    return Seen(reviews=frozenset({review.id}))


def test_a_review_that_is_not_yours_is_like_one_that_is_not_there(database, case, me):
    review = signed_review(me, case)
    other = database.practitioner("psychiatrist")
    for review_id in (review.id, uuid4()):
        with pytest.raises(NotYours):
            amendment(other, review_id)


def test_a_draft_outlives_the_end_of_the_episode(database, case, me):
    draft = saved(me, opened(case, me), DraftReview("Un")).draft
    with database.owner().begin() as connection:
        connection.execute(registry.episode.update().values(status="closed", closed_on=TODAY))
    assert saved(me, draft, DraftReview("Un deux")).draft.content.summary == "Un deux"
    assert opened(case, me).content.summary == "Un deux"


def test_a_covering_psychiatrist_writes_a_draft_of_their_own(database, case, me):
    covering = database.practitioner("psychiatrist")
    database.add(
        review_tables.cover, covered_id=me, covering_id=covering, starts_on=TODAY, ends_on=TODAY
    )
    saved(me, opened(case, me), DraftReview("Un"))
    assert opened(case, covering).content.is_empty
    saved(covering, opened(case, covering), DraftReview("Deux"))
    assert opened(case, me).content.summary == "Un"


def test_a_review_after_the_clock_was_moved_back_is_another_review(database, case, me):
    """Check it with an earlier review of a later time, which stays the last one."""
    database.case_review(case, at(TODAY + timedelta(weeks=30)), psychiatrist_id=me)
    first = saved(me, opened(case, me), ready()).draft
    with acting_as(me) as connection:
        seen = frozenset(connection.exec_driver_sql("SELECT id FROM review.case_review").scalars())
        signed = sign(connection, first, Seen(reviews=seen), TODAY)
    assert opened(case, me).idempotency_key != first.idempotency_key
    assert signed.content.summary == "Stable"


def test_a_save_whose_answer_did_not_arrive_is_made_again_without_a_word(case, me):
    first = saved(me, opened(case, me), ready()).draft
    unheard = saved(me, first, ready(summary="Réponse partielle"))
    again = saved(me, first, ready(summary="Réponse partielle"))
    assert (again.draft, again.elsewhere) == (unheard.draft, None)

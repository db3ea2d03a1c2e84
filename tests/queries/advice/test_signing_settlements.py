"""A signed review settles the open lines, states the risk, and does both once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import ChangedMeanwhile, NotReady, SignedReview, seen_in
from dashboard.clinical.advice.lines import DraftLine, DraftReview, with_settlement
from dashboard.clinical.advice.settling import completed, owed_by, unchanged
from dashboard.clinical.advice.standing_advice import standing_advice
from dashboard.clinical.risk import RiskStatement
from dashboard.database import acting_as
from dashboard.database.schema import registry
from dashboard.database.schema import review as tables
from dashboard.queries.advice.drafting import begin_amendment, save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.case.case_file import read_case
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support.factories import at, completed_draft
from tests.support.signing import sign

TODAY = today()
SOON, LATER, PAST = (TODAY + timedelta(days=days) for days in (14, 28, -3))
FIRST = TODAY - timedelta(days=20)
KEPT, REPLACED, WITHDRAWN = SettlementKind

SWITCH = DraftLine(
    "new",
    kind="medication",
    action="start",
    atc_code="N06AX16",
    drug_name="venlafaxine LP",
    dose="75",
    titration="75 mg le matin",
    alternative="mirtazapine",
    owner_role="gp",
    due_on=SOON,
)
SLEEP = DraftLine("sleep", kind="other", detail="Revoir le sommeil", owner_role="nurse")
CONTENT = DraftReview("Réponse partielle", (SLEEP,), next_review_on=SOON)
MODERATE = RiskStatement(RiskLevel.MODERATE, SOON, "Vue demain par son médecin")


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def me(case):
    return case.team.psychiatrist


@pytest.fixture
def first(database, case):
    return database.case_review(case, at(FIRST))


@pytest.fixture
def order(database, case, first):
    """Return an earlier order, for the GP."""
    return database.recommendation(
        case,
        first,
        position=1,
        kind="medication",
        action="increase",
        atc_code="N06AB06",
        drug_name="sertraline",
        daily_dose_mg=100,
        titration="50 mg",
        detail="",
        alternative="x",
        owner_role="gp",
        due_on=SOON,
    )


@pytest.fixture
def therapy(database, case, first):
    """Return earlier advice for the nurse, whose day is past."""
    return database.recommendation(
        case, first, position=2, kind="psychotherapy", detail="TCC", due_on=PAST
    )


def shown(me, case):
    with acting_as(me) as connection:
        return read_case(connection, case.episode, TODAY)


def previewed(me, case, content, *, amends=None):
    """Return the draft as it was previewed, with the case as it was on the screen."""
    screen = shown(me, case)
    with acting_as(me) as connection:
        if amends is not None:
            draft = begin_amendment(connection, amends, TODAY)
        else:
            draft = open_draft(connection, case.episode)
        saved = save_draft(connection, draft, content).draft
    owed = owed_by(screen, amends)
    return replace(saved, content=completed(saved.content, owed)), seen_in(screen)


def signed(me, draft, seen):
    with acting_as(me) as connection:
        return sign(connection, draft, seen, TODAY)


def write(me, case, content, **values):
    return signed(me, *previewed(me, case, content, **values))


def settlements(database, review_id=None):
    found = asked(
        database,
        "SELECT s.*, c.drug_name AS by_drug FROM review.settlement s LEFT JOIN"
        " review.recommendation c ON c.id = s.replaced_by ORDER BY s.kind",
    )
    return [one for one in found if review_id in (None, one["case_review_id"])]


def reviews(database):
    return asked(database, "SELECT * FROM review.case_review ORDER BY signed_at")


def asked(database, query):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(query).mappings().all()


def flag(database, case, kind="safety", **values):
    return database.add(
        registry.flag,
        patient_id=case.patient,
        kind=kind,
        raised_by=case.team.nurse,
        raised_at=at(TODAY - timedelta(days=1)),
        **values,
    )


def test_each_open_line_is_settled_in_the_transaction_that_signs(
    database, case, me, order, therapy
):
    content = replace(CONTENT, lines=(SLEEP, SWITCH))
    content = with_settlement(content, str(therapy), kind=WITHDRAWN, reason=" Liste fermée ")
    review = write(me, case, content)

    replaced, withdrawn = settlements(database)
    assert (replaced["recommendation_id"], replaced["by_drug"]) == (order, "venlafaxine LP")
    assert (withdrawn["recommendation_id"], withdrawn["reason"]) == (therapy, "Liste fermée")
    for one in (replaced, withdrawn):
        assert (one["case_review_id"], one["settled_by"]) == (review.id, me)
        assert one["settled_at"] == review.signed_at
    standing = {one.line.detail or one.line.drug_name for one in standing_advice(shown(me, case))}
    assert standing == {"Revoir le sommeil", "venlafaxine LP"}


def test_a_line_that_is_kept_is_sent_again_with_its_new_day(database, case, me, therapy):
    review = write(me, case, with_settlement(CONTENT, str(therapy), due_on=LATER))
    (kept,) = settlements(database)
    assert (kept["kind"], kept["due_on"]) == ("kept", LATER)
    standing = {one.line.id: one for one in standing_advice(shown(me, case))}
    assert (standing[therapy].due_on, standing[therapy].sent_at) == (LATER, review.signed_at)


@pytest.mark.parametrize("risk", [None, MODERATE, RiskStatement(RiskLevel.NOT_ASSESSED)])
def test_a_review_states_the_risk_as_it_was_previewed(database, case, me, risk):
    write(me, case, replace(CONTENT, risk=risk))
    (stored,) = reviews(database)
    expected = (risk.level, risk.reassess_on, risk.reason or None) if risk else (None, None, None)
    assert (
        stored["risk_level"],
        stored["risk_reassess_on"],
        stored["risk_reason"],
    ) == expected


@pytest.mark.parametrize(
    ("title", "content", "problem"),
    [
        ("a day that is past", CONTENT, ("due_on", "in_the_past")),
        (
            "two orders on one drug",
            replace(
                CONTENT,
                lines=(replace(SWITCH, atc_code="N06AB06", drug_name="sertraline", id="s"),),
            ),
            ("kind", "same_drug"),
        ),
    ],
)
def test_what_the_form_refuses_is_refused_past_the_form_too(
    database, case, me, order, therapy, title, content, problem
):
    content = with_settlement(content, str(order), kind=KEPT)
    with pytest.raises(NotReady) as refused:
        write(me, case, content)
    found = [(one.field.split("/")[-1], one.code) for one in refused.value.problems]
    assert problem in found
    assert (len(reviews(database)), settlements(database)) == (1, [])


def test_without_a_decision_nothing_is_signed_while_an_alert_stands(database, case, me):
    flag(database, case)
    with pytest.raises(NotReady) as refused:
        write(me, case, CONTENT)
    assert [one.field for one in refused.value.problems] == ["risk/level"]
    assert reviews(database) == []


def test_a_risk_left_open_is_signed_and_the_alert_stays(database, case, me):
    flag(database, case)
    write(me, case, replace(CONTENT, risk=RiskStatement(RiskLevel.NOT_ASSESSED)))
    assert "safety_flag" in {one.rule.id for one in shown(me, case).reasons}
    write(me, case, replace(CONTENT, risk=MODERATE))
    assert "safety_flag" not in {one.rule.id for one in shown(me, case).reasons}


def test_no_change_keeps_every_open_line_and_its_day(database, case, me, order, therapy):
    owed = owed_by(shown(me, case))
    review = write(me, case, unchanged(DraftReview("Vu", next_review_on=SOON), owed))
    kept = {one["recommendation_id"]: one["due_on"] for one in settlements(database, review.id)}
    assert kept == {order: SOON, therapy: PAST}


def test_no_change_is_refused_while_a_rule_of_tier_0_holds(database, case, me):
    flag(database, case)
    owed = owed_by(shown(me, case))
    with pytest.raises(NotReady) as refused:
        write(me, case, unchanged(DraftReview("Vu", next_review_on=SOON), owed))
    assert "alert_stands" in {one.code for one in refused.value.problems}
    assert reviews(database) == []


def test_a_flag_raised_meanwhile_is_said_before_signing(database, case, me):
    draft, seen = previewed(me, case, replace(CONTENT, risk=MODERATE))
    raised = flag(database, case)
    with pytest.raises(ChangedMeanwhile) as told:
        signed(me, draft, seen)
    assert [one.id for one in told.value.changes.flags] == [raised]
    assert reviews(database) == []
    assert signed(me, draft, seen | told.value.changes.seen).id


def answered(database, case, line):
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.gp,
        outcome="done",
    )


def withdrawn(database, case, line):
    database.add(
        tables.settlement,
        patient_id=case.patient,
        settled_by=case.team.psychiatrist,
        recommendation_id=line,
        kind="withdrawn",
    )


@pytest.mark.parametrize("what", [answered, withdrawn])
def test_a_line_that_is_not_open_any_more_is_said_before_signing(database, case, me, order, what):
    content = with_settlement(CONTENT, str(order), kind=KEPT)
    draft, seen = previewed(me, case, content)
    what(database, case, order)
    with pytest.raises(ChangedMeanwhile) as told:
        signed(me, draft, seen)
    (changed,) = told.value.changes.lines
    assert (changed.line.id, changed.what) == (order, what.__name__)
    assert len(reviews(database)) == 1

    with acting_as(me) as connection:
        draft = completed_draft(connection, draft, TODAY)
    signed(me, draft, seen)
    assert [one["case_review_id"] for one in settlements(database)] in ([], [None])


def test_a_line_that_the_screen_did_not_show_is_not_lost(database, case, me, first):
    draft, seen = previewed(me, case, CONTENT)
    line = database.recommendation(case, first, position=3, kind="other", detail="TSH")
    with pytest.raises(ChangedMeanwhile) as told:
        signed(me, draft, seen)
    assert [(one.line.id, one.what) for one in told.value.changes.lines] == [(line, "open")]


def test_of_two_reviews_at_the_same_instant_the_second_is_told_and_settles_nothing(
    database, case, me, order
):
    colleague = database.practitioner("psychiatrist", "Remplaçante")
    database.add(
        tables.cover,
        covered_id=me,
        covering_id=colleague,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    content = with_settlement(CONTENT, str(order), kind=WITHDRAWN)
    previews = {who: previewed(who, case, content) for who in (me, colleague)}
    given, ready = {}, threading.Barrier(2)

    def run(who):
        ready.wait()
        try:
            given[who] = signed(who, *previews[who])
        except ChangedMeanwhile as told:
            given[who] = told

    threads = [threading.Thread(target=run, args=(who,)) for who in previews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (won,) = [one for one in given.values() if isinstance(one, SignedReview)]
    (lost,) = [one for one in given.values() if isinstance(one, ChangedMeanwhile)]
    assert [one.id for one in lost.changes.reviews] == [won.id]
    assert [one["case_review_id"] for one in settlements(database)] == [won.id]


def test_an_amendment_begins_with_the_decision_and_the_settlements(
    database, case, me, order, therapy
):
    content = replace(CONTENT, lines=(SLEEP, SWITCH), risk=MODERATE)
    content = with_settlement(content, str(therapy), kind=WITHDRAWN, reason="Liste fermée")
    review = write(me, case, content)

    with acting_as(me) as connection:
        draft = begin_amendment(connection, review.id, TODAY)
    assert draft.content.risk == MODERATE
    chosen = {one.id: one for one in draft.content.settlements}
    assert (chosen[str(order)].kind, chosen[str(order)].replaced_by) == (REPLACED, "2")
    assert (chosen[str(therapy)].kind, chosen[str(therapy)].reason) == (WITHDRAWN, "Liste fermée")


def test_what_an_amended_review_decided_counts_no_more(database, case, me, order):
    review = write(me, case, replace(CONTENT, lines=(SLEEP, SWITCH), risk=MODERATE))
    amended = with_settlement(replace(CONTENT, risk=None), str(order), kind=KEPT)
    with pytest.raises(NotReady):
        write(me, case, amended, amends=review.id)

    low = RiskStatement(RiskLevel.LOW, None, "Aucune idée suicidaire")
    later = write(me, case, replace(amended, risk=low), amends=review.id)
    assert later.supersedes == review.id
    standing = {one.line.id for one in standing_advice(shown(me, case))}
    assert order in standing
    assert len(standing) == 2
    assert [one["kind"] for one in settlements(database, later.id)] == ["kept"]


def test_an_amendment_does_not_bring_back_a_line_that_was_withdrawn(database, case, me):
    review = write(me, case, replace(CONTENT, lines=(SLEEP, SWITCH)))
    (switch,) = [
        one.line.id for one in standing_advice(shown(me, case)) if one.line.kind == "medication"
    ]
    withdrawn(database, case, switch)
    with acting_as(me) as connection:
        draft = begin_amendment(connection, review.id, TODAY)
    assert [line.kind for line in draft.content.lines] == ["other"]

"""The required content of a draft before it can be signed, and its form until then."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice import lines
from dashboard.clinical.advice.lines import (
    DraftLine,
    DraftReview,
    DraftSettlement,
    as_sent,
    from_json,
    moved_up,
    new_line,
    problems,
    says_the_same,
    to_json,
    value_of,
    with_value,
    without_line,
)
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import OWNER_ROLES, REVIEW_OUTCOMES, RiskLevel, SettlementKind

TODAY = date(2026, 11, 24)
SOON = TODAY + timedelta(days=14)

ORDER = DraftLine(
    "a",
    kind="medication",
    action="increase",
    atc_code="N06AB06",
    drug_name="sertraline",
    dose="100",
    titration="50 mg par semaine",
    alternative="venlafaxine LP 75 mg",
    owner_role="gp",
    due_on=SOON,
)
TASK = DraftLine("b", kind="psychotherapy", detail="TCC, liste d'attente", owner_role="nurse")
CLOSING = DraftLine("c", kind="sequence", action="close", owner_role="nurse")
READY = DraftReview("Réponse partielle", (ORDER, TASK), next_review_on=SOON)


def found(draft):
    return [(one.field, one.code) for one in problems(draft, TODAY)]


def with_order(**values):
    return replace(READY, lines=(replace(ORDER, **values),))


def with_task(**values):
    return replace(READY, lines=(replace(TASK, **values),))


@pytest.mark.parametrize("kind", lines.KINDS)
def test_a_new_line_is_due_in_two_weeks_and_a_safety_line_in_48_hours(kind):
    days = 2 if kind == "safety" else 14
    assert new_line("a", kind, TODAY).due_on == TODAY + timedelta(days=days)


def test_a_whole_draft_has_no_problem():
    assert found(READY) == []


@pytest.mark.parametrize(
    ("title", "draft", "expected"),
    [
        (
            "nothing written",
            DraftReview(),
            [("summary", "missing")],
        ),
        ("blank summary", replace(READY, summary=" \n"), [("summary", "missing")]),
        ("longest summary", replace(READY, summary="x" * 4000), []),
        ("too long", replace(READY, summary="x" * 4001), [("summary", "too_long")]),
        ("no change, no line", replace(READY, lines=(), outcome="no_change"), []),
        (
            "no change with a line",
            replace(READY, outcome="no_change"),
            [("lines", "change_advised")],
        ),
        ("the next review left to the need", replace(READY, next_review_on=None), []),
        ("next review yesterday", replace(READY, next_review_on=TODAY - timedelta(days=1)),
         [("next_review_on", "in_the_past")]),
        ("next review today", replace(READY, next_review_on=TODAY), []),
        ("next review in 366 days", replace(READY, next_review_on=TODAY + timedelta(days=366)), []),
        ("next review in 367 days", replace(READY, next_review_on=TODAY + timedelta(days=367)),
         [("next_review_on", "too_far")]),
        ("closing needs no next review", DraftReview("Fin", (CLOSING,)), []),
        ("no action", with_order(action=None), [("lines/a/action", "missing")]),
        ("action of another kind", with_order(action="renew"), [("lines/a/action", "missing")]),
        ("no drug", with_order(drug_name=" "), [("lines/a/drug_name", "missing")]),
        ("free drug", with_order(drug_name="trazodone", atc_code=None), []),
        ("no dose", with_order(dose=""), [("lines/a/dose", "missing")]),
        ("half a dose", with_order(dose="1OO"), [("lines/a/dose", "not_a_dose")]),
        ("dose zero", with_order(dose="0"), [("lines/a/dose", "not_a_dose")]),
        ("negative dose", with_order(dose="-5"), [("lines/a/dose", "not_a_dose")]),
        ("no titration", with_order(titration=""), [("lines/a/titration", "missing")]),
        ("no alternative", with_order(alternative=""), [("lines/a/alternative", "missing")]),
        ("stop asks for none of them",
         with_order(action="stop", dose="", titration="", alternative=""), []),
        ("continue asks for none of them",
         with_order(action="continue", dose="", titration="", alternative=""), []),
        ("a dose of continue is a dose", with_order(action="continue", dose="x"),
         [("lines/a/dose", "not_a_dose")]),
        ("a switch from nothing", with_order(action="switch"),
         [("lines/a/replaced_drug_name", "missing")]),
        ("a switch from another drug", with_order(action="switch", replaced_drug_name="fluoxétine",
         replaced_atc_code="N06AB03"), []),
        ("a switch from the drug itself", with_order(action="switch",
         replaced_drug_name="Sertraline", replaced_atc_code="N06AB06"),
         [("lines/a/replaced_drug_name", "replaces_itself")]),
        ("a switch from the unlisted drug itself", with_order(action="switch", atc_code=None,
         drug_name="trazodone", replaced_drug_name=" Trazodone"),
         [("lines/a/replaced_drug_name", "replaces_itself")]),
        ("nobody does it", with_order(owner_role=None), [("lines/a/owner_role", "missing")]),
        ("due yesterday", with_order(due_on=TODAY - timedelta(days=1)),
         [("lines/a/due_on", "in_the_past")]),
        ("due today", with_order(due_on=TODAY), []),
        ("due no day", with_order(due_on=None), []),
        ("nothing to do", with_task(detail=""), [("lines/b/detail", "missing")]),
        ("task too long", with_task(detail="x" * 501), [("lines/b/detail", "too_long")]),
        ("a sequence needs an action", with_task(kind="sequence", detail=""),
         [("lines/b/action", "missing")]),
    ],
)  # fmt: skip
def test_each_problem_speaks_of_its_field(title, draft, expected):
    assert found(draft) == expected


@pytest.mark.parametrize("action", ["start", "increase", "decrease", "switch"])
def test_an_order_is_as_specific_as_a_prescription(action):
    bare = with_order(
        action=action, dose="", titration="", alternative="", replaced_drug_name="fluoxétine"
    )
    assert found(bare) == [
        ("lines/a/dose", "missing"),
        ("lines/a/titration", "missing"),
        ("lines/a/alternative", "missing"),
    ]


@pytest.mark.parametrize(
    ("typed", "dose"),
    [
        ("100", Decimal(100)),
        (" 37,5 ", Decimal("37.5")),
        ("37.5", Decimal("37.5")),
        ("100 mg", Decimal(100)),
        ("100mg/j", Decimal(100)),
        ("100 MG / day", Decimal(100)),
        ("100 /j", Decimal(100)),
        ("", None),
        ("37,", None),
        ("cent", None),
        ("1e3", None),
        ("NaN", None),
        ("100-150", None),
        ("123456", None),
    ],
)
def test_a_dose_is_read_as_it_is_typed(typed, dose):
    assert DraftLine("a", dose=typed).daily_dose_mg == dose


@pytest.mark.parametrize(("action", "name"), [("switch", "fluoxétine"), ("start", "")])
def test_only_a_switch_replaces_a_drug(action, name):
    order = with_order(
        action=action, replaced_drug_name=" fluoxétine ", replaced_atc_code="N06AB03"
    )
    (line,) = as_sent(order).lines
    assert line.replaced_drug_name == name
    assert (line.replaced_atc_code is not None) == (action == "switch")


def test_what_is_sent_has_only_the_fields_of_its_kind():
    slip = replace(ORDER, kind="safety", detail=" Appeler vendredi ")
    (line,) = as_sent(replace(READY, summary=" Bref ", lines=(slip,))).lines
    assert line == DraftLine(
        "a", kind="safety", detail="Appeler vendredi", owner_role="gp", due_on=SOON
    )
    assert as_sent(replace(READY, summary=" Bref ")).summary == "Bref"


@pytest.mark.parametrize(
    ("answer", "summary", "sent"),
    [
        (" Oui, réduire. ", "Stable", "→ Oui, réduire.\n\nStable"),
        ("Oui", "", "→ Oui"),
        ("", "Stable", "Stable"),
    ],
)
def test_the_answer_to_the_nurse_opens_the_summary_once(answer, summary, sent):
    once = as_sent(replace(READY, answer=answer, summary=summary))
    assert (once.summary, as_sent(once).summary) == (sent, sent)


def test_an_answer_alone_is_summary_enough():
    assert not problems(replace(READY, answer="Oui", summary=""), TODAY)


def test_each_kind_has_an_owner_who_may_have_one():
    assert set(lines.USUAL_OWNER) == set(lines.KINDS)
    assert set(lines.USUAL_OWNER.values()) <= set(OWNER_ROLES)


texts = st.text(max_size=30)
days = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
kept_texts = texts.map(lines.storable)
draft_lines = st.builds(
    DraftLine,
    id=st.text("abcdef0123456789", min_size=1, max_size=8),
    kind=st.sampled_from([kind for kind in lines.KINDS if kind not in lines.ACTIONS]),
    action=st.none(),
    atc_code=st.none() | st.just("N06AB06"),
    drug_name=kept_texts,
    dose=kept_texts,
    titration=kept_texts,
    detail=kept_texts,
    alternative=kept_texts,
    owner_role=st.none() | st.sampled_from(OWNER_ROLES),
    due_on=days,
    replaced_atc_code=st.none() | st.just("N06AB03"),
    replaced_drug_name=kept_texts,
)
settlements = st.builds(
    DraftSettlement,
    id=st.uuids().map(str),
    kind=st.none() | st.sampled_from(SettlementKind),
    due_on=days,
    replaced_by=st.none() | st.text("abcdef0123456789", min_size=1, max_size=8),
    reason=kept_texts,
)
statements = st.builds(RiskStatement, st.sampled_from(RiskLevel), days, kept_texts)
drafts = st.builds(
    DraftReview,
    summary=kept_texts,
    lines=st.lists(draft_lines, max_size=4, unique_by=lambda line: line.id).map(tuple),
    next_review_on=days,
    outcome=st.sampled_from(REVIEW_OUTCOMES),
    risk=st.none() | statements,
    settlements=st.lists(settlements, max_size=3, unique_by=lambda one: one.id).map(tuple),
    answer=kept_texts,
)


@given(drafts)
def test_a_draft_comes_back_from_json_as_it_was(draft):
    assert from_json(to_json(draft)) == draft


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("summary", "lines", "id", "kind", "due_on", "next_review_on", "dose"),
                        *("risk", "level", "reassess_on", "settlements", "replaced_by", "reason"),
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_whatever_json_holds_is_a_draft(content):
    draft = from_json(content)
    assert from_json(to_json(draft)) == draft
    problems(draft, TODAY)


@pytest.mark.parametrize(
    ("field", "stored", "read"),
    [
        ("summary", None, ""),
        ("outcome", "deferred", "reviewed"),
        ("next_review_on", "2026-13-01", None),
        ("next_review_on", "2026-12-08", SOON),
        ("risk", {"level": "extreme"}, None),
        ("risk", {"level": "low", "reason": 3}, RiskStatement(RiskLevel.LOW)),
        ("lines", "none", ()),
        ("lines", [{"detail": "without an id"}, 3], ()),
        ("lines", [{"id": "a", "kind": "magic"}], (DraftLine("a", "other"),)),
        ("lines", [{"id": "a", "action": "stop"}], (DraftLine("a", "other"),)),
        ("lines", [{"id": "a", "owner_role": "lead"}], (DraftLine("a", "other"),)),
        ("lines", [{"id": "a"}, {"id": "a", "detail": "twice"}], (DraftLine("a", "other"),)),
        ("settlements", [{"id": "x", "kind": "lost"}], (DraftSettlement("x"),)),
    ],
)
def test_what_is_not_as_it_should_be_counts_as_not_written(field, stored, read):
    assert getattr(from_json({field: stored}), field) == read


def test_a_draft_of_before_risk_and_settlements_loads():
    content = to_json(READY)
    del content["risk"], content["settlements"]
    assert from_json(content) == READY


def test_a_field_is_read_and_written_by_its_name():
    assert value_of(READY, "lines/a/dose") == "100"
    assert value_of(READY, "lines/gone/dose") is None
    assert value_of(with_value(READY, "lines/a/dose", "150"), "lines/a/dose") == "150"
    assert with_value(READY, "summary", "Autre") == replace(READY, summary="Autre")
    assert with_value(READY, "lines/gone/dose", "150") == READY


def test_risk_and_settlements_are_read_and_written_by_their_names():
    assert value_of(READY, "risk/reason") is None
    assert with_value(READY, "risk/reason", "Vu demain") == READY
    high = replace(READY, risk=RiskStatement(RiskLevel.HIGH))
    assert value_of(with_value(high, "risk/reason", "Vu demain"), "risk/reason") == "Vu demain"
    assert value_of(READY, "settlements/x/kind") is None
    chosen = with_value(READY, "settlements/x/reason", "Plus souhaité")
    assert value_of(chosen, "settlements/x/reason") == "Plus souhaité"
    assert value_of(with_value(chosen, "settlements/x/due_on", SOON), "settlements/x/reason")


@pytest.mark.parametrize(
    ("line", "order"), [("a", "abc"), ("b", "bac"), ("c", "acb"), ("gone", "abc")]
)
def test_a_line_moves_up(line, order):
    draft = DraftReview(lines=(ORDER, TASK, CLOSING))
    assert "".join(one.id for one in moved_up(draft, line).lines) == order


def test_a_line_is_removed():
    assert without_line(READY, "a").lines == (TASK,)
    assert without_line(READY, "gone") == READY


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (READY, True),
        (replace(READY, summary=" Réponse partielle\n"), True),
        (replace(READY, lines=(replace(ORDER, id="1"), replace(TASK, id="2"))), True),
        (with_value(READY, "lines/a/dose", "100,0 mg"), True),
        (with_value(READY, "lines/a/detail", "not a field of a drug"), True),
        (with_value(READY, "lines/a/dose", "150"), False),
        (replace(READY, lines=(TASK, ORDER)), False),
        (replace(READY, next_review_on=None), False),
    ],
)
def test_two_reviews_say_the_same_when_they_would_be_read_alike(other, same):
    assert says_the_same(READY, other) is same

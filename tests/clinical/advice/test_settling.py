"""The debts of a review: a risk decision, and a settlement for each open earlier line."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice.lines import (
    DraftLine,
    DraftReview,
    DraftSettlement,
    from_json,
    says_the_same,
    to_json,
    with_risk,
    with_settlement,
    without_line,
)
from dashboard.clinical.advice.settling import (
    AlertStands,
    can_leave_unchanged,
    changed_lines,
    check_can_leave_unchanged,
    completed,
    owed_by,
    problems,
    risk_to_restate,
    unchanged,
)
from dashboard.clinical.case.case_file import Answer, CaseReview, Recommendation, Settlement
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.risk import ASKING_RULES, RiskStatement
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support.case_files import COMPLETE

TODAY = COMPLETE.as_of
SOON, PAST = TODAY + timedelta(days=14), TODAY - timedelta(days=1)
KEPT, REPLACED, WITHDRAWN = SettlementKind
EARLIER = UUID(int=1)


def recommendation(number, **values):
    defaults = {
        "id": UUID(int=number),
        "position": number - 99,
        "kind": "psychotherapy",
        "action": None,
        "atc_code": None,
        "drug_name": None,
        "daily_dose_mg": None,
        "titration": None,
        "detail": "TCC",
        "alternative": None,
        "owner_role": "nurse",
        "due_on": SOON,
    }
    return Recommendation(**defaults | values)


def sertraline(number, **values):
    drug = {"kind": "medication", "action": "increase", "drug_name": "sertraline"}
    return recommendation(number, **drug, atc_code="N06AB06", daily_dose_mg=Decimal(50), **values)


def review(number, *lines, on=TODAY - timedelta(days=20), **values):
    signed_at = datetime.combine(on, datetime.min.time(), tzinfo=UTC) + timedelta(hours=9)
    defaults = {
        "id": UUID(int=number),
        "psychiatrist": None,
        "outcome": "reviewed",
        "summary": "Synthèse",
        "next_review_on": None,
        "signed_at": signed_at,
        "signed_on": on,
        "supersedes": None,
        "superseded_by": None,
        "recommendations": lines,
        "seen": {},
    }
    return CaseReview(**defaults | values)


def owed(*lines, rules=(), tier=Tier.SAFETY):
    """Return what the case owes after one review with these lines, while these rules hold."""
    reasons = tuple(SimpleNamespace(rule=SimpleNamespace(id=one), tier=tier) for one in rules)
    return replace(owed_by(replace(COMPLETE, reviews=(review(1, *lines),))), reasons=reasons)


THERAPY = recommendation(100)
OVERDUE = recommendation(100, due_on=PAST)
ORDER = sertraline(101)
SAFETY = recommendation(102, kind="safety", detail="Plan de sécurité")

NEW_LINE = DraftLine("a", kind="other", detail="Revoir le sommeil", owner_role="nurse")
NEW_ORDER = DraftLine(
    "b",
    kind="medication",
    action="start",
    atc_code="N06AX16",
    drug_name="venlafaxine LP",
    dose="75",
    titration="75 mg le matin",
    alternative="mirtazapine",
    owner_role="gp",
)
SWITCH = replace(
    NEW_ORDER, action="switch", replaced_atc_code="N06AB06", replaced_drug_name="sertraline"
)
SAME_DRUG = replace(NEW_ORDER, atc_code="N06AB06", drug_name="sertraline")
NEW_SAFETY = DraftLine("c", kind="safety", detail="Rappeler demain", owner_role="nurse")
NOTHING = DraftReview("Réponse partielle", next_review_on=SOON)
READY = replace(NOTHING, lines=(NEW_LINE,))


def found(draft, case):
    return [(one.field, one.code) for one in problems(draft, TODAY, case)]


def choice(line, kind, **values):
    return DraftSettlement(str(line.id), kind, **values)


def chosen(draft, line, kind, **values):
    return with_settlement(draft, str(line.id), kind=kind, **values)


@pytest.mark.parametrize(
    ("title", "lines", "earlier", "expected"),
    [
        ("another kind", (NEW_LINE,), THERAPY, choice(THERAPY, KEPT, due_on=SOON)),
        ("no line", (), ORDER, choice(ORDER, KEPT, due_on=SOON)),
        ("no new order", (NEW_LINE,), ORDER, choice(ORDER, KEPT, due_on=SOON)),
        ("a new order", (NEW_LINE, NEW_ORDER), ORDER, choice(ORDER, REPLACED, replaced_by="b")),
        (
            "the order on the same drug of two",
            (NEW_ORDER, replace(SAME_DRUG, id="d")),
            ORDER,
            choice(ORDER, REPLACED, replaced_by="d"),
        ),
        (
            "a switch from its drug",
            (
                replace(NEW_ORDER, id="e", drug_name="mirtazapine", atc_code="N06AX11"),
                replace(SWITCH, id="f"),
            ),
            ORDER,
            choice(ORDER, REPLACED, replaced_by="f"),
        ),
    ],
)
def test_each_earlier_line_has_its_proposal(title, lines, earlier, expected):
    draft = completed(replace(READY, lines=lines), owed(earlier))
    assert draft.settlements == (expected,)


@pytest.mark.parametrize(
    ("title", "draft", "lines", "expected"),
    [
        ("nothing to settle", READY, (), []),
        ("kept", READY, (THERAPY,), []),
        ("kept, though its day is past", READY, (OVERDUE,), [("due_on", "in_the_past")]),
        ("kept until another day", chosen(READY, OVERDUE, KEPT, due_on=SOON), (OVERDUE,), []),
        (
            "kept for two years",
            chosen(READY, OVERDUE, KEPT, due_on=TODAY + timedelta(days=800)),
            (OVERDUE,),
            [("due_on", "too_far")],
        ),
        ("kept without a day, as it was", READY, (replace(THERAPY, due_on=None),), []),
        ("withdrawn", chosen(READY, OVERDUE, WITHDRAWN), (OVERDUE,), []),
        ("replaced", chosen(READY, OVERDUE, REPLACED, replaced_by="a"), (OVERDUE,), []),
        (
            "replaced by a line that was removed",
            without_line(
                chosen(
                    replace(READY, lines=(NEW_LINE, NEW_SAFETY)), THERAPY, REPLACED, replaced_by="c"
                ),
                "c",
            ),
            (THERAPY,),
            [("replaced_by", "missing")],
        ),
        (
            "two orders on one drug",
            chosen(replace(READY, lines=(SAME_DRUG,)), ORDER, KEPT),
            (ORDER,),
            [("kind", "same_drug")],
        ),
        (
            "two orders on one drug, by its name",
            chosen(
                replace(READY, lines=(replace(SAME_DRUG, atc_code=None, drug_name=" Sertraline"),)),
                ORDER,
                KEPT,
            ),
            (replace(ORDER, atc_code=None),),
            [("kind", "same_drug")],
        ),
        (
            "a switch from the drug of an order that is kept",
            chosen(replace(READY, lines=(SWITCH,)), ORDER, KEPT),
            (ORDER,),
            [("kind", "same_drug")],
        ),
        (
            "orders on two drugs",
            chosen(replace(READY, lines=(NEW_ORDER,)), ORDER, KEPT),
            (ORDER,),
            [],
        ),
        (
            "two earlier orders on one drug",
            READY,
            (ORDER, sertraline(105)),
            [("kind", "same_drug")],
        ),
    ],
)
def test_what_keeps_settlements_from_being_signed(title, draft, lines, expected):
    assert [(field.split("/")[-1], code) for field, code in found(draft, owed(*lines))] == expected


def test_a_review_with_two_orders_on_one_drug_cannot_leave():
    draft = replace(READY, lines=(SAME_DRUG, replace(SAME_DRUG, id="z")))
    assert found(draft, owed()) == [("lines/z/drug_name", "same_drug")]


@pytest.mark.parametrize(
    ("title", "draft", "lines", "signable"),
    [
        ("nothing", NOTHING, (), False),
        ("an earlier line kept as it was", NOTHING, (THERAPY,), False),
        ("an earlier line withdrawn", chosen(NOTHING, THERAPY, WITHDRAWN), (THERAPY,), True),
        (
            "an earlier line put off",
            chosen(NOTHING, THERAPY, KEPT, due_on=SOON + timedelta(days=7)),
            (THERAPY,),
            True,
        ),
        ("risk decided", replace(NOTHING, risk=RiskStatement(RiskLevel.LOW, None, "x")), (), True),
        ("risk left open", replace(NOTHING, risk=RiskStatement(RiskLevel.NOT_ASSESSED)), (), False),
    ],
)
def test_a_review_without_a_line_of_its_own_decides_something(title, draft, lines, signable):
    assert found(draft, owed(*lines)) == ([] if signable else [("lines", "nothing_advised")])


MODERATE = RiskStatement(RiskLevel.MODERATE, SOON, "Vue demain par son médecin")
LOW = RiskStatement(RiskLevel.LOW, None, "Rien à signaler")
NOT_ASSESSED = RiskStatement(RiskLevel.NOT_ASSESSED)


@pytest.mark.parametrize(
    ("title", "risk", "expected"),
    [
        ("not stated", None, [("risk/level", "missing")]),
        ("left open", RiskStatement(RiskLevel.NOT_ASSESSED), []),
        ("moderate", MODERATE, []),
        ("low without a day", replace(MODERATE, level=RiskLevel.LOW, reassess_on=None), []),
        (
            "moderate without a day",
            replace(MODERATE, reassess_on=None),
            [("risk/reassess_on", "missing")],
        ),
        (
            "high, to be reassessed today",
            RiskStatement(RiskLevel.HIGH, TODAY, "x"),
            [("risk/reassess_on", "not_in_the_future")],
        ),
        (
            "high, to be reassessed yesterday",
            RiskStatement(RiskLevel.HIGH, PAST, "x"),
            [("risk/reassess_on", "in_the_past")],
        ),
        ("nothing to be done", replace(MODERATE, reason=" "), [("risk/reason", "missing")]),
    ],
)
@pytest.mark.parametrize("rule", ASKING_RULES)
def test_what_keeps_a_risk_decision_from_being_signed(title, risk, expected, rule):
    assert found(replace(READY, risk=risk), owed(rules=(rule,))) == expected


def test_a_decision_without_an_alert_is_as_complete_as_with_one():
    assert found(replace(READY, risk=replace(MODERATE, reason="")), owed()) == [
        ("risk/reason", "missing")
    ]
    assert found(READY, owed(rules=("not_improved",))) == []


@pytest.mark.parametrize(
    ("title", "draft", "lines"),
    [
        ("a new safety line", replace(READY, lines=(NEW_LINE, NEW_SAFETY)), ()),
        ("an earlier one that is kept", READY, (SAFETY,)),
    ],
)
def test_a_safety_line_says_what_is_to_be_done(title, draft, lines):
    decided = replace(draft, risk=replace(MODERATE, reason=""))
    assert found(decided, owed(*lines, rules=("safety_flag",))) == []


def test_a_safety_line_that_is_withdrawn_does_not_say_what_is_to_be_done():
    draft = chosen(replace(READY, risk=replace(MODERATE, reason="")), SAFETY, WITHDRAWN)
    assert found(draft, owed(SAFETY)) == [("risk/reason", "missing")]


def test_what_is_signed_gives_no_reason_against_a_safety_line_that_it_has():
    draft = replace(READY, risk=MODERATE, lines=(NEW_SAFETY,))
    assert completed(draft, owed()).risk == replace(MODERATE, reason="")
    assert completed(replace(draft, lines=(NEW_LINE,)), owed()).risk == MODERATE


@pytest.mark.parametrize(
    ("level", "days"),
    [(RiskLevel.LOW, None), (RiskLevel.MODERATE, 14), (RiskLevel.HIGH, 7)],
)
def test_a_level_brings_the_day_of_reassessment_that_is_proposed(level, days):
    draft = with_risk(replace(READY, risk=MODERATE), level, TODAY)
    expected = None if days is None else TODAY + timedelta(days=days)
    assert draft.risk == RiskStatement(level, expected, MODERATE.reason)


@pytest.mark.parametrize(
    ("rules", "tier", "can"),
    [
        ((), Tier.SAFETY, True),
        (("safety_flag",), Tier.SAFETY, False),
        (("risk_reassessment_due",), Tier.OWED, True),
    ],
)
def test_no_change_is_offered_unless_a_rule_of_tier_0_holds(rules, tier, can):
    case = owed(rules=rules, tier=tier)
    assert can_leave_unchanged(case) is can
    signable = found(unchanged(NOTHING, case), case)
    assert signable == ([] if can else [("lines", "alert_stands")])
    if not can:
        with pytest.raises(AlertStands):
            check_can_leave_unchanged(case)


def test_no_change_keeps_every_line_with_its_day_and_leaves_the_risk_open():
    case = owed(OVERDUE, ORDER, rules=("risk_reassessment_due",), tier=Tier.OWED)
    draft = unchanged(chosen(NOTHING, ORDER, WITHDRAWN), case)
    assert found(draft, case) == []
    assert completed(draft, case).settlements == (
        choice(OVERDUE, KEPT, due_on=PAST),
        choice(ORDER, KEPT, due_on=SOON),
    )
    assert draft.risk == RiskStatement(RiskLevel.NOT_ASSESSED)
    assert unchanged(replace(NOTHING, risk=MODERATE), case).risk == MODERATE


def test_a_review_that_changes_nothing_withdraws_nothing():
    draft = replace(chosen(NOTHING, THERAPY, WITHDRAWN), outcome="no_change")
    assert [code for _field, code in found(draft, owed(THERAPY))] == ["change_advised"]
    assert chosen(unchanged(NOTHING, owed(THERAPY)), THERAPY, WITHDRAWN).outcome == "reviewed"


def test_the_amendment_of_a_review_that_stated_the_risk_states_it_again():
    amended = review(1, THERAPY, risk=MODERATE)
    case = owed_by(replace(COMPLETE, reviews=(amended,)), amended.id)
    assert case.earlier == ()
    assert found(READY, case) == [("risk/level", "missing")]


@pytest.mark.parametrize(
    ("title", "rules", "later", "restated"),
    [
        ("nothing since", (), {}, MODERATE),
        ("a rule that asks for no decision", ("never_reviewed",), {}, MODERATE),
        ("a later review without a decision", (), {"risk": NOT_ASSESSED}, MODERATE),
        ("a later decision", (), {"risk": LOW}, None),
        ("a superseded later decision", (), {"risk": LOW, "superseded_by": UUID(int=9)}, MODERATE),
        *((one, (one,), {}, None) for one in ASKING_RULES),
    ],
)
def test_an_amendment_restates_a_risk_decision_only_while_it_holds(title, rules, later, restated):
    amended, last = review(1, risk=MODERATE), review(2, on=TODAY - timedelta(days=2), **later)
    reasons = tuple(SimpleNamespace(rule=SimpleNamespace(id=one)) for one in rules)
    case = replace(COMPLETE, reviews=(amended, last), reasons=reasons)
    assert risk_to_restate(case, amended.id) == restated


ANSWERED = replace(THERAPY, answers=(Answer(UUID(int=9), None, "done", None, datetime.now(UTC)),))


@pytest.mark.parametrize(
    ("title", "now", "withdrawn", "what"),
    [
        ("as it was", (review(1, THERAPY),), False, []),
        ("answered", (review(1, ANSWERED),), False, ["answered"]),
        ("withdrawn", (review(1, THERAPY),), True, ["withdrawn"]),
        (
            "replaced by a colleague",
            (review(1, THERAPY), review(2, sertraline(103), on=TODAY - timedelta(days=2))),
            False,
            ["settled", "open"],
        ),
    ],
)
def test_lines_that_are_not_as_they_were_on_the_screen_are_found(title, now, withdrawn, what):
    draft = completed(READY, owed(THERAPY))
    settlement = Settlement(
        UUID(int=5), THERAPY.id, None, WITHDRAWN, None, datetime.now(UTC), None, None, "Plus voulu"
    )
    case = replace(COMPLETE, reviews=now, withdrawals=(settlement,) if withdrawn else ())
    assert [one.what for one in changed_lines(draft, case)] == what


def test_two_reviews_that_settle_alike_say_the_same_whatever_their_lines_are_called():
    draft = completed(
        replace(READY, lines=(NEW_LINE, NEW_ORDER), risk=MODERATE), owed(THERAPY, ORDER)
    )
    renamed = replace(
        draft,
        lines=(replace(NEW_LINE, id="1"), replace(NEW_ORDER, id="2")),
        settlements=tuple(
            replace(one, replaced_by="2" if one.replaced_by else None)
            for one in reversed(draft.settlements)
        ),
    )
    assert says_the_same(draft, renamed)
    assert not says_the_same(draft, replace(renamed, risk=None))
    assert not says_the_same(draft, replace(renamed, settlements=renamed.settlements[:1]))


earlier_lines = st.lists(
    st.sampled_from(["medication", "safety", "psychotherapy"]), max_size=4
).map(
    lambda kinds: [
        sertraline(100 + place) if kind == "medication" else recommendation(100 + place, kind=kind)
        for place, kind in enumerate(kinds)
    ]
)
choices = st.lists(
    st.builds(
        DraftSettlement,
        st.integers(100, 105).map(lambda number: str(UUID(int=number))),
        st.none() | st.sampled_from(SettlementKind),
        st.none() | st.dates(date(2026, 11, 1), date(2027, 1, 1)),
        st.none() | st.sampled_from("abz"),
        st.sampled_from(["", "Plus souhaité"]),
    ),
    unique_by=lambda one: one.id,
)
new_lines = st.lists(st.sampled_from([NEW_LINE, NEW_ORDER, NEW_SAFETY]), unique=True).map(tuple)


@given(earlier_lines, choices, new_lines)
def test_a_completed_draft_settles_each_open_line_once_and_no_other(lines, settlements, new):
    case = owed(*lines)
    draft = completed(replace(READY, lines=new, settlements=tuple(settlements)), case)

    assert [one.id for one in draft.settlements] == [str(line.id) for line in lines]
    assert all(one.kind in SettlementKind for one in draft.settlements)
    assert completed(draft, case) == draft
    assert from_json(to_json(draft)) == draft
    for one in draft.settlements:
        assert one.replaced_by is None or one.kind is REPLACED
        assert not one.due_on or one.kind is KEPT
    if not problems(draft, TODAY, case):
        orders = [line.drug_name for line in new if line.kind == "medication"]
        orders += [
            line.drug_name
            for line, one in zip(lines, draft.settlements, strict=True)
            if line.kind == "medication" and one.kind is KEPT
        ]
        assert len(orders) == len(set(orders))

"""Two windows that write to one draft, and the text that is kept."""

from dataclasses import fields, replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice.drafts import (
    Changes,
    NewFlag,
    NewQuestion,
    NewReview,
    NewScore,
    Replaced,
    Seen,
    joined,
    proposed_to_replace,
    seen_from_json,
    seen_to_json,
)
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.risk import RiskStatement
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.support.case_files import COMPLETE
from tests.support.case_files import SERTRALINE as SERTRALINE_ROW

A, B, C = (DraftLine(name, kind="other", detail=f"line {name}") for name in "abc")
BASE = DraftReview("base", (A, B))


def changed(line, detail):
    return replace(line, detail=detail)


@pytest.mark.parametrize(
    ("title", "mine", "theirs", "both", "replaced"),
    [
        ("nobody", BASE, BASE, BASE, []),
        ("I alone", replace(BASE, summary="mine"), BASE, replace(BASE, summary="mine"), []),
        ("they alone", BASE, replace(BASE, summary="theirs"), replace(BASE, summary="theirs"), []),
        (
            "both, the same",
            replace(BASE, summary="same"),
            replace(BASE, summary="same"),
            replace(BASE, summary="same"),
            [],
        ),
        (
            "both, one field",
            replace(BASE, summary="mine"),
            replace(BASE, summary="theirs"),
            replace(BASE, summary="mine"),
            [Replaced("summary", "theirs")],
        ),
        (
            "two fields of one line",
            replace(BASE, lines=(changed(A, "mine"), B)),
            replace(BASE, lines=(replace(A, owner_role="gp"), B)),
            replace(BASE, lines=(replace(A, detail="mine", owner_role="gp"), B)),
            [],
        ),
        (
            "one field of one line",
            replace(BASE, lines=(changed(A, "mine"), B)),
            replace(BASE, lines=(changed(A, "theirs"), B)),
            replace(BASE, lines=(changed(A, "mine"), B)),
            [Replaced("lines/a/detail", "theirs")],
        ),
        (
            "a line each",
            replace(BASE, lines=(A, B, C)),
            replace(BASE, lines=(A, B, replace(C, id="d"))),
            replace(BASE, lines=(A, B, C, replace(C, id="d"))),
            [],
        ),
        (
            "I remove, they leave",
            replace(BASE, lines=(B,)),
            BASE,
            replace(BASE, lines=(B,)),
            [],
        ),
        ("they remove, I leave", BASE, replace(BASE, lines=(B,)), replace(BASE, lines=(B,)), []),
        (
            "they remove what I change",
            replace(BASE, lines=(changed(A, "mine"), B)),
            replace(BASE, lines=(B,)),
            replace(BASE, lines=(B, changed(A, "mine"))),
            [],
        ),
        (
            "I remove what they change",
            replace(BASE, lines=(B,)),
            replace(BASE, lines=(changed(A, "theirs"), B)),
            replace(BASE, lines=(B, changed(A, "theirs"))),
            [],
        ),
        (
            "they move",
            replace(BASE, summary="mine"),
            replace(BASE, lines=(B, A)),
            replace(BASE, summary="mine", lines=(B, A)),
            [],
        ),
        (
            "I move, they add",
            replace(BASE, lines=(B, A)),
            replace(BASE, lines=(A, B, C)),
            replace(BASE, lines=(B, A, C)),
            [],
        ),
        (
            "what was empty there is not told",
            replace(BASE, next_review_on=date(2026, 12, 1)),
            replace(BASE, summary=""),
            replace(BASE, summary="", next_review_on=date(2026, 12, 1)),
            [],
        ),
    ],
)
def test_who_has_changed_what(title, mine, theirs, both, replaced):
    assert joined(BASE, mine, theirs) == (both, tuple(replaced))


WRITTEN = DraftReview(
    summary="summary",
    lines=(A,),
    next_review_on=date(2026, 12, 1),
    outcome="no_change",
    risk=RiskStatement(RiskLevel.LOW, date(2026, 12, 1), "reason"),
    settlements=(DraftSettlement("a", SettlementKind.KEPT, date(2026, 12, 1)),),
    answer="answer",
)


@pytest.mark.parametrize("name", [one.name for one in fields(DraftReview)])
def test_a_field_that_one_window_alone_has_written_is_kept(name):
    written = replace(DraftReview(), **{name: getattr(WRITTEN, name)})
    assert written != DraftReview()
    assert joined(DraftReview(), written, DraftReview()) == (written, ())
    assert joined(DraftReview(), DraftReview(), written) == (written, ())


def test_of_two_answers_to_the_nurse_mine_is_kept_and_theirs_is_told():
    mine, theirs = replace(BASE, answer="Oui."), replace(BASE, answer="Non.")
    assert joined(BASE, mine, theirs) == (mine, (Replaced("answer", "Non."),))


def test_a_reason_that_they_wrote_is_told_if_i_removed_the_statement_on_the_risk():
    base = replace(BASE, risk=RiskStatement(RiskLevel.LOW))
    theirs = replace(BASE, risk=RiskStatement(RiskLevel.LOW, None, "Entourée."))
    assert joined(base, BASE, theirs) == (BASE, (Replaced("risk/reason", "Entourée."),))


def test_a_reason_that_i_wrote_is_kept_if_they_removed_the_statement_on_the_risk():
    base = replace(BASE, risk=RiskStatement(RiskLevel.LOW))
    mine = replace(BASE, risk=RiskStatement(RiskLevel.LOW, None, "Entourée."))
    assert joined(base, mine, BASE) == (mine, ())


texts = st.sampled_from(["", "one", "two", "three"])
lines = st.lists(st.sampled_from("abcd"), unique=True).flatmap(
    lambda ids: st.tuples(*(st.builds(DraftLine, id=st.just(one), detail=texts) for one in ids))
)
drafts = st.builds(DraftReview, summary=texts, lines=lines)


@given(drafts, drafts, drafts)
def test_nothing_that_i_wrote_is_lost_and_what_they_wrote_stands_or_is_told(base, mine, theirs):
    both, replaced = joined(base, mine, theirs)
    told = {one.value for one in replaced}
    for line in mine.lines:
        if line != base.line(line.id):
            kept = both.line(line.id)
            was = base.line(line.id)
            assert kept is not None
            if was is None or line.detail != was.detail:
                assert kept.detail == line.detail or line.detail == ""
    for line in theirs.lines:
        if line != base.line(line.id) and line.detail:
            kept = both.line(line.id)
            assert kept is not None
            was = base.line(line.id)
            if was is None or was.detail != line.detail:
                assert line.detail in {kept.detail} | told


@given(drafts, drafts)
def test_a_window_alone_has_its_way(base, mine):
    assert joined(base, mine, base) == (mine, ())
    assert joined(base, base, mine) == (mine, ())


def test_what_was_seen_comes_back_from_json():
    seen = Seen(
        frozenset({3, 1}),
        frozenset({uuid4()}),
        questions=frozenset({uuid4()}),
        assessment_versions=frozenset({(3, "0b"), (1, "0a")}),
        flag_versions=frozenset({(2, "0c")}),
    )
    assert seen_from_json(seen_to_json(seen)) == seen
    assert seen_from_json(seen_to_json(None)) is None
    assert seen_to_json(seen)["assessments"] == [1, 3]
    assert seen_to_json(seen)["assessment_versions"] == [[1, "0a"], [3, "0b"]]


def test_draft_of_an_earlier_release_has_seen_no_question():
    assert seen_from_json({"assessments": [1], "reviews": [], "flags": []}) == Seen(frozenset({1}))


def shown(*versions):
    """Return a row with the id 3 as a page has shown it, with each of these versions."""
    ids, pairs = frozenset({3}), frozenset((3, version) for version in versions)
    return Seen(ids, flags=ids, assessment_versions=pairs, flag_versions=pairs)


@pytest.mark.parametrize(
    ("title", "seen", "is_seen"),
    [
        ("never shown", Seen(), False),
        ("as it is", shown("0a"), True),
        ("before it was corrected", shown("0b"), False),
        ("before and after", shown("0b") | shown("0a"), True),
        ("in a draft of an earlier release", shown(), True),
        ("in such a draft, and on the page before the correction", shown() | shown("0b"), False),
    ],
)
def test_a_row_is_seen_in_the_version_that_was_shown(title, seen, is_seen):
    assert seen.has_assessment(3, "0a") is is_seen
    assert seen.has_flag(3, "0a") is is_seen


def test_changes_that_are_taken_into_account_have_been_seen():
    score = NewScore(7, "0a", "phq9", date(2026, 11, 1), 12)
    flag = NewFlag(5, "0b", "safety", None)
    review = NewReview(uuid4(), None, None)
    question = NewQuestion(uuid4(), None, "Augmenter ?", None)
    assert Changes((score,), (review,), (flag,), (question,)).seen == Seen(
        frozenset({7}),
        frozenset({review.id}),
        frozenset({5}),
        frozenset({question.version}),
        frozenset({(7, "0a")}),
        frozenset({(5, "0b")}),
    )
    assert Changes(questions=(question,))
    assert not Changes()
    assert Changes(scores=(score,))


ON_THE_24TH = date(2026, 11, 24)
SERTRALINE, FLUOXETINE, OXAZEPAM = "N06AB06", "N06AB03", "N05BA04"


def takes(code, until=None, *, as_needed=False):
    return replace(SERTRALINE_ROW, atc_code=code, name=code, stopped_on=until, as_needed=as_needed)


@pytest.mark.parametrize(
    ("title", "treatments", "proposed"),
    [
        ("nothing taken", [], None),
        ("one antidepressant", [takes(SERTRALINE)], SERTRALINE),
        ("beside another drug", [takes(OXAZEPAM), takes(SERTRALINE)], SERTRALINE),
        ("another drug alone", [takes(OXAZEPAM)], None),
        ("two antidepressants", [takes(SERTRALINE), takes(FLUOXETINE)], None),
        ("one of them stopped", [takes(SERTRALINE, ON_THE_24TH), takes(FLUOXETINE)], FLUOXETINE),
        ("as needed", [takes(SERTRALINE, as_needed=True)], None),
    ],
)
def test_a_switch_is_proposed_to_replace_the_one_antidepressant_taken(title, treatments, proposed):
    case = replace(COMPLETE, as_of=ON_THE_24TH, treatments=tuple(treatments))
    found = proposed_to_replace(case)
    assert (found and found.atc_code) == proposed

"""The cautions about a draft before it is signed, at their boundaries."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from dashboard.clinical.advice.cautions import cautions
from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.advice.settling import Owed
from dashboard.clinical.advice.standing_advice import StandingAdvice
from dashboard.clinical.case.case_file import (
    Answer,
    CaseReview,
    Condition,
    Recommendation,
    Treatment,
)
from dashboard.clinical.drug_names import DRUG_NAMES, OTHER_DRUGS, atc_code_of
from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.vocabulary import SettlementKind
from tests.support.case_files import COMPLETE

TODAY = date(2026, 11, 24)
BEFORE = date(2026, 9, 1)


def case(treatments=(), conditions=(), born=date(1983, 5, 2)):
    return replace(
        COMPLETE,
        as_of=TODAY,
        identity=replace(COMPLETE.identity, birth_date=born),
        treatments=tuple(treatments),
        conditions=tuple(conditions),
    )


def takes(name, since=BEFORE, until=None):
    code = atc_code_of(name)
    return Treatment(1, code, name, Decimal(50), False, since, until, None, None, None)


def has(code, since=BEFORE, until=None):
    return Condition(1, code, code, since, until)


def order(drug, action="start", dose="10", line_id="a"):
    return DraftLine(line_id, "medication", action, atc_code_of(drug), drug, dose)


def found(lines, of):
    return [
        (one.code, one.line_id, one.facts.get("partner"))
        for one in cautions(DraftReview("x", tuple(lines)), of, Owed())
    ]


def facts_of(lines, of):
    draft = DraftReview("x", tuple(lines))
    return [(one.code, one.facts) for one in cautions(draft, of, Owed())]


ABOVE = [("dose_above_maximum", "a", None)]


@pytest.mark.parametrize(
    ("title", "drug", "dose", "born", "expected"),
    [
        ("at the maximum", "sertraline", "200", date(1983, 5, 2), []),
        ("above it", "sertraline", "200,5", date(1983, 5, 2), ABOVE),
        ("citalopram at 65", "citalopram", "40", date(1960, 11, 25), []),
        ("citalopram 65 on the day", "citalopram", "40", date(1961, 11, 24), []),
        ("citalopram the last day of 65", "citalopram", "40", date(1960, 11, 25), []),
        ("citalopram at 66", "citalopram", "40", date(1960, 11, 24), ABOVE),
        ("citalopram at 66, halved", "citalopram", "20", date(1960, 11, 24), []),
        ("escitalopram at 66", "escitalopram", "10,5", date(1960, 11, 24), ABOVE),
        ("escitalopram at 65", "escitalopram", "20", date(1960, 11, 25), []),
        ("half typed", "sertraline", "20O", date(1983, 5, 2), []),
        ("a drug without a maximum", "quétiapine", "900", date(1983, 5, 2), []),
    ],
)
def test_a_dose_above_the_maximum_at_the_patients_age(title, drug, dose, born, expected):
    assert found([order(drug, dose=dose)], case(born=born)) == expected


def test_the_numbers_and_the_source_are_given():
    above = order("citalopram", dose="30")
    (one,) = cautions(DraftReview("x", (above,)), case(born=date(1960, 11, 24)), Owed())
    assert one.facts == {
        "drug": "citalopram",
        "dose": Decimal(30),
        "maximum": Decimal(20),
        "age": 66,
    }
    assert one.source == "ANSM 24/05/2022"


def together(partner, line_id="a"):
    return [("contraindicated_combination", line_id, partner)]


LONG_QT = "I45.8"


@pytest.mark.parametrize(
    ("title", "lines", "of", "expected"),
    [
        ("with what is taken", [order("escitalopram")], case([takes("hydroxyzine")]),
         together("hydroxyzine")),
        ("the other way round", [order("hydroxyzine")], case([takes("citalopram")]),
         together("citalopram")),
        ("with lithium", [order("escitalopram")], case([takes("lithium")]), []),
        ("with what was stopped today", [order("escitalopram")],
         case([takes("hydroxyzine", until=TODAY)]), []),
        ("with what is stopped tomorrow", [order("escitalopram")],
         case([takes("hydroxyzine", until=date(2026, 11, 25))]), together("hydroxyzine")),
        ("with what the draft stops",
         [order("escitalopram"), order("hydroxyzine", "stop", line_id="b")],
         case([takes("hydroxyzine")]), []),
        ("stopping is not combining", [order("escitalopram", "stop")],
         case([takes("escitalopram"), takes("hydroxyzine")]), []),
        ("going on is", [order("escitalopram", "continue")],
         case([takes("escitalopram"), takes("hydroxyzine")]), together("hydroxyzine")),
        ("between two lines", [order("escitalopram"), order("amitriptyline", dose="75",
         line_id="b")], case(), together("amitriptyline")),
        ("said once when it is in a line and taken",
         [order("escitalopram"), order("hydroxyzine", "continue", line_id="b")],
         case([takes("hydroxyzine")]), together("hydroxyzine")),
        ("with a long QT", [order("citalopram")], case(conditions=[has(LONG_QT)]),
         together(LONG_QT)),
        ("with a long QT that was resolved", [order("citalopram")],
         case(conditions=[has(LONG_QT, until=TODAY)]), []),
        ("with a long QT of unknown onset", [order("citalopram")],
         case(conditions=[has(LONG_QT, since=None)]), together(LONG_QT)),
        ("another antidepressant with a long QT", [order("sertraline")],
         case(conditions=[has(LONG_QT)]), []),
        ("not a medication", [replace(order("escitalopram"), kind="other", detail="x")],
         case([takes("hydroxyzine")]), []),
    ],
)  # fmt: skip
def test_contraindicated_combinations(title, lines, of, expected):
    assert found(lines, of) == expected


PREGNANT = case(conditions=[has("Z33")])
TREATED = replace(PREGNANT, treatments=(takes("sertraline"), takes("valproate")))


@pytest.mark.parametrize(
    ("title", "line", "of", "expected"),
    [
        ("antidepressant", order("sertraline"), PREGNANT, "psychotropic_in_pregnancy"),
        ("anxiolytic", order("oxazépam"), PREGNANT, "psychotropic_in_pregnancy"),
        ("valproate", order("valproate"), PREGNANT, "valproate_in_pregnancy"),
        ("stopping an antidepressant", order("sertraline", "stop"), TREATED, "stop_in_pregnancy"),
        ("stopping valproate", order("valproate", "stop"), TREATED, None),
        ("a drug of the heart", order("amiodarone"), PREGNANT, None),
        ("not pregnant", order("valproate"), case(), None),
        ("pregnancy over", order("sertraline"), case(conditions=[has("Z34", until=TODAY)]), None),
        ("supervision of pregnancy", order("sertraline"), case(conditions=[has("Z35.1")]),
         "psychotropic_in_pregnancy"),
    ],
)  # fmt: skip
def test_psychotropics_in_pregnancy(title, line, of, expected):
    assert [code for code, _, _ in found([line], of)] == ([expected] if expected else [])


def test_a_drug_that_is_not_known_is_said_not_to_be_checked():
    (one,) = cautions(DraftReview("x", (order("trazodone"),)), PREGNANT, Owed())
    assert one.code == "not_checked"


def switch(to, of):
    return replace(order(to, "switch"), replaced_drug_name=of, replaced_atc_code=atc_code_of(of))


def test_the_drug_that_a_switch_replaces_is_not_combined_with_the_new_one():
    treated = case([takes("hydroxyzine")])
    assert found([order("escitalopram")], treated) == together("hydroxyzine")
    assert found([switch("escitalopram", "hydroxyzine")], treated) == []


def test_a_switch_stops_the_drug_that_it_replaces():
    draft = DraftReview("x", (switch("amiodarone", "sertraline"),))
    (one,) = cautions(draft, TREATED, Owed())
    assert (one.code, one.facts) == ("stop_in_pregnancy", {"drug": "sertraline"})


def not_taken(drug):
    return [("not_taken", {"drug": drug})]


def taken_already(drug):
    return [("taken_already", {"drug": drug})]


def second(drug, shared, partner, dose=50):
    facts = {"drug": drug, "shared": shared, "partner": partner, "dose": dose}
    return [("second_of_class", facts)]


def failed(code, drug, reason):
    return [(code, {"drug": drug, "stopped_on": STOPPED_ON, "reason": reason})]


STOPPED_ON = date(2026, 4, 15)


def took(name, reason):
    return replace(takes(name, date(2026, 2, 1), STOPPED_ON), stop_reason=reason)


UNLISTED = Treatment(1, "N06AX05", "Trazodone", None, False, BEFORE, None, None, None, None)
ON_PAROXETINE = case([takes("paroxétine")])


@pytest.mark.parametrize(
    ("title", "lines", "of", "expected"),
    [
        ("increasing what is taken", [order("paroxétine", "increase")], ON_PAROXETINE, []),
        ("increasing what is not taken", [order("mirtazapine", "increase")], ON_PAROXETINE,
         not_taken("mirtazapine")),
        ("decreasing it", [order("mirtazapine", "decrease")], case(), not_taken("mirtazapine")),
        ("continuing it", [order("mirtazapine", "continue")], case(), not_taken("mirtazapine")),
        ("stopping it", [order("mirtazapine", "stop")], case(), not_taken("mirtazapine")),
        ("stopping what ended today", [order("mirtazapine", "stop")],
         case([takes("mirtazapine", until=TODAY)]), not_taken("mirtazapine")),
        ("stopping what ends tomorrow", [order("mirtazapine", "stop")],
         case([takes("mirtazapine", until=date(2026, 11, 25))]), []),
        ("an action that is not chosen yet", [order("mirtazapine", None)], case(), []),
        ("starting what is not taken", [order("mirtazapine")], ON_PAROXETINE, []),
        ("starting what is taken", [order("paroxétine")], ON_PAROXETINE,
         taken_already("paroxétine")),
        ("switching to what is taken", [switch("paroxétine", "mirtazapine")],
         case([takes("paroxétine"), takes("mirtazapine")]), taken_already("paroxétine")),
        ("replacing what is not taken", [switch("mirtazapine", "sertraline")], ON_PAROXETINE,
         not_taken("sertraline")),
        ("replacing nothing yet", [switch("mirtazapine", "")], ON_PAROXETINE, []),
        ("another name of the same code", [order("venlafaxine", "increase")],
         case([takes("venlafaxine LP")]), []),
        ("the same name without a code", [replace(order("trazodone", "increase"), dose="")],
         case([UNLISTED]), [("not_checked", {"drug": "trazodone"})]),
        ("a name without a code that is not taken", [order("trazodone", "stop")], case(),
         [*not_taken("trazodone"), ("not_checked", {"drug": "trazodone"})]),
    ],
)  # fmt: skip
def test_actions_that_do_not_fit_the_current_drugs(title, lines, of, expected):
    assert facts_of(lines, of) == expected


@pytest.mark.parametrize(
    ("title", "lines", "of", "expected"),
    [
        ("a second SSRI", [order("sertraline")], ON_PAROXETINE,
         second("sertraline", "ssri", "paroxétine")),
        ("increasing an SSRI that is not taken", [order("sertraline", "increase")], ON_PAROXETINE,
         [*not_taken("sertraline"), *second("sertraline", "ssri", "paroxétine")]),
        ("a second SNRI", [order("duloxétine", dose="60")], case([takes("venlafaxine LP")]),
         second("duloxétine", "reuptake", "venlafaxine LP")),
        ("an SNRI beside an SSRI", [order("venlafaxine", dose="75")], ON_PAROXETINE,
         second("venlafaxine", "reuptake", "paroxétine")),
        ("a second tricyclic", [order("amitriptyline", dose="75")], case([takes("clomipramine")]),
         second("amitriptyline", "tricyclic", "clomipramine")),
        ("another class", [order("mirtazapine")], ON_PAROXETINE, []),
        ("an SSRI that was stopped", [order("sertraline")],
         case([takes("paroxétine", until=TODAY)]), []),
        ("the SSRI is replaced", [switch("sertraline", "paroxétine")], ON_PAROXETINE, []),
        ("another drug is replaced", [switch("sertraline", "mirtazapine")],
         case([takes("paroxétine"), takes("mirtazapine")]),
         second("sertraline", "ssri", "paroxétine")),
        ("the other line stops the SSRI",
         [order("sertraline"), order("paroxétine", "stop", line_id="b")], ON_PAROXETINE, []),
        ("the other line continues the SSRI",
         [order("sertraline"), order("paroxétine", "continue", line_id="b")], ON_PAROXETINE, []),
        ("an action that is not chosen yet", [order("sertraline", None)], ON_PAROXETINE, []),
        ("two SSRIs that the draft starts",
         [order("paroxétine", dose="20"), order("sertraline", line_id="b")], case(),
         second("sertraline", "ssri", "paroxétine", 20)),
        ("a switch to one SSRI and the start of another",
         [switch("paroxétine", "mirtazapine"), order("sertraline", line_id="b")],
         case([takes("mirtazapine")]), second("sertraline", "ssri", "paroxétine", 10)),
        ("two drugs of different classes that the draft starts",
         [order("mirtazapine"), order("sertraline", line_id="b")], case(), []),
        ("an SSRI that is decreased while another is started",
         [order("paroxétine", "decrease"), order("sertraline", line_id="b")], ON_PAROXETINE, []),
        ("two orders on one drug", [order("sertraline"), order("sertraline", line_id="b")],
         case(), []),
    ],
)  # fmt: skip
def test_a_second_antidepressant_of_a_class_beside_one_of_which_nothing_is_said(
    title, lines, of, expected
):
    assert facts_of(lines, of) == expected


EARLIER = UUID(int=1)


def earlier(drug, action="start", kind="medication"):
    """Return what a review owes after an earlier line of advice on ``drug``, 10 mg a day."""
    code, given = atc_code_of(drug), datetime(2026, 11, 20, tzinfo=UTC)
    line = Recommendation(
        EARLIER, 1, kind, action, code, drug, Decimal(10), None, "", None, "gp", None
    )
    signed = CaseReview(
        EARLIER, None, "reviewed", "", None, given, given.date(), None, None, (line,), {}
    )
    return Owed(earlier=(StandingAdvice(line, signed, given, None),))


@pytest.mark.parametrize(
    ("title", "line", "owed", "of", "expected"),
    [
        ("a contra-indicated drug", order("hydroxyzine"), earlier("escitalopram"), case(),
         together("escitalopram")),
        ("the other way round", order("escitalopram"), earlier("hydroxyzine"), case(),
         together("hydroxyzine")),
        ("one of a switch", order("hydroxyzine"), earlier("escitalopram", "switch"), case(),
         together("escitalopram")),
        ("a drug that goes on", order("escitalopram", "continue"), earlier("hydroxyzine"),
         case([takes("escitalopram")]), together("hydroxyzine")),
        ("one that is taken by now is said once", order("escitalopram"),
         earlier("hydroxyzine", "increase"), case([takes("hydroxyzine")]),
         together("hydroxyzine")),
        ("a second SSRI", order("sertraline"), earlier("escitalopram"), case(),
         [("second_of_class", "a", "escitalopram")]),
        ("another class", order("mirtazapine"), earlier("escitalopram"), case(), []),
        ("the end of a contra-indicated drug", order("hydroxyzine"),
         earlier("escitalopram", "stop"), case(), []),
        ("the draft stops the other", order("hydroxyzine", "stop"), earlier("escitalopram"),
         case([takes("hydroxyzine")]), []),
        ("not a medication", order("hydroxyzine"), earlier("escitalopram", kind="other"), case(),
         []),
    ],
)  # fmt: skip
def test_a_drug_of_an_earlier_line_that_the_draft_keeps_counts(title, line, owed, of, expected):
    kept = DraftSettlement(str(EARLIER), SettlementKind.KEPT)
    draft = DraftReview("x", (line,), settlements=(kept,))
    said = [(one.code, one.line_id, one.facts["partner"]) for one in cautions(draft, of, owed)]
    assert said == expected


@pytest.mark.parametrize("kind", [None, SettlementKind.REPLACED, SettlementKind.WITHDRAWN])
def test_a_drug_of_an_earlier_line_that_ends_does_not_count(kind):
    ended = DraftSettlement(str(EARLIER), kind)
    draft = DraftReview("x", (order("hydroxyzine"),), settlements=(ended,))
    assert cautions(draft, case(), earlier("escitalopram")) == ()


def answered(drug, outcome="done", action="start", replaced=None, day=20):
    """Return a review of 10 November whose line on ``drug`` was answered on this day."""
    given, answered_at = (datetime(2026, 11, on, tzinfo=UTC) for on in (10, day))
    line = Recommendation(
        EARLIER, 1, "medication", action, atc_code_of(drug), drug, Decimal(10), None, "", None,
        "gp", None, (Answer(EARLIER, None, outcome, None, answered_at),), replaced,
    )  # fmt: skip
    return CaseReview(
        EARLIER, None, "reviewed", "", None, given, given.date(), None, None, (line,), {}
    )


SIGNED, LATER = date(2026, 11, 10), 22


@pytest.mark.parametrize(
    ("title", "lines", "reviews", "treatments", "expected"),
    [
        ("done, and not in the registry", [order("hydroxyzine")], [answered("escitalopram")], [],
         together("escitalopram")),
        ("a switch that was done", [order("hydroxyzine")],
         [answered("escitalopram", action="switch", replaced="sertraline")], [],
         together("escitalopram")),
        ("a second SSRI", [order("sertraline")], [answered("escitalopram")], [],
         [("second_of_class", "a", "escitalopram")]),
        ("in the registry: said once", [order("hydroxyzine")], [answered("escitalopram")],
         [takes("escitalopram", SIGNED)], together("escitalopram")),
        ("stopped by the registry since", [order("hydroxyzine")], [answered("escitalopram")],
         [takes("escitalopram", SIGNED, SIGNED)], []),
        ("stopped by the registry before, and begun again", [order("hydroxyzine")],
         [answered("escitalopram")], [takes("escitalopram", BEFORE, date(2026, 11, 9))],
         together("escitalopram")),
        ("declined", [order("hydroxyzine")], [answered("escitalopram", "declined")], [], []),
        ("only read", [order("hydroxyzine")], [answered("escitalopram", "acknowledged")], [], []),
        ("a stop that was done", [order("hydroxyzine")],
         [answered("escitalopram", action="stop")], [], []),
        ("stopped by a later line that was done", [order("hydroxyzine")],
         [answered("escitalopram"), answered("escitalopram", action="stop", day=LATER)], [], []),
        ("a later line that was declined stops nothing", [order("hydroxyzine")],
         [answered("escitalopram"), answered("escitalopram", "declined", "stop", day=LATER)], [],
         together("escitalopram")),
        ("replaced by a later line that was done", [order("hydroxyzine")],
         [answered("escitalopram"),
          answered("mirtazapine", action="switch", replaced="Escitalopram", day=LATER)], [], []),
        ("replaced by the draft", [switch("hydroxyzine", "escitalopram")],
         [answered("escitalopram")], [], [("not_taken", "a", None)]),
    ],
)  # fmt: skip
def test_a_drug_that_was_answered_as_started_counts(title, lines, reviews, treatments, expected):
    assert found(lines, replace(case(treatments), reviews=tuple(reviews))) == expected


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        ("inefficacité", True),
        ("Inefficace à 150 mg", True),
        ("échec", True),
        ("effets indésirables", True),
        ("intolérance digestive", True),
        ("no response", True),
        ("side effects", True),
        ("Non-réponse", True),
        ("manque d’efficacité", True),
        ("absence d'effet à 8 semaines", True),
        ("mauvaise tolérance", True),
        ("lack of efficacy", True),
        ("poorly tolerated", True),
        ("hypertension artérielle", True),
        ("allongement du QT", True),
        ("Nausées persistantes", True),
        ("prise de poids de 6 kg", True),
        ("sexual dysfunction", True),
        ("rémission depuis six mois", False),
        ("souhait de grossesse", False),
        ("changement de dose", False),
        ("fin de traitement", False),
        ("", False),
        (None, False),
    ],
)
def test_a_drug_that_did_not_work_or_was_not_tolerated_before(reason, counts):
    of = case([took("sertraline", reason)])
    started = facts_of([order("sertraline")], of)
    assert started == (failed("failed_before", "sertraline", reason) if counts else [])
    increased = facts_of([order("sertraline", "increase")], of)
    assert increased[1:] == started
    line = replace(order("mirtazapine"), alternative="puis SERTRALINE 50 mg/j.")
    said = "alternative_failed_before"
    assert facts_of([line], of) == (failed(said, "sertraline", reason) if counts else [])


def test_a_drug_that_failed_before_the_episode_counts_as_one_that_failed_in_it():
    of = replace(case(), earlier_treatments=(took("sertraline", "Inefficacité"),))
    named = replace(order("mirtazapine"), alternative="sertraline 50 mg")
    assert facts_of([order("sertraline")], of) == failed(
        "failed_before", "sertraline", "Inefficacité"
    )
    assert facts_of([named], of) == failed(
        "alternative_failed_before", "sertraline", "Inefficacité"
    )


@pytest.mark.parametrize(
    ("title", "alternative", "of", "expected"),
    [
        ("another name of its code", "venlafaxine 75 mg", "venlafaxine LP", True),
        ("with accents or without", "fluoxetine 20 mg", "fluoxétine", True),
        ("a longer word", "escitalopram 10 mg", "citalopram", False),
        ("another drug", "mirtazapine 15 mg", "sertraline", False),
        ("none", "avis en présentiel", "sertraline", False),
        ("stopped later than the day of the case", "sertraline 50 mg", None, False),
    ],
)
def test_the_drugs_that_an_alternative_names(title, alternative, of, expected):
    before = took(of or "sertraline", "inefficacité")
    if of is None:
        before = replace(before, stopped_on=date(2026, 11, 25))
    line = replace(order("tianeptine", dose="25"), alternative=alternative)
    codes = [code for code, _ in facts_of([line], case([before]))]
    assert codes == (["alternative_failed_before"] if expected else [])


def test_a_line_without_a_drug_yet_says_nothing():
    assert found([order("")], PREGNANT) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sertraline", "N06AB06"),
        (" Sertraline ", "N06AB06"),
        ("FLUOXETINE", "N06AB03"),
        ("fluoxétine", "N06AB03"),
        ("venlafaxine", "N06AX16"),
        ("Venlafaxine LP", "N06AX16"),
        ("hydroxyzine", "N05BB01"),
        ("trazodone", None),
        ("", None),
    ],
)
def test_a_drug_is_known_by_its_name_whatever_its_accents(name, code):
    assert atc_code_of(name) == code


def test_the_patients_own_treatment_names_drugs_too_but_renames_none():
    own = {"Trazodone": "N06AX05", "sertraline": "X"}
    assert atc_code_of("trazodone", also=own) == "N06AX05"
    assert atc_code_of("sertraline", also=own) == "N06AB06"


def test_every_drug_that_is_offered_has_a_code_and_each_antidepressant_is_offered():
    assert len(set(DRUG_NAMES)) == len(DRUG_NAMES)
    assert all(atc_code_of(name) for name in DRUG_NAMES)
    assert {drug.name for drug in ANTIDEPRESSANTS.values()} <= set(DRUG_NAMES)
    assert not set(OTHER_DRUGS.values()) & set(ANTIDEPRESSANTS)

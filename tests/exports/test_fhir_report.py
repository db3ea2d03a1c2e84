"""The FHIR document of a tele-expertise: valid, whole in itself, the same every time."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.clinical.advice.tele_expertise import Incident, Professional, Request
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.clinical.settlements import LineCourse, LineEnd, LineFact
from dashboard.exports.fhir_report import fhir_report, report_bundle
from dashboard.locale import LANGUAGES, speaking
from dashboard.vocabulary import RiskLevel
from tests.support.export_records import (
    SIGNED,
    TEAM,
    earlier,
    form,
    identity,
    line,
    record,
    report,
    treatment,
)

READY = SIGNED - timedelta(days=4)
REQUEST = Request(UUID(int=5), 2, "Que faire du sommeil ?", READY, READY.date())
INCIDENT = Incident(UUID(int=6), Person(2, "Roux", "Nadia"), "Visio coupée", SIGNED)
OCTOBER = date(2026, 10, 20)

WHOLE = report(
    record(
        request=REQUEST,
        incidents=(INCIDENT,),
        lines=[line(1), line(2, kind="other", detail="Agenda du sommeil", owner_role="nurse")],
        supersedes=UUID(int=8),
    ),
    [
        form(1, "phq9", OCTOBER, 0),
        form(2, "gad7", OCTOBER, None, (1, 1, 1, 1, 1, 1, None)),
        form(3, "isi", OCTOBER, 12),
        form(4, "cssrs", OCTOBER, None, (1, 1, 0, 0, 0, 0)),
        form(5, "phq9", OCTOBER, None, None),
    ],
    [treatment(), treatment(id=6, atc_code=" ", as_needed=True, daily_dose_mg=None)],
)
NEW = line(1, action="switch", drug_name="venlafaxine", answers=())
SETTLING = report(
    record(
        request=REQUEST,
        lines=[NEW, line(2, kind="safety", detail="Appel à 48 heures", owner_role="nurse")],
        risk=RiskStatement(RiskLevel.HIGH, date(2026, 11, 9)),
        earlier=(
            earlier(5, "kept", due_on=date(2026, 11, 20)),
            earlier(6, "replaced", replaced_by=NEW),
            earlier(7, "withdrawn", reason="Grossesse"),
        ),
    )
)
BARE = report(record(professionals=(), consented_on=None, who=identity(ins=None)))


def resources(bundle, kind):
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def references(value):
    """Yield every reference in the bundle."""
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def holds(bundle):
    """Check the invariants of every bundle."""
    Bundle.model_validate(bundle)
    urls = [one["fullUrl"] for one in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    assert urls == [f"urn:uuid:{one['resource']['id']}" for one in bundle["entry"]]
    assert all(UUID(url.removeprefix("urn:uuid:")) for url in urls)
    assert set(references(bundle)) <= set(urls)
    assert bundle["entry"][0]["resource"]["resourceType"] == "Composition"
    # Every other resource is reached from the composition, as a document's must be.
    reached, left = set(), {urls[0]}
    by_url = {one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    while left:
        reached |= left
        left = {one for url in left for one in references(by_url[url])} - reached
    assert reached == set(urls)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", [WHOLE, SETTLING, BARE], ids=["whole", "settling", "bare"])
def test_it_is_valid_and_every_reference_resolves(one, language):
    with speaking(language):
        bundle = report_bundle(one)
    holds(bundle)
    assert (bundle["type"], bundle["resourceType"]) == ("document", "Bundle")
    assert bundle["entry"][0]["resource"]["language"] == language


def test_a_mistake_in_it_would_be_found():
    bundle = report_bundle(WHOLE)
    del resources(bundle, "Observation")[0]["status"]
    with pytest.raises(ValueError, match="status"):
        Bundle.model_validate(bundle)


def test_it_holds_what_the_record_holds():
    bundle = report_bundle(WHOLE)
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "Composition": 1,
        "Patient": 1,
        "Practitioner": 3,
        "ServiceRequest": 1,
        "Observation": 4,
        "MedicationStatement": 2,
        "CommunicationRequest": 2,
    }
    (patient,) = resources(bundle, "Patient")
    assert patient["identifier"][0]["value"] == "283057812345678"
    assert (patient["name"], patient["gender"], patient["birthDate"]) == (
        [{"family": "Lefèvre", "given": ["Camille"]}],
        "female",
        "1983-05-02",
    )
    (request,) = resources(bundle, "ServiceRequest")
    assert request["reasonCode"] == [{"text": "Que faire du sommeil ?"}]
    assert request["authoredOn"] == "2026-10-29T14:00:00.000+01:00"
    assert [one["identifier"][0]["value"] for one in resources(bundle, "Practitioner")[::2]] == [
        "99000000007",
        "99000000063",
    ]


def test_the_decision_on_the_risk_is_an_assessment_with_what_is_done():
    (risk,) = resources(report_bundle(SETTLING), "RiskAssessment")
    (prediction,) = risk["prediction"]
    assert prediction["qualitativeRisk"]["coding"][0]["code"] == "high"
    assert risk["mitigation"].endswith("Appel à 48 heures")
    assert "9 novembre 2026" in risk["note"][0]["text"]


@pytest.mark.parametrize("said", [None, RiskStatement(RiskLevel.NOT_ASSESSED)])
def test_without_a_decision_there_is_no_assessment_of_risk(said):
    bundle = report_bundle(report(record(risk=said)))
    holds(bundle)
    assert resources(bundle, "RiskAssessment") == []
    told = json.dumps(bundle, ensure_ascii=False)
    assert ("risque non évalué lors de cette revue" in told) == (said is not None)


def test_earlier_advice_is_active_where_it_is_kept_and_revoked_where_it_ends():
    new, _safety, kept, replaced, withdrawn = resources(
        report_bundle(SETTLING), "CommunicationRequest"
    )
    assert [one["status"] for one in (new, kept, replaced, withdrawn)] == [
        *("active", "active", "revoked", "revoked")
    ]
    assert kept["occurrenceDateTime"] == "2026-11-20"
    assert new["replaces"] == [{"reference": f"urn:uuid:{replaced['id']}"}]
    assert "Grossesse" in withdrawn["statusReason"]["text"]
    assert kept["authoredOn"] == "2026-10-12"


def ended_later(end):
    """Return the course of a line that a review two weeks later has ended."""
    fact = LineFact(UUID(int=101), UUID(int=9))
    return LineCourse(
        *(fact, SIGNED, UUID(int=9), SIGNED, None, end),
        ended_by=UUID(int=10),
        ended_at=SIGNED + timedelta(days=14),
    )


def test_a_line_that_a_later_review_has_ended_is_revoked():
    course = ended_later(LineEnd.REPLACED)
    bundle = report_bundle(report(record(lines=[line(1, answers=(), course=course)])))
    holds(bundle)
    (ended,) = resources(bundle, "CommunicationRequest")
    assert ended["status"] == "revoked"
    assert "16/11/2026" in ended["statusReason"]["text"]


def test_a_kept_line_that_was_withdrawn_later_is_revoked():
    kept = earlier(5, "kept")
    kept = replace(kept, line=replace(kept.line, course=ended_later(LineEnd.WITHDRAWN)))
    (resource,) = resources(report_bundle(report(record(earlier=(kept,)))), "CommunicationRequest")
    assert resource["status"] == "revoked"
    assert "16/11/2026" in resource["statusReason"]["text"]


def test_an_amended_review_says_so_and_its_lines_are_revoked():
    one = record(
        lines=[line(1, answers=(), course=ended_later(LineEnd.SUPERSEDED))],
        risk=RiskStatement(RiskLevel.HIGH, date(2026, 11, 9)),
    )
    one = replace(one, review=replace(one.review, superseded_by=UUID(int=10)))
    with speaking("fr"):
        bundle = report_bundle(report(one))
    holds(bundle)
    (advice,) = resources(bundle, "CommunicationRequest")
    assert (advice["status"], advice["statusReason"]) == ("revoked", {"text": "remplacée"})
    first = bundle["entry"][0]["resource"]["section"][0]
    assert "une revue ultérieure la remplace" in first["text"]["div"]
    (risk,) = resources(bundle, "RiskAssessment")
    assert "une revue ultérieure la remplace" in risk["note"][-1]["text"]


def test_a_score_has_its_code_and_zero_is_a_score():
    phq9, gad7, isi, cssrs = resources(report_bundle(WHOLE), "Observation")
    assert phq9["code"]["coding"] == [{"system": "http://loinc.org", "code": "44261-6"}]
    assert phq9["valueQuantity"]["value"] == 0
    assert gad7["code"]["coding"][0]["code"] == "70274-6"
    assert (gad7["valueQuantity"]["value"], len(gad7["note"])) == (7, 1)
    # A questionnaire without a sourced code gets no coding.
    assert "coding" not in isi["code"]
    assert "valueQuantity" not in cssrs
    assert "1 (désir d’être mort), 2 (pensées" in cssrs["valueString"]


def test_the_advice_goes_to_whom_it_is_for():
    bundle = report_bundle(WHOLE)
    to_gp, to_nurse = resources(bundle, "CommunicationRequest")
    named = {one["id"]: one["name"][0]["family"] for one in resources(bundle, "Practitioner")}

    def name(reference):
        return named[reference["reference"].removeprefix("urn:uuid:")]

    assert [name(to_gp["recipient"][0]), name(to_nurse["recipient"][0])] == ["Petit", "Roux"]
    assert name(to_gp["requester"]) == "Moreau"
    assert to_gp["occurrenceDateTime"] == "2026-11-16"
    with speaking("fr"):
        (first, _second) = resources(report_bundle(WHOLE), "CommunicationRequest")
    assert first["payload"] == [{"contentString": "Augmenter sertraline à 100 mg/j"}]


def test_a_dose_is_a_rate_a_day_and_as_needed_says_so():
    daily, needed = resources(report_bundle(WHOLE), "MedicationStatement")
    rate = daily["dosage"][0]["doseAndRate"][0]["rateRatio"]
    assert (rate["numerator"]["value"], rate["numerator"]["code"]) == (37.5, "mg")
    assert (rate["denominator"]["value"], rate["denominator"]["code"]) == (1, "d")
    assert needed["dosage"][0]["asNeededBoolean"] is True
    assert "coding" not in needed["medicationCodeableConcept"]


def test_a_dose_that_is_taken_as_needed_is_told():
    with speaking("en"):
        bundle = report_bundle(report(treatments=[treatment(as_needed=True)]))
    (statement,) = resources(bundle, "MedicationStatement")
    assert statement["dosage"][0]["text"] == "37.5 mg/day as needed"


def test_an_amendment_says_what_it_replaces():
    composition = report_bundle(WHOLE)["entry"][0]["resource"]
    assert composition["relatesTo"] == [
        {
            "code": "replaces",
            "targetIdentifier": {
                "system": "urn:ietf:rfc:3986",
                "value": f"urn:uuid:{UUID(int=8)}",
            },
        }
    ]
    assert "relatesTo" not in report_bundle(BARE)["entry"][0]["resource"]


def test_the_same_record_gives_the_same_bytes_and_another_review_other_ids():
    assert fhir_report(WHOLE) == fhir_report(WHOLE)
    assert json.loads(fhir_report(WHOLE)) == report_bundle(WHOLE)
    review = replace(WHOLE.record.review, id=UUID(int=99))
    other = report_bundle(replace(WHOLE, record=replace(WHOLE.record, review=review)))
    ids = [{one["fullUrl"] for one in bundle["entry"]} for bundle in (other, report_bundle(WHOLE))]
    assert not ids[0] & ids[1]


def test_markup_in_a_text_is_text():
    one = replace(WHOLE, record=record(summary="<script>alert('é & è')</script>"))
    written = json.dumps(report_bundle(one))
    assert "<script>" not in written
    assert "&lt;script&gt;" in written


odd = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("'’<>&\u202e\x00\ufffeكé \n"),
    max_size=30,
)


@settings(deadline=None)
@given(name=odd, question=odd, summary=odd, detail=odd, code=odd, number=odd)
def test_whatever_was_typed_it_is_valid_and_can_be_written(
    name, question, summary, detail, code, number
):
    one = report(
        record(
            who=identity(family_name=name, given_name=detail, ins=number),
            request=replace(REQUEST, question=question),
            summary=summary,
            lines=[
                line(1, detail=detail, alternative=question),
                line(2, kind="other", detail=name),
            ],
            incidents=(replace(INCIDENT, description=question),),
            professionals=(*TEAM[:2], Professional(3, "gp", name, "", number)),
        ),
        [form(1, code, OCTOBER, 5)],
        [treatment(name=name, atc_code=code)],
    )
    written = fhir_report(one).decode("utf-8")
    bundle = json.loads(written)
    holds(bundle)
    for section in bundle["entry"][0]["resource"]["section"]:
        ElementTree.fromstring(section["text"]["div"])  # noqa: S314


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=3))
def test_any_dose_can_be_written(dose):
    bundle = json.loads(fhir_report(report(treatments=[treatment(daily_dose_mg=Decimal(dose))])))
    Bundle.model_validate(bundle)

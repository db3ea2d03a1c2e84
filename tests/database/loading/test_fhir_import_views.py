"""The views of the default mapping: what each of them reads from one FHIR resource."""

import pytest

from dashboard.database.loading.fhir_import import VIEWS, read_views

OURS = "https://case-review.example/fhir/"
KNOWN = read_views(VIEWS)


def rows_of(resource):
    """Return the rows that the views make from a resource."""
    return [
        row for view in KNOWN[resource["resourceType"]] for row in view.compiled.rows_of(resource)
    ]


def row_of(resource):
    """Return the one row that the views make from a resource."""
    [row] = rows_of(resource)
    return row


def outcome(resource):
    """Return whether a resource is loaded, removed from the registry, or listed, and then why."""
    row = row_of(resource)
    if row["deleted"] is True:
        return "removed"
    return row["not_loaded"] or "loaded"


OLD_FIRST = {
    "name": [
        {"use": "old", "family": "Ancien", "given": ["Ève"]},
        {"use": "official", "family": "Lefèvre", "given": ["Camille"]},
    ],
    "telecom": [
        {"system": "phone", "use": "old", "value": "01"},
        {"system": "phone", "use": "mobile", "value": "06"},
        {"system": "email", "use": "old", "value": "old@example.org"},
        {"system": "email", "value": "new@example.org"},
    ],
}


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [("Patient", "phone", "06"), ("Practitioner", "secure_email", "new@example.org")],
)
def test_a_name_or_an_address_that_is_no_longer_used_is_not_read(kind, column, value):
    row = row_of({"resourceType": kind, "id": "p", **OLD_FIRST})
    assert (row["family_name"], row["given_name"]) == ("Lefèvre", "Camille")
    assert row[column] == value


def statement(status="active", **others):
    return {"resourceType": "MedicationStatement", "id": "m", "status": status, **others}


def request(status="active", **others):
    """Return a prescription of a drug."""
    fixed = {"resourceType": "MedicationRequest", "id": "m", "intent": "order"}
    return {**fixed, "status": status, **others}


def stopped_on(day):
    return {"extension": [{"url": f"{OURS}stopped-on", "valueDate": day}]}


ENDED = {"effectivePeriod": {"start": "2026-09-01", "end": "2026-10-01"}}
WITHOUT_DAY = "it has ended or is on hold, and does not say since which day"
UNCLEAR = "its status does not say whether the patient takes it"
DRUGS = {
    "a current drug": (statement(), "loaded"),
    "a drug that ended on a day": (statement("completed", **ENDED), "loaded"),
    "a drug that ended, without a day": (statement("completed"), WITHOUT_DAY),
    "a drug that was stopped, without a day": (statement("stopped"), WITHOUT_DAY),
    "a drug on hold": (statement("on-hold"), WITHOUT_DAY),
    "a drug for later": (statement("intended"), UNCLEAR),
    "a drug of unknown status": (statement("unknown"), UNCLEAR),
    "a drug that was not taken": (statement("not-taken"), "removed"),
    "an order": (request(), "loaded"),
    "an order that was stopped on a day": (
        request("stopped", **stopped_on("2026-10-01")),
        "loaded",
    ),
    "an order that was stopped, without a day": (request("stopped"), WITHOUT_DAY),
    "an order of unknown status": (request("unknown"), UNCLEAR),
    "an order that was withdrawn": (request("cancelled"), "removed"),
    "an order not to give a drug": (request(doNotPerform=True), "removed"),
}


@pytest.mark.parametrize(("resource", "expected"), DRUGS.values(), ids=DRUGS)
def test_only_a_drug_that_the_patient_takes_or_took_until_a_day_is_loaded(resource, expected):
    assert outcome(resource) == expected


def test_the_end_of_a_prescriptions_validity_is_not_the_end_of_the_treatment():
    validity = {"validityPeriod": {"start": "2026-09-01", "end": "2026-10-01"}}
    assert row_of(request(dispenseRequest=validity))["stopped_on"] is None


def test_a_draft_of_an_order_is_not_mapped():
    assert rows_of(request("draft")) == []


def per_day(*milligrams, **others):
    """Return a dosage with these doses in mg a day."""
    rates = [
        {"numerator": {"value": dose, "code": "mg"}, "denominator": {"value": 1, "code": "d"}}
        for dose in milligrams
    ]
    return {"doseAndRate": [{"rateRatio": rate} for rate in rates], **others}


REGULAR, IF_NEEDED = {"asNeededBoolean": False}, {"asNeededBoolean": True}
DOSAGES = {
    "none": ([], None, False),
    "one": ([per_day(300)], "300", False),
    "morning and evening": ([per_day(100), per_day(200)], None, False),
    "two doses in one": ([per_day(100, 200)], None, False),
    "regular, and more if needed": (
        [per_day(400, **REGULAR), per_day(50, **IF_NEEDED)],
        None,
        False,
    ),
    "only if needed": ([per_day(50, **IF_NEEDED)], "50", True),
    "if needed, with the reason": (
        [per_day(1, asNeededCodeableConcept={"text": "anxiété"})],
        "1",
        True,
    ),
}


@pytest.mark.parametrize(("dosages", "dose", "as_needed"), DOSAGES.values(), ids=DOSAGES)
@pytest.mark.parametrize(("drug", "name"), [(statement, "dosage"), (request, "dosageInstruction")])
def test_a_daily_dose_is_read_only_if_it_is_the_whole_dose(drug, name, dosages, dose, as_needed):
    row = row_of(drug(**{name: dosages}))
    assert (row["daily_dose_mg"], row["as_needed"]) == (dose, as_needed)


def coded(code):
    return {"coding": [{"code": code}]}


def condition(**others):
    return {"resourceType": "Condition", "id": "c", **others}


NO_DAY = "it has ended, and does not say on which day"
CONDITIONS = {
    "present": (condition(clinicalStatus=coded("active")), "loaded"),
    "resolved on a day": (
        condition(clinicalStatus=coded("resolved"), abatementDateTime="2026-01-31"),
        "loaded",
    ),
    "resolved": (condition(clinicalStatus=coded("resolved")), NO_DAY),
    "inactive": (condition(clinicalStatus=coded("inactive")), NO_DAY),
    "in remission": (condition(clinicalStatus=coded("remission")), NO_DAY),
    "ended at an age": (condition(abatementAge={"value": 30}), NO_DAY),
    "refuted": (condition(verificationStatus=coded("refuted")), "removed"),
}


@pytest.mark.parametrize(("resource", "expected"), CONDITIONS.values(), ids=CONDITIONS)
def test_only_a_condition_that_is_present_or_ended_on_a_day_is_loaded(resource, expected):
    assert outcome(resource) == expected


@pytest.mark.parametrize(
    ("onset", "day"), [("2020", None), ("2020-10", None), ("2020-10-02", "2020-10-02")]
)
def test_an_onset_without_a_day_stays_empty(onset, day):
    assert row_of(condition(onsetDateTime=onset))["onset_on"] == day


def encounter(status="finished", code="AMB", **others):
    return {
        "resourceType": "Encounter",
        "id": "e",
        "status": status,
        "class": {"code": code},
        **others,
    }


OTHER_CLASS = "its class is none of AMB, HH and VR"
NOT_SAID = "its status does not say whether the patient came"
ENCOUNTERS = {
    "a finished contact": (encounter(), "loaded"),
    "a cancelled contact": (encounter("cancelled"), "loaded"),
    "a contact that went wrong in the record": (encounter("entered-in-error", "IMP"), "removed"),
    "a stay in hospital": (encounter(code="IMP"), OTHER_CLASS),
    "a visit of an emergency department": (encounter(code="EMER"), OTHER_CLASS),
    "a contact of unknown status": (encounter("unknown"), NOT_SAID),
    "a patient who has arrived": (encounter("arrived"), NOT_SAID),
}


@pytest.mark.parametrize(("resource", "expected"), ENCOUNTERS.values(), ids=ENCOUNTERS)
def test_only_an_encounter_that_is_surely_a_contact_is_loaded(resource, expected):
    assert outcome(resource) == expected


LENGTHS = {
    "without a unit": ({"value": 30}, "30"),
    "minutes by the word": ({"value": 30, "unit": "min"}, "30"),
    "minutes by the code": ({"value": 30, "code": "min", "unit": "minutes"}, "30"),
    "seconds by the word": ({"value": 1800, "unit": "s"}, None),
    "hours by the code": ({"value": 1, "code": "h"}, None),
}


@pytest.mark.parametrize(("length", "minutes"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_is_read_only_in_minutes(length, minutes):
    assert row_of(encounter(length=length))["minutes"] == minutes


def flag(kind, cleared_by=None):
    """Return a flag that has ended."""
    reference = {"url": f"{OURS}cleared-by", "valueReference": {"reference": cleared_by}}
    return {
        "resourceType": "Flag",
        "id": "f",
        "status": "inactive",
        "code": {"coding": [{"system": f"{OURS}flag", "code": kind}]},
        "period": {"start": "2026-11-01", "end": "2026-11-20"},
        "extension": [reference] if cleared_by else [],
    }


FLAGS = {
    "safety, cleared by a clinician": (flag("safety", "Practitioner/2"), "2026-11-20"),
    "safety, cleared by nobody": (flag("safety"), None),
    "safety, cleared by an organization": (flag("safety", "Organization/1"), None),
    "to be discussed": (flag("discussion"), "2026-11-20"),
}


@pytest.mark.parametrize(("resource", "cleared_at"), FLAGS.values(), ids=FLAGS)
def test_a_safety_flag_ends_only_by_a_clinician(resource, cleared_at):
    assert row_of(resource)["cleared_at"] == cleared_at

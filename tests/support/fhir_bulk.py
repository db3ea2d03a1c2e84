"""FHIR R4 bulk data made of the rows of a registry, for the tests of the import."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from sqlalchemy import Connection

from dashboard.database.schema.registry import metadata

OURS = "https://case-review.example/fhir/"
LOINC = "http://loinc.org"
PANELS = {
    "phq9": (
        "44249-1",
        "44261-6",
        [
            "44250-9",
            "44255-8",
            "44259-0",
            "44254-1",
            "44251-7",
            "44258-2",
            "44252-5",
            "44253-3",
            "44260-8",
        ],
    ),
    "gad7": (
        "69737-5",
        "70274-6",
        ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"],
    ),
}
ANSWERS = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]

Resource = dict[str, Any]


def write_bulk(connection: Connection, folder: Path) -> int:
    """Write every row of the registry as a resource; return the number of resources."""
    number = 0
    for table in metadata.sorted_tables:
        make = RESOURCES[table.name]
        for row in connection.execute(table.select()).mappings():
            resource = pruned(make(dict(row)))
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
            with (folder / f"{resource['resourceType']}.ndjson").open("a") as file:
                file.write(json.dumps(resource) + "\n")
            number += 1
    return number


def pruned(value: Any) -> Any:
    """Return the data without absent values, which FHIR does not have."""
    if isinstance(value, dict):
        kept = {name: pruned(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, [], {}, "")}
    if isinstance(value, list):
        return [one for one in map(pruned, value) if one not in (None, [], {}, "")]
    return value


def reference(kind: str, key: int | None) -> Resource | None:
    return None if key is None else {"reference": f"{kind}/{key}"}


def extensions(**values: tuple[str, Any]) -> list[Resource]:
    return [
        {"url": OURS + name.replace("_", "-"), f"value{kind}": value}
        for name, (kind, value) in values.items()
        if value not in (None, "")
    ]


def day(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": OURS + system, "code": code}]}


def _site(row: Resource) -> Resource:
    return {
        "resourceType": "Organization",
        "id": str(row["id"]),
        "name": row["name"],
        "type": [coded("site-kind", row["kind"])],
        "address": [{"postalCode": row["department"] + "000"}],
        "extension": extensions(opened_on=("Date", day(row["opened_on"]))),
    }


def _name(row: Resource) -> list[Resource]:
    return [{"family": row["family_name"], "given": [row["given_name"]]}]


def _telecom(system: str, value: str | None) -> list[Resource]:
    return [{"system": system, "value": value}] if value else []


def _practitioner(row: Resource) -> Resource:
    rpps = {"system": "https://rpps.esante.gouv.fr", "value": row["rpps"]}
    return {
        "resourceType": "Practitioner",
        "id": str(row["id"]),
        "name": _name(row),
        "active": row["active"],
        "qualification": [{"code": coded("role", row["role"])}],
        "identifier": [rpps] if row["rpps"] else [],
        "telecom": _telecom("email", row["secure_email"]),
    }


def _practitioner_site(row: Resource) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": f"{row['practitioner_id']}-{row['site_id']}",
        "practitioner": reference("Practitioner", row["practitioner_id"]),
        "organization": reference("Organization", row["site_id"]),
    }


def _patient(row: Resource) -> Resource:
    ins = {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": row["ins"]}
    return {
        "resourceType": "Patient",
        "id": str(row["id"]),
        "name": _name(row),
        "birthDate": day(row["birth_date"]),
        "gender": row["sex"],
        "identifier": [ins] if row["ins"] else [],
        "telecom": _telecom("phone", row["phone"]),
    }


def _episode(row: Resource) -> Resource:
    status = {"closed": "finished", "relapse_prevention": "onhold"}
    code = {"url": OURS + "diagnosis", "valueCoding": {"code": row["diagnosis_code"]}}
    condition = {"type": "Condition", "display": row["diagnosis_label"]}
    return {
        "resourceType": "EpisodeOfCare",
        "id": str(row["id"]),
        "status": status.get(row["status"], row["status"]),
        "patient": reference("Patient", row["patient_id"]),
        "managingOrganization": reference("Organization", row["site_id"]),
        "careManager": reference("Practitioner", row["nurse_id"]),
        "period": {"start": day(row["enrolled_on"]), "end": day(row["closed_on"])},
        "diagnosis": [
            {"condition": condition, "extension": [code] if row["diagnosis_code"] else []}
        ],
        "extension": extensions(
            gp=("Reference", reference("Practitioner", row["gp_id"])),
            psychiatrist=("Reference", reference("Practitioner", row["psychiatrist_id"])),
            referred_on=("Date", day(row["referred_on"])),
            consented_on=("Date", day(row["consented_on"])),
            closed_reason=("Code", row["closed_reason"]),
            problem=("String", row["problem"]),
        ),
    }


def _care_plan(row: Resource, category: Resource, **others: Any) -> Resource:
    return {
        "resourceType": "CarePlan",
        "id": str(row["id"]),
        "status": "active",
        "intent": "plan",
        "category": [category],
        **others,
    }


def _care_sequence(row: Resource) -> Resource:
    return _care_plan(
        row,
        coded("sequence", row["kind"]),
        subject={"display": "see the episode"},
        supportingInfo=[reference("EpisodeOfCare", row["episode_id"])],
        period={"start": day(row["starts_on"]), "end": day(row["ends_on"])},
        extension=extensions(number=("Integer", row["number"])),
    )


def _psychosocial_care(row: Resource) -> Resource:
    return _care_plan(
        row,
        coded("psychosocial", row["kind"]),
        subject=reference("Patient", row["patient_id"]),
        period={"start": day(row["started_on"]), "end": day(row["ended_on"])},
        note=[{"text": row["note"]}] if row["note"] else [],
        extension=extensions(sessions=("Integer", row["sessions"])),
    )


def _answered(row: Resource) -> Iterator[Resource]:
    panel = PANELS.get(row["instrument"])
    for place, item in enumerate(row["items"] or ()):
        if panel:
            value = (
                {"valueCoding": {"system": LOINC, "code": ANSWERS[item]}}
                if item is not None
                else None
            )
            yield {"linkId": panel[2][place], "answer": [value] if value else []}
        else:
            yield {
                "linkId": str(place + 1),
                "answer": [] if item is None else [{"valueInteger": item}],
            }
    if row["total"] is not None:
        link = panel[1] if panel else "total"
        yield {"linkId": link, "answer": [{"valueInteger": row["total"]}]}


def _assessment(row: Resource) -> Resource:
    panel = PANELS.get(row["instrument"])
    other = f"{OURS}Questionnaire/{row['instrument']}"
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(row["id"]),
        "status": "completed",
        "questionnaire": f"{LOINC}/q/{panel[0]}" if panel else other,
        "subject": reference("Patient", row["patient_id"]),
        "authored": day(row["taken_on"]),
        "author": reference("Practitioner", row["recorded_by"]),
        "item": list(_answered(row)),
    }


def _contact(row: Resource) -> Resource:
    code = {"clinic": "AMB", "home": "HH"}.get(row["kind"], "VR")
    return {
        "resourceType": "Encounter",
        "id": str(row["id"]),
        "status": "finished" if row["attended"] else "cancelled",
        "class": {"code": code},
        "subject": reference("Patient", row["patient_id"]),
        "period": {"start": row["happened_at"].isoformat()},
        "length": {"value": row["minutes"]} if row["minutes"] is not None else None,
        "participant": [{"individual": reference("Practitioner", row["practitioner_id"])}],
        "extension": extensions(
            note=("String", row["note"]), phone=("Boolean", row["kind"] == "phone" or None)
        ),
    }


def _number(dose: Any) -> int | float:
    return int(dose) if dose == int(dose) else float(dose)


def _medication(row: Resource) -> Resource:
    dose = row["daily_dose_mg"]
    rate = (
        None
        if dose is None
        else {
            "numerator": {"value": _number(dose), "code": "mg"},
            "denominator": {"value": 1, "code": "d"},
        }
    )
    return {
        "resourceType": "MedicationStatement",
        "id": str(row["id"]),
        "status": "stopped" if row["stopped_on"] else "active",
        "subject": reference("Patient", row["patient_id"]),
        "medicationCodeableConcept": {
            "text": row["name"],
            "coding": [{"system": "http://www.whocc.no/atc", "code": row["atc_code"]}],
        },
        "effectivePeriod": {"start": day(row["started_on"]), "end": day(row["stopped_on"])},
        "dosage": [
            {
                "asNeededBoolean": row["as_needed"],
                "doseAndRate": [{"rateRatio": rate}],
            }
        ],
        "statusReason": [{"text": row["stop_reason"]}] if row["stop_reason"] else [],
        "extension": extensions(
            adherence=("Code", row["adherence"]), side_effects=("String", row["side_effects"])
        ),
    }


def _condition(row: Resource) -> Resource:
    return {
        "resourceType": "Condition",
        "id": str(row["id"]),
        "subject": reference("Patient", row["patient_id"]),
        "code": {
            "text": row["label"],
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": row["code"]}],
        },
        "onsetDateTime": day(row["onset_on"]),
        "abatementDateTime": day(row["resolved_on"]),
    }


def _flag(row: Resource) -> Resource:
    cleared = row["cleared_at"]
    return {
        "resourceType": "Flag",
        "id": str(row["id"]),
        "status": "inactive" if cleared else "active",
        "subject": reference("Patient", row["patient_id"]),
        "author": reference("Practitioner", row["raised_by"]),
        "code": {"text": row["note"], **coded("flag", row["kind"])},
        "period": {
            "start": row["raised_at"].isoformat(),
            "end": cleared.isoformat() if cleared else None,
        },
        "extension": extensions(
            cleared_by=("Reference", reference("Practitioner", row["cleared_by"]))
        ),
    }


RESOURCES = {
    "site": _site,
    "practitioner": _practitioner,
    "practitioner_site": _practitioner_site,
    "patient": _patient,
    "episode": _episode,
    "care_sequence": _care_sequence,
    "psychosocial_care": _psychosocial_care,
    "assessment": _assessment,
    "contact": _contact,
    "medication": _medication,
    "condition": _condition,
    "flag": _flag,
}

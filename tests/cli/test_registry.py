"""The command ``import``, as a person or a timer runs it."""

import json

import pytest
from typer.testing import CliRunner

from dashboard.cli.app import app
from tests.database.loading.test_folder_import import FOLDER, rows

HEADER = {name: content.splitlines()[0] + "\n" for name, content in FOLDER.items()}


@pytest.fixture
def folder(tmp_path):
    """Return the folder of the first import."""
    first = tmp_path / "first"
    first.mkdir()
    for name, content in FOLDER.items():
        (first / f"{name}.csv").write_text(content)
    return first


def run(database, *command: str):
    return CliRunner().invoke(app, [*command, "--database-url", database.owner_url])


def test_three_nights_are_imported_and_shown(database, folder, tmp_path):
    first = run(database, "import", str(folder), "--incremental", "--as-of", "2026-11-26")
    assert first.exit_code == 0, first.output
    assert "patient: 2 read, 2 new, 0 changed, 0 gone, 0 refused" in first.output
    night = tmp_path / "night"
    night.mkdir()
    (night / "flag.full.csv").write_text(HEADER["flag"])
    before = rows(database)
    stopped = run(database, "import", str(night), "--incremental")
    assert stopped.exit_code == 1
    assert "flag: 1 of 1 rows would be removed, more than a tenth." in stopped.output
    assert "import with --shrunk" in stopped.output
    assert rows(database) == before
    assert run(database, "import", str(night), "--incremental", "--shrunk").exit_code == 0
    shown = run(database, "import", "--history").output
    assert "files, as of 2026-11-26: loaded" in shown
    assert "stopped, nothing was changed" in shown
    assert "flag: 0 read, 0 new, 0 changed, 1 gone, 0 refused" in shown


def test_a_bad_row_is_named_and_with_a_quarantine_set_aside(database, folder, tmp_path):
    (folder / "flag.csv").write_text(FOLDER["flag"] + "91,10,fear,2,2026-09-01T08:00:00Z,,,\n")
    named = "flag.csv, line 3, column kind: expected one of safety, discussion, found 'fear'"
    refused = run(database, "import", str(folder), "--incremental")
    assert refused.exit_code == 1
    assert named in refused.output
    aside = tmp_path / "aside"
    done = run(database, "import", str(folder), "--incremental", "--quarantine", str(aside))
    assert done.exit_code == 0, done.output
    assert named in done.output
    assert f"Set aside in {aside}" in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shrunk"], "need --incremental"),
        (["--as-of", "2026-11-28"], "need --incremental"),
        (["--server", "https://hospital.example/fhir"], "need --fhir"),
    ],
)
def test_options_of_the_nightly_import_are_refused_without_it(database, folder, options, said):
    result = run(database, "import", str(folder), *options)
    assert (result.exit_code, said in result.output) == (1, True)


def test_references_to_the_server_that_was_named_are_followed(database, tmp_path):
    subject = {"reference": "https://hospital.example/fhir/Patient/10"}
    name = [{"family": "Lefèvre", "given": ["Camille"]}]
    patient = {"resourceType": "Patient", "id": "10", "name": name, "birthDate": "1983-05-02"}
    codes = [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z33", "display": "Grossesse"}]
    condition = {
        "resourceType": "Condition",
        "id": "1",
        "subject": subject,
        "code": {"coding": codes},
    }
    for resource in (patient, condition):
        (tmp_path / f"{resource['resourceType']}.ndjson").write_text(json.dumps(resource))
    server = ["--server", "https://hospital.example/fhir"]
    result = run(database, "import", str(tmp_path), "--fhir", *server)
    assert result.exit_code == 0, result.output
    assert len(rows(database)["condition"]) == 1


def test_without_a_folder_the_command_says_what_it_needs(database):
    result = run(database, "import")
    assert (result.exit_code, "Give the folder" in result.output) == (1, True)

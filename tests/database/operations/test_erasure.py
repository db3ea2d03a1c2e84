"""Once a patient is erased, schema ``review`` says nothing of them but who opened their record."""

import hashlib
import json
import uuid

import pytest
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.verification import Verification
from dashboard.database.operations.erasure import ERASED_FROM, held
from dashboard.database.schema import review
from tests.support.filled_rows import everything, fill

ERASED, OTHER = 770_001, 880_002
MARKER = "PATIENTE-À-EFFACER"

NOT_ABOUT_PATIENTS = {
    "account",
    "second_factor",
    "sign_in",
    "sign_in_failure",
    "account_notice",
    "calendar_feed",
    # Files about patients, encrypted with keys that the database does not have.
    "made_file",
    "cover",
    # The times of meetings; the patients and the texts about them are on their agendas.
    "meeting",
    # Digests, and ids of rows of the log.
    "access_chain",
    "access_head",
    # Counts.
    "site_counted",
    "site_month",
    "site_wait",
    "site_waited",
    "site_work",
    "every_month",
    "every_wait",
    "nurse_counted",
    "nurse_tier",
    "exact_month",
    "exact_wait",
    "exact_work",
    "count_secret",
    "registry_import",
}
"""Tables that name no patient: none of their texts may be about one."""


@pytest.fixture
def two_patients(database):
    """Return a database with a row of each patient in every table, and with records opened.

    Every text of the first patient has the marker.
    """
    with database.owner().begin() as connection:
        for patient, marker in ((ERASED, MARKER), (OTHER, "d'une autre")):
            fill(connection, patient, marker)
            log_access(connection, "case_opened", patient)
    return database


def erase(database, typed=str(ERASED), patient=ERASED):
    arguments = ["erase", "--patient", str(patient), "--database-url", database.owner_url]
    return CliRunner().invoke(app, arguments, input=f"{typed}\n")


def rows(database):
    with database.owner().connect() as connection:
        return everything(connection)


def of(patient, stored):
    """Return by table the rows that name this patient, or rows erased of them by their id."""
    ids = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{patient} {table}")) for table in ERASED_FROM]
    return {
        table: [row for row in found if any(one in row for one in (str(patient), *ids))]
        for table, found in stored.items()
    }


def said(stored):
    """Return the tables with the marker, in plain text or within bytes."""
    hidden = MARKER.encode().hex()
    return {
        table for table, found in stored.items() for row in found if MARKER in row or hidden in row
    }


def test_what_is_filled_says_something_of_the_patient_in_every_table_about_patients(two_patients):
    """Check that the tables that the tests below find empty are not empty before."""
    before = rows(two_patients)
    assert said(before) >= set(ERASED_FROM) - {
        "answer_link",
        "delivery",
        "emergency_access",
        "kept_record",
    }
    assert said(before) & {"delivery", "emergency_access"}
    about_patients = {
        table.name for table in review.metadata.sorted_tables if "patient_id" in table.columns
    }
    assert set(ERASED_FROM) == about_patients - {"access_log"}
    all_tables = {table.name for table in review.metadata.sorted_tables}
    assert all_tables - about_patients == NOT_ABOUT_PATIENTS
    assert all(of(ERASED, before)[table] for table in about_patients)


def test_no_column_of_any_table_says_anything_of_an_erased_patient(two_patients):
    result = erase(two_patients)
    assert result.exit_code == 0, result.output
    after = rows(two_patients)
    assert said(after) == set()
    assert {table for table, found in of(ERASED, after).items() if found} == {"access_log"}


def test_the_other_patients_are_as_they_were(two_patients):
    before = of(OTHER, rows(two_patients))
    assert erase(two_patients).exit_code == 0
    assert of(OTHER, rows(two_patients)) == before


def test_no_meeting_points_to_what_was_erased(two_patients):
    erase(two_patients)
    with two_patients.owner().connect() as connection:
        pointing = connection.exec_driver_sql(
            "SELECT count(*) FROM review.meeting WHERE current_item_id IS NOT NULL"
        )
        assert pointing.scalar() == 1, "the other patient's alone"


def test_the_log_says_what_was_erased_and_verifies(two_patients):
    with two_patients.owner().connect() as connection:
        pdf = connection.exec_driver_sql(
            f"SELECT pdf FROM review.letter WHERE patient_id = {ERASED}"
        ).scalar_one()
    erase(two_patients)
    with two_patients.owner().begin() as connection:
        assert Verification(connection).verified().findings == ()
        detail = connection.exec_driver_sql(
            "SELECT detail FROM review.access_log"
            f" WHERE action = 'patient_erased' AND patient_id = {ERASED}"
        ).scalar_one()
        opened = connection.exec_driver_sql(
            f"SELECT count(*) FROM review.access_log WHERE patient_id = {ERASED}"
        ).scalar_one()
    assert detail["rows"] == dict.fromkeys(sorted(ERASED_FROM), 1)
    assert [one["sha256"] for one in detail["letters"]] == [hashlib.sha256(pdf).hexdigest()]
    assert len(detail["reviews"][0]["sha256"]) == 64
    assert MARKER not in json.dumps(detail)
    assert opened == 3, "the two openings and the erasure"


def test_what_is_signed_is_append_only_again(two_patients):
    erase(two_patients)
    with (
        two_patients.owner().connect() as connection,
        pytest.raises(Exception, match="append-only"),
    ):
        connection.exec_driver_sql("DELETE FROM review.letter")


def test_it_shows_what_there_is_before_it_asks(two_patients):
    output = erase(two_patients).output
    assert "review.case_review: 1" in output
    assert "Letters that wait and will not be sent: 1." in output
    assert "This cannot be undone." in output


def test_a_patient_who_is_still_in_care_is_said(database):
    case = database.team().case("2026-09-01")
    database.case_review(case, "2026-09-02")
    with database.owner().connect() as connection:
        assert held(connection, case.patient).open_episode
    assert "still has this patient in care" in erase(database, "no", case.patient).output


@pytest.mark.parametrize("typed", ["", "yes", str(OTHER)])
def test_another_number_erases_nothing(two_patients, typed):
    before = rows(two_patients)
    result = erase(two_patients, typed)
    assert result.exit_code == 1
    assert rows(two_patients) == before


def test_a_patient_of_whom_there_is_nothing_is_said(two_patients):
    result = erase(two_patients, "1", patient=1)
    assert result.exit_code == 1
    assert "holds nothing of this patient" in result.output


def test_nothing_is_erased_while_the_patient_is_on_the_agenda_of_a_running_meeting(two_patients):
    with two_patients.owner().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE review.meeting SET ended_at = NULL WHERE id IN"
            f" (SELECT meeting_id FROM review.agenda_item WHERE patient_id = {ERASED})"
        )
    before = rows(two_patients)
    result = erase(two_patients)
    assert result.exit_code == 1
    assert "A meeting is running" in result.output
    assert rows(two_patients) == before


def test_who_reads_for_long_delays_it_and_it_changes_nothing(two_patients):
    before = rows(two_patients)
    with two_patients.owner().begin() as writing:
        writing.exec_driver_sql("LOCK TABLE review.answer IN ROW EXCLUSIVE MODE")
        result = erase(two_patients)
    assert result.exit_code == 1
    assert "lock timeout" in result.output
    assert rows(two_patients) == before

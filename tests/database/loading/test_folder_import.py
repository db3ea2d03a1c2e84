"""Loading a registry from files (docs/registry.md): all or nothing, every bad cell named."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from dashboard.database import acting_as, administering, connect_to
from dashboard.database.loading.folder_import import Imported, import_folder
from dashboard.database.loading.staging import BadFolder
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.operations.initialisation import RegistryUnfit
from dashboard.database.schema import registry, review
from dashboard.database.schema.registry import metadata
from dashboard.database.security.startup_checks import unsafe
from dashboard.queries.sites.counting import count_some_sites, protect_an_area
from dashboard.queries.sites.counts_age import freshness
from tests.conftest import create_database, drop_database
from tests.support.factories import Database

FOLDER = {
    "site": "id,name,department,kind,opened_on\n1,MSP du Parc,78,msp,2023-09-04\n",
    "practitioner": (
        "id,role,family_name,given_name,rpps,secure_email,active\n"
        "1,psychiatrist,Moreau,Claude,10000000001,,true\n"
        "2,nurse,Roux,Dominique,,,true\n"
        "3,gp,Petit,Camille,,,true\n"
    ),
    "practitioner_site": "practitioner_id,site_id\n2,1\n3,1\n",
    "patient": (
        "id,family_name,given_name,birth_date,sex,ins,phone\n"
        "10,Lefèvre,Camille,1983-05-02,female,,\n"
        '11,"Le Goff, dit Yann",Jean,1950-01-31,male,,0102030405\n'
    ),
    "episode": (
        "id,patient_id,site_id,gp_id,nurse_id,psychiatrist_id,referred_on,consented_on,enrolled_on,"
        "status,closed_on,closed_reason,problem,diagnosis_code,diagnosis_label\n"
        "20,10,1,3,2,1,2026-08-20,,2026-09-01,active,,,Épisode dépressif,F32.1,\n"
    ),
    "care_sequence": (
        "id,episode_id,kind,number,starts_on,ends_on\n30,20,classique,1,2026-09-01,2026-11-30\n"
    ),
    "assessment": (
        "id,patient_id,instrument,taken_on,total,items,recorded_by\n"
        "40,10,phq9,2026-09-01,10,2;1;;3;0;0;1;0;1,2\n"
        "41,10,whoqol,2026-09-02,999,,\n"
        "42,11,phq9,2026-09-03,0,,\n"
    ),
    "contact": (
        "id,patient_id,happened_at,kind,attended,minutes,practitioner_id,note\n"
        '50,10,2026-09-01T14:30:00+02:00,phone,true,20,2,"Va mieux,\ndort mal"\n'
    ),
    "medication": (
        "id,patient_id,atc_code,name,daily_dose_mg,as_needed,started_on,stopped_on,stop_reason,"
        "adherence,side_effects\n"
        "60,10,N06AB06,sertraline,37.5,false,2026-09-01,,,good,\n"
    ),
    "psychosocial_care": (
        "id,patient_id,kind,started_on,ended_on,sessions,note\n70,10,psychologist,2026-09-01,,3,\n"
    ),
    "condition": (
        "id,patient_id,code,label,onset_on,resolved_on\n80,10,Z33,Grossesse,2026-06-01,\n"
    ),
    "flag": (
        "id,patient_id,kind,raised_by,raised_at,note,cleared_by,cleared_at\n"
        "90,10,safety,2,2026-09-01T08:00:00Z,,,\n"
    ),
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path) -> Write:
    """Write a folder: the one above, with some files changed (``None``: left out)."""

    def write(**changed: str | None) -> Path:
        for name, content in (FOLDER | changed).items():
            if content is not None:
                (tmp_path / f"{name}.csv").write_text(content, newline="")
        return tmp_path

    return write


def load(database: Database, folder: Path) -> Imported:
    with administering(database.owner_url) as connection:
        return import_folder(connection, folder, say=lambda sentence: None)


def refused(database: Database, folder: Path) -> list[str]:
    """Return the report of an import that fails, having changed nothing."""
    before = rows(database)
    with pytest.raises(BadFolder) as failure:
        load(database, folder)
    assert rows(database) == before
    return str(failure.value).splitlines()


def rows(database: Database) -> dict[str, list]:
    """Return every row of the registry, with the transaction that wrote it."""
    with database.owner().connect() as connection:
        return {
            table.name: connection.exec_driver_sql(
                f"SELECT t.*, t.xmin::text, t.ctid::text FROM registry.{table.name} t ORDER BY 1, 2"
            ).all()
            for table in metadata.sorted_tables
        }


def test_an_episode_about_which_somebody_has_written_keeps_its_patient(database, write):
    load(database, write())
    database.add(
        review.preparation,
        patient_id=10,
        episode_id=20,
        nurse_id=2,
        question="Que faire ?",
    )
    folder = write(episode=FOLDER["episode"].replace("20,10,", "20,11,"))
    assert refused(database, folder) == [
        "episode.csv, line 2, column patient_id: expected 10 as in the registry, because somebody"
        " has written about the episode of this patient, found 11"
    ]


def test_a_folder_is_loaded_as_it_is(database, write):
    done = load(database, write())
    assert {(loaded.read, loaded.added, loaded.changed) for loaded in done.loaded} == {
        (1, 1, 0),
        (2, 2, 0),
        (3, 3, 0),
    }
    with database.owner().connect() as connection:
        assert connection.execute(select(registry.assessment)).all() == [
            (40, 10, "phq9", date(2026, 9, 1), 10, [2, 1, None, 3, 0, 0, 1, 0, 1], 2),
            (41, 10, "whoqol", date(2026, 9, 2), 999, None, None),
            (42, 11, "phq9", date(2026, 9, 3), 0, None, None),
        ]
        assert connection.execute(select(registry.contact)).one() == (
            50,
            10,
            datetime(2026, 9, 1, 12, 30, tzinfo=UTC),
            "phone",
            True,
            20,
            2,
            "Va mieux,\ndort mal",
        )
        assert connection.execute(select(registry.patient.c.family_name)).scalars().all() == [
            "Lefèvre",
            "Le Goff, dit Yann",
        ]
        assert connection.execute(select(registry.medication.c.daily_dose_mg)).scalar() == Decimal(
            "37.5"
        )


def test_a_second_import_changes_nothing(database, write):
    load(database, write())
    before = rows(database)
    done = load(database, write())
    assert {(loaded.added, loaded.changed) for loaded in done.loaded} == {(0, 0)}
    assert rows(database) == before


def test_a_row_with_a_known_id_becomes_what_the_file_says(database, write):
    load(database, write())
    changed = FOLDER["assessment"].replace("whoqol,2026-09-02,999", "gad7,2026-09-02,9")
    done = load(database, write(assessment=changed + "43,11,phq9,2026-09-04,,,\n"))
    assert {str(loaded) for loaded in done.loaded if loaded.added or loaded.changed} == {
        "assessment: 4 read, 1 added, 1 changed"
    }
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT instrument, total FROM registry.assessment WHERE id = 41"
        ).one() == ("gad7", 9)


def test_a_cell_made_empty_becomes_null_and_a_column_left_out_stays(database, write):
    load(database, write())
    load(
        database,
        write(assessment="id,patient_id,instrument,taken_on,total\n40,10,phq9,2026-09-01,\n"),
    )
    with database.owner().connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT total, items FROM registry.assessment WHERE id = 40"
        ).one() == (None, [2, 1, None, 3, 0, 0, 1, 0, 1])


def test_the_counts_for_leads_are_due_and_stay_until_they_are_made_anew(database, write):
    """Check counts that are due before an hour has passed, because the records have changed."""
    load(database, write())
    day = date(2026, 9, 30)
    assert (count_some_sites(day), count_some_sites(day)) == (1, 0)
    protect_an_area()
    load(database, write())
    with acting_as(database.practitioner("lead", id=9)) as connection:
        assert freshness(connection).counted == 1
    assert (count_some_sites(day), count_some_sites(day)) == (1, 0)


def test_rows_that_a_later_folder_no_longer_has_stay(database, write, tmp_path_factory):
    load(database, write())
    later = tmp_path_factory.mktemp("later")
    (later / "patient.csv").write_text(FOLDER["patient"])
    before = rows(database)
    load(database, later)
    assert rows(database) == before


def test_a_missing_file_means_no_rows(database, write):
    load(database, write(flag=None, contact=None, psychosocial_care=None))
    assert rows(database)["flag"] == []


def test_references_to_rows_of_the_registry_hold(database, write, tmp_path_factory):
    load(database, write())
    later = tmp_path_factory.mktemp("later")
    (later / "assessment.csv").write_text(
        "id,patient_id,instrument,taken_on,total\n44,11,phq9,2026-09-05,5\n"
    )
    assert [loaded.added for loaded in load(database, later).loaded] == [1]


def test_every_bad_cell_of_every_file_is_in_one_report(database, write):
    folder = write(
        site="id,name,department,kind,opened_on\n1,MSP,78,hospital,2023-09-04\n",
        assessment=(
            "id,patient_id,instrument,taken_on,total,items,recorded_by\n"
            "40,10,phq9,2026-02-30,ten,0;0;x,2\n"
            "41,99,phq9,2026-09-01,10,,98\n"
            "41,10,phq9,2026-09-01,10,,\n"
            ",10,,2026-09-01,10,,\n"
        ),
        care_sequence="id,episode_id,kind,number,starts_on,ends_on\n30,21,classique,5,2026-09-01,\n",
    )
    assert refused(database, folder) == [
        "site.csv, line 2, column kind: expected one of msp, centre_sante, cabinet_groupe,"
        " cabinet_isole, found 'hospital'",
        "assessment.csv, line 2, column taken_on: expected a day of the years 1900 to 2199"
        " such as 2026-09-01,"
        " found '2026-02-30'",
        "assessment.csv, line 2, column total: expected a whole number from -2147483648 to"
        " 2147483647, found 'ten'",
        "assessment.csv, line 2, column items: expected whole numbers up to 32767 separated by ;"
        " such as 2;1;;3, found '0;0;x'",
        "assessment.csv, line 3, column patient_id: expected the id of a row of patient.csv or of"
        " the registry's patient, found 99",
        "assessment.csv, line 3, column recorded_by: expected the id of a row of practitioner.csv"
        " or of the registry's practitioner, found 98",
        "assessment.csv, line 4, column id: expected a value that no other row has"
        " (line 3 has the same)",
        "assessment.csv, line 5, column id: expected a value (a whole number from"
        " -9223372036854775808 to 9223372036854775807), found nothing",
        "assessment.csv, line 5, column instrument: expected a value (text in UTF-8 without NUL),"
        " found nothing",
        "care_sequence.csv, line 2, column episode_id: expected the id of a row of episode.csv or"
        " of the registry's episode, found 21",
        "care_sequence.csv, line 2, column number: expected one of 1, 2, 3, 4, found '5'",
        "care_sequence.csv, line 2, column ends_on: expected a value (a day of the years 1900 to"
        " 2199 such as 2026-09-01),"
        " found nothing",
    ]


def test_a_pair_given_twice(database, write):
    folder = write(practitioner_site="practitioner_id,site_id\n2,1\n3,1\n2,1\n")
    assert refused(database, folder) == [
        "practitioner_site.csv, line 4, column site_id:"
        " expected a value that no other row has (line 2 has the same)"
    ]


def test_every_foreign_id_is_looked_for(database, write):
    folder = write(
        patient=FOLDER["patient"].splitlines()[0] + "\n",
        site=FOLDER["site"].splitlines()[0] + "\n",
        practitioner=FOLDER["practitioner"].splitlines()[0] + "\n",
        episode=FOLDER["episode"].splitlines()[0] + "\n",
        flag=FOLDER["flag"].replace(",,,\n", ",,2,2026-09-02T08:00:00Z\n"),
    )
    named = {
        tuple(re.findall(r"^(\w+)\.csv.*column (\w+)", line)[0])
        for line in refused(database, folder)
    }
    assert named == {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.foreign_keys and table.name != "episode"
    }


def test_a_row_with_a_bad_cell_can_still_be_referred_to(database, write):
    folder = write(patient=FOLDER["patient"].replace("1983-05-02", "2 mai 1983"))
    assert refused(database, folder) == [
        "patient.csv, line 2, column birth_date: expected a day of the years 1900 to 2199"
        " such as 2026-09-01"
    ]


@pytest.mark.parametrize(
    "patient", ["", "family_name,given_name,birth_date,sex\nLefèvre,Camille,1983-05-02,female\n"]
)
def test_a_file_without_ids_is_not_held_against_those_that_refer_to_it(database, write, patient):
    assert all(
        line.startswith("patient.csv, line 1") for line in refused(database, write(patient=patient))
    )


def test_beyond_two_hundred_bad_cells_the_rest_are_counted(database, write):
    header = FOLDER["assessment"].splitlines()[0]
    bad_days = "".join(f"{row},10,phq9,never,1,,\n" for row in range(150))
    dangling = "".join(f"{row},99,phq9,2026-09-01,1,,\n" for row in range(150, 400))
    report = refused(database, write(assessment=f"{header}\n{bad_days}{dangling}"))
    assert len(report) == 201
    assert report[149].startswith("assessment.csv, line 151, column taken_on")
    assert report[199].startswith("assessment.csv, line 201, column patient_id")
    assert report[200] == "… and 200 more."


def test_unknown_files_are_named_and_hidden_ones_left_alone(database, write):
    folder = write()
    (folder / "patients.csv").touch()
    (folder / "README.md").touch()
    (folder / "old").mkdir()
    (folder / ".DS_Store").touch()
    assert [
        line.split(": expected one of the files patient.csv")[0]
        for line in refused(database, folder)
    ] == [
        "README.md",
        "old",
        "patients.csv",
    ]


def test_a_folder_under_the_name_of_a_file(database, write):
    folder = write(flag=None)
    (folder / "flag.csv").mkdir()
    assert refused(database, folder)[0].startswith("flag.csv: expected")


def test_an_empty_folder_is_a_mistake(database, tmp_path):
    (sentence,) = refused(database, tmp_path)
    assert sentence.endswith("expected a CSV file such as patient.csv")


def test_an_import_that_fails_late_leaves_nothing(database, write):
    """Check an import whose rows are written before preparing fails."""
    with database.owner().begin() as connection:
        connection.exec_driver_sql("DROP TABLE review.draft")
    before = rows(database)
    with pytest.raises(Exception, match="draft"):
        load(database, write())
    assert rows(database) == before


def test_progress_is_told(database, write):
    said: list[str] = []
    with administering(database.owner_url) as connection:
        import_folder(connection, write(), said.append)
    assert said[0] == "patient.csv: 2 rows read."
    assert "assessment: 3 read, 3 added, 0 changed" in said


@pytest.fixture
def empty_database(server):
    """Yield a database in which there is no registry."""
    create_database(server, "empty")
    database = Database(
        owner_url=address_of(server, database="empty"), app_url=app_address_of(server, "empty")
    )
    yield database
    database.close()
    drop_database(server, "empty")


def test_the_registry_is_created_where_there_is_none_and_secured(empty_database, write):
    load(empty_database, write())
    connect_to(empty_database.app_url)
    with acting_as(None) as connection:
        assert unsafe(connection) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM registry.patient").scalar() == 0
    with acting_as(2) as connection:
        assert connection.exec_driver_sql("SELECT id FROM registry.patient").scalars().all() == [10]


def test_a_failed_import_into_a_server_without_registry_leaves_it_without(empty_database, write):
    with pytest.raises(BadFolder):
        load(empty_database, write(flag="id\nx\n"))
    with empty_database.owner().connect() as connection:
        assert connection.exec_driver_sql("SELECT to_regnamespace('registry')").scalar() is None


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["ALTER TABLE registry.flag DROP COLUMN note"], "registry.flag.note: missing"),
        (["DROP TABLE registry.flag"], "registry.flag: missing"),
        (
            [
                "ALTER TABLE registry.flag SET SCHEMA public",
                "CREATE VIEW registry.flag WITH (security_invoker) AS TABLE public.flag",
            ],
            "registry.flag is not a table",
        ),
    ],
)
def test_a_registry_that_is_not_the_reference_one_is_left_alone(database, write, statements, said):
    with database.owner().begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    with pytest.raises(RegistryUnfit, match=said):
        load(database, write())


def test_another_import_at_the_same_time_waits(database, write):
    """Check that the second one waits for the lock of the first, and gives up after its timeout."""
    other = create_engine(database.owner_url.replace("postgresql://", "postgresql+psycopg://"))
    with other.connect() as connection:
        import_folder(connection, write(), say=lambda sentence: None)
        with database.owner().connect() as second:
            second.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(Exception, match="lock timeout"):
                second.exec_driver_sql("LOCK TABLE registry.patient IN SHARE ROW EXCLUSIVE MODE")
    other.dispose()


def test_an_owner_who_is_no_superuser_can_load(server, empty_database, write):
    """Check it as in production: the owner of the database, with the right to make roles."""
    with empty_database.owner().begin() as connection:
        connection.exec_driver_sql("CREATE ROLE registrar LOGIN CREATEROLE")
        connection.exec_driver_sql(
            "GRANT case_review_app, case_review_service TO registrar WITH ADMIN TRUE, INHERIT FALSE"
        )
        connection.exec_driver_sql("ALTER DATABASE empty OWNER TO registrar")
    registrar = Database(
        owner_url=address_of(server, database="empty", role="registrar"), app_url=""
    )
    try:
        load(registrar, write())
        load(registrar, write())
        with registrar.owner().connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM registry.patient").scalar() == 2
    finally:
        registrar.close()
        with empty_database.owner().begin() as connection:
            connection.exec_driver_sql("ALTER DATABASE empty OWNER TO postgres")
            connection.exec_driver_sql("DROP OWNED BY registrar CASCADE")
            connection.exec_driver_sql("REVOKE case_review_app, case_review_service FROM registrar")
            connection.exec_driver_sql("DROP ROLE registrar")

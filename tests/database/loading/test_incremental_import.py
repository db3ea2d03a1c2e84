"""The nightly import: rows added, changed and removed, in one transaction, with a history."""

from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.clinical.registry_imports import Arrived
from dashboard.database import acting_as, administering
from dashboard.database.loading.import_history import import_history
from dashboard.database.loading.incremental_import import (
    ImportChoices,
    Shrunk,
    WrittenAboutMeanwhile,
    import_changes,
)
from dashboard.database.loading.staging import BadFolder
from dashboard.database.operations.initialisation import RegistryUnfit
from dashboard.database.schema import review
from dashboard.queries.registry_age import registry_load
from dashboard.vocabulary import ImportOutcome
from tests.database.loading.test_folder_import import FOLDER, rows

HEADER = {name: content.splitlines()[0] for name, content in FOLDER.items()}
ASSESSMENTS = FOLDER["assessment"]
ANY_SIZE = ImportChoices(shrunk=True)


def ids(database, relation):
    with database.owner().connect() as connection:
        return list(
            connection.exec_driver_sql(f"SELECT id FROM registry.{relation} ORDER BY 1").scalars()
        )


def numbers(done):
    return {
        one.relation: (one.read, one.added, one.changed, one.removed)
        for one in done.arrived
        if one.read
    }


def reviewed(database, patient_id=10, episode_id=20):
    """Add a signed review of this patient."""
    return database.add(
        review.case_review,
        patient_id=patient_id,
        episode_id=episode_id,
        psychiatrist_id=1,
        outcome="reviewed",
        summary="Stable.",
        seen={},
        idempotency_key=uuid4(),
    )


def test_a_registry_of_views_is_loaded_by_its_owner(drop, loaded):
    with loaded.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.flag SET SCHEMA public")
        connection.exec_driver_sql("CREATE VIEW registry.flag AS TABLE public.flag")
    with pytest.raises(RegistryUnfit, match=r"registry\.flag is not a table"):
        drop(flag=FOLDER["flag"])


def test_a_file_of_changes_adds_and_changes_rows_and_removes_none(drop, loaded):
    done = drop(
        assessment=ASSESSMENTS.splitlines()[0]
        + "\n42,11,phq9,2026-09-03,4,,\n43,11,phq9,2026-10-01,2,,\n"
    )
    assert numbers(done) == {"assessment": (2, 1, 1, 0)}
    assert ids(loaded, "assessment") == [40, 41, 42, 43]


def test_a_row_that_is_marked_as_deleted_is_removed_whatever_its_other_cells_say(drop, loaded):
    done = drop(
        ANY_SIZE, assessment=HEADER["assessment"] + ",deleted\n41,,,,,,,true\n99,,,,,,,true\n"
    )
    assert numbers(done) == {"assessment": (2, 0, 0, 1)}
    assert ids(loaded, "assessment") == [40, 42]


def test_an_empty_mark_means_that_the_row_is_there(drop, loaded):
    drop(assessment=HEADER["assessment"] + ",deleted\n43,11,phq9,2026-10-01,2,,,\n")
    assert 43 in ids(loaded, "assessment")


def test_a_whole_file_removes_the_rows_that_it_does_not_have(drop, loaded):
    whole = "".join(line for line in ASSESSMENTS.splitlines(True) if not line.startswith("41,"))
    done = drop(ANY_SIZE, assessment_full=whole)
    assert numbers(done) == {"assessment": (2, 0, 0, 1)}
    assert ids(loaded, "assessment") == [40, 42]


def test_the_same_whole_files_again_change_nothing(drop, loaded):
    whole = {f"{name}_full": content for name, content in FOLDER.items()}
    before = rows(loaded)
    done = drop(**whole)
    assert {one[1:] for one in numbers(done).values()} == {(0, 0, 0)}
    assert rows(loaded) == before


def test_a_patient_who_is_gone_from_whole_files_is_removed_with_the_record(drop, loaded):
    without = {
        name: "".join(
            line for line in FOLDER[name].splitlines(True) if not line.startswith(("11,", "42,"))
        )
        for name in ("patient", "assessment")
    }
    drop(ANY_SIZE, patient_full=without["patient"], assessment_full=without["assessment"])
    assert ids(loaded, "patient") == [10]


def test_a_row_of_a_patient_whom_the_files_delete_is_named(drop):
    with pytest.raises(BadFolder) as refused:
        drop(
            patient=f"{HEADER['patient']},deleted\n99{',' * 7}true\n",
            assessment=HEADER["assessment"] + "\n43,99,phq9,2026-10-01,4,,\n",
        )
    assert str(refused.value) == (
        "assessment.csv, line 2, column patient_id: expected the id of a row of patient.csv or of"
        " the registry's patient, found 99"
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"patient_full": HEADER["patient"] + "\n" + FOLDER["patient"].splitlines()[1] + "\n"},
            "patient.full.csv, column id: expected no row to be missing from the file to which"
            " another row refers, found 11",
        ),
        (
            {"patient": HEADER["patient"] + ",deleted\n11,,,,,,,true\n"},
            "patient.csv, column id: expected no row to be deleted to which another row refers,"
            " found 11",
        ),
    ],
)
def test_a_row_to_which_others_refer_is_not_removed_and_the_import_stops(drop, loaded, files, said):
    before = rows(loaded)
    with pytest.raises(BadFolder) as refused:
        drop(ANY_SIZE, **files)
    assert str(refused.value) == said
    assert rows(loaded) == before


EVERYTHING_OF_PATIENT_10 = {
    f"{name}_full": HEADER[name] + "\n"
    for name in (
        "episode",
        "care_sequence",
        "contact",
        "medication",
        "psychosocial_care",
        "condition",
        "flag",
    )
} | {
    "patient_full": "".join(
        line for line in FOLDER["patient"].splitlines(True) if not line.startswith("10,")
    ),
    "assessment_full": HEADER["assessment"] + "\n42,11,phq9,2026-09-03,0,,\n",
}


def test_a_patient_without_reviews_can_be_removed_altogether(drop, loaded):
    drop(ANY_SIZE, **EVERYTHING_OF_PATIENT_10)
    assert ids(loaded, "patient") == [11]
    assert ids(loaded, "episode") == []


def test_the_whole_record_of_a_patient_with_a_review_stays(drop, loaded):
    signed, before = reviewed(loaded), rows(loaded)
    done = drop(ANY_SIZE, **EVERYTHING_OF_PATIENT_10)
    assert rows(loaded) == before
    kept = {one.relation: one.kept for one in done.arrived}
    assert kept["patient"] == kept["episode"] == kept["flag"] == 1
    assert kept["assessment"] == 2
    with acting_as(1) as connection:
        assert connection.execute(text("SELECT id FROM review.case_review")).scalar_one() == signed


def without(name, *begins):
    return "".join(line for line in FOLDER[name].splitlines(True) if not line.startswith(begins))


NOTHING_OF_10 = {
    "assessment_full": without("assessment", "40,", "41,"),
    "medication_full": HEADER["medication"] + "\n",
    "flag_full": HEADER["flag"] + "\n",
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (EVERYTHING_OF_PATIENT_10, NOTHING_OF_10),
        ({"patient_full": without("patient", "10,")} | NOTHING_OF_10, NOTHING_OF_10),
        ({"patient": f"{HEADER['patient']},deleted\n10{',' * 7}true\n"}, NOTHING_OF_10),
        (
            {"episode_full": HEADER["episode"] + "\n"},
            {"patient_full": FOLDER["patient"]} | NOTHING_OF_10,
        ),
    ],
    ids=["everything", "some files", "marked as deleted", "the episode alone"],
)
def test_a_kept_record_stays_whole_on_the_second_night_too(drop, loaded, first, second):
    reviewed(loaded)
    before = rows(loaded)
    drop(ANY_SIZE, **first)
    drop(ANY_SIZE, **second)
    assert rows(loaded) == before


@pytest.mark.parametrize("again", ["patient", "patient_full"])
def test_a_kept_record_follows_the_files_once_they_have_the_patient_again(drop, loaded, again):
    reviewed(loaded)
    drop(ANY_SIZE, patient_full=without("patient", "10,"))
    drop(ANY_SIZE, **{again: FOLDER["patient"]})
    drop(ANY_SIZE, **NOTHING_OF_10)
    assert (ids(loaded, "assessment"), ids(loaded, "flag")) == ([42], [])


def test_a_single_score_of_a_patient_with_a_review_can_still_be_removed(drop, loaded):
    reviewed(loaded)
    drop(ANY_SIZE, assessment=HEADER["assessment"] + ",deleted\n41,,,,,,,true\n")
    assert ids(loaded, "assessment") == [40, 42]


@pytest.mark.parametrize(
    "files",
    [
        EVERYTHING_OF_PATIENT_10,
        {
            "episode": f"{HEADER['episode']},deleted\n20{',' * 15}true\n",
            "care_sequence": f"{HEADER['care_sequence']},deleted\n30{',' * 6}true\n",
        },
        {"episode": FOLDER["episode"].replace("20,10,", "20,11,")},
    ],
    ids=["its patient is removed", "its episode is removed", "its episode gets another patient"],
)
def test_a_review_that_is_signed_meanwhile_stops_the_import(loaded, tmp_path, files):
    """Sign between the planning of the removals and the end, as another session would."""
    for name, content in files.items():
        (tmp_path / f"{name.replace('_full', '.full')}.csv").write_text(content)

    def sign(sentence):
        if sentence == "Writing episode.":
            reviewed(loaded)

    before = rows(loaded)
    with pytest.raises(WrittenAboutMeanwhile):
        import_changes(loaded.owner_url, tmp_path, ANY_SIZE, say=sign)
    assert rows(loaded) == before


MOVED = FOLDER["episode"].replace("20,10,", "20,11,")


def test_an_episode_with_a_review_keeps_its_patient_and_the_import_stops(drop, loaded):
    reviewed(loaded)
    before = rows(loaded)
    with pytest.raises(BadFolder) as refused:
        drop(episode=MOVED)
    assert str(refused.value) == (
        "episode.csv, line 2, column patient_id: expected 10 as in the registry, because somebody"
        " has written about the episode of this patient, found 11"
    )
    assert rows(loaded) == before


def test_an_episode_about_which_nobody_has_written_can_get_another_patient(drop, loaded):
    reviewed(loaded, episode_id=21)
    assert numbers(drop(episode=MOVED)) == {"episode": (1, 0, 1, 0)}


def test_a_practitioner_who_is_gone_but_named_stays_and_is_no_longer_active(drop, loaded):
    team = "".join(
        line for line in FOLDER["practitioner"].splitlines(True) if not line.startswith("2,")
    )
    done = drop(
        ANY_SIZE, practitioner_full=team, practitioner_site_full="practitioner_id,site_id\n3,1\n"
    )
    assert {one.relation: one.kept for one in done.arrived}["practitioner"] == 1
    with loaded.owner().connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT id, active FROM registry.practitioner ORDER BY id"
        ).all() == [(1, True), (2, False), (3, True)]


def test_a_relation_that_would_shrink_by_more_than_a_tenth_stops_the_import(drop, loaded):
    before = rows(loaded)
    with pytest.raises(Shrunk) as stopped:
        drop(assessment_full=HEADER["assessment"] + "\n" + ASSESSMENTS.splitlines()[1] + "\n")
    assert str(stopped.value) == ("assessment: 2 of 3 rows would be removed, more than a tenth.")
    assert rows(loaded) == before


def test_a_tenth_may_be_removed_without_asking(drop, loaded):
    more = "".join(f"{n},11,gad7,2026-10-{n - 99:02},5,,\n" for n in range(100, 107))
    drop(assessment=HEADER["assessment"] + "\n" + more)
    drop(assessment=HEADER["assessment"] + ",deleted\n100,,,,,,,true\n")
    assert len(ids(loaded, "assessment")) == 9


def test_every_import_is_kept_as_history_the_stopped_ones_too(drop, loaded):
    drop(ImportChoices(as_of=date(2026, 11, 28)), flag=FOLDER["flag"])
    with pytest.raises(BadFolder):
        drop(assessment=HEADER["assessment"] + "\n43,11,phq9,never,2,,\n44,11,phq9,never,2,,\n")
    with pytest.raises(Shrunk):
        drop(flag_full=HEADER["flag"] + "\n")
    with administering(loaded.owner_url) as connection:
        shrunk, refused, good = import_history(connection, 20)
    assert (good.outcome, good.as_of) == (ImportOutcome.LOADED, date(2026, 11, 28))
    assert good.relations == (Arrived("flag", read=1),)
    assert refused.outcome is shrunk.outcome is ImportOutcome.STOPPED
    assert refused.relations == (Arrived("assessment", refused=2),)
    assert shrunk.relations == (Arrived("flag", removed=1),)


TOO_LONG_FOR_AN_INDEX = "".join(sha256(bytes([n])).hexdigest() for n in range(100))
UNSTORABLE = f"{HEADER['assessment']}\n43,10,{TOO_LONG_FOR_AN_INDEX},2026-10-01,4,,\n"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"patients": "id\n"}, BadFolder),
        ({"flag": FOLDER["flag"], "flag_full": FOLDER["flag"]}, BadFolder),
        ({"assessment": UNSTORABLE}, DBAPIError),
    ],
    ids=["an unknown file", "both forms of a file", "refused by the database"],
)
def test_an_import_that_stopped_without_a_bad_row_is_in_the_history_too(drop, loaded, files, error):
    with pytest.raises(error):
        drop(**files)
    with administering(loaded.owner_url) as connection:
        (stopped,) = import_history(connection, 20)
    assert (stopped.outcome, stopped.relations) == (ImportOutcome.STOPPED, ())


def test_a_stop_that_cannot_be_recorded_is_reported_all_the_same(loaded, tmp_path):
    """Change the table of the history, so that the stop cannot be recorded either."""
    (tmp_path / "flag.csv").write_text(FOLDER["flag"])

    def fail(_sentence):
        raise OSError("full")

    with loaded.owner().begin() as owner:
        owner.exec_driver_sql("ALTER TABLE review.registry_import DROP COLUMN outcome")
    with pytest.raises(OSError, match="full"):
        import_changes(loaded.owner_url, tmp_path, ImportChoices(), say=fail)


def test_the_pages_learn_which_day_the_files_describe(drop, loaded):
    drop(ImportChoices(as_of=date(2026, 11, 28)), flag=FOLDER["flag"])
    with acting_as(None) as connection:
        load = registry_load(connection)
    assert load is not None
    assert (load.as_of, load.source) == (date(2026, 11, 28), "files")


def test_files_describe_the_day_on_which_the_newest_was_written(loaded, tmp_path_factory):
    import os

    folder = tmp_path_factory.mktemp("old")
    (folder / "flag.csv").write_text(FOLDER["flag"])
    written = datetime(2026, 9, 4, 1, tzinfo=UTC).timestamp()
    os.utime(folder / "flag.csv", (written, written))
    import_changes(loaded.owner_url, folder, ImportChoices(), say=lambda _: None)
    with acting_as(None) as connection:
        load = registry_load(connection)
    assert load is not None
    assert load.as_of == date(2026, 9, 4)


def test_both_forms_of_a_file_in_one_folder_are_refused(drop):
    with pytest.raises(BadFolder, match=r"flag\.full\.csv: expected either this file or flag\.csv"):
        drop(flag=FOLDER["flag"], flag_full=FOLDER["flag"])


def test_a_whole_file_has_no_mark_of_deleted_rows(drop):
    with pytest.raises(BadFolder, match=r"flag\.full\.csv, line 1, column 'deleted'"):
        drop(flag_full=HEADER["flag"] + ",deleted\n")

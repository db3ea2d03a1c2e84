"""Rows with faults are set aside, for somebody to mend; the good ones load."""

import stat

import pytest

from dashboard.database.loading.incremental_import import ImportChoices, import_changes
from dashboard.database.loading.staging import BadFolder
from tests.database.loading.test_folder_import import FOLDER, rows
from tests.database.loading.test_incremental_import import reviewed

HEADER = {name: content.splitlines()[0] for name, content in FOLDER.items()}


@pytest.fixture
def aside(tmp_path):
    return ImportChoices(quarantine=tmp_path / "quarantine", shrunk=True)


def refused(done, relation):
    return next(one.refused for one in done.arrived if one.relation == relation)


def ids(database, relation):
    with database.owner().connect() as connection:
        return list(
            connection.exec_driver_sql(f"SELECT id FROM registry.{relation} ORDER BY 1").scalars()
        )


def test_good_rows_load_and_the_others_are_written_as_they_were(drop, loaded, aside):
    bad = "43,10,phq9,2 octobre,deux,,\n"
    done = drop(aside, assessment=HEADER["assessment"] + "\n" + bad + "44,11,gad7,2026-10-02,5,,\n")
    assert (refused(done, "assessment"), ids(loaded, "assessment")) == (1, [40, 41, 42, 44])
    assert (done.aside / "assessment.csv").read_text() == HEADER["assessment"] + "\n" + bad


def test_bytes_that_are_not_utf_8_are_written_as_they_were(drop, aside):
    row = "44,10,phq9,2026-10-02,5,,\n45,10,ph\xe9,2026-10-02,5,,\n".encode("latin-1")
    done = drop(aside, assessment=(HEADER["assessment"] + "\n").encode() + row)
    assert (done.aside / "assessment.csv").read_bytes().endswith(b"45,10,ph\xe9,2026-10-02,5,,\n")


def test_only_the_owner_may_read_what_is_set_aside(drop, aside):
    done = drop(aside, flag=HEADER["flag"] + "\n91,10,fear,2,2026-09-01T08:00:00Z,,,\n")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in aside.quarantine.rglob("*")} | {
        aside.quarantine: stat.S_IMODE(aside.quarantine.stat().st_mode)
    }
    assert {
        path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)
    } == {}
    assert f"{done.aside}.txt" in {str(path) for path in modes}


def test_the_report_beside_it_names_every_bad_cell(drop, aside):
    done = drop(aside, flag=HEADER["flag"] + "\n91,10,fear,2,2026-09-01T08:00:00Z,,,\n")
    report = done.aside.with_name(done.aside.name + ".txt").read_text()
    assert "flag: 1 read, 0 new, 0 changed, 0 gone, 1 refused" in report
    assert (
        "flag.csv, line 2, column kind: expected one of safety, discussion, found 'fear'" in report
    )


def test_mended_rows_are_imported_from_the_folder_itself(drop, loaded, aside):
    done = drop(aside, assessment=HEADER["assessment"] + "\n43,10,phq9,never,2,,\n")
    file = done.aside / "assessment.csv"
    file.write_text(file.read_text().replace("never", "2026-10-02"))
    import_changes(loaded.owner_url, done.aside, ImportChoices(), say=lambda _: None)
    assert 43 in ids(loaded, "assessment")


@pytest.mark.parametrize("change", ["replaced", "gone"])
def test_a_file_that_changes_before_its_bad_rows_are_written_stops_the_import(
    loaded, aside, tmp_path, change
):
    file = tmp_path / "new" / "assessment.csv"
    file.parent.mkdir()
    file.write_text(HEADER["assessment"] + "\n43,10,phq9,never,2,,\n44,10,phq9,2026-10-02,5,,\n")

    def change_file(sentence):
        if sentence == "Writing assessment.":
            file.unlink()
            if change == "replaced":
                file.write_text(HEADER["assessment"] + "\n45,11,phq9,2026-10-03,7,,\n")

    before = rows(loaded)
    with pytest.raises((BadFolder, FileNotFoundError)):
        import_changes(loaded.owner_url, file.parent, aside, say=change_file)
    assert rows(loaded) == before
    assert list(aside.quarantine.iterdir()) == []


def test_all_rows_of_the_same_id_are_set_aside(drop, loaded, aside):
    twice = "43,10,phq9,2026-10-02,2,,\n43,10,phq9,2026-10-02,12,,\n"
    done = drop(aside, assessment=HEADER["assessment"] + "\n" + twice)
    assert (refused(done, "assessment"), 43 in ids(loaded, "assessment")) == (2, False)


def test_rows_that_refer_to_a_row_set_aside_are_set_aside_too(drop, loaded, aside):
    episode = FOLDER["episode"].splitlines()[1].replace("20,10,", "21,12,") + "\n"
    done = drop(
        aside,
        patient=HEADER["patient"] + "\n12,Nom,Prénom,hier,female,,\n",
        episode=HEADER["episode"] + "\n" + episode,
        care_sequence=HEADER["care_sequence"] + "\n31,21,classique,1,2026-09-01,2026-11-30\n",
    )
    assert [refused(done, name) for name in ("patient", "episode", "care_sequence")] == [1, 1, 1]
    assert ids(loaded, "episode") == [20]


def test_an_episode_with_a_review_keeps_its_patient_and_the_record_stays_whole(drop, loaded, aside):
    reviewed(loaded)
    before = rows(loaded)
    moved = {
        name: FOLDER[name].replace(",10,", ",11,", 1) for name in ("episode", "flag", "medication")
    }
    done = drop(aside, **moved, patient=FOLDER["patient"])
    assert [refused(done, name) for name in moved] == [1, 1, 1]
    assert rows(loaded) == before


def test_a_known_row_keeps_its_old_version_while_its_new_one_is_set_aside(drop, loaded, aside):
    before = rows(loaded)
    whole = FOLDER["assessment"].replace("41,10,whoqol,2026-09-02", "41,10,whoqol,hier")
    drop(aside, assessment_full=whole)
    assert rows(loaded) == before


def test_no_row_is_removed_while_the_id_of_a_row_set_aside_cannot_be_read(drop, loaded, aside):
    drop(aside, assessment_full=HEADER["assessment"] + "\n4o,10,phq9,2026-09-01,10,,\n")
    assert ids(loaded, "assessment") == [40, 41, 42]


def test_a_row_to_which_others_refer_stays(drop, loaded, aside):
    drop(aside, patient=HEADER["patient"] + ",deleted\n11,,,,,,,true\n")
    assert ids(loaded, "patient") == [10, 11]


def test_a_file_that_was_cut_off_stops_the_import_all_the_same(drop, aside):
    with pytest.raises(BadFolder, match="cut off"):
        drop(aside, assessment=HEADER["assessment"] + "\n43,10,phq9,2026-10-02,1")
    assert not aside.quarantine.exists()

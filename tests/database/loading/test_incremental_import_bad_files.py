"""Files as they should not be: each gives a sentence, and the registry is as it was."""

import subprocess
import sys

import pytest

from dashboard.database.loading import registry_file
from dashboard.database.loading.incremental_import import ImportChoices, import_changes
from dashboard.database.loading.staging import BadFolder
from tests.database.loading.test_folder_import import FOLDER, rows

pytestmark = pytest.mark.thorough

HEADER = FOLDER["assessment"].splitlines()[0]
GOOD = f"{HEADER}\n43,10,phq9,2026-10-01,12,,\n"

BAD = {
    "cut off within the last number": (f"{HEADER}\n43,10,phq9,2026-10-01,12,,", "cut off"),
    "cut off within a row": (f"{HEADER}\n43,10,phq", "cut off"),
    "cut off within quotes": (f'{HEADER}\n43,10,"phq9\n', "a quote that opens is closed"),
    "empty": ("", "a header row"),
    "UTF-16": (GOOD.encode("utf-16"), "a header row"),
    "Latin-1": (GOOD.replace("phq9", "échelle").encode("latin-1"), "text in UTF-8"),
    "NUL": (GOOD.replace("phq9", "ph\0q9"), "text in UTF-8 without NUL"),
    "an id twice": (f"{GOOD}43,10,phq9,2026-10-02,12,,\n", "a value that no other row has"),
    "a patient who is nowhere": (GOOD.replace("43,10", "43,77"), "the id of a row of patient"),
    "the year 1": (GOOD.replace("2026-10-01", "0001-01-01"), "of the years 1900 to 2199"),
    "the year 9999": (GOOD.replace("2026-10-01", "9999-12-31"), "of the years 1900 to 2199"),
    "a score that is no whole number": (GOOD.replace(",12,", ",12.5,"), "a whole number"),
    "a cell of 200,000 characters": (GOOD.replace("phq9", "p" * 200_000), "131,072 characters"),
    "a line of 5 million characters": (GOOD.replace("phq9", "p" * 5_000_000), "131,072 characters"),
    "a mark that is neither": (
        f"{HEADER},deleted\n43,10,phq9,2026-10-01,12,,,no\n",
        "true or false",
    ),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_file_with(drop, loaded, content, sentence):
    before = rows(loaded)
    with pytest.raises(BadFolder) as refused:
        drop(assessment=content)
    assert sentence in str(refused.value)
    assert rows(loaded) == before


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n"), GOOD + "\n\n"],
    ids=["a byte order mark", "line ends of Windows", "blank lines at the end"],
)
def test_a_file_is_loaded_with(drop, loaded, content):
    assert drop(assessment=content).arrived[0].added == 1


@pytest.mark.parametrize("change", ["longer", "replaced"])
def test_a_file_that_changes_while_it_is_read_stops_the_import(
    loaded, tmp_path, monkeypatch, change
):
    """Change the file when its header has been read, as a program that still writes it would."""
    folder = tmp_path / "drop"
    folder.mkdir()
    path = folder / "assessment.csv"
    path.write_text(GOOD)
    header = registry_file._header

    def change_then_read(*given, **named):
        if change == "longer":
            with path.open("a") as file:
                file.write("44,10,phq9,2026-10-02,12,,\n")
        else:
            other = folder / ".other"
            other.write_text(GOOD)
            other.replace(path)
        return header(*given, **named)

    monkeypatch.setattr(registry_file, "_header", change_then_read)
    before = rows(loaded)
    with pytest.raises(BadFolder, match="a file that nothing changes during the import"):
        import_changes(loaded.owner_url, folder, ImportChoices(), say=lambda _: None)
    assert rows(loaded) == before


_READ = """
import resource, sys
from pathlib import Path
from dashboard.database.loading.registry_file import Findings, open_registry_file
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
findings = Findings()
with open_registry_file(Path(sys.argv[1]), findings) as file:
    rows = sum(len(block) for block in file.blocks)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(rows, findings.count, (after - before) // 1024)
"""


@pytest.mark.programs
def test_a_cell_of_100_mb_takes_little_memory_and_its_row_alone(tmp_path):
    path = tmp_path / "assessment.csv"
    with path.open("w") as file:
        file.write(f"{HEADER}\n43,10,")
        for _ in range(100):
            file.write("p" * 1_000_000)
        file.write(",2026-10-01,12,,\n44,10,phq9,2026-10-02,12,,\n")
    said = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True
    )
    read, bad, megabytes = map(int, said.stdout.split())
    assert (read, bad) == (1, 1)
    assert megabytes < 60

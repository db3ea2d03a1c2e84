"""Reading one file of a registry folder: its form, its header, the places of its bad cells."""

import csv
from pathlib import Path

import pytest

from dashboard.database.loading.registry_file import REPORTED, Findings, open_registry_file

HEADER = "id,patient_id,code,label,onset_on,resolved_on"
ROW = "1,7,Z33,Grossesse,2026-09-01,"
COPIED = "1\t7\tZ33\tGrossesse\t2026-09-01\t\\N\n"


def read(folder: Path, content: str | bytes, name: str = "condition.csv"):
    """Return the rows as COPY reads them, and the bad cells as the report names them."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    findings = Findings()
    with open_registry_file(path, findings) as file:
        rows = [row for block in file.blocks for row in block] if file.columns else []
    assert findings.count >= len(findings.cells)
    return rows, [str(cell) for cell in findings.cells]


GOOD_FORMS = {
    "lines that end as on Unix": f"{HEADER}\n{ROW}\n",
    "lines that end as on Windows": f"{HEADER}\r\n{ROW}\r\n",
    "no end to the last line": f"{HEADER}\n{ROW}",
    "a byte order mark": b"\xef\xbb\xbf" + f"{HEADER}\n{ROW}\n".encode(),
    "every cell quoted": f'"{HEADER.replace(",", chr(34) + "," + chr(34))}"\n'
    '"1","7","Z33","Grossesse","2026-09-01",""\n',
    "blank lines at the end": f"{HEADER}\n{ROW}\n\n\n",
}


@pytest.mark.parametrize("content", GOOD_FORMS.values(), ids=GOOD_FORMS)
def test_a_file_with(tmp_path, content):
    assert read(tmp_path, content) == ([f"2\t{COPIED}"], [])


def test_columns_in_another_order_and_some_left_out(tmp_path):
    rows, bad = read(tmp_path, "label,code,patient_id,id\nGrossesse,Z33,7,1\n")
    assert (rows, bad) == (["2\tGrossesse\tZ33\t7\t1\n"], [])


def test_a_header_alone_means_no_rows(tmp_path):
    assert read(tmp_path, f"{HEADER}\n") == ([], [])


@pytest.mark.parametrize(
    "content",
    ["", "\n\n", ROW, HEADER.replace(",", ";"), HEADER.upper(), HEADER.encode("utf-16"), "\0\0"],
    ids=["empty", "blank", "no header", "semicolons", "capitals", "UTF-16", "NUL"],
)
def test_a_file_without_a_header_is_said_once_and_its_first_line_not_repeated(tmp_path, content):
    rows, (sentence,) = read(tmp_path, content)
    assert rows == []
    assert sentence.endswith(f"expected a header row with the columns {HEADER}")
    assert "Grossesse" not in sentence


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (
            f"{HEADER},onset",
            f"condition.csv, line 1, column 'onset': expected one of {HEADER.replace(',', ', ')}",
        ),
        (
            f"{HEADER},id",
            "condition.csv, line 1, column id: expected each column once",
        ),
        (
            f"{HEADER},",
            f"condition.csv, line 1, column '': expected one of {HEADER.replace(',', ', ')}",
        ),
    ],
)
def test_a_column_too_many(tmp_path, header, sentence):
    assert read(tmp_path, f"{header}\n{ROW},9\n") == ([f"2\t{COPIED}"], [sentence])


def test_a_required_column_left_out(tmp_path):
    _, bad = read(tmp_path, "id,patient_id,code\n1,7,Z33\n")
    assert bad == ["condition.csv, line 1, column label: expected this column, which is required"]


def test_a_bad_header_does_not_keep_the_rows_from_being_checked(tmp_path):
    _, bad = read(tmp_path, "id,patient_id,code,label,onset_on,sex\n1,7,Z33,x,2026-02-30,f\n")
    assert [sentence.split(": ")[0] for sentence in bad] == [
        "condition.csv, line 1, column 'sex'",
        "condition.csv, line 2, column onset_on",
    ]


def test_every_bad_cell_of_a_row_is_named_with_what_was_expected(tmp_path):
    rows, bad = read(tmp_path, f"{HEADER}\n{ROW}\nx,,Z33,,2026-02-30,hier\n{ROW}\n")
    assert bad == [
        "condition.csv, line 3, column id: expected a whole number from"
        " -9223372036854775808 to 9223372036854775807, found 'x'",
        "condition.csv, line 3, column patient_id: expected a value (a whole number from"
        " -9223372036854775808 to 9223372036854775807), found nothing",
        "condition.csv, line 3, column label: expected a value (text in UTF-8 without NUL),"
        " found nothing",
        "condition.csv, line 3, column onset_on: expected a day of the years 1900 to 2199"
        " such as 2026-09-01,"
        " found '2026-02-30'",
        "condition.csv, line 3, column resolved_on: expected a day of the years 1900 to 2199"
        " such as 2026-09-01,"
        " found 'hier'",
    ]
    assert rows[1] == "3\t\\N\t\\N\tZ33\t\\N\t\\N\t\\N\n"


@pytest.mark.parametrize(
    ("row", "found"), [("1,7,Z33", 3), (f"{ROW},,", 8), ("1,7,Z33,a, b,2026-09-01,", 7)]
)
def test_a_row_of_another_length_is_one_finding_and_its_id_is_known(tmp_path, row, found):
    rows, bad = read(tmp_path, f"{HEADER}\n{row}\n")
    assert bad == [f"condition.csv, line 2: expected 6 cells as in the header, found {found}"]
    assert rows[0].startswith("2\t1\t7\tZ33\t")


def test_a_row_that_spans_lines_is_named_by_the_line_it_begins_on(tmp_path):
    rows, bad = read(
        tmp_path,
        f'{HEADER}\n1,7,Z33,"Grossesse,\r\n""gémellaire""\r\n",,\n\n2,7,Z33,"a\nb",jamais,\n3,7,Z33,c,demain,\n',
    )
    assert rows[0] == '2\t1\t7\tZ33\tGrossesse,\\r\\n"gémellaire"\\r\\n\t\\N\t\\N\n'
    assert [sentence.split(": ")[0] for sentence in bad] == [
        "condition.csv, line 6, column onset_on",
        "condition.csv, line 8, column onset_on",
    ]


@pytest.mark.parametrize(
    "row", ['1,7,Z33,"Grossesse"!,,', '1,7,Z33,"Grossesse,,'], ids=["text after", "never closed"]
)
def test_a_quote_out_of_place(tmp_path, row):
    _, bad = read(tmp_path, f"{HEADER}\n{ROW}\n{row}\n")
    assert len(bad) == 1
    assert bad[0].startswith("condition.csv, line 3: expected cells")


def test_rows_after_a_quote_out_of_place_are_still_checked(tmp_path):
    _, bad = read(tmp_path, f'{HEADER}\n1,7,Z33,"a"!,,\n{ROW}\n2,7,Z33,b,jamais,\n')
    assert [sentence.split(":")[0] for sentence in bad] == [
        "condition.csv, line 2",
        "condition.csv, line 4, column onset_on",
    ]


def test_a_cell_longer_than_any_note_whatever_another_package_allows(tmp_path):
    csv.field_size_limit(1_000_000)
    _, bad = read(tmp_path, f"{HEADER}\n1,7,Z33,{'a' * 200_000},,\n{ROW}\n")
    assert len(bad) == 1
    assert "at most 131,072 characters" in bad[0]


def test_bytes_that_are_not_utf8_are_found_cell_by_cell(tmp_path):
    content = f"{HEADER}\n{ROW}\n1,7,Z33,Épuisement,,\n2,7,Z33,b,,\n3,7,Z33,Été,,\n"
    _, bad = read(tmp_path, content.encode("latin-1"))
    assert bad == [
        f"condition.csv, line {line}, column label: expected text in UTF-8 without NUL"
        for line in (3, 5)
    ]


def test_a_nul_is_found_in_its_cell(tmp_path):
    _, bad = read(tmp_path, f"{HEADER}\n1,7,Z33,Gros\0sesse,,\n")
    assert bad == ["condition.csv, line 2, column label: expected text in UTF-8 without NUL"]


def test_what_a_patients_cells_hold_is_not_repeated(tmp_path):
    header = "id,family_name,given_name,birth_date,sex,ins,phone"
    # The cells of a name moved by one column to the left.
    _, bad = read(tmp_path, f"{header}\nLefèvre,Camille,Anne,Odile,female,,\n", "patient.csv")
    assert bad == [
        "patient.csv, line 2, column id: expected a whole number from"
        " -9223372036854775808 to 9223372036854775807",
        "patient.csv, line 2, column birth_date: expected a day of the years 1900 to 2199"
        " such as 2026-09-01",
    ]


def test_what_is_shown_is_short_and_cannot_steer_a_terminal(tmp_path):
    _, bad = read(tmp_path, f"{HEADER}\n1,7,Z33,a,\x1b[31m{'9' * 500},\n")
    assert bad[0].endswith(r"found '\x1b[31m999999999999999…'")


def test_bad_cells_beyond_the_report_are_counted(tmp_path):
    path = tmp_path / "condition.csv"
    path.write_text(HEADER + "\n" + "1,7,Z33,a,x,y\n" * 300)
    findings = Findings()
    with open_registry_file(path, findings) as file:
        for _ in file.blocks:
            pass
    assert (len(findings.cells), findings.count) == (REPORTED, 600)

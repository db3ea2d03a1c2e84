"""The accepted contents of a cell of a registry file, and their values."""

import pytest

from dashboard.database.loading.cell_parsers import NULL, cell_rule
from dashboard.database.schema.contract import CODES
from dashboard.database.schema.registry import metadata


def rule(column: str):
    relation, name = column.split(".")
    return cell_rule(metadata.tables[f"registry.{relation}"].columns[name])


GOOD = [
    # column, cell, what COPY reads
    ("patient.id", "0", "0"),
    ("patient.id", "-1", "-1"),
    ("patient.id", "007", "007"),
    ("patient.id", "9223372036854775807", "9223372036854775807"),
    ("patient.id", "-9223372036854775808", "-9223372036854775808"),
    ("assessment.total", "0", "0"),
    ("assessment.total", "2147483647", "2147483647"),
    ("assessment.total", "999", "999"),  # beyond any instrument: shown with a warning
    ("assessment.total", "-3", "-3"),
    ("assessment.total", "", NULL),
    ("assessment.instrument", "whoqol", "whoqol"),  # unknown: kept
    ("assessment.items", "2;1;;3;0;0;1;0;1", "{2,1,NULL,3,0,0,1,0,1}"),
    ("assessment.items", ";", "{NULL,NULL}"),
    ("assessment.items", "0", "{0}"),
    ("assessment.items", "32767;-32768", "{32767,-32768}"),
    ("assessment.items", "", NULL),
    ("medication.daily_dose_mg", "37.5", "37.5"),
    ("medication.daily_dose_mg", "0", "0"),
    ("medication.daily_dose_mg", "", NULL),
    ("medication.as_needed", "true", "t"),
    ("medication.as_needed", "False", "f"),
    ("medication.as_needed", "t", "t"),
    ("medication.adherence", "", NULL),
    ("site.opened_on", "2024-02-29", "2024-02-29"),
    ("site.opened_on", "1900-01-01", "1900-01-01"),
    ("site.opened_on", "2199-12-31", "2199-12-31"),
    ("contact.happened_at", "2026-09-01T14:30:00+02:00", "2026-09-01T12:30:00+00:00"),
    ("contact.happened_at", "2026-09-01 14:30:00.25Z", "2026-09-01T14:30:00.250000+00:00"),
    ("contact.happened_at", "2026-09-01 14:30+02", "2026-09-01T12:30:00+00:00"),
    # Without an offset it is Paris time, in summer and in winter.
    ("contact.happened_at", "2026-09-01T14:30", "2026-09-01T12:30:00+00:00"),
    ("contact.happened_at", "2026-12-01T14:30:00", "2026-12-01T13:30:00+00:00"),
    ("patient.family_name", "L’Héritier", "L’Héritier"),
    ("patient.family_name", "null", "null"),
    ("patient.ins", "", NULL),
    ("contact.note", "a\tb\\c\nd\re", r"a\tb\\c\nd\re"),
    ("contact.note", r"\N", r"\\N"),
    ("contact.note", " ", " "),
    ("contact.note", '🙂 ; , "', '🙂 ; , "'),
    # The problem was not recorded, as in registries in use.
    ("episode.problem", "", ""),
]

BAD = {
    "patient.id": [
        "",
        "1.0",
        "1e3",
        " 1",
        "1 ",
        "+1",
        "--1",
        "-",
        "1_000",
        "1 000",
        "0x1F",
        "١٢",
        "²",
        "one",
        "9223372036854775808",
        "-9223372036854775809",
        "1" * 5000,
    ],
    "assessment.total": ["2147483648", "-2147483649", "12.5", "12,5", "n/a", "NULL", r"\N"],
    "assessment.items": [
        "2,1,3",
        "{2;1}",
        "2; 1",
        "2;x",
        "32768",
        "-32769;0",
        "1.5;2",
        "NULL;1",
        " ",
    ],
    "medication.daily_dose_mg": [
        "37,5",
        "50 mg",
        "NaN",
        "Infinity",
        "1e2",
        ".5",
        "5.",
        "-",
        "1" * 21,
    ],
    "medication.as_needed": ["", "yes", "oui", "1", "0", "vrai", "truee"],
    "site.opened_on": [
        "",
        "2026-02-30",
        "2026-13-01",
        "2025-02-29",
        "2026-2-3",
        "01/09/2026",
        "20260901",
        "2026-W36-2",
        "2026-09-01T00:00",
        "0000-01-01",
        "10000-01-01",
        "infinity",
        "-infinity",
        "today",
        "２０２６-09-01",
        "2026-09-01 ",
        "2026-09-01\n",
        "0001-01-01",
        "1899-12-31",
        "2200-01-01",
        "9999-12-31",
    ],
    "contact.happened_at": [
        "",
        "2026-09-01",
        "2026-09-01T25:00",
        "2026-09-01T14:60",
        "2026-02-30T10:00",
        "2026-09-01T14:30:00+25:00",
        "2026-09-01T14h30",
        "14:30",
        "infinity",
        "now",
        "0001-01-01T00:00+14:00",
        "0001-01-01T12:00Z",
        "9999-12-31T23:59Z",
    ],
    "patient.family_name": ["", "Le\0fèvre", "Lef\udce8vre"],
    "patient.phone": ["06\0"],
    "contact.note": ["\0", "caf\udce9"],
    "assessment.instrument": [""],
}


@pytest.mark.parametrize(("column", "cell", "copied"), GOOD)
def test_a_good_cell(column, cell, copied):
    assert rule(column).parse(cell) == copied


@pytest.mark.parametrize(
    ("column", "cell"), [(column, cell) for column, cells in BAD.items() for cell in cells]
)
def test_a_bad_cell(column, cell):
    assert rule(column).parse(cell) is None


@pytest.mark.parametrize("column", [f"{relation}.{name}" for relation, name in CODES])
def test_a_coded_cell_holds_one_of_its_codes_and_nothing_else(column):
    codes = CODES[tuple(column.split("."))]
    parse = rule(column).parse
    assert [parse(code) for code in codes] == list(codes)
    assert [parse(code) for code in ("autre", codes[0].upper() + "X", f" {codes[0]}")] == [None] * 3


def test_the_same_cell_is_the_same_the_second_time():
    parse = rule("site.opened_on").parse
    assert [parse("2026-02-28"), parse("2026-02-28")] == ["2026-02-28"] * 2
    assert [parse("2026-02-30"), parse("2026-02-30")] == [None, None]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_what_may_name_somebody_is_never_shown(table):
    shown = {column.name for column in table.columns if cell_rule(column).shown}
    assert not shown & {"family_name", "given_name", "birth_date", "ins", "phone", "note", "name"}
    assert table.name not in ("patient", "practitioner") or not shown


def test_what_a_code_may_be_is_said():
    assert rule("flag.kind").expected == "one of safety, discussion"

"""Import of FHIR R4 bulk data (NDJSON) through ViewDefinitions of SQL on FHIR.

Each view makes rows of one relation out of the resources of one type. The views are JSON files that
a site can replace. Their rows are written to files of changes, one resource at a time. The
incremental import then loads these files. Each resource that cannot be mapped is counted with the
reason.
"""

import csv
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from sqlalchemy import Table

from dashboard.calendar import PARIS
from dashboard.database.loading.cell_parsers import DELETED
from dashboard.database.loading.incremental_import import ImportChoices, Imported, import_changes
from dashboard.database.loading.registry_file import BadCell
from dashboard.database.loading.staging import BadFolder, Say, StagedFile
from dashboard.database.loading.view_engine import (
    CompiledView,
    Resource,
    Row,
    ViewFailed,
    ViewInvalid,
    compile_view,
)
from dashboard.database.schema.contract import sql_type
from dashboard.database.schema.registry import metadata

VIEWS = Path(__file__).with_name("fhir_views")
"""The default folder of views, if a site names no other."""

_REPORT_EVERY = 500
"""Number of resources after which the progress is said."""

_LONGEST_LINE = 10_000_000
"""Number of characters of the largest resource that is read."""

ANSWERS = {"LA6568-5": "0", "LA6569-3": "1", "LA6570-1": "2", "LA6571-9": "3"}
"""The LOINC answers of PHQ-9 and GAD-7: not at all, several days, more than half, nearly daily."""

_TABLES = {table.name: table for table in metadata.sorted_tables}


class BadViews(Exception):
    """Error: the folder of views cannot be used. The text names the file."""


@dataclass(frozen=True)
class View:
    """A view, and the name of its file."""

    file: str
    table: Table
    compiled: CompiledView

    @property
    def resource(self) -> str:
        """The type of the resources that it reads."""
        return self.compiled.resource


@dataclass(frozen=True)
class Unmapped:
    """Resources of one type that could not be loaded, for one reason."""

    resource: str
    reason: str
    count: int

    def __str__(self) -> str:
        return f"{self.resource}: {self.count:,} not loaded: {self.reason}"


@dataclass(frozen=True)
class FhirImported:
    """The result of an import of FHIR resources."""

    imported: Imported
    resources: int
    """The number of resources that were read."""
    unmapped: tuple[Unmapped, ...]


def import_fhir(
    url: str, folder: Path, choices: ImportChoices, say: Say, views: Path = VIEWS
) -> FhirImported:
    """Load the NDJSON files of a folder into the registry.

    Raises ``BadViews``, and the errors of ``import_changes``. A resource that
    cannot be mapped is listed in the result, and the import continues.
    """
    known = read_views(views)
    files = _ndjson_files(folder)
    newest = max(file.stat().st_mtime for file in files)
    day = choices.as_of or datetime.fromtimestamp(newest, PARIS).date()
    with TemporaryDirectory(prefix="case-review-fhir-") as private:
        rows = Path(private) / "rows"
        rows.mkdir()
        with _Writer(rows) as writer:
            for file in files:
                _map_file(file, known, writer, say)
        if not writer.files:
            raise BadFolder([BadCell(str(folder), None, None, _A_MAPPED_RESOURCE)], 1)
        aside = choices.quarantine or Path(private) / "aside"
        imported = import_changes(
            url, rows, replace(choices, as_of=day, source="fhir", quarantine=aside), say
        )
    if choices.quarantine is None:
        imported = replace(imported, aside=None)
    refused = Counter(writer.unmapped)
    for staged in imported.faults:
        for line, (column, expected) in staged.findings.rows.items():
            refused[writer.origin_of(staged, line), f"{_place(staged, column)} {expected}"] += 1
    return FhirImported(
        imported,
        writer.resources,
        tuple(Unmapped(*key, count) for key, count in sorted(refused.items())),
    )


_A_MAPPED_RESOURCE = "a resource that one of the views maps"


def _place(staged: StagedFile, column: str | None) -> str:
    where = staged.relation if column is None else f"{staged.relation}.{column}"
    return f"{where} must be"


def read_views(folder: Path) -> dict[str, list[View]]:
    """Return the views of a folder by the type of their resources. Raises ``BadViews``."""
    views: dict[str, list[View]] = defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        view = _view(path)
        views[view.resource].append(view)
    if not views:
        raise BadViews(f"{folder} has no view: files such as patient.json.")
    return dict(views)


def _view(path: Path) -> View:
    table = _TABLES.get(path.name.split(".")[0])
    if table is None:
        raise BadViews(f"{path.name} must begin with a relation: {', '.join(_TABLES)}.")
    try:
        compiled = compile_view(json.loads(path.read_text()))
    except ViewInvalid as error:
        raise BadViews(f"{path.name} is not a ViewDefinition: {error}.") from None
    except (ValueError, RecursionError):
        raise BadViews(f"{path.name} is not a ViewDefinition in JSON.") from None
    columns = set(compiled.columns)
    if "resource" not in columns:
        raise BadViews(f"{path.name} needs a column resource: getResourceKey().")
    allowed = {*table.columns.keys(), DELETED, "resource"}
    unknown = {one for one in columns - allowed if not _is_item(table, one)}
    required = {one.name for one in table.columns if not one.nullable} - columns
    if unknown or required:
        raise BadViews(
            f"{path.name}: the columns of {table.name} are {', '.join(table.columns.keys())};"
            f" unknown: {', '.join(sorted(unknown)) or 'none'};"
            f" missing: {', '.join(sorted(required)) or 'none'}."
        )
    return View(path.name, table, compiled)


def _is_item(table: Table, column: str) -> bool:
    return "items" in table.columns and column.startswith("item_") and column[5:].isdigit()


def _ndjson_files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [path for path in found if path.suffix == ".ndjson" and path.is_file()]
    if not files or len(files) < len(found):
        wrong = [path.name for path in found if path not in files] or [str(folder)]
        raise BadFolder(
            [BadCell(name, None, None, "files of FHIR resources, *.ndjson") for name in wrong],
            len(wrong),
        )
    return files


def _map_file(path: Path, views: Mapping[str, list[View]], writer: "_Writer", say: Say) -> None:
    before = path.stat()
    for resource in _resources(path):
        _map_resource(resource, views.get(resource["resourceType"], []), writer)
        if writer.resources % _REPORT_EVERY == 0:
            say(f"{path.name}: {writer.resources:,} resources read in all.")
    after = path.stat()
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    ):
        raise BadFolder(
            [BadCell(path.name, None, None, "a file that nothing changes during the import")], 1
        )


def _resources(path: Path) -> Iterator[Resource]:
    """Yield each resource of a file. Raise ``BadFolder`` for a line that is no resource."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            try:
                line.encode()
                resource = json.loads(line, parse_constant=_no_number)
                resource["resourceType"].strip()
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise BadFolder([BadCell(path.name, number, None, _ONE_RESOURCE)], 1) from None
            yield resource


def _no_number(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


_ONE_RESOURCE = (
    "one whole FHIR resource in JSON, of at most 10 million characters (the file may have been cut"
    " off)"
)


def _map_resource(resource: Resource, views: Sequence[View], writer: "_Writer") -> None:
    """Write the rows of a resource, or count it with the reason why it has none."""
    writer.resources += 1
    kind = resource["resourceType"]
    rows: list[tuple[View, Row]] = []
    for view in views:
        try:
            rows += [(view, row) for row in view.compiled.rows_of(resource)]
        except ViewFailed as failed:
            reason = f"not valid in FHIR R4, or {view.file} does not fit ({failed})"
            writer.unmapped[kind, reason] += 1
            return
    for view, row in rows:
        writer.write(view, row)
    if not rows:
        none = f"no view takes it{_code_of(resource)}" if views else "no view reads this type"
        writer.unmapped[kind, none] += 1


def _code_of(resource: Resource) -> str:
    """Return the code of a resource that no view takes, for the report."""
    code = resource.get("code")
    coding = code.get("coding") if isinstance(code, dict) else None
    first = coding[0] if isinstance(coding, list) and coding else None
    found = first.get("code") if isinstance(first, dict) else None
    short = isinstance(found, str) and len(found) <= 20
    return f" (code {found})" if short else ""


@dataclass
class _Writer:
    """The files of changes that the rows of the views are written to."""

    folder: Path
    resources: int = 0
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: dict[str, TextIO] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    origins: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By relation, the first line of each run of rows from one type of resource."""
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def write(self, view: View, row: Mapping[str, Any]) -> None:
        """Write a row, on one line."""
        name = view.table.name
        if name not in self.files:
            path = self.folder / f"{name}.csv"
            self.files[name] = self._open.enter_context(path.open("w", newline=""))
            csv.writer(self.files[name], lineterminator="\n").writerow(
                [*view.table.columns.keys(), DELETED]
            )
            self.lines[name] = 1
            self.origins[name] = []
        cells = [_cell(view.table, column.name, row) for column in view.table.columns]
        first = self.lines[name] + 1
        if not self.origins[name] or self.origins[name][-1][1] != view.resource:
            self.origins[name].append((first, view.resource))
        csv.writer(self.files[name], lineterminator="\n").writerow(
            [*cells, "true" if row.get(DELETED) is True else ""]
        )
        self.lines[name] += 1 + sum(cell.count("\n") for cell in cells)

    def origin_of(self, staged: StagedFile, line: int) -> str:
        """Return the type of the resource from which the row on this line was made."""
        origins = self.origins[staged.relation]
        return origins[bisect_right(origins, line, key=lambda one: one[0]) - 1][1]


def _cell(table: Table, column: str, row: Mapping[str, Any]) -> str:
    kind = sql_type(table.columns[column])
    if column == "items" and "items" not in row:
        return _items(row)
    value = row.get(column)
    if value is None:
        return ""
    if table.columns[column].primary_key or table.columns[column].foreign_keys:
        return number_of(str(value))
    if kind == "boolean":
        return str(value).lower()
    if kind == "date":
        return _day(str(value))
    if kind == "integer":
        return _whole(str(value))
    return str(value).replace("\r", "")


def number_of(key: str) -> str:
    """Return the id of a resource in the registry. An id that is no number is replaced by a hash.

    The hash has 63 bits. The same id always gives the same hash.
    """
    if key.isascii() and key.isdigit() and len(key) < 19:
        return key
    return str(int.from_bytes(sha256(key.encode()).digest()[:8]) >> 1)


def _items(row: Mapping[str, Any]) -> str:
    places = sorted(int(name[5:]) for name in row if name.startswith("item_"))
    answers = [row[f"item_{place}"] for place in places]
    said = ["" if one is None else ANSWERS.get(str(one), _whole(str(one))) for one in answers]
    return ";".join(said) if any(said) else ""


def _day(value: str) -> str:
    """Return the day in Paris of a date or an instant of FHIR."""
    if "T" not in value:
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (instant.astimezone(PARIS) if instant.tzinfo else instant).date().isoformat()


def _whole(value: str) -> str:
    """Return a whole number without its fraction (12.0 as 12). Any other value is unchanged, and is
    refused later.
    """
    whole, point, rest = value.partition(".")
    return whole if point and not rest.strip("0") else value

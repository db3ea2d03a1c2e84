"""Import of FHIR R4 bulk data (NDJSON files) into the registry.

A view (a ViewDefinition of SQL on FHIR) says how to make rows of one relation from the resources of
one type. The views are JSON files that a site can replace. The rows are written to CSV files of
changes, which the incremental import then loads. Resources that cannot be loaded are counted by
reason.
"""

import csv
import json
import re
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
from urllib.parse import quote

from sqlalchemy import Table

from dashboard.calendar import PARIS
from dashboard.database.loading.cell_parsers import DELETED
from dashboard.database.loading.incremental_import import (
    ImportChoices,
    Imported,
    day_of,
    import_changes,
    stops_recorded,
)
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
"""The folder with the default views. A site can name another folder."""

_REPORT_EVERY = 500
"""Number of resources after which the next message of progress is printed."""

_LONGEST_LINE = 10_000_000
"""Maximum size of a resource, in characters. An import with a larger resource is refused."""

ANSWERS = {"LA6568-5": "0", "LA6569-3": "1", "LA6570-1": "2", "LA6571-9": "3"}
"""The score of each LOINC answer to an item of PHQ-9 or GAD-7.

The scores 0 to 3 mean not at all, several days, more than half the days, and nearly every day.
"""

NOT_LOADED = "not_loaded"
"""The name of a view's column with the reason for which the resource must not be loaded.

If it has a value, the resource is listed with it, unless the row is deleted.
"""

LEFT_OUT = "left_out"
"""The name of a view's column with the number of answers that the view leaves out on purpose."""

_TABLES = {table.name: table for table in metadata.sorted_tables}


class BadViews(Exception):
    """The error raised if a view cannot be used. Its text names the file of the view."""


@dataclass(frozen=True)
class View:
    """A compiled view, with the name of its file and the table for which it makes rows."""

    file: str
    table: Table
    compiled: CompiledView

    @property
    def resource(self) -> str:
        """The type of FHIR resource that the view reads, such as Patient."""
        return self.compiled.resource


@dataclass(frozen=True)
class Unmapped:
    """The number of resources of one type that could not be loaded for the same reason.

    If a row made from a resource has a fault, rows are counted instead of resources.
    """

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
    url: str,
    folder: Path,
    choices: ImportChoices,
    say: Say,
    views: Path = VIEWS,
    server: str | None = None,
) -> FhirImported:
    """Load the NDJSON files of ``folder`` into the registry.

    ``server`` is the address of the FHIR server, if references are whole addresses.

    If some resources cannot be loaded, count them in the result and load the others. Raise
    ``BadViews`` if the views cannot be used. Raise ``BadFolder`` if a file cannot be read or no
    view fits any resource. The errors of ``import_changes`` are raised too.
    """
    known = read_views(views)
    day = choices.as_of or day_of(folder)
    with TemporaryDirectory(prefix="case-review-fhir-") as private:
        rows = Path(private) / "rows"
        rows.mkdir()
        with stops_recorded(url, day, "fhir"):
            with _Writer(rows) as writer:
                for file in _ndjson_files(folder):
                    _map_file(file, known, writer, say, server)
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
    """Return the views in ``folder``, by the type of FHIR resource that they read.

    Raise ``BadViews`` if a view is not valid, or if the folder has no view.
    """
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
        compiled = compile_view(json.loads(path.read_text(encoding="utf-8")))
    except ViewInvalid as error:
        raise BadViews(f"{path.name} is not a ViewDefinition: {error}.") from None
    except (ValueError, RecursionError):
        raise BadViews(f"{path.name} is not a ViewDefinition in JSON.") from None
    columns = set(compiled.columns)
    if "resource" not in columns:
        raise BadViews(f"{path.name} needs a column resource: getResourceKey().")
    allowed = {*table.columns.keys(), DELETED, NOT_LOADED, LEFT_OUT, "resource"}
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


def _map_file(
    path: Path,
    views: Mapping[str, list[View]],
    writer: "_Writer",
    say: Say,
    server: str | None,
) -> None:
    before = path.stat()
    for resource in _resources(path):
        _set_foreign_ids(resource, server)
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
    """Yield the FHIR resource on each line of a file. Raise ``BadFolder`` if a line is not a
    resource.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            try:
                line.encode()
                resource = json.loads(line, parse_constant=_no_number)
                resource["resourceType"].encode()
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise BadFolder([BadCell(path.name, number, None, _ONE_RESOURCE)], 1) from None
            yield resource


def _no_number(name: str) -> None:
    """Raise ``ValueError``, because JSON does not allow NaN and Infinity, which Python accepts."""
    raise ValueError(name)


_ONE_RESOURCE = (
    "one whole FHIR resource in JSON, of at most 10 million characters (the file may have been cut"
    " off)"
)


def _set_foreign_ids(resource: Any, server: str | None) -> None:
    """Give an id of its own to each reference to another server than ``server``.

    Otherwise the patient 10 of another server would be taken for the patient 10 of this export.
    """
    left = [resource]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            address = part.get("reference")
            if isinstance(address, str) and _is_foreign(address, server):
                kind = address.split("/_history/")[0].split("/")[-2]
                part["reference"] = f"{kind}/{quote(address, safe='', errors='surrogatepass')}"
            left += part.values()


def _is_foreign(address: str, server: str | None) -> bool:
    """Return whether a reference names another server than ``server``.

    A reference with only a type and an id, such as Patient/10, names none.
    """
    more = address.split("/_history/")[0].count("/") > 1
    return more and not (server and address.startswith(server.rstrip("/") + "/"))


def _map_resource(resource: Resource, views: Sequence[View], writer: "_Writer") -> None:
    """Write the rows that the views make from ``resource``.

    If no row can be written, count the resource and the reason.
    """
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
    if refusal := _refusal(resource, rows):
        writer.unmapped[kind, refusal] += 1
        return
    for view, row in rows:
        writer.write(view, row)
    if not rows:
        none = f"no view takes it{_code_of(resource)}" if views else "no view reads this type"
        writer.unmapped[kind, none] += 1


def _refusal(resource: Resource, rows: Sequence[tuple[View, Row]]) -> str | None:
    """Return the reason for which the rows made from ``resource`` must not be loaded; None if they
    can be loaded.
    """
    kept = [(view, row) for view, row in rows if row.get(DELETED) is not True]
    for _view, row in kept:
        if row.get(NOT_LOADED) is not None:
            return str(row[NOT_LOADED])
    forms = [row for view, row in kept if view.table.name == "assessment"]
    # An answer that is lost could be the one about suicidal thoughts.
    lost = forms and _answers(resource) > sum(map(_answers_read, forms))
    return "it has an answer that no column reads" if lost else None


def _answers(resource: Resource) -> int:
    """Return the number of answers with a value in a QuestionnaireResponse, at any depth.

    Resources of other types have none.
    """
    found, left = 0, [resource.get("item")]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            found += any(name.startswith("value") for name in part)
            left += [part.get("item"), part.get("answer")]
    return found


def _answers_read(row: Row) -> int:
    """Return the number of answers that a row of ``assessment`` has, plus the number of answers
    that the view leaves out on purpose.
    """
    cells = [row[name] for name in row if name == "total" or name.startswith("item_")]
    cells += str(row.get("items") or "").split(";")
    left_out = row.get(LEFT_OUT)
    read = sum(cell not in (None, "") for cell in cells)
    return read + (left_out if isinstance(left_out, int) else 0)


def _code_of(resource: Resource) -> str:
    """Return the code of a resource, such as its LOINC code, as a text for the report.

    Return an empty text if the resource has no short code.
    """
    code = resource.get("code")
    coding = code.get("coding") if isinstance(code, dict) else None
    first = coding[0] if isinstance(coding, list) and coding else None
    found = first.get("code") if isinstance(first, dict) else None
    short = isinstance(found, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,20}", found)
    return f" (code {found})" if short else ""


@dataclass
class _Writer:
    """A writer that adds rows to CSV files of changes, one file for each relation."""

    folder: Path
    resources: int = 0
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: dict[str, TextIO] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    origins: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """The type of FHIR resource from which each row of a file was made, by relation.

    Consecutive rows from the same type share one entry: the line of the first of them, and the
    type.
    """
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def write(self, view: View, row: Mapping[str, Any]) -> None:
        """Add ``row`` to the CSV file of the relation for which ``view`` makes rows."""
        name = view.table.name
        if name not in self.files:
            path = self.folder / f"{name}.csv"
            # A lone surrogate is written too, so that the import refuses this cell only.
            file = path.open("w", encoding="utf-8", errors="surrogatepass", newline="")
            self.files[name] = self._open.enter_context(file)
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
        """Return the type of FHIR resource from which the row on ``line`` was made."""
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
    """Return the registry's id for the FHIR id ``key``.

    A number of at most 18 digits, without leading zeros, is returned unchanged. For any other id,
    return the first 63 bits of its SHA-256 hash as a number. So the same id always gives the same
    number, and 10 and 010 give two numbers.
    """
    if re.fullmatch("0|[1-9][0-9]{0,17}", key):
        return key
    digest = sha256(key.encode(errors="surrogatepass")).digest()
    return str(int.from_bytes(digest[:8]) >> 1)


def _items(row: Mapping[str, Any]) -> str:
    places = sorted(int(name[5:]) for name in row if name.startswith("item_"))
    answers = [row[f"item_{place}"] for place in places]
    while answers and answers[-1] is None:  # An answer is empty, not None, if its item is there.
        answers.pop()
    said = ["" if one in (None, "") else ANSWERS.get(str(one), _whole(str(one))) for one in answers]
    return ";".join(said) if any(said) else ""


def _day(value: str) -> str:
    """Return the day of a FHIR date, or the day in Paris of a FHIR instant.

    An invalid value is returned unchanged, and is refused later.
    """
    if "T" not in value:
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (instant.astimezone(PARIS) if instant.tzinfo else instant).date().isoformat()


def _whole(value: str) -> str:
    """Return a whole number without its decimals, for example 12 for 12.0.

    Any other value is returned unchanged. If it is not a number, it is refused later.
    """
    whole, point, rest = value.partition(".")
    return whole if point and not rest.strip("0") else value

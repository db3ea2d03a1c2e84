"""The folder that evaluators receive: a Frictionless data package with its dictionary."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from dashboard.exports.evaluation_tables import INDICATOR_TABLE, TABLES, Field, Table
from dashboard.locale import speaking
from dashboard.words.sites.evaluation import field_description, table_description

Describe = Callable[[], str]

DESCRIPTION, DICTIONARY, DISCLOSURE = "datapackage.json", "dictionary.csv", "disclosure.md"
"""Names of the files in the folder that are not tables."""


class PackageInvalid(Exception):
    """The error raised if the tables do not match their description. Its text lists the faults."""


def write_package(folder: Path, tables: Mapping[str, bytes], disclosure: str, until: date) -> None:
    """Write the tables, their description, the dictionary and the disclosure report to ``folder``.

    ``folder`` must be empty. ``tables`` maps the name of each table to its CSV file. The library
    ``frictionless`` then validates the files. Raise ``PackageInvalid`` if a file has a fault.
    """
    for name, content in tables.items():
        (folder / f"{name}.csv").write_bytes(content)
    (folder / DICTIONARY).write_bytes(_dictionary())
    (folder / DISCLOSURE).write_text(disclosure)
    described = json.dumps(description(until), indent=2, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(f"{described}\n")
    _validate(folder)


def description(until: date) -> dict[str, object]:
    """Return the description of the tables, as data for the JSON file of a Frictionless data
    package.
    """
    return {
        "name": "case-review-evaluation",
        "title": "Case review: data for the evaluation",
        "profile": "tabular-data-package",
        "created": f"{until}T00:00:00Z",
        "resources": [_resource(table) for table in (*TABLES, INDICATOR_TABLE)],
    }


def _resource(table: Table) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(table, field) for field in table.fields],
        "missingValues": [""],
    }
    if table is not INDICATOR_TABLE:
        schema["primaryKey"] = list(table.key)
    if table.name == "answers":
        schema["foreignKeys"] = [_refers_to("recommendations", "episode", "review", "line")]
    elif table.name == "recommendations":
        schema["foreignKeys"] = [_refers_to("reviews", "episode", "review")]
    elif table not in (TABLES[0], INDICATOR_TABLE):
        schema["foreignKeys"] = [_refers_to("episodes", "episode")]
    return {
        "name": table.name,
        "profile": "tabular-data-resource",
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": _both(lambda: table_description(table.name)),
        "schema": schema,
    }


def _field(table: Table, field: Field) -> dict[str, object]:
    described: dict[str, object] = {
        "name": field.name,
        "type": field.type,
        "description": _both(lambda: field_description(table.name, field.name)),
    }
    if field.required:
        described["constraints"] = {"required": True}
    if field.type == "boolean":
        described |= {"trueValues": ["true"], "falseValues": ["false"]}
    return described


def _refers_to(table: str, *fields: str) -> dict[str, object]:
    names = list(fields)
    return {"fields": names, "reference": {"resource": table, "fields": names}}


def _both(describe: Describe) -> str:
    """Return what ``describe`` returns in French and in English, on two lines."""
    return f"{_in('fr', describe)}\n{_in('en', describe)}"


def _in(language: str, describe: Describe) -> str:
    with speaking(language):
        return describe()


def _dictionary() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "field", "type", "required", "description_fr", "description_en"])
    for table in (*TABLES, INDICATOR_TABLE):
        for field in table.fields:
            said = [
                _in(language, lambda: field_description(table.name, field.name))  # noqa: B023
                for language in ("fr", "en")
            ]
            required = "true" if field.required else "false"
            writer.writerow([table.name, field.name, field.type, required, *said])
    return text.getvalue().encode()


def _validate(folder: Path) -> None:
    # The import takes a second, so only the command that needs ``frictionless`` imports it.
    from frictionless import FrictionlessException, Package, system

    try:
        with system.use_context(trusted=True):
            report = Package(str(folder / DESCRIPTION)).validate()
    except FrictionlessException as error:
        raise PackageInvalid(str(error)) from error
    if not report.valid:
        faults = report.flatten(["type", "message"])
        raise PackageInvalid("\n".join(f"{kind}: {said}" for kind, said in faults[:20]))

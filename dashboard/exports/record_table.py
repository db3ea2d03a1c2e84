"""Records of téléexpertise as a CSV file: one row for each signed review.

The file is UTF-8 with a byte order mark and semicolons, so that a French spreadsheet opens it
directly. An apostrophe stands before each text that a spreadsheet would read as a formula. Instants
are in Paris time, to the second, in ISO form. An absent value is an empty cell.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from dashboard.calendar import PARIS
from dashboard.clinical.advice.tele_expertise import Professional, Record
from dashboard.vocabulary import Role, SettlementKind

SEPARATOR = ";"
BETWEEN = " | "
"""Separator of several values in one cell."""

Cell = str | int | date | datetime | None


def record_table(records: Iterable[Record]) -> bytes:
    """Return the CSV file of these records, in their order, with a header row."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=SEPARATOR, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for record in records:
        rows.writerow(harmless(_written(of(record))) for of in COLUMNS.values())
    return written.getvalue().encode("utf-8-sig", errors="replace")


def harmless(cell: str) -> str:
    """Return the text with an apostrophe before each part that could be read as a formula.

    A program may read the file with another separator than the semicolon. The text after a comma, a
    semicolon or a tab therefore counts as the start of a cell too. Invisible characters become
    spaces.
    """
    seen = _UNSEEN.sub(" ", cell)
    return _FORMULA.sub(r"\1'\2", seen)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(PARIS).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


# This pattern finds the first character of a formula (= + - @, also full-width) at the start of a
# cell. It also finds this character after a comma, semicolon, tab or line end, because another
# program may begin a new cell there.
_FORMULA = re.compile(r"(^[\s\"']*|[,;\t\r\n][\s\"']*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def _name(person: Professional | None) -> str | None:
    return None if person is None else f"{person.family_name} {person.given_name}"


def _asked_by(record: Record) -> Professional | None:
    if (request := record.request) is None:
        return None
    return next((one for one in record.professionals if one.id == request.nurse_id), None)


def _number(person: Professional | None) -> str | None:
    return None if person is None else person.rpps


def _sent_to(record: Record) -> str:
    """Return the names of the recipients whom the letter, a reminder or the inbox has reached.

    A notice that a recommendation was withdrawn does not count.
    """
    letters = [one for one in record.sendings if one.reminder >= 0]
    reached = {one.recipient_id for one in letters if one.sent_at is not None}
    names = [_name(one) or "" for one in record.professionals if one.id in reached]
    return BETWEEN.join(names)


def _incidents(record: Record) -> str:
    return BETWEEN.join(f"{_written(one.noted_at)} {one.description}" for one in record.incidents)


COLUMNS: Mapping[str, Callable[[Record], Cell]] = {
    "review_id": lambda record: str(record.review.id),
    "episode_id": lambda record: record.episode_id,
    "patient_id": lambda record: record.identity.patient_id,
    "family_name": lambda record: record.identity.family_name,
    "given_name": lambda record: record.identity.given_name,
    "birth_date": lambda record: record.identity.birth_date,
    "ins": lambda record: record.identity.ins,
    "site": lambda record: record.site,
    "consented_on": lambda record: record.consented_on,
    "requested_at": lambda record: record.request.ready_at if record.request else None,
    "requested_by": lambda record: _name(_asked_by(record)),
    "requested_by_rpps": lambda record: _number(_asked_by(record)),
    "request": lambda record: record.request.question if record.request else None,
    "signed_at": lambda record: record.review.signed_at,
    "signed_by": lambda record: _name(record.professional(Role.PSYCHIATRIST)),
    "signed_by_rpps": lambda record: _number(record.professional(Role.PSYCHIATRIST)),
    "answer_days": lambda record: record.answer_days,
    "answer_time": lambda record: record.answer_time,
    "amends": lambda record: str(record.review.supersedes) if record.review.supersedes else None,
    "amended_by": lambda record: (
        str(record.review.superseded_by) if record.review.superseded_by else None
    ),
    "risk_level": lambda record: record.review.risk.level.value if record.review.risk else None,
    "risk_reassess_on": lambda record: (
        record.review.risk.reassess_on if record.review.risk else None
    ),
    "recommendations": lambda record: len(record.review.recommendations),
    "kept": lambda record: len(record.settled(SettlementKind.KEPT)),
    "replaced": lambda record: len(record.settled(SettlementKind.REPLACED)),
    "withdrawn": lambda record: len(record.settled(SettlementKind.WITHDRAWN)),
    "nurse": lambda record: _name(record.professional(Role.NURSE)),
    "nurse_rpps": lambda record: _number(record.professional(Role.NURSE)),
    "gp": lambda record: _name(record.professional(Role.GP)),
    "gp_rpps": lambda record: _number(record.professional(Role.GP)),
    "sent_at": lambda record: record.sent_at,
    "sent_to": _sent_to,
    "answered_at": lambda record: record.answered_at,
    "incidents": _incidents,
}
"""The names of the columns in order, each with the function that computes a cell from a record.

Source: docs/tele_expertise.md.
"""

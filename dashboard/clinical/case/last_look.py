"""The changes in a case since a reader last opened it.

The registry does not record when a row was entered. A row can be entered late, or changed later,
for example to correct a total. For each reader, the dashboard therefore stores the ids of the rows
that the reader has seen. It also stores a fingerprint of the values that can change.

A "look" is a period in which a reader works on a case. It begins when the reader opens the case. It
ends when the reader has not opened the case again for the time ``LOOK_LASTS``. During a look, the
marks stay, and rows that arrive are marked too. The next opening begins a new look, and the rows
that arrived since the previous look are marked. A first look marks nothing, because everything
would be new. A row that the reader entered is never marked for that reader.

A reader can mark the case as not seen, which takes back the look. The marks stay for the rest of
the look, and the next look shows them again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.people import Person

LOOK_LASTS = timedelta(hours=1)
"""The time from the last opening of a case to the end of the look [proposal]."""

NOTED_EVERY = timedelta(minutes=1)
"""The time of the last opening is stored at most once in this period. Rows that have changed are
stored at once.
"""

Rows = Mapping[str, Mapping[str, str]]
"""The fingerprint of each row, by kind and id. A kind is the name of a list of rows, such as
``contacts``.
"""


@dataclass(frozen=True)
class Snapshot:
    """The ids and fingerprints of the rows of a case at the instant ``at``."""

    at: datetime
    rows: Rows


@dataclass(frozen=True)
class Looked:
    """The last two looks of one reader at a case, as stored.

    ``seen`` has the rows of the latest look, and ``before`` those of the previous look. ``before``
    is None after a first look, and after the reader has taken a look back. ``at`` is when the
    reader last opened the case or took a look back.
    """

    seen: Snapshot
    before: Snapshot | None
    at: datetime

    @property
    def is_taken_back(self) -> bool:
        """Whether the reader has taken back the latest look."""
        return self.before is None and self.seen.at < self.at


@dataclass(frozen=True)
class Opening:
    """The effect of opening a case.

    ``since`` is the snapshot with which the rows are compared; None at a first look. ``keep`` are
    the looks to store; None if the stored looks do not change.
    """

    since: Snapshot | None
    keep: Looked | None
    can_take_back: bool = False
    taken_back: bool = False


@dataclass(frozen=True)
class News:
    """The ids of the new rows (``arrived``) and of the changed rows, by kind.

    ``since`` is the instant of the snapshot with which the rows were compared; None at a first
    look.
    """

    since: datetime | None = None
    arrived: Mapping[str, frozenset[str]] = field(default_factory=dict)
    changed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    can_take_back: bool = False
    taken_back: bool = False

    def __bool__(self) -> bool:
        return any(self.arrived.values()) or any(self.changed.values())

    def has_arrived(self, kind: str, id_: object) -> bool:
        """Return whether the row with this kind and id is new."""
        return str(id_) in self.arrived.get(kind, ())

    def has_changed(self, kind: str, id_: object) -> bool:
        """Return whether the row with this kind and id had other values in the snapshot."""
        return str(id_) in self.changed.get(kind, ())

    def marks(self, kind: str, id_: object) -> bool:
        """Return whether the row with this kind and id is new or has changed."""
        return self.has_arrived(kind, id_) or self.has_changed(kind, id_)


NOTHING_NEW = News()


def snapshot(case: CaseFile, at: datetime) -> Snapshot:
    """Return the snapshot of the rows of this case, to compare with at the next look."""
    rows: dict[str, dict[str, str]] = {}
    for row in _rows(case):
        rows.setdefault(row.kind, {})[row.id] = row.fingerprint
    return Snapshot(at, rows)


def opening(kept: Looked | None, here: Snapshot) -> Opening:
    """Return the effect of opening a case. ``here`` is its present snapshot, ``kept`` the stored
    looks.
    """
    if kept is None:
        return Opening(None, Looked(here, None, here.at))
    if here.at - kept.at >= LOOK_LASTS:
        return Opening(kept.seen, Looked(here, kept.seen, here.at), can_take_back=True)
    if kept.before is None:
        return Opening(kept.seen, None, taken_back=kept.is_taken_back)
    is_noted = here.rows == kept.seen.rows and here.at - kept.at < NOTED_EVERY
    keep = None if is_noted else Looked(here, kept.before, here.at)
    return Opening(kept.before, keep, can_take_back=True)


def taken_back(kept: Looked, at: datetime) -> Looked:
    """Return ``kept`` without the latest look. A first look, or one already taken back, is returned
    unchanged.
    """
    return kept if kept.before is None else Looked(kept.before, None, at)


def news(opened: Opening, case: CaseFile, reader_id: int) -> News:
    """Return the rows of ``case`` that are new or changed since ``opened.since``. Rows that the
    reader entered are left out.
    """
    if opened.since is None:
        return NOTHING_NEW
    arrived: dict[str, set[str]] = {}
    changed: dict[str, set[str]] = {}
    for row in _rows(case):
        before = opened.since.rows.get(row.kind, {}).get(row.id)
        if row.fingerprint != before and (row.by is None or row.by.id != reader_id):
            group = arrived if before is None else changed
            group.setdefault(row.kind, set()).add(row.id)
    return News(
        opened.since.at,
        {kind: frozenset(ids) for kind, ids in arrived.items()},
        {kind: frozenset(ids) for kind, ids in changed.items()},
        opened.can_take_back,
        opened.taken_back,
    )


def to_json(one: Snapshot) -> dict[str, Any]:
    """Return the snapshot as JSON data."""
    return {"at": one.at.isoformat(), "rows": {kind: dict(ids) for kind, ids in one.rows.items()}}


def from_json(content: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot that this JSON data holds."""
    return Snapshot(datetime.fromisoformat(content["at"]), content["rows"])


@dataclass(frozen=True)
class _Row:
    kind: str
    id: str
    fingerprint: str
    by: Person | None = None
    """The person who entered the row, if known."""


def _rows(case: CaseFile) -> Iterator[_Row]:
    for form in case.assessments:
        yield _row("assessments", form.id, form.taken_on, form.total, form.items)
    for contact in case.contacts:
        at, by = contact.happened_at.astimezone(UTC).isoformat(), contact.practitioner
        yield _row("contacts", contact.id, at, contact.attended, contact.note, by=by)
    for one in case.treatments:
        dose = None if one.daily_dose_mg is None else f"{one.daily_dose_mg.normalize():f}"
        of_drug = (one.atc_code, dose, one.as_needed, one.started_on, one.stopped_on)
        how = (one.stop_reason, one.adherence, one.side_effects)
        yield _row("treatments", one.id, *of_drug, *how)
    for care in case.psychosocial:
        yield _row("psychosocial", care.id, care.kind, care.started_on, care.ended_on)
    for condition in case.conditions:
        onset, end = condition.onset_on, condition.resolved_on
        yield _row("conditions", condition.id, condition.code, onset, end)
    for flag in case.flags:
        by = flag.cleared_by if flag.cleared_at else flag.raised_by
        yield _row("flags", flag.id, flag.kind, flag.note, flag.cleared_at is None, by=by)
    for question in case.questions:
        yield _row("questions", question.id, question.text, by=question.nurse)
    for review in case.reviews:
        yield _row("reviews", review.id, by=review.psychiatrist)
        for line in review.recommendations:
            for answer in line.answers:
                yield _row("answers", answer.id, by=answer.practitioner)


def _row(kind: str, id_: object, *said: object, by: Person | None = None) -> _Row:
    # A new field in a fingerprint would mark every existing row of the kind as changed.
    text = "\x1f".join("" if one is None else str(one) for one in said)
    return _Row(kind, str(id_), f"{crc32(text.encode()):08x}", by)

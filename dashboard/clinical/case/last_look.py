"""The changes in a case since a reader last opened it.

The registry does not record when a row was entered or changed. For each reader and case, the
dashboard therefore stores the ids of the rows that the reader has seen, and a fingerprint of their
main values (``_rows``). A change of another value, such as the sessions of psychosocial care, is
not recognised.

A "look" is a period in which a reader works on a case. It begins when the reader opens the case. It
ends when the reader has not opened the case for the time ``LOOK_LASTS``. During a look, the case
page marks the rows that are new or changed since the previous look. Rows whose stored author is the
reader are never marked for this reader. Questionnaires, treatments, psychosocial care and
conditions are read without an author, so they are marked whoever entered them.

A first opening marks nothing, because every row would be marked. Until the first look ends,
``LOOK_LASTS`` after that opening, the rows are compared with those of that opening.

A reader can mark the case as not seen. This takes back the look: the next look marks the same rows
again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.fingerprint import fingerprint
from dashboard.clinical.people import Person

LOOK_LASTS = timedelta(hours=1)
"""The time from the last opening of a case to the end of the look [proposal]."""

NOTED_EVERY = timedelta(minutes=1)
"""While a reader works on a case, the time of the last opening is stored at most once in this
period. Rows that have changed are stored at once. During a first look, and after a look was taken
back, nothing is stored.
"""

Rows = Mapping[str, Mapping[str, str]]
"""The fingerprint of each row, by kind of row and id. The kind is the name of a list in
``CaseFile``, such as ``contacts``.
"""


@dataclass(frozen=True)
class Snapshot:
    """The ids and fingerprints of the rows of a case at the instant ``at``."""

    at: datetime
    rows: Rows


@dataclass(frozen=True)
class Looked:
    """The last two looks of one reader at a case, as stored.

    ``seen`` has the rows of the latest look. ``before`` has the rows of the previous look; None
    for a first look, or if the reader has taken back the latest look. ``at`` is the stored time of
    the reader's last opening of the case, or the time at which the reader took back the look.
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
    """The effect of a reader opening a case.

    The rows of the case are compared with the snapshot ``since``; None at the first opening.
    ``keep`` are the looks to store; None if the stored looks do not change.
    """

    since: Snapshot | None
    keep: Looked | None
    can_take_back: bool = False
    taken_back: bool = False


@dataclass(frozen=True)
class News:
    """The rows of a case that are new or changed for a reader.

    ``arrived`` and ``changed`` have the ids of these rows, by kind of row. ``since`` is the time of
    the snapshot with which the rows were compared; None at the first opening.
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
        """Return whether the row with this kind and id has changed since the snapshot."""
        return str(id_) in self.changed.get(kind, ())

    def marks(self, kind: str, id_: object) -> bool:
        """Return whether the row with this kind and id is new or has changed."""
        return self.has_arrived(kind, id_) or self.has_changed(kind, id_)


NOTHING_NEW = News()


def snapshot(case: CaseFile, at: datetime) -> Snapshot:
    """Return the snapshot of the rows of ``case``. The next look is compared with it."""
    rows: dict[str, dict[str, str]] = {}
    for row in _rows(case):
        rows.setdefault(row.kind, {})[row.id] = row.fingerprint
    return Snapshot(at, rows)


def opening(kept: Looked | None, here: Snapshot) -> Opening:
    """Return with which snapshot a case is compared when a reader opens it, and which looks to
    store.

    ``kept`` are the stored looks of the reader, None before the first look. ``here`` is the
    snapshot of the case now.
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
    """Return the stored looks ``kept`` without the latest look. Return ``kept`` unchanged if it has
    only a first look, or if the latest look was already taken back.
    """
    return kept if kept.before is None else Looked(kept.before, None, at)


def news(opened: Opening, case: CaseFile, reader_id: int) -> News:
    """Return the rows of ``case`` that are new or changed since the snapshot ``opened.since``. Rows
    whose stored author is the reader are left out.
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
    """Return the snapshot stored in this JSON data."""
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
    # Adding a field to a fingerprint would mark every stored row of the kind as changed.
    return _Row(kind, str(id_), fingerprint(*said), by)

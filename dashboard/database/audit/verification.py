"""Verification of the access log, which finds rows that were changed or removed.

The digests are recomputed in Python, not by a function of the database, in one pass over the log.
Memory holds one batch of rows and the state of each chain.

The owner of the database can still remove the end of a chain, or rebuild a whole chain. Anchors
reveal both changes. An anchor is a line with the last number and digest of each chain, kept where
the owner cannot write (``anchors``).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.database.audit.access_chain import NOBODY, said_by
from dashboard.database.audit.anchors import Anchored
from dashboard.database.audit.retention import Retention

AT_ONCE = 2_000
"""Number of log rows fetched from the database at a time."""


@dataclass(frozen=True)
class Finding:
    """A fault in the access log: its kind, its chain, its rows and its time."""

    kind: str
    """The kind of fault.

    One of ``altered``, ``missing``, ``shortened``, ``rebuilt``, ``removed_early``, ``unchained``.
    """
    chain: str
    number: int | None = None
    """The number of the first row of the fault; None if the row is in no chain."""
    until: int | None = None
    """The number of the last row of the fault, if the fault concerns several rows."""
    at: datetime | None = None
    """The time of the faulty row. If rows are missing, the time of the last row before them.

    None if the time is unknown, for example that of rows that were removed.
    """


@dataclass(frozen=True)
class Verified:
    """The result of verifying the access log: the numbers of rows and chains, and the first
    faults.
    """

    rows: int
    chains: int
    findings: tuple[Finding, ...]


@dataclass
class _Chain:
    """The number, digest and time of the row of a chain that was verified last."""

    name: str
    kept_from: int
    kept_hash: bytes
    number: int = 0
    hash: bytes | None = b""
    at: datetime | None = None

    def __post_init__(self) -> None:
        self.number, self.hash = self.kept_from - 1, self.kept_hash


class Verification:
    """One pass over the access log, which verifies all its chains.

    The transaction of ``connection`` must not have run any query yet.
    """

    def __init__(
        self,
        connection: Connection,
        anchored: Mapping[str, Iterable[Anchored]] | None = None,
        retention: Retention | None = None,
    ) -> None:
        self.connection = connection
        self.anchored = anchored or {}
        self.retention = retention or Retention()
        self.rows = 0

    def verified(self, most: int = 1_000) -> Verified:
        """Verify all chains and return the result. It has only the first ``most`` faults."""
        # The chains and the rows must be read from one snapshot, because the log grows during the
        # verification.
        self.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        heads = {row.chain: row for row in self.connection.execute(text(_HEADS))}
        findings: list[Finding] = []
        for finding in self._findings(heads):
            if len(findings) < most:
                findings.append(finding)
        return Verified(self.rows, len(heads), tuple(findings))

    def _findings(self, heads: Mapping[str, Row[Any]]) -> Iterator[Finding]:
        rows = self.connection.execution_options(yield_per=AT_ONCE).execute(text(_ROWS))
        followed = set()
        for name, of_chain in groupby(rows, key=lambda row: row.chain):
            followed.add(name)
            yield from self._follow(name, of_chain, heads.get(name))
        for name in sorted(heads.keys() | self.anchored.keys()):
            if name not in followed:
                yield from self._follow(name, (), heads.get(name))
        for row in self.connection.execute(text(_UNCHAINED)):
            yield Finding("unchained", _chain_of(row), at=row.at)

    def _follow(
        self, name: str, rows: Iterable[Row[Any]], head: Row[Any] | None
    ) -> Iterator[Finding]:
        begin = hashlib.sha256(name.encode()).digest()
        chain = _Chain(name, head.kept_from, head.kept_hash) if head else _Chain(name, 1, begin)
        anchors = {one.number: one for one in self.anchored.get(name, ())}
        if chain.kept_from == 1 and chain.kept_hash != begin:
            yield Finding("altered", name, 0)
        yield from self._removed_early(chain, anchors)
        for row in rows:
            self.rows += 1
            yield from _step(chain, row)
            anchor = anchors.get(row.number)
            if anchor is not None and anchor.hash != row.hash:
                yield Finding("rebuilt", name, row.number, at=row.at)
        last = max([head.number if head else 0, *anchors])
        if last > chain.number:
            yield Finding("shortened", name, chain.number + 1, last, at=chain.at)
        elif head is None or (head.number, head.hash) != (chain.number, chain.hash):
            # No row is missing, but ``access_head`` has another number or digest than the last row.
            yield Finding("altered", name, chain.number, at=chain.at)

    def _removed_early(self, chain: _Chain, anchors: Mapping[int, Anchored]) -> Iterator[Finding]:
        """Yield the faults in the rows of ``chain`` that were removed, as the anchors show them.

        Either these rows were changed, or they were removed before they expired.
        """
        removed = chain.kept_from - 1
        at_removed = anchors.get(removed)
        if at_removed is not None and at_removed.hash != chain.kept_hash:
            yield Finding("rebuilt", chain.name, removed)
        before = [one for one in anchors.values() if one.number < removed]
        if before and max(one.at for one in before) > self.retention.begins(chain.name):
            number = max(one.number for one in before) + 1
            yield Finding("removed_early", chain.name, number, removed)


def _step(chain: _Chain, row: Row[Any]) -> Iterator[Finding]:
    """Verify ``row`` against the previous row of its chain, and yield the faults found.

    Then update ``chain``, so that ``row`` is its last verified row.
    """
    if row.number != chain.number + 1:
        yield Finding("missing", chain.name, chain.number + 1, row.number - 1, at=chain.at)
        chain.hash = None
    if row.said is None:
        yield Finding("missing", chain.name, row.number, row.number, at=chain.at)
    elif chain.hash is not None and _digest(chain.hash, row.said) != bytes(row.hash):
        yield Finding("altered", chain.name, row.number, at=row.at)
    # The next row is verified against the digest that is stored with this row. A wrong row
    # therefore gives one fault, and not one for each row after it.
    chain.number, chain.hash = row.number, bytes(row.hash)
    chain.at = row.at or chain.at


def _digest(before: bytes, said: str) -> bytes:
    return hashlib.sha256(before + said.encode()).digest()


def _chain_of(row: Row[Any]) -> str:
    return str(row.practitioner_id or NOBODY)


_HEADS = "SELECT chain, number, hash, kept_from, kept_hash FROM review.access_head"

_ROWS = f"""
    SELECT c.chain, c.number, c.hash, l.at,
           CASE WHEN l.id IS NOT NULL THEN {said_by("l", "c.chain", "c.number")} END AS said
    FROM review.access_chain c LEFT JOIN review.access_log l ON l.id = c.log_id
    ORDER BY c.chain, c.number
"""

_UNCHAINED = """
    SELECT l.practitioner_id, l.at FROM review.access_log l
    WHERE NOT EXISTS (SELECT FROM review.access_chain c WHERE c.log_id = l.id)
    ORDER BY l.at
"""

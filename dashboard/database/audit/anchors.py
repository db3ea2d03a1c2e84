"""Anchors of the access log, which reveal that a whole chain was rebuilt or cut off.

An anchor is a line of text with the number and the digest of the last row of each chain. It is kept
outside the database. The owner of the database can rebuild a chain, but cannot change a line on
another machine, on paper or in a mail. An anchor can also be signed with a key that the owner does
not have. It is then safe even in a place where the owner can write.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


class BadAnchor(ValueError):
    """The error raised if a line is not an anchor, was changed, or was signed with another key."""


@dataclass(frozen=True)
class Anchored:
    """The number and the digest of the last row of a chain at the time ``at``."""

    number: int
    hash: bytes
    at: datetime


def anchor(
    connection: Connection, key: str | None, known: Mapping[str, Iterable[Anchored]] | None = None
) -> str:
    """Return an anchor as one line of JSON, with the last number and digest of each chain.

    If ``known`` has the earlier anchors by chain, chains without new rows are left out. With a
    ``key``, the line is signed (HMAC-SHA-256). Without a ``key``, the line has only a digest, which
    reveals accidental changes but not forgery.
    """
    stood = {
        chain: max((one.number for one in anchors), default=0)
        for chain, anchors in (known or {}).items()
    }
    heads = connection.execute(text(_HEADS)).all()
    now = connection.execute(text("SELECT now()")).scalar_one()
    chains = {
        row.chain: [row.number, row.hash.hex()]
        for row in heads
        if row.number > stood.get(row.chain, 0)
    }
    line: dict[str, Any] = {"at": now.isoformat(), "chains": chains}
    return json.dumps(line | {_seal(key): _sealed(line, key)}, sort_keys=True)


def read_anchors(lines: Iterable[str], key: str | None) -> dict[str, list[Anchored]]:
    """Return the anchors in ``lines``, by chain.

    ``key`` is the key that signed the lines, or None if they are not signed. Raise ``BadAnchor`` if
    a line is invalid.
    """
    anchored: dict[str, list[Anchored]] = defaultdict(list)
    for number, written in enumerate(lines, start=1):
        if not written.strip():
            continue
        try:
            at, chains = _checked(written, key)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadAnchor(f"Line {number} of the file of anchors is invalid: {error}") from error
        for chain, (stood_at, digest) in chains.items():
            anchored[chain].append(Anchored(int(stood_at), bytes.fromhex(digest), at))
    return dict(anchored)


def _checked(written: str, key: str | None) -> tuple[datetime, Mapping[str, Any]]:
    line = json.loads(written)
    if "hmac" in line and key is None:
        raise BadAnchor("it is signed, and CASE_REVIEW_AUDIT_KEY is not set")
    if "hmac" not in line and key is not None:
        raise BadAnchor("it is not signed")
    seal = line.pop(_seal(key))
    if not hmac.compare_digest(seal, _sealed(line, key)):
        raise BadAnchor("it was changed, or signed with another key")
    return datetime.fromisoformat(line["at"]), line["chains"]


def _seal(key: str | None) -> str:
    return "sha256" if key is None else "hmac"


def _sealed(line: Mapping[str, Any], key: str | None) -> str:
    said = json.dumps(line, sort_keys=True).encode()
    if key is None:
        return hashlib.sha256(said).hexdigest()
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()


_HEADS = "SELECT chain, number, hash FROM review.access_head ORDER BY chain"

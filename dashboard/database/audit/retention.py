"""The removal of expired rows of the access log.

Rows about the use of the dashboard are kept for 12 months. Rows about access to a patient's record
are kept for 20 years. SECURITY.md gives the sources of both periods.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from dashboard.database.audit.access_chain import TECHNICAL_KIND
from dashboard.database.audit.access_log import log_access

AT_ONCE = 20_000
"""Maximum number of log rows removed in one transaction.

Nobody can write to the log during this transaction.
"""


@dataclass(frozen=True)
class Retention:
    """The two retention periods of the access log. A row older than its period at ``now`` has
    expired.
    """

    technical_months: int = 12
    records_years: int = 20
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def begins(self, chain: str) -> datetime:
        """Return the time before which the rows of ``chain`` have expired.

        ``chain`` is the name of a chain, or only its kind (``technical`` or ``records``).
        """
        if chain.rpartition("/")[2] == TECHNICAL_KIND:
            return _months_before(self.now, self.technical_months)
        return _months_before(self.now, 12 * self.records_years)


def purge(connection: Connection, retention: Retention) -> tuple[int, bool]:
    """Remove the oldest expired rows of the access log.

    Return the number of removed rows, and whether the removal is complete. If it is False, call
    the function again. One call removes at most ``AT_ONCE`` rows, from the beginning of each chain.
    An expired row behind a row that has not expired stays. The digest of the last removed row is
    kept, so that the rest of the chain can still be verified. The log records the removal from each
    chain.
    """
    connection.execute(text("SET LOCAL lock_timeout = '2s'"))
    # This lock waits for the transactions that are writing to the log, and keeps others from
    # writing.
    connection.execute(text("LOCK TABLE review.access_log IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(text("ALTER TABLE review.access_log DISABLE TRIGGER append_only"))
    purged = list(_remove(connection, retention))
    connection.execute(text("ALTER TABLE review.access_log ENABLE TRIGGER append_only"))
    for one in purged:
        log_access(connection, "log_purged", chain=one.chain, until=one.until, rows=one.rows)
    removed = sum(one.rows for one in purged)
    return removed, removed < AT_ONCE


def purge_sign_ins(connection: Connection, retention: Retention) -> int:
    """Remove old sign-ins and old failed attempts to sign in; return the number of removed rows.

    They are kept as long as the log rows about the use of the dashboard. By then, a sign-in is no
    longer valid, and a failed attempt no longer counts against an account. The log records the
    removal.
    """
    kept = {"begins": retention.begins(TECHNICAL_KIND)}
    removed = {
        table: connection.execute(
            text(f"DELETE FROM review.{table} WHERE {since} < :begins"), kept
        ).rowcount
        for table, since in _SIGN_INS.items()
    }
    if any(removed.values()):
        log_access(connection, "sign_ins_purged", **removed)
    return sum(removed.values())


_SIGN_INS = {"sign_in": "created_at", "sign_in_failure": "at"}


@dataclass(frozen=True)
class _Purged:
    """The rows removed from the beginning of a chain. ``until`` is the number of the last one."""

    chain: str
    until: int
    rows: int


def _remove(connection: Connection, retention: Retention) -> Iterator[_Purged]:
    left = AT_ONCE
    for chain in connection.execute(text(_CHAINS)).scalars().all():
        wanted = {"chain": chain, "begins": retention.begins(chain), "most": left}
        until = connection.execute(text(_LAST_OF_THE_OLD), wanted).scalar()
        if until is not None:
            connection.execute(text(_KEEP_ITS_DIGEST), wanted | {"until": until})
            rows = connection.execute(text(_REMOVE), {"chain": chain, "until": until}).rowcount
            yield _Purged(chain, until, rows)
            left -= rows
        if left <= 0:
            return


def _months_before(instant: datetime, months: int) -> datetime:
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    first = instant.replace(year=year, month=month + 1, day=1)
    # For example, one month before 31 March is the last day of February.
    return min(
        first + timedelta(days=instant.day - 1),
        (first + timedelta(days=31)).replace(day=1) - timedelta(days=1),
    )


_CHAINS = "SELECT chain FROM review.access_head ORDER BY chain"

# The rows of a chain are numbered at the end of a transaction, but have the time of its beginning.
# A row can therefore be older than a row with a smaller number. The removal stops before the first
# row that has not expired.
_LAST_OF_THE_OLD = """
    SELECT max(number) FROM (
        SELECT number, bool_and(old) OVER (ORDER BY number) AS old FROM (
            SELECT c.number, l.at IS NULL OR l.at < :begins AS old
            FROM review.access_chain c LEFT JOIN review.access_log l ON l.id = c.log_id
            WHERE c.chain = :chain ORDER BY c.number LIMIT :most
        ) AS first_ones
    ) AS so_far WHERE old
"""

_KEEP_ITS_DIGEST = """
    UPDATE review.access_head h SET kept_from = c.number + 1, kept_hash = c.hash
    FROM review.access_chain c
    WHERE h.chain = :chain AND c.chain = :chain AND c.number = :until
"""

_REMOVE = """
    WITH removed AS (
        DELETE FROM review.access_chain WHERE chain = :chain AND number <= :until
        RETURNING log_id
    )
    DELETE FROM review.access_log WHERE id IN (SELECT log_id FROM removed)
"""

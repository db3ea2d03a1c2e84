"""Rate limiting of sign-ins: a delay that grows, by account and by address.

After some failures an account refuses everything for 30 seconds, then twice as long after each
further failure, 15 minutes at most. An attempt during the delay does not count for the account, so
that nobody can prolong the delay for ever.

Failed attempts from other addresses do not lock an address from which the person has signed in
during the last 30 days. There, only failures at that address since that sign-in count.

An attempt is judged, verified and counted while the database holds advisory locks on its account
and its address. Simultaneous attempts, at any server process, thus follow one another.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from dashboard.database import serving
from dashboard.database.audit.access_log import log_access
from dashboard.database.schema.review import sign_in_failure

FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS = 4, 19
"""Numbers of failures without a delay."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)


# Only one attempt of this process waits in the database at a time. Otherwise a burst would take
# every connection and every processor from the people at work.
_one_of_this_process = threading.Lock()


@dataclass(frozen=True)
class Attempt:
    """An attempt to authenticate, which holds the locks of its account and its address."""

    connection: Connection
    practitioner_id: int | None
    address: str
    address_waits: bool
    account_waits: bool

    @property
    def waits(self) -> bool:
        """Whether the attempt is refused without a look at what was typed."""
        return self.address_waits or self.account_waits

    def failed(self, reason: str) -> None:
        """Count and log the failure; ``reason`` is logged unless a delay was running."""
        told = "too_many_failures" if self.waits else reason
        count_failure(self.connection, self.practitioner_id, told, self.address)


@contextmanager
def one_at_a_time(practitioner_id: int | None, address: str) -> Iterator[Attempt]:
    """Hold the locks of this account (or None) and address during an attempt.

    The block verifies what was typed in transactions of its own, and calls ``failed``.
    """
    with _one_of_this_process, serving() as connection:
        for held in (f"address {address}", f"account {practitioner_id}"):
            connection.execute(_HOLD, {"held": held})
        yield Attempt(
            connection,
            practitioner_id,
            address,
            address_waits(connection, address),
            account_waits(connection, practitioner_id, address),
        )


def delay_after(failures: int, free: int) -> timedelta:
    """Return the delay after the last of so many failures."""
    beyond = failures - free
    if beyond <= 0:
        return timedelta(0)
    return min(FIRST_DELAY * (1 << min(beyond - 1, 10)), LONGEST_DELAY)


def address_waits(connection: Connection, address: str) -> bool:
    """Return whether this address must wait, after its failures of the last 15 minutes."""
    failures, ago = connection.execute(text(_AT_ADDRESS), {"address": address}).one()
    return _waits(failures, ago, FREE_FOR_ADDRESS)


def account_waits(connection: Connection, practitioner_id: int | None, address: str) -> bool:
    """Return whether this account must wait at this address, after its failures of the last day.

    Called for an unknown account too, so that the answer takes as long.
    """
    failures, ago = connection.execute(
        text(_OF_ACCOUNT), {"practitioner": practitioner_id, "address": address}
    ).one()
    return _waits(failures, ago, FREE_FOR_ACCOUNT)


def count_failure(
    connection: Connection, practitioner_id: int | None, reason: str, address: str
) -> None:
    """Count and log a failure; ``reason`` is for the log alone.

    A failure counts for the account only if a password or a code was wrong and no delay was
    running. Any other failure counts for its address alone.
    """
    connection.execute(
        sign_in_failure.insert().values(
            id=uuid.uuid4(),
            practitioner_id=practitioner_id if reason in _COUNTED else None,
            address=address,
        )
    )
    log_access(
        connection, "sign_in_refused", reason=reason, account=practitioner_id, address=address
    )


_COUNTED = ("password", "code")


def _waits(failures: int, ago: timedelta | None, free: int) -> bool:
    return failures > free and ago is not None and ago < delay_after(failures, free)


_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('sign-in attempt: ' || :held, 0))")

_AT_ADDRESS = """
    SELECT count(*), clock_timestamp() - max(at) FROM review.sign_in_failure
    WHERE address = :address AND at > now() - interval '15 minutes'
"""

_OF_ACCOUNT = """
    WITH known AS (
        SELECT address, max(created_at) AS since FROM review.sign_in
        WHERE practitioner_id = :practitioner AND awaits IS NULL
          AND created_at > now() - interval '30 days'
        GROUP BY address
    )
    SELECT count(*), clock_timestamp() - max(f.at)
    FROM review.sign_in_failure f LEFT JOIN known k ON k.address = f.address
    WHERE f.practitioner_id = :practitioner AND f.at > now() - interval '1 day'
      AND CASE WHEN EXISTS (SELECT FROM known WHERE address = :address)
               THEN f.address = :address AND f.at > k.since
               ELSE k.address IS NULL END
"""

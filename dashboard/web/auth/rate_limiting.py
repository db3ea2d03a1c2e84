"""Rate limiting of sign-ins: a growing delay for each account and for each address.

After some failures, all attempts on an account are refused for 30 seconds. Each further failure
doubles this delay, up to 15 minutes. Attempts during the delay do not count for the account, so
that nobody can prolong the delay for ever.

Attackers elsewhere cannot lock out a person. If the person has signed in from an address during the
last 30 days, only failures at this address since that sign-in count there.

Attempts on the same account or from the same address are handled one after the other, because each
attempt holds two advisory locks in the database.
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
"""Number of failures that cause no delay: at an account in a day, and at an address in 15
minutes.
"""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)


# Each process makes only one attempt at a time. Many simultaneous attempts would take the
# connections and processors that the pages need.
_one_of_this_process = threading.Lock()


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in, or to prove one's identity again.

    Until it ends, no other attempt is made on the same account or from the same address.
    """

    connection: Connection
    practitioner_id: int | None
    address: str
    address_waits: bool
    account_waits: bool

    @property
    def waits(self) -> bool:
        """Whether a delay is running, so that the attempt is refused whatever was typed."""
        return self.address_waits or self.account_waits

    def failed(self, reason: str) -> None:
        """Count the failure, and record it in the access log with ``reason``.

        During a delay, the recorded reason is "too_many_failures".
        """
        told = "too_many_failures" if self.waits else reason
        count_failure(self.connection, self.practitioner_id, told, self.address)


@contextmanager
def one_at_a_time(practitioner_id: int | None, address: str) -> Iterator[Attempt]:
    """Hold the locks of an account and of an address during the block, in which an attempt is made.

    ``practitioner_id`` is None for an unknown account. If the typed password or code is wrong, the
    block must call ``failed`` of the yielded attempt.
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
    """Return the delay after this number of failures. The first ``free`` cause no delay."""
    beyond = failures - free
    if beyond <= 0:
        return timedelta(0)
    return min(FIRST_DELAY * (1 << min(beyond - 1, 10)), LONGEST_DELAY)


def address_waits(connection: Connection, address: str) -> bool:
    """Return whether this address must wait, because of its failures in the last 15 minutes."""
    failures, ago = connection.execute(text(_AT_ADDRESS), {"address": address}).one()
    return _waits(failures, ago, FREE_FOR_ADDRESS)


def account_waits(connection: Connection, practitioner_id: int | None, address: str) -> bool:
    """Return whether this account must wait at this address, because of failures in the last day.

    ``practitioner_id`` is None for an unknown account. The query runs for an unknown account too,
    so that the duration does not reveal whether the account exists.
    """
    failures, ago = connection.execute(
        text(_OF_ACCOUNT), {"practitioner": practitioner_id, "address": address}
    ).one()
    return _waits(failures, ago, FREE_FOR_ACCOUNT)


def count_failure(
    connection: Connection, practitioner_id: int | None, reason: str, address: str
) -> None:
    """Count a failed attempt, and record it in the access log with ``reason``.

    A failure counts for the account only if a password or a code was wrong and no delay was
    running. Other failures count only for the address.
    """
    connection.execute(
        sign_in_failure.insert().values(
            id=uuid.uuid4(),
            practitioner_id=practitioner_id if reason in _COUNTED else None,
            address=address,
        )
    )
    log_refusal(connection, practitioner_id, reason, address)


def log_refusal(
    connection: Connection, practitioner_id: int | None, reason: str, address: str
) -> None:
    """Record a refused attempt in the access log with ``reason``, without counting it."""
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

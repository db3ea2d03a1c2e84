"""How often somebody may try to sign in: a delay that grows, by account and by address.

After some failures an account answers no for half a minute, then for twice as long after
each further one, a quarter of an hour at most. An attempt meanwhile does not count for the
account, so nobody can prolong it for ever. And whoever fails elsewhere does not keep a
colleague out: at an address from which the account has signed in within the last month only
the failures at that address count.

An attempt is judged, verified and counted while the database holds a lock on its account and
its address, so that attempts that arrive at once, at any server process, come one after another.
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
"""So many failures cost no delay."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)


# Of a burst, one attempt of this process waits in the database: the others would take every
# connection and every processor from those who are at work.
_one_of_this_process = threading.Lock()


@dataclass(frozen=True)
class Attempt:
    """An attempt to prove who one is, while no other of its account or address goes on."""

    connection: Connection
    practitioner_id: int | None
    address: str
    address_waits: bool
    account_waits: bool

    @property
    def waits(self) -> bool:
        """Whether it is refused without looking at what was typed."""
        return self.address_waits or self.account_waits

    def failed(self, reason: str) -> None:
        """Count and log the failure; ``reason`` is for the log, where nothing had to wait."""
        told = "too_many_failures" if self.waits else reason
        count_failure(self.connection, self.practitioner_id, told, self.address)


@contextmanager
def one_at_a_time(practitioner_id: int | None, address: str) -> Iterator[Attempt]:
    """An attempt of this account, or nobody's, at this address; others wait for its end.

    The block verifies what was typed in transactions of its own and calls ``failed``.
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
    """How long nobody gets in after the last of so many failures."""
    beyond = failures - free
    if beyond <= 0:
        return timedelta(0)
    return min(FIRST_DELAY * (1 << min(beyond - 1, 10)), LONGEST_DELAY)


def address_waits(connection: Connection, address: str) -> bool:
    """Whether nobody may try at this address now, after its failures of a quarter of an hour."""
    failures, ago = connection.execute(text(_AT_ADDRESS), {"address": address}).one()
    return _waits(failures, ago, FREE_FOR_ADDRESS)


def account_waits(connection: Connection, practitioner_id: int | None, address: str) -> bool:
    """Whether this account lets nobody in at this address now, after its failures of a day.

    Asked for nobody's account too, so that the answer takes as long.
    """
    failures, ago = connection.execute(
        text(_OF_ACCOUNT), {"practitioner": practitioner_id, "address": address}
    ).one()
    return _waits(failures, ago, FREE_FOR_ACCOUNT)


def count_failure(
    connection: Connection, practitioner_id: int | None, reason: str, address: str
) -> None:
    """Count and log a failure; ``reason`` is for the log alone.

    One while the account waits, or for a reason that is not the password's, the code's or
    what stands for them, counts for its address alone.
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

"""How often somebody may try to sign in: a delay that grows, by account and by address.

After some failures an account answers no for half a minute, then for twice as long after
each further one, a quarter of an hour at most. An attempt meanwhile does not count for the
account, so nobody can prolong it for ever. And whoever fails elsewhere does not keep a
colleague out: at an address from which the account has signed in within the last month only
the failures at that address count.
"""

import uuid
from datetime import timedelta

from sqlalchemy import Connection, text

from dashboard.database.access_log import log_access
from dashboard.database.review import sign_in_failure

FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS = 4, 19
"""So many failures cost no delay."""

FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)


def delay_after(failures: int, free: int) -> timedelta:
    """How long nobody gets in after the last of so many failures."""
    beyond = failures - free
    if beyond <= 0:
        return timedelta(0)
    return min(FIRST_DELAY * 2 ** min(beyond - 1, 10), LONGEST_DELAY)


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
    return ago is not None and ago < delay_after(failures, free)


_AT_ADDRESS = """
    SELECT count(*), now() - max(at) FROM review.sign_in_failure
    WHERE address = :address AND at > now() - interval '15 minutes'
"""

_OF_ACCOUNT = """
    WITH known AS (
        SELECT address, max(created_at) AS since FROM review.sign_in
        WHERE practitioner_id = :practitioner AND awaits IS NULL
          AND created_at > now() - interval '30 days'
        GROUP BY address
    )
    SELECT count(*), now() - max(f.at)
    FROM review.sign_in_failure f LEFT JOIN known k ON k.address = f.address
    WHERE f.practitioner_id = :practitioner AND f.at > now() - interval '1 day'
      AND CASE WHEN EXISTS (SELECT FROM known WHERE address = :address)
               THEN f.address = :address AND f.at > k.since
               ELSE k.address IS NULL END
"""

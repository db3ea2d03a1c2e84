"""The migration of a database while people use it.

Each migration is one transaction, so it is applied completely or not at all. While a migration
waits for a locked table, all later queries on that table wait too. A migration therefore gives up
after ``LOCK_TIMEOUT``, and is tried again later. docs/keeping.md says what a migration may do.
"""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from alembic import command
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.database.connection import administering
from dashboard.database.operations.initialisation import Initialised, check_registry, initialise
from dashboard.database.schema.migration_config import migration_config, newest_version

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""The times between two attempts to apply a migration, in seconds.

The first are long enough for a page or a report to end, and the last for a backup to end.
"""

# This lock makes the second of two simultaneous upgrades wait for the first.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('case_review.migrations'))"

Result = TypeVar("Result")


class UpgradeStopped(Exception):
    """The error raised if an upgrade stopped before the last migration.

    Its text gives the version that the database has now. ``init`` can continue from this version.
    """


def bring_up_to_date(
    database_url: str,
    *,
    passwords: Mapping[str, str] | None = None,
    reference_registry: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Initialised:
    """Do the steps of ``initialise``, with one transaction for each migration.

    If there is no schema ``review`` yet, all steps are one transaction. Raise ``RegistryUnfit``,
    before anything is changed, if a fault prevents the preparation (``check_registry``). Raise
    ``UpgradeStopped`` if a step fails and the schema ``review`` exists.
    """
    with administering(database_url) as alone:
        alone.exec_driver_sql(_ONE_AT_A_TIME)
        if _version(database_url) is not None:
            with administering(database_url) as connection:
                check_registry(connection)
            while _tried(database_url, lambda: _migrate_once(database_url), say):
                pass

        def finish() -> Initialised:
            with administering(database_url) as connection:
                return initialise(
                    connection, passwords=passwords, reference_registry=reference_registry
                )

        return _tried(database_url, finish, say)


def _migrate_once(database_url: str) -> bool:
    """Apply the next migration. Return False if there was none, otherwise True."""
    with administering(database_url) as connection:
        if _version_of(connection) == newest_version():
            return False
        command.upgrade(migration_config(connection), "+1")
        return True


def _tried(database_url: str, do: Callable[[], Result], say: Callable[[str], None]) -> Result:
    for wait in (*WAITS, None):
        try:
            return do()
        except DBAPIError as error:
            busy = isinstance(error.orig, LockNotAvailable | DeadlockDetected)
            if not busy or wait is None:
                raise _stopped(database_url, error) from error
            say(f"A table is in use. The next attempt is in {wait:g} s.")
            time.sleep(wait)
    raise AssertionError


def _stopped(database_url: str, error: DBAPIError) -> Exception:
    """Return the error to raise after ``error`` has stopped the upgrade.

    If there is no schema ``review``, nothing was changed, and the result is ``error``. Otherwise
    the result is ``UpgradeStopped`` with the version of the schema.
    """
    version = _version(database_url)
    if version is None:
        return error
    reason = str(error.orig).splitlines()[0]
    return UpgradeStopped(
        f"The database refused: {reason}\n"
        f"Schema review is at version {version}, whole: run init again to go on."
    )


def _version(database_url: str) -> str | None:
    with administering(database_url) as connection:
        return _version_of(connection)


def _version_of(connection: Connection) -> str | None:
    if connection.exec_driver_sql("SELECT to_regclass('review.schema_version')").scalar() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM review.schema_version").scalar()

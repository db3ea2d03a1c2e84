"""Backing up schema ``review``, and restoring it into a database that has none.

A backup is an archive of ``pg_dump`` in its custom format: it is compressed, and ``pg_restore``
lists it and takes single tables out of it. It holds the rows, the constraints, the triggers and
the policies of schema ``review``. It holds neither the registry, which is somebody else's, nor
the role, nor the keys of the settings. Rights and policies are set anew by what ``init`` does.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.verification import Verification, Verified
from dashboard.database.connection import administering
from dashboard.database.operations.initialisation import Initialised, check_registry, initialise
from dashboard.database.operations.pg_tools import Program, ProgramFailed, programs, run, target
from dashboard.database.schema.migration_config import migration_config
from dashboard.database.schema.roles import ROLES, create_role

_LONGEST_WAIT = "60s"
"""For a table that a migration holds."""


class BackupRefused(Exception):
    """There is no backup now; the text says why."""


class RestoreRefused(Exception):
    """The database is as it was before; the text says why."""


class RestoredInPart(Exception):
    """The rows are there, and the database is not ready to be used; the text says what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restored database is like."""

    initialised: Initialised
    verified: Verified
    """What the access log of the backup came to."""
    sign_ins_ended: int


def back_up(database_url: str, file: Path) -> int:
    """Write schema ``review``, as it is now, to a new file; its size in bytes.

    Nobody but the owner of the file can read it. It has its name once it is whole and
    everything in it can be read. That it was made is on the access log, and in the backup.
    Raises ``BackupRefused``, and ``NoProgram`` of ``programs``.
    """
    if file.exists():
        raise BackupRefused(f"{file} is there already.")
    with administering(database_url) as connection:
        _refuse_a_part(connection)
        dumping, reading = (
            programs(name, _server_version(connection))[0] for name in ("pg_dump", "pg_restore")
        )
        log_access(connection, "backup_made")
    database = target(database_url)
    arguments = [
        "--format=custom",
        "--schema=review",
        # The policies show every row to this role, which has just been looked at.
        "--enable-row-security",
        f"--lock-wait-timeout={_LONGEST_WAIT}",
        "--no-password",
        f"--dbname={database.dbname}",
    ]
    with _new_file(file) as unfinished:
        try:
            run(dumping, [*arguments, f"--file={unfinished}"], database.environment)
            run(reading, ["--file=/dev/null", str(unfinished)], database.environment)
        except ProgramFailed as error:
            raise BackupRefused(str(error)) from error
    return file.stat().st_size


def restore(database_url: str, file: Path) -> Restored:
    """Restore a backup into a database with a registry and without schema ``review``.

    A backup of an earlier version is migrated. A new role gets a password made here, a known
    one keeps its own. Nobody stays signed in: what was ended after the backup is open in it.
    Raises ``RestoreRefused`` or ``RegistryUnfit`` with nothing changed, ``RestoredInPart``
    where only the rows are there.
    """
    with administering(database_url) as connection:
        check_registry(connection)
        if connection.exec_driver_sql("SELECT to_regnamespace('review')").scalar():
            raise RestoreRefused("Schema review is there: restore into a database without it.")
        reading = _that_reads(file, programs("pg_restore", _server_version(connection)))
        _refuse_a_later_version(connection, reading, file)
        made = {role: secrets.token_urlsafe(24) for role in ROLES}
        created = [role for role in ROLES if create_role(connection, role, made[role])]
    database = target(database_url)
    arguments = [
        # Whoever restores owns what is restored; rights are set below.
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        "--no-password",
        f"--dbname={database.dbname}",
        str(file),
    ]
    try:
        run(reading, arguments, database.environment)
    except ProgramFailed as error:
        if created:
            with administering(database_url) as connection:
                for role in created:
                    connection.exec_driver_sql(f"DROP ROLE {role}")
        raise RestoreRefused(str(error)) from error
    done = _made_ready(database_url)
    if created:
        given = replace(
            done.initialised, created=created, passwords={role: made[role] for role in created}
        )
        return replace(done, initialised=given)
    return done


def _made_ready(database_url: str) -> Restored:
    try:
        with administering(database_url) as connection:
            initialised = initialise(connection)
            ended = connection.exec_driver_sql(_END_SIGN_INS).rowcount
            log_access(connection, "backup_restored")
        with administering(database_url) as connection:
            verified = Verification(connection).verified()
    except DBAPIError as error:
        raise RestoredInPart(
            "The rows are restored, who may see them is not set:"
            f" {str(error.orig).splitlines()[0]}\n"
            "Remove them (DROP SCHEMA review CASCADE) and restore again."
        ) from error
    return Restored(initialised, verified, ended)


def _refuse_a_part(connection: Connection) -> None:
    """Row security must hide nothing from whoever backs up."""
    if not connection.exec_driver_sql("SELECT to_regclass('review.schema_version')").scalar():
        raise BackupRefused("There is no schema review in this database.")
    hidden = connection.exec_driver_sql(_HIDES_ROWS).scalars().all()
    if hidden:
        raise BackupRefused(
            "Rows may be hidden from this role, and a backup would be without them:"
            f" {', '.join(hidden)}. Back up as the owner of the database."
        )


def _server_version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def _that_reads(file: Path, found: list[Program]) -> Program:
    """The first of these programs that can read the archive: one of a later version wrote it."""
    reason = ""
    for program in found:
        try:
            run(program, ["--list", str(file)], dict(os.environ))
        except ProgramFailed as error:
            reason = reason or str(error)
        else:
            return program
    raise RestoreRefused(f"{file} cannot be read: {reason}")


def _refuse_a_later_version(connection: Connection, reading: Program, file: Path) -> None:
    arguments = ["--data-only", "--schema=review", "--table=schema_version", "--file=-", str(file)]
    try:
        lines = iter(run(reading, arguments, dict(os.environ)).splitlines())
    except ProgramFailed as error:
        raise RestoreRefused(f"{file} cannot be read: {error}") from error
    version = next((next(lines) for line in lines if line.startswith("COPY ")), None)
    if version is None:
        raise RestoreRefused(f"{file} is no backup of schema review.")
    scripts = ScriptDirectory.from_config(migration_config(connection))
    if version not in {script.revision for script in scripts.walk_revisions()}:
        raise RestoreRefused(
            f"{file} is of version {version}, which this program does not know:"
            " restore it with the program that made it, or a later one."
        )


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside this one that becomes it at the end of the block, on the disk by then."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as unfinished:
        path = Path(unfinished.name)
    try:
        yield path
        with path.open("rb") as written:
            os.fsync(written.fileno())
        # Unlike a rename, a link never takes the place of another file.
        os.link(path, file)
    finally:
        path.unlink(missing_ok=True)


_FOR_ME = (
    "(p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) AS role"
    " WHERE pg_has_role(current_user, role, 'USAGE')))"
)

_HIDES_ROWS = f"""
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'review'::regnamespace AND c.relkind IN ('r', 'p')
  AND row_security_active(c.oid)
  AND (
    EXISTS (SELECT FROM pg_policy p
            WHERE p.polrelid = c.oid AND NOT p.polpermissive AND {_FOR_ME})
    OR NOT EXISTS (SELECT FROM pg_policy p
                   WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
                     AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND {_FOR_ME})
  )
ORDER BY 1
"""

_END_SIGN_INS = "UPDATE review.sign_in SET ended_at = now() WHERE ended_at IS NULL"

"""Backup of the schema ``review``, and its restore into a database without that schema.

A backup is a ``pg_dump`` archive in custom format, from which ``pg_restore`` can list and extract
single tables. It holds the rows, constraints, triggers and policies of the schema ``review``. It
holds neither the registry, which has another owner, nor the database roles, nor the keys in the
settings. After a restore, the steps of ``init`` set the rights and policies again.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from errno import EEXIST, ENOSYS, EOPNOTSUPP, EPERM
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
"""Longest time that ``pg_dump`` waits for a table that a migration has locked."""


class BackupRefused(Exception):
    """The error raised if no backup was made. Its text gives the reason."""


class RestoreRefused(Exception):
    """The error raised if nothing was restored. Its text gives the reason.

    The database is unchanged.
    """


class RestoredInPart(Exception):
    """The error raised if the schema was restored, but a later step of the restore failed.

    Its text says what to do.
    """


@dataclass(frozen=True)
class Restored:
    """The result of a restore: changed roles, the verified access log, and the number of ended
    sign-ins.
    """

    initialised: Initialised
    verified: Verified
    """The result of verifying the access log that was in the backup."""
    sign_ins_ended: int


def back_up(database_url: str, file: Path) -> int:
    """Back up the schema ``review`` into a new file; return the size of the file in bytes.

    Only the owner of the file can read it. The file gets its final name only after the whole backup
    was read once as a test. The access log in the backup already records the backup.

    Raise ``BackupRefused`` if the file exists or the backup fails. Raise ``NoProgram`` if a program
    of PostgreSQL is missing.
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
        # Unlogged tables are left out, because they hold only files that were made for downloads in
        # the last minutes.
        "--no-unlogged-table-data",
        # Without this option, ``pg_dump`` refuses tables whose row security applies to this role.
        # No row is missing in the backup, because ``_refuse_a_part`` has checked that this role can
        # see all rows.
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
    """Restore a backup into a database that has a registry and no schema ``review``.

    A backup of an earlier version is migrated. A missing database role is created with a random
    password. All sign-ins are ended, because some may have been ended after the backup, and are
    still open in the backup.

    If ``RestoreRefused``, ``RegistryUnfit`` or ``NoProgram`` is raised, nothing was changed. If
    ``RestoredInPart`` is raised, the schema was restored and the missing roles were created, but
    the later steps may be missing. The error then names the new roles, whose passwords are lost.
    """
    with administering(database_url) as connection:
        check_registry(connection)
        if connection.exec_driver_sql("SELECT to_regnamespace('review')").scalar():
            raise RestoreRefused("Schema review exists: restore into a database without it.")
        reading = _that_reads(file, programs("pg_restore", _server_version(connection)))
        _refuse_a_later_version(connection, reading, file)
        made = {role: secrets.token_urlsafe(24) for role in ROLES}
        created = [role for role in ROLES if create_role(connection, role, made[role])]
    database = target(database_url)
    arguments = [
        # The role that restores must own the restored tables. ``_made_ready`` sets the rights
        # afterwards.
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
    try:
        done = _made_ready(database_url)
    except RestoredInPart as reason:
        if not created:
            raise
        raise RestoredInPart(
            f"{reason}\nSet the passwords of the new roles, which nobody knows:"
            f" {', '.join(created)} (ALTER ROLE … PASSWORD)."
        ) from reason
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
            "The rows are restored, but their access policies are not set:"
            f" {str(error.orig).splitlines()[0]}\n"
            "Remove them (DROP SCHEMA review CASCADE) and restore again."
        ) from error
    return Restored(initialised, verified, ended)


def _refuse_a_part(connection: Connection) -> None:
    """Raise ``BackupRefused`` if schema ``review`` is missing, or if this role cannot see all its
    rows.
    """
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
    """Return the first program in ``found`` that can read the backup in ``file``.

    A program of an earlier version cannot read a backup made by a later version. Raise
    ``RestoreRefused`` if no program can read the backup.
    """
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
    """Yield the path of a temporary file, which becomes ``file`` after the block.

    If the block raises an error, delete the temporary file.
    """
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as unfinished:
        path = Path(unfinished.name)
    try:
        yield path
        with path.open("rb") as written:
            os.fsync(written.fileno())
        _give_name(path, file)
    finally:
        path.unlink(missing_ok=True)


def _give_name(path: Path, file: Path) -> None:
    """Give the file at ``path`` the name ``file``.

    Raise ``FileExistsError`` if the name is taken.
    """
    try:
        # A link is made, and not a rename, because a rename would replace an existing file.
        os.link(path, file)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if file.exists():
            raise FileExistsError(EEXIST, os.strerror(EEXIST), str(file)) from error
        path.rename(file)


_NO_LINKS = (EPERM, EOPNOTSUPP, ENOSYS)
"""Errors of file systems without links, such as exFAT and some network drives."""

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

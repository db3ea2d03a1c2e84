"""Checks that the database role that runs ``init`` has the rights that it needs.

The checks run before anything is changed.
"""

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.database.schema.contract import registry_kinds
from dashboard.database.schema.roles import APP_ROLE, ROLES


def lacking_rights(connection: Connection) -> list[str]:
    """Return a sentence for each right that the current role lacks, with the SQL that grants it."""
    me, is_superuser = connection.exec_driver_sql(
        "SELECT quote_ident(current_user), rolsuper FROM pg_roles WHERE rolname = current_user"
    ).one()
    if is_superuser:
        return []
    return [
        *_roles(connection, me),
        *_inheritance(connection, me),
        *_schema(connection, me),
        *_ownership(connection, me),
        *_reading(connection, me),
    ]


def _roles(connection: Connection, me: str) -> Iterator[str]:
    """Yield sentences about the roles of the application that ``me``, the current role, cannot use.

    Either the role does not exist and ``me`` cannot create it, or ``me`` cannot switch to it, which
    the server's checks need.
    """
    for role in ROLES:
        there, creates, becomes = connection.exec_driver_sql(
            f"SELECT to_regrole('{role}') IS NOT NULL, rolcreaterole,"
            f" coalesce(pg_has_role(to_regrole('{role}'), 'MEMBER, MEMBER WITH ADMIN OPTION'),"
            # Before PostgreSQL 16, a role with CREATEROLE may grant itself any other role.
            " false)"
            " OR (rolcreaterole AND current_setting('server_version_num')::integer < 160000)"
            " FROM pg_roles WHERE rolname = current_user"
        ).one()
        if not there and not creates:
            yield (
                f"The role {me} may not make the role {role}: ALTER ROLE {me} CREATEROLE;"
                f" or, as an administrator, CREATE ROLE {role} LOGIN NOINHERIT;"
                f" GRANT {role} TO {me};"
            )
        elif there and not becomes:
            yield f"The role {me} may not check what {role} sees: GRANT {role} TO {me};"


def _inheritance(connection: Connection, me: str) -> Iterator[str]:
    """Yield a sentence if ``me``, the current role, inherits the role of the pages.

    The policies for the pages would then hide every patient from ``me``.
    """
    inherits, by_grant = connection.exec_driver_sql(
        f"SELECT coalesce(pg_has_role(to_regrole('{APP_ROLE}'), 'USAGE'), false),"
        " current_setting('server_version_num')::integer >= 160000"
    ).one()
    if inherits:
        mend = f"GRANT {APP_ROLE} TO {me} WITH INHERIT FALSE;"
        yield (
            f"The role {me} inherits {APP_ROLE}, whose policies hide every patient from it:"
            f" {mend if by_grant else f'ALTER ROLE {me} NOINHERIT;'}"
        )


def _schema(connection: Connection, me: str) -> Iterator[str]:
    owner, database, may_create = connection.exec_driver_sql(
        "SELECT (SELECT quote_ident(pg_get_userbyid(nspowner)) FROM pg_namespace"
        "        WHERE nspname = 'review' AND NOT pg_has_role(nspowner, 'USAGE')),"
        " quote_ident(current_database()),"
        " to_regnamespace('review') IS NOT NULL"
        " OR has_database_privilege(current_database(), 'CREATE')"
    ).one()
    if owner is not None:
        yield f"Schema review belongs to {owner}: run init as {owner}, or GRANT {owner} TO {me};"
    if not may_create:
        yield (
            f"The role {me} may not make the schema review:"
            f" GRANT CREATE ON DATABASE {database} TO {me};"
        )


def _ownership(connection: Connection, me: str) -> Iterator[str]:
    """Yield sentences about relations of the registry that ``me``, the current role, does not own.

    Only the owner of a relation can grant rights on it and set its policies.
    """
    rows = connection.exec_driver_sql(
        "SELECT quote_ident(pg_get_userbyid(owner)) AS owner, name FROM ("
        "  SELECT nspowner AS owner, 'schema registry' AS name, 0 AS place FROM pg_namespace"
        "  WHERE nspname = 'registry'"
        "  UNION ALL SELECT relowner, 'registry.' || relname, 1 FROM pg_class"
        "  WHERE relnamespace = to_regnamespace('registry') AND relname = ANY (%s)"
        "    AND relkind IN ('r', 'p', 'v', 'm', 'f')"
        ") AS relation WHERE NOT pg_has_role(owner, 'USAGE') ORDER BY owner, place, name",
        (list(registry_kinds(connection)),),
    ).all()
    for owner in dict.fromkeys(row.owner for row in rows):
        named = ", ".join(row.name for row in rows if row.owner == owner)
        yield (f"Not {me} but {owner} owns {named}: run init as {owner}, or GRANT {owner} TO {me};")


def _reading(connection: Connection, me: str) -> Iterator[str]:
    """Yield sentences about relations of the registry that ``me``, the current role, cannot read.

    The functions that count for medical leads read with the rights of this role.
    """
    for name in registry_kinds(connection):
        asking = connection.begin_nested()
        try:
            connection.exec_driver_sql(f"SELECT * FROM registry.{name} LIMIT 0")
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]
            yield f"The role {me} may not read registry.{name} ({reason}): GRANT SELECT to it."
        finally:
            asking.rollback()

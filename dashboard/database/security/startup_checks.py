"""The security checks before the server starts.

The server does not start if a person could see other people's patients.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import bcrypt
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from dashboard.database.counts.lead_counts import COUNT_VISIBILITY
from dashboard.database.schema.contract import check_contract, leaking_relations, report
from dashboard.database.schema.migration_config import newest_version
from dashboard.database.schema.roles import APP_ROLE, SERVICE_ROLE
from dashboard.database.security.behind import (
    Reached,
    definer_functions,
    open_behind,
    reached_relations,
    refused_behind,
)
from dashboard.database.security.policies import (
    GRANTS,
    REFERENCE_TABLES,
    REGISTRY_VISIBILITY,
    REVIEW_VISIBILITY,
    SERVICE_GRANTS,
)


def unsafe(connection: Connection) -> list[str]:
    """Return the reasons why the server must not show pages; empty if it may show them.

    If ``connection`` does not have the database role of the pages, this is one of the reasons. Its
    transaction is not changed. The time that the checks take does not depend on the size of the
    registry.
    """
    # The policies apply only to the role of the pages, so checks with another role prove nothing.
    another_role = [*_connected_as(connection, APP_ROLE)]
    if another_role:
        return [*_contract(connection), *_schema_version(connection), *another_role]
    return refusals(connection)


def refusals(connection: Connection) -> list[str]:
    """Return the reasons why the server must not show pages; empty if it may show them.

    The current role of ``connection`` must be the role of the pages.
    """
    reasons = [*_contract(connection), *_schema_version(connection)]
    unreadable = [*_unreadable(connection, _ALL_RELATIONS, APP_ROLE)]
    there = not reasons and not unreadable
    reached = reached_relations(connection)
    reasons += [
        *_role(connection, APP_ROLE, _allowed_rights()),
        *unreadable,
        *_row_security(connection),
    ]
    reasons += [*open_behind(reached), *definer_functions(connection), *refused_behind(reached)]
    if there:
        reasons += _shown_to_nobody(connection, reached)
    return reasons


def unsafe_service(connection: Connection, *, published_password: str | None) -> list[str]:
    """Return the reasons why the server must not use the service role; empty if it may use it.

    The service role signs people in and must not read records. If ``connection`` has another role,
    this is one of the reasons. ``published_password`` is the
    demonstration's password, which no account may have; None if the server runs the demonstration.
    """
    another_role = [*_connected_as(connection, SERVICE_ROLE)]
    if another_role:
        return [*_schema_version(connection), *another_role]
    return service_refusals(connection, published_password=published_password)


def service_refusals(connection: Connection, *, published_password: str | None) -> list[str]:
    """Return the reasons why the server must not use the service role; empty if it may use it.

    The current role of ``connection`` must be the service role.
    """
    unreadable = [*_unreadable(connection, _OF_THE_SERVICE, SERVICE_ROLE)]
    reasons = [
        *_schema_version(connection),
        *_role(connection, SERVICE_ROLE, _spelled_out(SERVICE_GRANTS)),
        *unreadable,
    ]
    if not unreadable:
        reasons += _refused_behind_reference(connection)
    if published_password is not None and not unreadable:
        reasons += _opened_by(connection, published_password)
    return reasons


def _contract(connection: Connection) -> Iterator[str]:
    breaches = check_contract(connection)
    if breaches:
        yield f"The registry is not the one that this program was written for:\n{report(breaches)}"
    yield from leaking_relations(connection)


def _connected_as(connection: Connection, role: str) -> Iterator[str]:
    roles = connection.exec_driver_sql("SELECT session_user, current_user").one()
    for name in sorted({*roles} - {role}):
        yield f"The server connects as {name}: it must connect as {role}."


def _schema_version(connection: Connection) -> Iterator[str]:
    head = newest_version()
    found = _version(connection)
    if found != head:
        yield (
            f"Schema review is at version {found or 'none'}, this program needs {head}:"
            " run init with the database's owner."
        )


def _version(connection: Connection) -> str | None:
    if [*connection.exec_driver_sql(_UNREADABLE, (["review.schema_version"],))]:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM review.schema_version").scalar()


def _role(connection: Connection, role: str, allowed: set[str]) -> Iterator[str]:
    held = connection.exec_driver_sql(_ATTRIBUTES).scalars().all()
    if held:
        yield f"The role {role} is, or may become, {', '.join(held)}: no row is hidden from it."
    if "superuser" not in held:
        yield from _ownership(connection, role)
        yield from _excess_rights(connection, role, allowed)


def _ownership(connection: Connection, role: str) -> Iterator[str]:
    owned = connection.exec_driver_sql(_OWNED).scalars().all()
    if owned:
        yield (
            f"The role {role} owns, or may become the owner of, {', '.join(owned)}:"
            " it could lift the row security."
        )


def _unreadable(connection: Connection, names: tuple[str, ...], role: str) -> Iterator[str]:
    refused = connection.exec_driver_sql(_UNREADABLE, (list(names),)).scalars().all()
    if refused:
        yield f"The role {role} may not read {', '.join(refused)}: run init."


def _row_security(connection: Connection) -> Iterator[str]:
    """Yield sentences about tables that lack row security or its policy.

    A view cannot have row security, so ``open_behind`` checks the tables behind views.
    """
    open_tables = (
        connection.exec_driver_sql(_WITHOUT_ROW_SECURITY, (list(_GUARDED),)).scalars().all()
    )
    if open_tables:
        yield f"Row security is not enabled and forced on {', '.join(open_tables)}: run init."
    unlimited = connection.exec_driver_sql(_WITHOUT_POLICY, (list(_GUARDED),)).scalars().all()
    if unlimited:
        yield f"No policy hides other people's rows of {', '.join(unlimited)}: run init."


def _shown_to_nobody(connection: Connection, reached: Iterable[Reached]) -> Iterator[str]:
    """Yield sentences about relations that show rows to a session without a valid proof.

    The proof says who is signed in. The relations are read twice: without a proof, and with an
    invalid one. Relations about which another check already yields a sentence are left out.
    """
    said = {entry for one in reached if _is_said(one) for entry in one.entries}
    asked = [name for name in _EMPTY_FOR_NOBODY if name.removeprefix("registry.") not in said]
    asked += [one.name for one in reached if one.must_hide and not _is_said(one)]
    answers: set[tuple[bool | None, str]] = set()
    asking = connection.begin_nested()
    # If all rows are hidden, a sequential scan would read the whole table to find a visible row.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    for token, identity in (("", ""), ("nobody's", str(-(2**63)))):
        connection.exec_driver_sql("SELECT review.act(%s, NULL, NULL, NULL)", (token,))
        # If ``init`` runs this check as the owner, the database takes the practitioner from this
        # setting. For the role of the pages, it ignores the setting.
        connection.exec_driver_sql(f"SET LOCAL case_review.practitioner = '{identity}'")
        answers |= {(_shows_a_row(connection, name), name) for name in asked}
    asking.rollback()
    if shown := sorted({name for answer, name in answers if answer}):
        yield f"Anybody is shown rows of {', '.join(shown)}."
    # A missing right that is already reported is the reason why these relations cannot be read.
    refused = [*refused_behind(reached)]
    if not refused and (unknown := sorted({name for answer, name in answers if answer is None})):
        yield f"The role {APP_ROLE} may not read what is behind {', '.join(unknown)}."


def _is_said(one: Reached) -> bool:
    """Return whether another check already yields a sentence about the relation."""
    refused = one.entries and not (one.readable and one.schema_usable)
    return bool([*open_behind([one])] or refused or one.columns_refused)


def _shows_a_row(connection: Connection, name: str) -> bool | None:
    """Return whether any row of the relation is visible; None if reading the relation is
    refused.
    """
    try:
        with connection.begin_nested():
            return bool(connection.exec_driver_sql(f"SELECT EXISTS (SELECT FROM {name})").scalar())
    except ProgrammingError:
        return None


def _refused_behind_reference(connection: Connection) -> Iterator[str]:
    """Yield sentences about relations of sites and practitioners that the service role cannot read.

    The role cannot read a view if it may not read a table behind the view.
    """
    for name in REFERENCE_TABLES:
        if _shows_a_row(connection, f"registry.{name}") is None:
            yield (
                f"The role {SERVICE_ROLE} may not read what is behind registry.{name}:"
                f" GRANT SELECT on it to {SERVICE_ROLE}."
            )


def _excess_rights(connection: Connection, role: str, allowed: set[str]) -> Iterator[str]:
    granted = [
        f"{right} on {name}"
        for name, right in connection.exec_driver_sql(_RIGHTS)
        # The registry's owner may let the role read relations of the registry that are not in the
        # contract.
        if name.startswith("review.") or name in _ALL_RELATIONS or not right.startswith("SELECT")
    ]
    excess = [right for right in granted if right not in allowed]
    if excess:
        yield f"The role {role} has rights that it must not have: {', '.join(excess)}."


def _opened_by(connection: Connection, password: str) -> Iterator[str]:
    """Yield a sentence if accounts have the published password of the demonstration.

    Only the eight oldest accounts are tested, because testing one takes a third of a second. The
    demonstration's four accounts are among them, because it fills only empty databases.
    """
    accounts = connection.exec_driver_sql(_FIRST_ACCOUNTS).all()
    with ThreadPoolExecutor() as pool:
        opened = pool.map(lambda account: _opens(password, account.password_hash), accounts)
        names = [account.username for account, opens in zip(accounts, opened, strict=True) if opens]
    if names:
        yield (
            f"The demonstration's password, which is published, opens {', '.join(names)}:"
            " give each another with account reset."
        )


def _opens(password: str, password_hash: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode(), password_hash.encode())
    except ValueError:
        return False


_FIRST_ACCOUNTS = """
SELECT username, password_hash FROM review.account WHERE password_hash IS NOT NULL
ORDER BY created_at, practitioner_id LIMIT 8
"""

_ALL_RELATIONS = (
    *(f"registry.{name}" for name in (*REFERENCE_TABLES, *REGISTRY_VISIBILITY)),
    *(f"review.{name}" for name in (*GRANTS, *COUNT_VISIBILITY)),
)

# The service role may add rows to the access log, but not read them.
_OF_THE_SERVICE = tuple(name for name in SERVICE_GRANTS if name != "review.access_log")

_GUARDED = (
    *(f"registry.{name}" for name in REGISTRY_VISIBILITY),
    *(f"review.{name}" for name in (*REVIEW_VISIBILITY, *COUNT_VISIBILITY)),
)
"""The relations that must hide some of their rows from a practitioner who may not see them."""

# The access log is left out. Its rows from before a sign-in have no practitioner, name no patient
# and may be seen.
_EMPTY_FOR_NOBODY = tuple(name for name in _GUARDED if name != "review.access_log")

_MINE = "(SELECT oid FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER'))"
"""SQL for the ids of the current role, and of all roles that it inherits from or may switch to."""

_OURS = """
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('registry', 'review') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""

_ATTRIBUTES = f"""
SELECT DISTINCT held.attribute
FROM pg_roles r
CROSS JOIN LATERAL (VALUES
    (r.rolsuper, 'superuser'),
    (r.rolbypassrls, 'exempt from row security (BYPASSRLS)'),
    (r.rolcreaterole, 'a maker of roles (CREATEROLE)'),
    (r.rolreplication, 'a replica (REPLICATION)'),
    (r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'),
     'a reader or writer of the files of the server')
) AS held (holds, attribute)
WHERE r.oid IN {_MINE} AND held.holds
ORDER BY 1
"""

_OWNED = f"""
SELECT n.nspname || '.' || c.relname {_OURS} AND c.relowner IN {_MINE}
UNION ALL
SELECT 'schema ' || nspname FROM pg_namespace
WHERE nspname IN ('registry', 'review') AND nspowner IN {_MINE}
ORDER BY 1
"""

_UNREADABLE = """
SELECT name
FROM unnest(CAST(%s AS text[])) WITH ORDINALITY AS relation (name, position)
WHERE NOT EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = name
      AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
)
ORDER BY position
"""

_WITHOUT_ROW_SECURITY = f"""
SELECT n.nspname || '.' || c.relname {_OURS}
  AND n.nspname || '.' || c.relname = ANY (%s) AND c.relkind IN ('r', 'p')
  AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1
"""

_WITHOUT_POLICY = f"""
SELECT n.nspname || '.' || c.relname {_OURS}
  AND n.nspname || '.' || c.relname = ANY (%s) AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (
    SELECT FROM pg_policy p
    WHERE p.polrelid = c.oid AND p.polname = 'case_review_reads' AND NOT p.polpermissive
      AND p.polcmd = '*' AND '{APP_ROLE}'::regrole = ANY (p.polroles)
  )
ORDER BY 1
"""

# The rights of the current role in SQL. Rights to read are included, because the role of the pages
# must not read sign-ins and passwords, and the service role must not read records.
_RIGHTS = f"""
WITH relation AS (SELECT c.oid, n.nspname || '.' || c.relname AS name {_OURS}),
mine AS {_MINE}
SELECT DISTINCT name, kind AS granted
FROM relation, mine, unnest(ARRAY[
    'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'
]) AS kind
WHERE has_table_privilege(mine.oid, relation.oid, kind)
UNION
SELECT name, kind || ' (' || a.attname || ')'
FROM relation, mine, pg_attribute a,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS kind
WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(mine.oid, relation.oid, a.attnum, kind)
  AND NOT has_table_privilege(mine.oid, relation.oid, kind)
ORDER BY 1, 2
"""

_RIGHT = re.compile(r"(\w+)(?: \(([^)]*)\))?")


def _allowed_rights() -> set[str]:
    """Return the rights of the role of the pages as texts: ``UPDATE (state) on review.delivery``.

    They are those in ``GRANTS``, and the right to read the registry and the counts.
    """
    reads = (
        *(f"registry.{name}" for name in (*REFERENCE_TABLES, *REGISTRY_VISIBILITY)),
        *(f"review.{name}" for name in COUNT_VISIBILITY),
    )
    granted = {f"review.{table}": rights for table, rights in GRANTS.items()}
    return _spelled_out(granted | dict.fromkeys(reads, "SELECT"))


def _spelled_out(grants: Mapping[str, str]) -> set[str]:
    allowed = set()
    for table, rights in grants.items():
        for right, columns in _RIGHT.findall(rights):
            names = [f" ({column.strip()})" for column in columns.split(",")] if columns else [""]
            allowed |= {f"{right}{name} on {table}" for name in names}
    return allowed

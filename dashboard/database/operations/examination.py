"""The faults of a registry and its database that ``init`` reports.

Some faults are found before anything is changed. For the others, schema ``review`` and the roles of
the application must exist: the checks of the server are run under these roles.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.database.connection import administering
from dashboard.database.operations.lookups import missing_indexes
from dashboard.database.operations.registry_rows import hidden_from, odd_registry_rows
from dashboard.database.schema.contract import check_contract, leaking_relations, report
from dashboard.database.schema.roles import APP_ROLE, SERVICE_ROLE
from dashboard.database.security.behind import (
    Reached,
    definer_functions,
    open_behind,
    reached_relations,
    refused_behind,
)
from dashboard.database.security.owner_rights import lacking_rights
from dashboard.database.security.startup_checks import refusals, service_refusals


@dataclass(frozen=True)
class Findings:
    """Sentences about faults, grouped by their consequence."""

    preparing: tuple[str, ...] = ()
    """Reasons why the database cannot be prepared. If there are any, nothing is changed."""
    serving: tuple[str, ...] = ()
    """Reasons why the server would not start."""
    speed: tuple[str, ...] = ()
    """Causes of slow pages."""
    rows: tuple[str, ...] = ()
    """Rows that break the contract. The pages show them with a warning."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


HEADINGS = {
    "preparing": "The database cannot be prepared:",
    "serving": "The server would not start:",
    "speed": "Pages would be slow:",
    "rows": "Rows that are not as the contract says:",
}
"""The heading of each part of ``Findings``, in the order of the report."""


def before_preparing(connection: Connection) -> Findings:
    """Return the faults to report before anything is changed; empty if nothing prevents preparing.

    If something prevents preparing, the findings also hold all other faults that can be found
    already.
    """
    breaches = check_contract(connection)
    preparing = [*lacking_rights(connection), *leaking_relations(connection)]
    if breaches:
        preparing.append(f"The registry is not what this program expects:\n{report(breaches)}")
    if not preparing:
        return Findings()
    reached = reached_relations(connection)
    return Findings(
        preparing=tuple(preparing),
        serving=(
            *open_behind(reached),
            *definer_functions(connection),
            *refused_behind(reached),
        ),
        speed=tuple(missing_indexes(connection)),
        rows=_rows(connection, reached),
    )


def when_prepared(connection: Connection, *, published_password: str | None) -> Findings:
    """Return the findings of the server's startup checks, slow queries and odd rows."""
    serving = [
        *_as(APP_ROLE, connection, refusals),
        *_as(
            SERVICE_ROLE,
            connection,
            partial(service_refusals, published_password=published_password),
        ),
    ]
    return Findings(
        serving=tuple(dict.fromkeys(serving)),
        speed=tuple(missing_indexes(connection)),
        rows=_rows(connection, reached_relations(connection)),
    )


def examined(database_url: str, *, published_password: str | None) -> Findings:
    """Return the findings of ``when_prepared``, run as the owner; nothing is changed."""
    with administering(database_url) as connection:
        findings = when_prepared(connection, published_password=published_password)
        connection.rollback()
        return findings


def _rows(connection: Connection, reached: list[Reached]) -> tuple[str, ...]:
    behind = [(entry, one.name) for one in reached for entry in one.entries if one.kind in "rp"]
    return (*hidden_from(connection, behind), *odd_registry_rows(connection))


def _as(
    role: str, connection: Connection, check: Callable[[Connection], list[str]]
) -> Iterator[str]:
    """Yield the sentences of a check that is run as this role; then restore the current role."""
    asking = connection.begin_nested()
    try:
        _become(role, connection)
        yield from check(connection)
    except DBAPIError as error:
        yield f"The server's check could not be made: {str(error.orig).splitlines()[0]}."
    finally:
        asking.rollback()


def _become(role: str, connection: Connection) -> None:
    """Switch to this role. If necessary, grant it to the current role within this transaction."""
    taking = connection.begin_nested()
    try:
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
    except DBAPIError:
        taking.rollback()
        connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")
        connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
    else:
        taking.commit()


def in_words(findings: Findings) -> str:
    """Return the findings as text for a person, under headings."""
    return "\n".join(
        line
        for part, heading in HEADINGS.items()
        if getattr(findings, part)
        for line in (heading, *getattr(findings, part), "")
    ).rstrip()

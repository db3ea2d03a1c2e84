"""The faults of a registry and its database that ``init`` reports.

Some faults are found before anything is changed. The others are found by the startup checks of the
server. These checks run with the database roles of the application, so the roles and the schema
``review`` must exist.
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
    """The faults of a registry and its database, as sentences grouped by their consequence."""

    preparing: tuple[str, ...] = ()
    """Reasons why the database cannot be prepared. If there is one, nothing is changed."""
    serving: tuple[str, ...] = ()
    """Reasons why the server would not start."""
    speed: tuple[str, ...] = ()
    """Reasons why pages would be slow."""
    rows: tuple[str, ...] = ()
    """Rows of the registry that break the contract. The pages show them with a warning."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


HEADINGS = {
    "preparing": "The database cannot be prepared:",
    "serving": "The server would not start:",
    "speed": "Pages would be slow:",
    "rows": "Rows that are not as the contract says:",
}
"""The heading of each part of the report, in the order of the report."""


def before_preparing(connection: Connection) -> Findings:
    """Return the faults that prevent the preparation of the database; empty if there are none.

    If there is such a fault, the result also has the faults that would appear later, as far as they
    can already be found.
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
    """Return the faults of a database that was prepared.

    They are failed startup checks of the server, missing indexes, and rows that break the contract.
    """
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
    """Return the faults of a prepared database (``when_prepared``), without changing the
    database.
    """
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
    """Run ``check`` with the database role ``role``, and yield the sentences that it returns.

    Everything that was changed for this, such as the current role, is rolled back.
    """
    asking = connection.begin_nested()
    try:
        _become(role, connection)
        yield from check(connection)
    except DBAPIError as error:
        yield f"The server's check could not be made: {str(error.orig).splitlines()[0]}."
    finally:
        asking.rollback()


def _become(role: str, connection: Connection) -> None:
    """Switch to ``role``. If that is refused, grant ``role`` to the current role and switch
    again.
    """
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
    """Return the findings as text with headings, for a person to read."""
    return "\n".join(
        line
        for part, heading in HEADINGS.items()
        if getattr(findings, part)
        for line in (heading, *getattr(findings, part), "")
    ).rstrip()

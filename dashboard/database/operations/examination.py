"""All that is wrong with a registry and its database, as ``init`` says it.

Some of it is known before anything is changed. The rest is asked when the schema ``review`` and
the application's role are there, as that role: what ``serve`` would say.
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
    """Sentences about what is wrong, by what it hinders."""

    preparing: tuple[str, ...] = ()
    """Why the database cannot be prepared: nothing is changed."""
    serving: tuple[str, ...] = ()
    """Why the server would not start."""
    speed: tuple[str, ...] = ()
    """What makes pages slow."""
    rows: tuple[str, ...] = ()
    """Rows that break the contract: the pages show them as odd."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


HEADINGS = {
    "preparing": "The database cannot be prepared:",
    "serving": "The server would not start:",
    "speed": "Pages would be slow:",
    "rows": "Rows that are not as the contract says:",
}
"""What each part of ``Findings`` is called, in this order."""


def before_preparing(connection: Connection) -> Findings:
    """Return all that can be said before anything is changed; empty where nothing is in the way.

    Only where something is in the way, the rest is looked for as well.
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
    """The server's whole check, made as its roles, and what spoils its pages."""
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
    """Run ``when_prepared`` in a transaction of its own, as the owner, that changes nothing."""
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
    """Make the server's check as this role of it, and be who one was again."""
    asking = connection.begin_nested()
    try:
        _become(role, connection)
        yield from check(connection)
    except DBAPIError as error:
        yield f"The server's check could not be made: {str(error.orig).splitlines()[0]}."
    finally:
        asking.rollback()


def _become(role: str, connection: Connection) -> None:
    """Take this role; who may give it, but has not got it, gives it to themselves as long."""
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
    """Return the findings for a person, under their headings."""
    return "\n".join(
        line
        for part, heading in HEADINGS.items()
        if getattr(findings, part)
        for line in (heading, *getattr(findings, part), "")
    ).rstrip()

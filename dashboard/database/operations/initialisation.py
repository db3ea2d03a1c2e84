"""The steps with which ``init`` prepares a database, and a summary of the changes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, make_url

from dashboard.database.operations.examination import Findings, before_preparing, in_words
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema.contract import registry_kinds
from dashboard.database.schema.roles import APP_ROLE, ROLES, SERVICE_ROLE, set_password


class RegistryUnfit(Exception):
    """The error raised if the registry has faults, so that the dashboard cannot use it.

    Its text lists all faults.
    """

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return in_words(self.findings)


@dataclass(frozen=True)
class Initialised:
    """The changes of database roles that ``initialise`` made."""

    created: list[str]
    """The names of the roles that were created."""
    passwords: dict[str, str]
    """The passwords that were set, by role."""


def initialise(
    connection: Connection,
    *,
    passwords: Mapping[str, str] | None = None,
    reference_registry: bool = False,
) -> Initialised:
    """Check the registry, migrate the schema ``review``, create the roles, and set the policies.

    If ``reference_registry`` is true and there is no registry, create its tables. A new role gets
    its password from ``passwords``, or else a random password. An existing role keeps its password
    unless ``passwords`` has another one. Raise ``RegistryUnfit``, before any other change, if a
    fault prevents the preparation (``check_registry``).
    """
    if reference_registry and not registry_kinds(connection):
        create_reference_registry(connection)
    check_registry(connection)
    given = dict(passwords or {})
    made = {role: given.get(role) or secrets.token_urlsafe(24) for role in ROLES}
    created = prepare(connection, made)
    for role, password in given.items():
        if role not in created:
            set_password(connection, role, password)
    return Initialised(
        created=created,
        passwords={role: made[role] for role in ROLES if role in created or role in given},
    )


def check_registry(connection: Connection, *, tables_only: bool = False) -> None:
    """Raise ``RegistryUnfit`` if a fault prevents the preparation of the database.

    The text of the error lists all faults that were found. If ``tables_only`` is true, a relation
    that is not a table is such a fault too.
    """
    findings = before_preparing(connection)
    if tables_only:
        others = tuple(
            f"registry.{name} is not a table: its owner loads it, not this command."
            for name, kind in registry_kinds(connection).items()
            if kind not in "rp"
        )
        findings = replace(findings, preparing=(*findings.preparing, *others))
    if findings:
        raise RegistryUnfit(findings)


def summary(done: Initialised, owner_url: str) -> str:
    """Return a text for the person who ran the command.

    It lists the changes, and the settings to change next.
    """
    lines = [
        "Schema review is up to date, and its access policies are set.",
        *(f"{'Created' if role in done.created else 'Kept'} the role {role}." for role in ROLES),
        "Next, set for the server that runs the dashboard"
        + (
            " (a password is shown this once):"
            if done.passwords
            else ", with each role's password in place of PASSWORD:"
        ),
        *(
            f"  {name}={_url_of(role, owner_url, done.passwords.get(role, 'PASSWORD'))}"
            for name, role in (
                ("CASE_REVIEW_DATABASE_URL", APP_ROLE),
                ("CASE_REVIEW_SERVICE_DATABASE_URL", SERVICE_ROLE),
            )
        ),
    ]
    return "\n".join(lines)


def _url_of(role: str, owner_url: str, password: str) -> str:
    url = make_url(owner_url).set(drivername="postgresql", username=role, password=password)
    return url.render_as_string(hide_password=False)

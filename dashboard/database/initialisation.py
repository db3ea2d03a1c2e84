"""What ``init`` does to a database, and what it says about it."""

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import Connection, make_url

from dashboard.database.contract import registry_kinds
from dashboard.database.examination import Findings, before_preparing, in_words
from dashboard.database.policies import APP_ROLE, set_app_password
from dashboard.database.preparation import create_reference_registry, prepare


class RegistryUnfit(Exception):
    """The registry is not one that the dashboard can use; the text says all that is wrong."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return in_words(self.findings)


@dataclass(frozen=True)
class Initialised:
    """What was done to a database."""

    role_created: bool
    app_password: str | None
    """The application's password, where this gave it one."""


def initialise(
    connection: Connection, *, app_password: str | None = None, reference_registry: bool = False
) -> Initialised:
    """Check the registry, migrate schema ``review``, create the role, set the policies.

    ``reference_registry`` creates the registry's tables where there is none of them. A new
    role gets the password given or one made here; a known one keeps its own unless one is
    given. Raises ``RegistryUnfit`` before anything is changed.
    """
    if reference_registry and not registry_kinds(connection):
        create_reference_registry(connection)
    check_registry(connection)
    password = app_password or secrets.token_urlsafe(24)
    created = prepare(connection, app_password=password)
    if app_password is not None and not created:
        set_app_password(connection, app_password)
    return Initialised(
        role_created=created,
        app_password=password if created else app_password,
    )


def check_registry(connection: Connection, *, tables_only: bool = False) -> None:
    """Raise ``RegistryUnfit`` with everything that is wrong with the registry."""
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
    """What was done and what to set next, for the person who gave the command."""
    role = "Created the role" if done.role_created else "Kept the role"
    lines = [
        "Schema review is up to date; who may see what is set.",
        f"{role} {APP_ROLE}.",
        "Next, set for the server that runs the dashboard"
        + (
            " (the password is shown this once):"
            if done.app_password
            else ", with the role's password in place of PASSWORD:"
        ),
        f"  CASE_REVIEW_DATABASE_URL={_app_url(owner_url, done.app_password or 'PASSWORD')}",
    ]
    return "\n".join(lines)


def _app_url(owner_url: str, password: str) -> str:
    url = make_url(owner_url).set(drivername="postgresql", username=APP_ROLE, password=password)
    return url.render_as_string(hide_password=False)

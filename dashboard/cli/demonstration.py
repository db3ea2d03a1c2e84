"""The demonstration: an embedded database with a synthetic registry, created at the first start."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Table, exists, select

from dashboard.database import administering, connect_to
from dashboard.database.operations.embedded import (
    address_of,
    app_address_of,
    embedded_postgres,
    ensure_database,
)
from dashboard.database.operations.schema_setup import create_reference_registry, prepare
from dashboard.database.schema.registry import practitioner
from dashboard.database.schema.review import account
from dashboard.demo.accounts import demonstration_accounts
from dashboard.demo.cover import add_demonstration_cover
from dashboard.demo.fill import fill
from dashboard.demo.letters import add_demonstration_letters
from dashboard.settings import DEMONSTRATION_PASSWORD
from dashboard.web.auth.accounts import add_account
from dashboard.web.auth.encryption import seal_with
from dashboard.web.auth.second_factor import demand_of_nobody
from dashboard.web.server.readiness import refuse_half_a_provider, refuse_if_unsafe

PATIENTS = 2_910
SEED = 1
_DATABASE = "case_review"


@contextmanager
def demonstration_database(
    directory: Path, today: date, say: Callable[[str], object]
) -> Iterator[list[str]]:
    """Start the demonstration's database and yield lines of text that list its accounts.

    The database is stored under ``directory``. If the database has no registry yet, a synthetic
    registry with dates up to ``today`` is created. Existing data are kept.
    """
    refuse_half_a_provider()
    with embedded_postgres(directory.resolve() / "postgres") as owner_url:
        ensure_database(owner_url, _DATABASE)
        with administering(address_of(owner_url, database=_DATABASE)) as connection:
            accounts = _prepare(connection, today, say)
        connect_to(app_address_of(owner_url, _DATABASE))
        demand_of_nobody()
        seal_with(_kept_key(directory / "sealing.key"))
        refuse_if_unsafe(demonstration=True)
        yield accounts


def _prepare(connection: Connection, today: date, say: Callable[[str], object]) -> list[str]:
    create_reference_registry(connection)
    prepare(connection)
    if _is_empty(connection, practitioner):
        say(f"Making a registry of {PATIENTS} synthetic patients …")
        fill(connection, patients=PATIENTS, seed=SEED, as_of=today)
        add_demonstration_cover(connection, as_of=today)
        add_demonstration_letters(connection)
    people = demonstration_accounts(connection)
    if _is_empty(connection, account):
        for person in people:
            add_account(connection, person.practitioner_id, person.username, DEMONSTRATION_PASSWORD)
    return [
        f"Everybody's password is {DEMONSTRATION_PASSWORD}; the demonstration asks for no second"
        " factor, which can be set up in the menu",
        *(f"  {person.username}: {person.display_name}, {person.role}" for person in people),
    ]


def _kept_key(path: Path) -> str:
    """Return the encryption key in the file ``path``. Create the file with a new key if it is
    missing.
    """
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def _is_empty(connection: Connection, table: Table) -> bool:
    return not connection.execute(select(exists().select_from(table))).scalar_one()

"""The two database roles with which the server connects.

The pages use ``case_review_app``. This role reads and writes records, as far as the practitioner
who is signed in may see them. The server's own work uses ``case_review_service``. This role signs
people in, sends letters and makes counts. Of the records, it can read only the letter that it is
sending. Neither role owns anything, and neither may switch to the other.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

APP_ROLE = "case_review_app"
SERVICE_ROLE = "case_review_service"
ROLES = (APP_ROLE, SERVICE_ROLE)

_LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # Just-in-time compilation is off, because pages run many short queries over a few hundred
    # patients. For such queries it costs more time than it saves.
    "jit": "off",
}


def create_role(connection: Connection, role: str, password: str | None = None) -> bool:
    """Create ``role`` with ``password`` if it does not exist. Return whether it was created."""
    exists = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).first()
    if exists is not None:
        return False
    connection.exec_driver_sql(
        f"CREATE ROLE {role} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    )
    if password is not None:
        set_password(connection, role, password)
    return True


def set_password(connection: Connection, role: str, password: str) -> None:
    """Set the password of the database role ``role``."""
    # The server quotes the password, because ALTER ROLE takes no bound parameters.
    statement = connection.execute(
        text(f"SELECT format('ALTER ROLE {role} PASSWORD %L', CAST(:password AS text))"),
        {"password": password},
    ).scalar_one()
    connection.exec_driver_sql(statement.replace("%", "%%"))


def role_limits(connection: Connection) -> Iterator[str]:
    """Yield the SQL statements that set the time limits of the two roles.

    A limit that is already set is left out, because the owner of the database may not be allowed to
    alter the roles.
    """
    for role in ROLES:
        held = (
            connection.exec_driver_sql(
                "SELECT unnest(setconfig) FROM pg_db_role_setting"
                f" WHERE setdatabase = 0 AND setrole = '{role}'::regrole"
            )
            .scalars()
            .all()
        )
        for name, value in _LIMITS.items():
            if f"{name}={value}" not in held:
                yield f"ALTER ROLE {role} SET {name} = '{value}'"

"""The accounts of the care teams of the acting lead's sites."""

from sqlalchemy import Connection, text

from dashboard.clinical.accounts import ManagedAccount
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access
from dashboard.vocabulary import AccountState


def accounts_of_my_sites(connection: Connection) -> list[ManagedAccount]:
    """Return the people of the care teams of the lead's sites, by name, with their accounts.

    The list is empty for anybody who is not a lead. The reading is logged in the access log.
    """
    log_access(connection, "accounts_read")
    return [
        ManagedAccount(
            Person(row.practitioner_id, row.family_name, row.given_name),
            row.role,
            AccountState(row.state),
            row.username,
            row.has_address,
            row.last_sign_in_at,
            row.invited_until,
            row.mail_failed,
        )
        for row in connection.execute(_ACCOUNTS)
    ]


_ACCOUNTS = text("""
    SELECT * FROM review.accounts_of_my_sites()
    ORDER BY family_name, given_name, practitioner_id
""")

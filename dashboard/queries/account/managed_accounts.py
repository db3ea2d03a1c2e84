"""The accounts of the care teams at the sites of the medical lead who is signed in."""

from sqlalchemy import Connection, text

from dashboard.clinical.accounts import ManagedAccount
from dashboard.clinical.people import Person, in_order
from dashboard.database.audit.access_log import log_access
from dashboard.vocabulary import AccountState


def accounts_of_my_sites(connection: Connection) -> list[ManagedAccount]:
    """Return the care teams at the sites of the signed-in medical lead, with their accounts.

    Practitioners who are not active are left out. People are sorted by name. The list is empty if
    the user is not a medical lead. The reading is recorded in the access log.
    """
    log_access(connection, "accounts_read")
    found = [
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
    return sorted(found, key=lambda one: in_order(one.person))


_ACCOUNTS = text("SELECT * FROM review.accounts_of_my_sites()")

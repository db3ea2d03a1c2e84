"""Changes of accounts by a medical lead, or by the owner of the database.

Each change is recorded in the access log, and the holder of the account is told by mail.
"""

from uuid import uuid4

from sqlalchemy import Connection, TextClause, text

from dashboard.clinical.accounts import ChangeNotPossible, proposed_username
from dashboard.database.audit.access_log import log_access
from dashboard.vocabulary import CARE_TEAM, AccountAction


def change_account(connection: Connection, practitioner_id: int, action: AccountAction) -> None:
    """Change a practitioner's account as the signed-in medical lead.

    A mail about the change is queued for the practitioner. Raise ``ChangeNotPossible`` if the state
    of the account does not allow the change. Raise it also if the practitioner is not an active
    psychiatrist, nurse or GP at the lead's sites.
    """
    _change(connection, _AS_LEAD, practitioner_id, action)


def change_account_as_owner(
    connection: Connection, practitioner_id: int, action: AccountAction
) -> None:
    """Change a practitioner's account as the owner of the database.

    A mail about the change is queued for the practitioner. Raise ``ChangeNotPossible`` if the
    practitioner is not active, or if the state of the account does not allow the change.
    """
    _change(connection, _AS_OWNER, practitioner_id, action)


def people_to_invite(connection: Connection, site_id: int) -> list[int]:
    """Return the ids of the active nurses, GPs and psychiatrists of a site who have no account.

    A psychiatrist with an open episode at the site is one of them. People without a secure mail
    address are left out. ``connection`` must be that of the owner of the database.
    """
    return list(
        connection.execute(_TO_INVITE, {"site": site_id, "roles": list(CARE_TEAM)}).scalars()
    )


def _change(
    connection: Connection, change: TextClause, practitioner_id: int, action: AccountAction
) -> None:
    names = connection.execute(_NAMES, {"id": practitioner_id}).one_or_none()
    if names is None:
        raise ChangeNotPossible
    changed = connection.execute(
        change,
        {
            "id": uuid4(),
            "practitioner": practitioner_id,
            "action": action,
            "username": proposed_username(names.given_name, names.family_name),
        },
    ).scalar_one()
    if not changed:
        raise ChangeNotPossible
    log_access(connection, "account_changed", account=practitioner_id, change=action)


_AS_LEAD = text("SELECT review.manage_account(:id, :practitioner, :action, :username)")

_AS_OWNER = text("SELECT review.change_account(:id, :practitioner, :action, :username)")

_NAMES = text("SELECT family_name, given_name FROM registry.practitioner WHERE id = :id AND active")

_TO_INVITE = text("""
    SELECT p.id FROM registry.practitioner p
    WHERE p.active AND p.role = ANY (:roles) AND coalesce(p.secure_email, '') <> ''
      AND (EXISTS (SELECT FROM registry.practitioner_site s
                   WHERE s.practitioner_id = p.id AND s.site_id = :site)
           OR EXISTS (SELECT FROM registry.episode e
                      WHERE e.psychiatrist_id = p.id AND e.site_id = :site
                        AND e.status <> 'closed'))
      AND NOT EXISTS (SELECT FROM review.account a WHERE a.practitioner_id = p.id)
    ORDER BY p.id
""")

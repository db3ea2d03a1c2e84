"""The SQL functions with which a medical lead manages accounts.

A lead manages the accounts of psychiatrists, nurses and GPs at the sites that the lead watches, but
not those of leads. Each change is recorded with a notice to the account's holder. The functions
return no password and no secret. They cannot change a role, because roles are in the registry.
"""

from collections.abc import Iterator

from dashboard.clinical.accounts import INVITATION_LASTS, INVITING, MANAGED_ROLES
from dashboard.vocabulary import AccountAction, AccountState, DeliveryState, Role

OLD_PASSWORDS_KEPT = 5
"""Number of previous password hashes kept for an account, so that they cannot be chosen again."""


def account_changes(app_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the functions for managing accounts.

    ``change_account`` does not check who calls it, so only the owner of the database and the
    function ``manage_account`` may call it.
    """
    yield _CHANGE
    yield _MANAGED
    yield _MANAGE
    yield _ACCOUNTS
    for name in (
        f"change_account({_ARGUMENTS})",
        f"manage_account({_ARGUMENTS})",
        "managed_practitioners()",
        "accounts_of_my_sites()",
    ):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
    for name in (f"manage_account({_ARGUMENTS})", "accounts_of_my_sites()"):
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {app_role}"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_ARGUMENTS = "uuid, bigint, text, text"

_END_SIGN_INS = (
    "UPDATE review.sign_in s SET ended_at = now()"
    " WHERE s.practitioner_id = its_practitioner AND s.ended_at IS NULL"
)

_CHANGE = f"""
CREATE OR REPLACE FUNCTION review.change_account(
    its_id uuid, its_practitioner bigint, its_action text, its_username text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_account review.account;
    attempt integer := 1;
BEGIN
    SELECT * INTO found_account FROM review.account a
    WHERE a.practitioner_id = its_practitioner FOR UPDATE;
    IF its_action = '{AccountAction.INVITE}' AND found_account.practitioner_id IS NULL THEN
        LOOP
            INSERT INTO review.account (practitioner_id, username, password_is_temporary)
            VALUES (its_practitioner,
                    its_username || CASE attempt WHEN 1 THEN '' ELSE attempt::text END, true)
            ON CONFLICT DO NOTHING;
            EXIT WHEN FOUND;
            IF EXISTS (SELECT FROM review.account a
                       WHERE a.practitioner_id = its_practitioner) THEN
                RETURN false;
            END IF;
            attempt := attempt + 1;
        END LOOP;
    ELSIF found_account.practitioner_id IS NULL THEN
        RETURN false;
    ELSIF its_action = '{AccountAction.UNLOCK}' THEN
        IF found_account.locked_at IS NULL THEN
            RETURN false;
        END IF;
        UPDATE review.account a SET locked_at = NULL WHERE a.practitioner_id = its_practitioner;
    ELSIF found_account.locked_at IS NOT NULL THEN
        RETURN false;
    ELSIF its_action = '{AccountAction.LOCK}' THEN
        UPDATE review.account a SET locked_at = now() WHERE a.practitioner_id = its_practitioner;
        {_END_SIGN_INS};
    ELSIF its_action = '{AccountAction.INVITE}' THEN
        -- Again, to a person who has not chosen a password yet.
        IF NOT found_account.password_is_temporary THEN
            RETURN false;
        END IF;
    ELSIF its_action = '{AccountAction.RESET_PASSWORD}' THEN
        UPDATE review.account a
        SET password_hash = NULL, password_is_temporary = true,
            old_password_hashes = (
                array_remove(ARRAY[a.password_hash] || a.old_password_hashes, NULL)
            )[1:{OLD_PASSWORDS_KEPT}]
        WHERE a.practitioner_id = its_practitioner;
        DELETE FROM review.sign_in_failure f WHERE f.practitioner_id = its_practitioner;
        {_END_SIGN_INS};
    ELSIF its_action = '{AccountAction.RESET_SECOND_FACTOR}' THEN
        DELETE FROM review.second_factor f WHERE f.practitioner_id = its_practitioner;
        {_END_SIGN_INS};
    ELSE
        RETURN false;
    END IF;
    IF its_action IN ({_listed((*INVITING, AccountAction.LOCK))}) THEN
        UPDATE review.account_notice n SET voided_at = now()
        WHERE n.practitioner_id = its_practitioner AND n.expires_at IS NOT NULL
          AND n.used_at IS NULL AND n.voided_at IS NULL;
    END IF;
    INSERT INTO review.account_notice (id, practitioner_id, action, made_by, expires_at)
    VALUES (its_id, its_practitioner, its_action, review.acting_practitioner(),
            CASE WHEN its_action IN ({_listed(INVITING)})
                 THEN now() + make_interval(secs => {INVITATION_LASTS.total_seconds():.0f}) END);
    RETURN true;
END $$
"""

# A practitioner works at the sites in ``practitioner_site``. A psychiatrist also works at every
# site where the psychiatrist has an open episode.
_MANAGED = f"""
CREATE OR REPLACE FUNCTION review.managed_practitioners() RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH me AS (
        SELECT p.id FROM registry.practitioner p
        WHERE p.id = review.acting_practitioner() AND p.role = '{Role.LEAD}' AND p.active
    ),
    watched AS (
        SELECT w.site_id FROM registry.practitioner_site w JOIN me ON me.id = w.practitioner_id
    )
    SELECT p.id FROM registry.practitioner p
    WHERE EXISTS (SELECT FROM me) AND p.active AND p.role IN ({_listed(MANAGED_ROLES)})
      AND (NOT EXISTS (SELECT FROM watched)
           OR EXISTS (SELECT FROM registry.practitioner_site s
                      WHERE s.practitioner_id = p.id
                        AND s.site_id IN (SELECT site_id FROM watched))
           OR (p.role = '{Role.PSYCHIATRIST}'
               AND EXISTS (SELECT FROM registry.episode e
                           WHERE e.psychiatrist_id = p.id AND e.status <> 'closed'
                             AND e.site_id IN (SELECT site_id FROM watched))))
$$
"""

_MANAGE = """
CREATE OR REPLACE FUNCTION review.manage_account(
    its_id uuid, its_practitioner bigint, its_action text, its_username text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF its_practitioner NOT IN (SELECT review.managed_practitioners()) THEN
        RETURN false;
    END IF;
    RETURN review.change_account(its_id, its_practitioner, its_action, its_username);
END $$
"""

_ACCOUNTS = f"""
CREATE OR REPLACE FUNCTION review.accounts_of_my_sites() RETURNS TABLE (
    practitioner_id bigint, family_name text, given_name text, role text, state text,
    username text, has_address boolean, last_sign_in_at timestamptz, invited_until timestamptz,
    mail_failed boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, p.family_name, p.given_name, p.role,
           CASE WHEN a.practitioner_id IS NULL THEN '{AccountState.NONE}'
                WHEN a.locked_at IS NOT NULL THEN '{AccountState.LOCKED}'
                WHEN invited.expires_at IS NOT NULL THEN '{AccountState.INVITED}'
                WHEN a.password_hash IS NULL AND a.password_is_temporary
                THEN '{AccountState.EXPIRED}'
                ELSE '{AccountState.ACTIVE}' END,
           a.username, coalesce(p.secure_email, '') <> '', a.last_sign_in_at,
           invited.expires_at, coalesce(latest.state = '{DeliveryState.FAILED}', false)
    FROM registry.practitioner p
    LEFT JOIN review.account a ON a.practitioner_id = p.id
    LEFT JOIN LATERAL (
        SELECT max(n.expires_at) AS expires_at FROM review.account_notice n
        WHERE n.practitioner_id = p.id AND n.expires_at > now()
          AND n.used_at IS NULL AND n.voided_at IS NULL) invited ON true
    LEFT JOIN LATERAL (
        SELECT n.state FROM review.account_notice n WHERE n.practitioner_id = p.id
        ORDER BY n.made_at DESC LIMIT 1) latest ON true
    WHERE p.id IN (SELECT review.managed_practitioners())
$$
"""

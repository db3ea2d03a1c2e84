"""The proof of who acts in a transaction, which the row-level policies need.

Any SQL client can change the settings of a transaction, so a setting with a person's id proves
nothing. A transaction of the pages therefore presents a secret: the token of a sign-in, or the id
of the answer link in a letter. The SQL function ``review.acting_practitioner`` looks up the person
to whom the secret belongs, and checks that this person is active and not locked out. A sign-in must
also not have ended or expired. Only ``open_link`` checks that an answer link is unused and has not
expired. The role of the pages can read neither sign-ins nor accounts.

The server's own role and the owner of the database need no proof, and name the person directly. The
server's role cannot read records, and the owner can see everything anyway. To count the cases of a
nurse, the server reads with the rights of this nurse. Its proof is then a claim, a secret that the
database has issued for a few minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from dashboard.database.schema.roles import APP_ROLE

IDLE = timedelta(minutes=15)
"""Time since its last use after which a sign-in expires."""

ABSOLUTE = timedelta(hours=4)
"""Time since its beginning after which a sign-in expires, even if it is in use."""

SEEN_EVERY = timedelta(minutes=1)
"""Shortest time between two updates of the time at which a sign-in was last used."""


class NotSignedIn(Exception):
    """The error raised if a transaction has no valid proof of who the practitioner is."""


@dataclass(frozen=True)
class Proof:
    """A proof of identity: a sign-in token, the id of an answer link, or a claim to count for a
    nurse.
    """

    token: str | None = field(default=None, repr=False)
    link: UUID | None = field(default=None, repr=False)
    claim: str | None = field(default=None, repr=False)


_find: Callable[[int], Proof | None] = lambda _practitioner_id: None  # noqa: E731


def prove_with(find: Callable[[int], Proof | None]) -> None:
    """Register ``find`` as the function that finds the proof of a practitioner, given by id.

    It is called if ``acting_as`` is called without a proof.
    """
    global _find
    _find = find


def proof_of(practitioner_id: int) -> Proof | None:
    """Return what the function registered with ``prove_with`` finds; None if there is no proof."""
    return _find(practitioner_id)


def acting() -> Iterator[str]:
    """Yield the SQL statements for the functions that set and return who acts in a transaction."""
    yield _ACTING_PRACTITIONER
    yield _PRESENTED_SIGN_IN
    yield _NOTE_SEEN
    for name in ("presented_sign_in()", "note_seen()"):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {APP_ROLE}"
    # The function sets the proof and checks it, so that a transaction needs only one round trip for
    # both.
    yield """
    CREATE OR REPLACE FUNCTION review.act(token text, link text, claim text, about text)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        PERFORM pg_catalog.set_config('case_review.session', coalesce(token, ''), true),
                pg_catalog.set_config('case_review.link', coalesce(link, ''), true),
                pg_catalog.set_config('case_review.claim', coalesce(claim, ''), true),
                pg_catalog.set_config('case_review.about', coalesce(about, ''), true);
        RETURN review.acting_practitioner();
    END $$
    """
    yield """
    CREATE OR REPLACE FUNCTION review.acting_for() RETURNS bigint[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        me bigint := review.acting_practitioner();
    BEGIN
        RETURN me || ARRAY (
            SELECT covered_id FROM review.cover
            WHERE covering_id = me AND withdrawn_at IS NULL
              AND (now() AT TIME ZONE 'Europe/Paris')::date BETWEEN starts_on AND ends_on
        );
    END $$
    """


def _seconds(time: timedelta) -> str:
    return f"interval '{time.total_seconds():.0f} seconds'"


CLAIM = timedelta(minutes=10)
"""Lifetime of a claim to count the cases of a nurse.

Until it ends, no other process can claim the same nurse.
"""


def _hash_of(setting: str) -> str:
    return (
        f"encode(sha256(convert_to(current_setting('case_review.{setting}', true), 'UTF8')), 'hex')"
    )


_PRESENTED = f"s.token_hash = {_hash_of('session')}"
_IN_USE = (
    "s.ended_at IS NULL AND s.awaits IS NULL"
    f" AND s.last_seen_at > now() - {_seconds(IDLE)}"
    f" AND s.created_at > now() - {_seconds(ABSOLUTE)}"
)

# The function returns only the person and the state of the sign-in whose token is presented.
_PRESENTED_SIGN_IN = f"""
CREATE OR REPLACE FUNCTION review.presented_sign_in() RETURNS TABLE (
    practitioner_id bigint, role text, family_name text, given_name text, username text,
    presenting boolean, "left" interval, stale boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.practitioner_id, p.role, p.family_name, p.given_name, a.username,
           s.presenting_since IS NOT NULL, s.created_at + {_seconds(ABSOLUTE)} - now(),
           s.last_seen_at < now() - {_seconds(SEEN_EVERY)}
    FROM review.sign_in s
    JOIN review.account a ON a.practitioner_id = s.practitioner_id
    JOIN registry.practitioner p ON p.id = s.practitioner_id
    WHERE {_PRESENTED} AND {_IN_USE} AND a.locked_at IS NULL AND p.active
$$
"""

_NOTE_SEEN = f"""
CREATE OR REPLACE FUNCTION review.note_seen() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE review.sign_in s SET last_seen_at = now() WHERE {_PRESENTED} AND {_IN_USE}
$$
"""

_ACTING_PRACTITIONER = f"""
CREATE OR REPLACE FUNCTION review.acting_practitioner() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    presented text;
BEGIN
    IF session_user <> '{APP_ROLE}' THEN
        RETURN nullif(current_setting('case_review.practitioner', true), '')::bigint;
    END IF;
    presented := current_setting('case_review.session', true);
    IF presented <> '' THEN
        RETURN (
            SELECT s.practitioner_id
            FROM review.sign_in s
            JOIN registry.practitioner p ON p.id = s.practitioner_id
            -- Locking an account ends its sign-ins.
            WHERE {_PRESENTED} AND {_IN_USE} AND p.active
        );
    END IF;
    presented := current_setting('case_review.link', true);
    IF presented <> '' THEN
        RETURN (
            SELECT l.recipient_id
            FROM review.answer_link l
            JOIN registry.practitioner p ON p.id = l.recipient_id
            WHERE l.id = presented::uuid AND p.active
              AND NOT EXISTS (SELECT FROM review.account a
                              WHERE a.practitioner_id = l.recipient_id
                                AND a.locked_at IS NOT NULL)
        );
    END IF;
    IF current_setting('case_review.claim', true) <> '' THEN
        RETURN (
            SELECT c.nurse_id FROM review.nurse_counted c
            WHERE c.claim_hash = {_hash_of("claim")}
              AND c.claimed_at > clock_timestamp() - {_seconds(CLAIM)}
        );
    END IF;
    RETURN NULL;
END $$
"""

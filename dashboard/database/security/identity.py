"""Identity of the acting person, and its proof to the database.

Any SQL client can change the settings of a transaction, so a setting with a person's id would prove
nothing. So a transaction of the pages presents the token of a sign-in, or the id of the link in a
letter. When a policy is evaluated, ``review.acting_practitioner`` looks up the person of this proof
and checks that the proof is still valid. Nobody can guess a token or the id of a link. The role of
the pages can read neither sign-ins nor accounts.

The server's own role and the owner of the database need no proof and name the acting person
directly. The server's role has no rights on records, and the owner can see everything anyway. To
count for a nurse, the server reads with the rights of this nurse. The server's proof is then a
claim that the database has issued for a few minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from dashboard.database.schema.roles import APP_ROLE

IDLE = timedelta(minutes=15)
"""Time without use after which a sign-in expires."""

ABSOLUTE = timedelta(hours=4)
"""Maximum lifetime of a sign-in, even if the person stays active."""

SEEN_EVERY = timedelta(minutes=1)
"""Shortest interval between two updates of the time at which a sign-in was last used."""


class NotSignedIn(Exception):
    """The error raised if there is no valid proof of identity for the person who should act."""


@dataclass(frozen=True)
class Proof:
    """A proof of identity: a sign-in token, the id of an answer link, or a claim to count."""

    token: str | None = field(default=None, repr=False)
    link: UUID | None = field(default=None, repr=False)
    claim: str | None = field(default=None, repr=False)


_find: Callable[[int], Proof | None] = lambda _practitioner_id: None  # noqa: E731


def prove_with(find: Callable[[int], Proof | None]) -> None:
    """Set ``find`` as the function that finds a practitioner's proof if ``acting_as`` gets none."""
    global _find
    _find = find


def proof_of(practitioner_id: int) -> Proof | None:
    """Return the practitioner's proof, found by the function of ``prove_with``; None if there is
    none.
    """
    return _find(practitioner_id)


def acting() -> Iterator[str]:
    """Yield the SQL statements for the functions that set and look up the acting practitioner."""
    yield _ACTING_PRACTITIONER
    yield _PRESENTED_SIGN_IN
    yield _NOTE_SEEN
    for name in ("presented_sign_in()", "note_seen()"):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {APP_ROLE}"
    # One function sets the proof and checks it, so that both take one round trip.
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
"""Lifetime of a claim to count for a nurse. During this time, no other process can claim the nurse.
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

# The function returns the person and the state of the presented sign-in only.
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

"""Who acts: what the database believes, and what a person presents to it.

A setting of a transaction is free to be set by whoever speaks SQL, so none of them says who
acts. The pages' role presents the token of a sign-in, or the number of the link in a letter;
``review.acting_practitioner`` looks up whose it is, and whether it is still good, each time that
a policy asks. Neither can be guessed, and the role can read neither sign-ins nor accounts.

The server's own role and the owner of the database name the person: the one is granted nothing
of a record, and from the other nothing is hidden. What that role counts for a nurse it reads as
the nurse, with the claim that the database gave it for some minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from dashboard.database.schema.roles import APP_ROLE

IDLE = timedelta(minutes=15)
"""For how long after its last use a sign-in is good."""

ABSOLUTE = timedelta(hours=4)
"""For how long it is good in any case."""

SEEN_EVERY = timedelta(minutes=1)
"""How stale it may be when it was last used, before that is written again."""


class NotSignedIn(Exception):
    """Nothing that is good was presented for the person as whom a transaction was to act."""


@dataclass(frozen=True)
class Proof:
    """The token of a sign-in, the number of a link, or a claim of who counts."""

    token: str | None = field(default=None, repr=False)
    link: UUID | None = field(default=None, repr=False)
    claim: str | None = field(default=None, repr=False)


_find: Callable[[int], Proof | None] = lambda _practitioner_id: None  # noqa: E731


def prove_with(find: Callable[[int], Proof | None]) -> None:
    """Ask this from now on for the proof of a practitioner, wherever none is given."""
    global _find
    _find = find


def proof_of(practitioner_id: int) -> Proof | None:
    """What is presented for this practitioner here and now."""
    return _find(practitioner_id)


def acting() -> Iterator[str]:
    """The functions by which a transaction says, and a policy asks, who acts."""
    yield _ACTING_PRACTITIONER
    yield _PRESENTED_SIGN_IN
    yield _NOTE_SEEN
    for name in ("presented_sign_in()", "note_seen()"):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {APP_ROLE}"
    # The wrapper so that what is presented and what it is good for take one way to the server.
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
"""For how long a claim is good, and others leave alone whom somebody counts."""


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

# Of the sign-in that is presented, and no other: who, and how it stands.
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

"""Proofs of identity in a test, a benchmark or a fault: sign-ins that the owner has made.

A page proves the person with its browser's cookie. Code that acts without a page uses a sign-in
made by the owner of the database, which no one else could make.
"""

from functools import cache

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from dashboard.database import administering, connection
from dashboard.database.security.identity import Proof
from dashboard.web.auth import sessions

_OWNER = "postgres"

# Good for a day: no test ends because it took long.
_SIGN_IN = """
    INSERT INTO review.sign_in (id, practitioner_id, token_hash, address, created_at, last_seen_at)
    SELECT gen_random_uuid(), who,
           encode(sha256(convert_to('of a test, for ' || who, 'UTF8')), 'hex'), 'a test',
           now() + interval '1 day', now() + interval '1 day'
    FROM {0}
    ON CONFLICT (token_hash) DO UPDATE
    SET ended_at = NULL, created_at = EXCLUDED.created_at, last_seen_at = EXCLUDED.last_seen_at
"""
_ONE = text(_SIGN_IN.format("(SELECT CAST(:practitioner AS bigint) AS who) AS one"))
_EVERYBODY = text(_SIGN_IN.format("(SELECT id AS who FROM registry.practitioner) AS everybody"))


def sign_in_whoever_acts() -> None:
    """Sign in, from now on, each person who acts in this process without a page."""
    connection.proof_of = proof_made_for


def everybody_is_signed_in(owner_url: str | None = None) -> None:
    """Do the same without a query at each time, for what is timed or broken on purpose.

    All practitioners of this database are signed in now; ``None`` if they are already.
    """
    if owner_url is not None:
        with administering(owner_url) as owner:
            owner.execute(_EVERYBODY)
    connection.proof_of = _proof_kept_of


def proof_made_for(practitioner_id: int) -> Proof:
    """Return the proof of a sign-in that is valid now, in the database in use."""
    # In a run of a page its browser proves who acts.
    if proof := sessions.presented_proof(practitioner_id):
        return proof
    with _owner(connection.database_url()).begin() as owner:
        owner.execute(_ONE, {"practitioner": practitioner_id})
    return _proof_kept_of(practitioner_id)


def _proof_kept_of(practitioner_id: int) -> Proof:
    in_a_run = sessions.presented_proof(practitioner_id)
    return in_a_run or Proof(token=f"of a test, for {practitioner_id}")


@cache
def _owner(database_url: str) -> Engine:
    url = make_url(database_url).set(drivername="postgresql+psycopg", username=_OWNER)
    return create_engine(url, poolclass=NullPool)

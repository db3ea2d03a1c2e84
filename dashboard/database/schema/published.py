"""The functions of schema ``review`` that a site's own policies may use: a contract.

A name, its arguments and what it returns stay as they are while the version is the same. Policies
that were written for a version go on working after every upgrade that keeps it.
"""

from collections.abc import Iterator

VERSION = 1

FUNCTIONS: dict[str, str] = {
    "acting_practitioner()": "bigint",
    "acting_for()": "bigint[]",
    "visible_patients()": "bigint[]",
    "visible_episodes()": "bigint[]",
    "opened_in_emergency()": "bigint[]",
}
"""The type that each of them returns (docs/connecting.md says what)."""


def published_version() -> Iterator[str]:
    """Yield the function that tells a site which version its database has."""
    yield f"""
    CREATE OR REPLACE FUNCTION review.policy_functions_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {VERSION}
    """

"""The functions of schema ``review`` that a site's own policies may use: a stable interface.

Names, arguments and results do not change within a version. Policies written for a version work
after every upgrade that keeps it.
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
"""The result type of each function (docs/connecting.md describes the results)."""


def published_version() -> Iterator[str]:
    """Yield the function that tells a site which version its database has."""
    yield f"""
    CREATE OR REPLACE FUNCTION review.policy_functions_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {VERSION}
    """

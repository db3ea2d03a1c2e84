"""The functions of schema ``review`` that a site may use in its own policies.

They are a stable interface with a version. Within a version, names, arguments and results do not
change. A policy works after an upgrade as long as the version is the same.
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
    """Yield the SQL statement for a function that returns the version of this interface."""
    yield f"""
    CREATE OR REPLACE FUNCTION review.policy_functions_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {VERSION}
    """

"""The SQL functions of schema ``review`` that a site may call in its own row-level policies.

As long as their version is the same, their names, arguments and results do not change. A site's
policies therefore still work after an upgrade that keeps the version.
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
"""The SQL type of each function's result. docs/connecting.md describes the results."""


def published_version() -> Iterator[str]:
    """Yield the SQL statement that creates a function that returns the version of these
    functions.
    """
    yield f"""
    CREATE OR REPLACE FUNCTION review.policy_functions_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {VERSION}
    """

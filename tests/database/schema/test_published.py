"""The functions that a site's own policies use are what docs/connecting.md has published."""

import re

import pytest

from dashboard.database import acting_as
from dashboard.database.schema.published import FUNCTIONS, VERSION
from tests.support.repository import ROOT

DOCUMENT = (ROOT / "docs" / "connecting.md").read_text()

PUBLISHED = {
    1: {
        "acting_practitioner()": "bigint",
        "acting_for()": "bigint[]",
        "visible_patients()": "bigint[]",
        "visible_episodes()": "bigint[]",
        "opened_in_emergency()": "bigint[]",
    }
}
"""The result type of each function by version. A published version is final: add the next."""


def test_what_was_published_under_this_version_is_still_there():
    assert PUBLISHED[VERSION] == FUNCTIONS
    assert max(PUBLISHED) == VERSION


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_returns_what_it_promises_and_does_not_change_within_a_query(database, function):
    with acting_as(None) as connection:
        row = connection.exec_driver_sql(
            "SELECT format_type(prorettype, NULL) AS type, provolatile, proparallel,"
            " has_function_privilege(oid, 'EXECUTE') AS allowed"
            f" FROM pg_proc WHERE oid = 'review.{function}'::regprocedure"
        ).one()
    assert tuple(row) == (FUNCTIONS[function], "s", "s", True)


def test_the_database_tells_its_version(database):
    with acting_as(None) as connection:
        assert (
            connection.exec_driver_sql("SELECT review.policy_functions_version()").scalar()
            == VERSION
        )


def test_the_document_lists_every_function_and_the_version():
    listed = dict(
        re.findall(r"^\| `review\.(\w+\(\))` \| `([\w\[\]]+)` \|", DOCUMENT, re.MULTILINE)
    )
    assert listed == FUNCTIONS | {"policy_functions_version()": "integer"}
    assert f"Version {VERSION}." in DOCUMENT

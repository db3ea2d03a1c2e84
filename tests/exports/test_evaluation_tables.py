"""The tables for evaluators: a key of required fields, and no field that names somebody."""

import pytest

from dashboard.exports.evaluation_tables import INDICATOR_TABLE, TABLES

ALL = (*TABLES, INDICATOR_TABLE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_key_is_of_required_fields_and_begins_with_the_episode(table):
    required = {field.name for field in table.fields if field.required}
    assert table.key[0] == "episode"
    assert set(table.key) <= required


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_fields_have_names_of_their_own(table):
    assert len(set(table.heads)) == len(table.heads)


def test_no_field_is_a_name_a_text_or_a_date():
    identifying = {"name", "note", "summary", "detail", "question", "problem", "reason"}
    fields = {field.name for table in ALL for field in table.fields}
    assert not fields & identifying
    assert not [name for name in fields if name.endswith(("_on", "_at", "_id"))]

"""Every table and field of the data set for evaluators is described in both languages."""

import pytest

from dashboard.exports.evaluation_tables import INDICATOR_TABLE, TABLES
from dashboard.locale import speaking
from dashboard.words.sites.evaluation import field_description, table_description


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("table", [*TABLES, INDICATOR_TABLE], ids=lambda table: table.name)
def test_table_and_its_fields_are_described(table, language):
    with speaking(language):
        assert table_description(table.name).endswith(".")
        for field in table.fields:
            assert field_description(table.name, field.name).endswith(".")

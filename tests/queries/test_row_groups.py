"""Rows in groups."""

from types import SimpleNamespace

from dashboard.queries.row_groups import rows_by


def test_rows_are_grouped_by_a_column_in_the_order_given():
    rows = [SimpleNamespace(of=of, id=id_) for of, id_ in ((2, "a"), (1, "b"), (2, "c"))]
    assert rows_by(rows, "of") == {2: [rows[0], rows[2]], 1: [rows[1]]}

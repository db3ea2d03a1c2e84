"""The examples that are named where rows of a registry are wrong."""

import pytest

from dashboard.database.operations.registry_rows import EXAMPLES, _examples


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (0, ""),
        (2, "2: 1, 2"),
        (EXAMPLES, "5: 1, 2, 3, 4, 5"),
        (EXAMPLES + 1, "6: 1, 2, 3, 4, 5, …"),
    ],
)
def test_the_first_are_named_and_the_others_counted(as_owner, rows, said):
    assert _examples(as_owner, f"SELECT generate_series(1, {rows})") == said

"""The result of an import, in a line of a report."""

import pytest

from dashboard.clinical.registry_imports import Arrived


@pytest.mark.parametrize(
    ("arrived", "line"),
    [
        (
            Arrived("flag", read=1000, added=3, changed=2, removed=1, refused=4),
            "flag: 1,000 read, 3 new, 2 changed, 1 gone, 4 refused",
        ),
        (
            Arrived("episode", kept=2),
            "episode: 0 read, 0 new, 0 changed, 0 gone, 0 refused,"
            " 2 kept that reviews or other rows name",
        ),
        (
            Arrived("assessment", same=5),
            "assessment: 0 read, 0 new, 0 changed, 0 gone, 0 refused, 5 the same as another",
        ),
    ],
)
def test_a_relation_has_one_line_with_what_happened_to_its_rows(arrived, line):
    assert str(arrived) == line

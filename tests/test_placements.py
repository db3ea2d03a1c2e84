"""The layer and the feature give the place of a new line, without opening a file."""

import re

import pytest

from tests.support.repository import PACKAGE

PLACEMENTS = {
    "a sentence about deliveries": ("words/advice/delivery.py", r"def \w+"),
    "the hour of an emergency": ("clinical/access/emergency.py", r"^LASTS = "),
    "an entry of the menu": ("web/shell/navigation.py", r"^TABLE\b"),
    "a caution at signing": ("clinical/advice/cautions.py", r"def cautions?\b"),
    "a rule": ("clinical/caseload/rules.py", r"^@_rule\("),
}
"""The subject of a line, its module, and the text in the module that marks the place."""


@pytest.mark.parametrize("what", PLACEMENTS)
def test_a_line_has_its_place(what):
    module, mark = PLACEMENTS[what]
    assert re.search(mark, (PACKAGE / module).read_text(), re.MULTILINE)

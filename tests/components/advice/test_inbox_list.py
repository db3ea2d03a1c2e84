"""The label of a line of the inbox."""

from datetime import date

import pytest

from dashboard.clinical.advice.inbox import InboxLine, Part, Received
from dashboard.components.advice.inbox_list import label
from dashboard.locale import speaking
from tests.support.chart_cases import TODAY, review
from tests.support.export_records import identity, line


@pytest.mark.parametrize(
    ("due_on", "said"), [(date(2026, 11, 30), "30 Nov"), (date(2025, 11, 30), "30 Nov 2025")]
)
def test_a_line_that_was_due_a_year_ago_does_not_look_as_if_it_were_due_soon(due_on, said):
    received = Received(7, identity(), False, ())
    one = InboxLine(received, review(TODAY), line(1, due_on=due_on, answers=()), Part.OVERDUE)
    with speaking("en"):
        assert f"[{said}]" in label(one, "gp", TODAY)

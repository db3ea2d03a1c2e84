"""The warning that the meetings are too short."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from tests.clinical.meeting.test_agenda import agenda, case


def page(shown):
    from dashboard.components.meeting.time_notice import time_notice
    from dashboard.locale import speaking

    with speaking("en"):
        time_notice(shown)


@pytest.mark.parametrize(("minutes", "warnings"), [(5, 1), (10, 0)])
def test_a_meeting_that_was_lengthened_enough_has_no_warning(minutes, warnings):
    shown = replace(agenda(case(1), case(2)), short_of_time=True, length=minutes)
    assert len(AppTest.from_function(page, args=(shown,)).run().warning) == warnings

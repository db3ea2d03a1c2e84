"""The changes since a draft was begun, in words."""

from datetime import date

import pytest

from dashboard.clinical.advice.drafts import Changes, NewScore
from dashboard.components.advice.advice_problems import changes_in_words
from dashboard.locale import speaking

ON_THE_20TH = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("instrument", "total", "said"),
    [
        ("phq9", 0, "PHQ-9 0 of 20 Nov 2026"),
        ("phq9", None, "PHQ-9 of 20 Nov 2026, without a total"),
        ("cssrs", 3, "C-SSRS of 20 Nov 2026"),
        ("cssrs", None, "C-SSRS of 20 Nov 2026"),
    ],
)
def test_a_new_form_is_named_with_its_total_if_its_questionnaire_has_one(instrument, total, said):
    with speaking("en"):
        assert changes_in_words(Changes((NewScore(1, instrument, ON_THE_20TH, total),))) == [said]

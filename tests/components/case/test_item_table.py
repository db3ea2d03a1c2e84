"""The shades of the items: graded, and legible in both themes."""

from datetime import date

import pytest

from dashboard.components.case.item_table import (
    ALPHAS,
    RISK_SHADE,
    SHADE,
    column_heads,
    shade_of,
    unknown_risk_item,
)
from dashboard.components.elements.colours import CHART
from dashboard.locale import speaking
from tests.components.elements.test_colours import contrast
from tests.support.case_files import form

AA = 4.5


@pytest.mark.parametrize(
    ("instrument", "position", "answer", "alpha"),
    [
        ("phq9", 1, 0, None),
        ("phq9", 1, None, None),
        ("phq9", 1, 1, 0.15),
        ("phq9", 1, 3, 0.45),
        ("madrs", 1, 1, 0.15),
        ("madrs", 1, 6, 0.45),
        ("phq9", 1, 9, 0.45),
        ("unknown", 1, 3, None),
    ],
)
def test_a_worse_answer_has_a_darker_shade(instrument, position, answer, alpha):
    shade = shade_of(instrument, position, answer)
    assert shade == ("" if alpha is None else f"background-color: rgba(11, 107, 124, {alpha})")


def test_the_item_on_suicide_has_a_colour_of_its_own():
    assert "rgba(143, 20, 80" in shade_of("phq9", 9, 1)


@pytest.mark.parametrize(
    ("instrument", "items", "number"),
    [
        ("phq9", None, 9),
        ("madrs", None, 10),
        ("phq9", (1,) * 9, None),
        ("gad7", None, None),
        ("cssrs", None, None),
        ("unknown", None, None),
    ],
)
def test_a_total_without_items_leaves_only_an_item_on_suicide_unknown(instrument, items, number):
    total = 8 if items is None else None
    assert unknown_risk_item(form(instrument, date(2026, 11, 18), total, items)) == number


def test_only_days_of_another_year_are_headed_by_their_year():
    days = [date(2025, 12, 29), date(2026, 3, 2), date(2026, 3, 2)]
    with speaking("en"):
        assert column_heads(days) == ["29 Dec 2025", "2 Mar (1)", "2 Mar (2)"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("shade", [SHADE, RISK_SHADE])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_numbers_are_legible_on_every_shade(theme, shade, alpha):
    page = getattr(CHART["page"], theme)
    behind = [int(page[place : place + 2], 16) for place in (1, 3, 5)]
    mixed = (
        round(alpha * one + (1 - alpha) * other) for one, other in zip(shade, behind, strict=True)
    )
    colour = "#" + "".join(f"{one:02X}" for one in mixed)
    assert contrast(getattr(CHART["ink"], theme), colour) >= AA

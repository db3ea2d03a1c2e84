"""The table of a person's own figures."""

import pytest

from dashboard.clinical.sites.own_figures import OwnFigure
from dashboard.components.sites.own_figures import figures_table
from dashboard.locale import speaking


def row_of(figure: OwnFigure) -> list[str]:
    with speaking("en"):
        return figures_table([figure]).iloc[0].tolist()


def test_the_columns_of_the_figures():
    with speaking("en"):
        table = figures_table([])
    assert list(table.columns) == [
        "Indicator",
        "Number",
        "Rate",
        "Of those measured",
        "Measured",
        "To look at",
    ]


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (
            OwnFigure("improved_70", 20, 18, 9, ()),
            ["Improved at 70 days", "9 of 20", "45 %", "50 %", "18", "0"],
        ),
        (
            OwnFigure("response", 10, 3, 3, ()),
            ["Response, months 4 to 8", "3 of 10", "30 %", "100 %", "3", "0"],
        ),
        (
            OwnFigure("response", 10, 0, 0, ()),
            ["Response, months 4 to 8", "0 of 10", "0 %", "–", "0", "0"],
        ),
    ],
)
def test_a_row_about_scores_has_also_the_rate_of_those_measured_and_their_number(figure, shown):
    assert row_of(figure) == [one.replace(" %", "\N{NO-BREAK SPACE}%") for one in shown]


def test_a_row_not_about_scores_has_one_rate():
    assert row_of(OwnFigure("four_contacts", 20, 20, 9, ()))[2:] == [
        "45\N{NO-BREAK SPACE}%",
        "",
        "",
        "0",
    ]

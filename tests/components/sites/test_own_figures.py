"""The table of a person's own figures."""

from dashboard.clinical.sites.own_figures import OwnFigure
from dashboard.components.sites.own_figures import figures_table
from dashboard.locale import speaking


def test_a_row_has_the_number_of_how_many_and_its_rate():
    with speaking("en"):
        table = figures_table([OwnFigure("improved_70", 20, 18, 9, ())])
    assert list(table.columns) == ["Indicator", "Number", "Rate", "To look at"]
    assert table.iloc[0].tolist() == [
        "Improved at 70 days",
        "9 of 20",
        "45\N{NO-BREAK SPACE}%",
        "0",
    ]

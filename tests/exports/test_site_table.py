"""Figures of sites as a CSV file."""

import csv
import io
from datetime import date

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.sites.comparison import Figure, SiteFigure
from dashboard.clinical.sites.forecast import Counts, experiment_of
from dashboard.clinical.sites.funnel import Place
from dashboard.clinical.sites.site_view import OneSite, Work
from dashboard.clinical.sites.suppression import Shown, ShownTally, Tally
from dashboard.clinical.sites.waiting import Waiting
from dashboard.exports.site_table import figures_table, forecast_table, site_table

MANY, HIDDEN = ShownTally(Tally(120, 60, 30)), ShownTally(Tally(6, 6, 6))
NONE = {"all": None, "measured": None}
FIGURE = Figure(
    "response",
    MANY,
    MANY,
    ((date(2026, 10, 1), HIDDEN),),
    (SiteFigure(7, MANY, {"all": Place.FAR_BELOW, "measured": None}),),
    NONE,
    NONE,
)


def read(written):
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig")), delimiter=";"))


def test_a_figure_has_a_row_for_the_whole_each_month_and_each_site():
    rows = read(figures_table([FIGURE], {7: "78 MSP du Parc"}))
    assert [(row["level"], row["site"], row["month"]) for row in rows] == [
        ("all", "", ""),
        ("month", "", "2026-10-01"),
        ("site", "78 MSP du Parc", ""),
    ]
    assert {row["counted_in"] for row in rows} == {"6"}


def test_counts_and_rates_are_those_that_may_be_shown():
    whole, month, _site = read(figures_table([FIGURE], {}))
    numbers = ("eligible", "measured", "numerator", "rate_of_all", "rate_of_measured")
    assert [whole[head] for head in numbers] == ["120", "60", "30", "0.25", "0.5"]
    assert whole["hidden"] == ""
    assert [month[head] for head in numbers] == [""] * 5
    assert month["hidden"] == "eligible measured numerator"
    assert month["too_few"] == "yes"


def test_a_site_says_where_it_lies_between_the_limits():
    rows = read(figures_table([FIGURE], {}))
    assert rows[-1]["limits_of_all"] == Place.FAR_BELOW.value
    assert rows[-1]["limits_of_measured"] == ""


def test_the_name_of_a_site_is_no_formula():
    assert read(figures_table([FIGURE], {7: "=SUM(A1)"}))[-1]["site"] == "'=SUM(A1)"


def test_a_site_has_its_waits_its_open_work_its_tiers_and_its_nurses():
    shown, hidden = Shown(24), Shown(None)
    site = OneSite(
        id=7,
        figures={"response": FIGURE},
        waits={"question_to_answer": (Waiting(shown, 5, 9), Waiting(shown, 4, 8))},
        work=Work(shown, {4: shown}, {"questions_late": hidden}),
        nurses=[(4, shown, hidden)],
        months=12,
        tiers={Tier.SAFETY: shown},
        tiers_at=None,
    )
    rows = {
        (row["figure"], row["level"]): row for row in read(site_table(site, {}, {4: "Roux Nadia"}))
    }
    wait = rows["wait_question_to_answer", "site"]
    assert (wait["eligible"], wait["median_days"], wait["p90_days"]) == ("24", "5", "9")
    assert rows["open_questions_late", "site"]["hidden"] == "eligible"
    assert rows["tier_safety", "site"]["eligible"] == "24"
    assert rows["nurse_open_episodes", "nurse"]["site"] == "Roux Nadia"
    assert rows["nurse_enrolled", "nurse"]["eligible"] == ""


def test_the_forecast_has_a_row_for_each_quarter_that_has_begun():
    counts = [Counts(date(2023, 9, 1), {"leger": 12, "classique": 30}, 42)]
    first, second = read(forecast_table(experiment_of(counts, date(2023, 10, 1))))
    assert (first["quarter"], second["quarter"]) == ("2023-Q3", "2023-Q4")
    assert (first["patients"], first["classique_sequences"]) == ("42", "30")
    assert first["patients_forecast"] == "47.5"

"""The report for the monthly meeting on paper."""

from dataclasses import replace
from datetime import UTC, datetime

from dashboard.letters.site_report import Picture, ReportRow, SiteReport, report_pdf
from tests.support.letter_reading import flat, pages, words

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">'
    '<rect width="9" height="9"/></svg>'
)
REPORT = SiteReport(
    language="en",
    title="Sites, November 2026",
    about="Twelve months to November 2026",
    heads=("Indicator", "Rate"),
    rows=(ReportRow("Response", ("46 %",)), ReportRow("Remission", ("20 %",), marked=True)),
    notes_heading="What stands out",
    notes=("One site lies below 95 %.",),
    pictures=(Picture("Response by month", SVG, "The rate rises from 40 to 46 %."),),
    forecast=("42 patients of 47.5 forecast",),
    reading="Counts are in steps of 6.",
    footer="Counts only: no patient is named.",
    made_at=datetime(2026, 11, 29, 9, tzinfo=UTC),
)


def test_it_says_what_it_was_given():
    said = words(report_pdf(REPORT))
    for expected in (
        "Sites, November 2026",
        "Remission",
        "One site lies below 95 %.",
        "42 patients of 47.5 forecast",
        "no patient is named",
    ):
        assert expected in said


def test_it_takes_two_pages_the_charts_on_the_second():
    first, second = (flat(page) for page in pages(report_pdf(REPORT)))
    assert "Response by month" in second
    assert "Response by month" not in first


def test_the_same_report_is_the_same_bytes():
    assert report_pdf(REPORT) == report_pdf(REPORT)
    assert report_pdf(REPORT) != report_pdf(replace(REPORT, notes=("None.",)))


def test_a_name_that_is_markup_is_text():
    said = words(report_pdf(replace(REPORT, title="#panic() *bold* $x$")))
    assert "#panic() *bold* $x$" in said

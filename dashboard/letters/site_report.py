"""The printed report for the monthly meeting about the sites: two A4 pages, as a tagged PDF.

It contains only counts and rates.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from dashboard.letters.glyphs import drawable
from dashboard.letters.pdf import each_text, typeset

TEMPLATE = Path(__file__).parent / "site_report.typ"


@dataclass(frozen=True)
class Picture:
    """A chart of the report: its SVG, its heading, and the text alternative for screen readers."""

    heading: str
    svg: str
    words: str


@dataclass(frozen=True)
class ReportRow:
    """The table row of an indicator: its name, and its figures in the order of the column headings.

    ``marked`` is true if the row is printed in bold, because the indicator has an unusual run of
    months or a site outside the limits.
    """

    name: str
    figures: tuple[str, ...]
    marked: bool = False


@dataclass(frozen=True)
class SiteReport:
    """The texts of the report's two pages, from top to bottom.

    ``notes`` are the lines under the table: unusual months, and sites outside the control limits.
    ``pictures`` are the charts of the second page. ``made_at`` is an instant with a time zone.
    """

    language: str
    title: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[ReportRow, ...]
    notes_heading: str
    notes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    forecast: tuple[str, ...]
    reading: str
    footer: str
    made_at: datetime


def report_pdf(report: SiteReport) -> bytes:
    """Return the report as a PDF that conforms to PDF/UA-1 and PDF/A-2a.

    The same report always gives the same bytes.
    """
    held = asdict(report) | {"made_at": None}
    pictures = [one.svg for one in report.pictures]
    for one in held["pictures"]:
        del one["svg"]
    words = each_text(held, drawable)
    inputs = {
        "sheet": json.dumps(words, ensure_ascii=False),
        **{f"picture{place}": svg for place, svg in enumerate(pictures)},
    }
    return typeset(TEMPLATE, inputs, report.made_at)

"""The printed agenda: one A4 page, as a tagged PDF, without the names of patients."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from dashboard.letters.glyphs import drawable
from dashboard.letters.pdf import each_text, typeset

TEMPLATE = Path(__file__).parent / "agenda_sheet.typ"


@dataclass(frozen=True)
class SheetLine:
    """A row of the printed agenda: one patient, without the name.

    ``who`` is the patient's initials and age. ``why`` gives the reasons for the review. ``asked``
    is the nurse's question, and ``tried`` is what the nurse has already tried. ``missing`` names
    the data to obtain before the meeting.
    """

    who: str
    case: str
    why: str
    asked: str = ""
    tried: str = ""
    missing: str = ""


@dataclass(frozen=True)
class AgendaSheet:
    """The texts of the printed agenda, from top to bottom.

    ``heads`` are the headings of the columns: patient, reason, question, duration. ``made_at`` is
    an instant with a time zone, which the PDF's metadata contain too.
    """

    language: str
    title: str
    people: str
    summary: str
    heads: tuple[str, str, str, str]
    minutes: str
    lines: tuple[SheetLine, ...]
    footer: str
    made_at: datetime


def agenda_pdf(sheet: AgendaSheet) -> bytes:
    """Return the agenda as a PDF that conforms to PDF/UA-1 and PDF/A-2a.

    The same sheet always gives the same bytes. If there are many patients, the font becomes smaller
    and long texts are cut, so that all patients fit on one page. If they do not fit even then, the
    PDF has a second page.
    """
    words = each_text(asdict(sheet) | {"made_at": None}, drawable)
    return typeset(TEMPLATE, {"sheet": json.dumps(words, ensure_ascii=False)}, sheet.made_at)

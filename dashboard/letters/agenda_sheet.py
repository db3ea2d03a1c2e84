"""The agenda on paper: one A4 page, tagged, without the names of patients."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from dashboard.letters.glyphs import drawable
from dashboard.letters.pdf import each_text, typeset

TEMPLATE = Path(__file__).parent / "agenda_sheet.typ"


@dataclass(frozen=True)
class SheetLine:
    """A patient: initials and age, case number, why they are due, what is asked and was tried."""

    who: str
    case: str
    why: str
    asked: str = ""
    tried: str = ""
    missing: str = ""


@dataclass(frozen=True)
class AgendaSheet:
    """The page in words, from top to bottom.

    ``heads`` are those of the columns: who, why, what is asked, how long. ``made_at`` is an
    aware instant, in the PDF too.
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
    """The page as PDF/UA-1 and PDF/A-2a: the same sheet gives the same bytes.

    With more patients the type becomes smaller and long questions are cut short, until one
    page holds them; where none does, the smallest goes on to a second one.
    """
    words = each_text(asdict(sheet) | {"made_at": None}, drawable)
    return typeset(TEMPLATE, {"sheet": json.dumps(words, ensure_ascii=False)}, sheet.made_at)

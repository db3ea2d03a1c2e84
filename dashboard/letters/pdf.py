"""The letter as a tagged PDF (PDF/UA-1, PDF/A-2a). The same content always gives the same bytes."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import typst

from dashboard.calendar import PARIS
from dashboard.letters.chart import chart_svg, start_drawing
from dashboard.letters.content import LetterContent
from dashboard.letters.glyphs import drawable
from dashboard.letters.sheet import sheet_of

FONTS = Path(__file__).parent / "fonts"
TEMPLATE = Path(__file__).parent / "letter.typ"
STANDARDS = ["ua-1", "a-2a"]


def letter_pdf(content: LetterContent, chart: str | None = None) -> bytes:
    """Return the letter as a PDF: one or two A4 pages, more if the review is very long.

    ``chart`` is the chart as SVG. If it is None, the chart is drawn here, which takes two thirds of
    the time of this function.
    """
    made = _compile(content, "pdf", chart, pdf_standards=STANDARDS, timestamp=_timestamp(content))
    return bytes(made)


def letter_pictures(content: LetterContent) -> list[str]:
    """Return the pages of the letter as SVG, for a preview before signing."""
    made = _compile(content, "svg", None)
    return [bytes(one).decode() for one in (made if isinstance(made, list) else [made])]


def get_ready() -> None:
    """Load the fonts and start Vega, so that the first letter takes no longer than later ones."""
    shipped_fonts()
    drawable("")
    start_drawing()


def _compile(
    content: LetterContent, kind: Literal["pdf", "svg"], chart: str | None, **options: Any
) -> Any:
    # Each call makes its own compiler, because a compiler can serve only one thread at a time.
    # Making one takes a millisecond.
    compiler = typst.Compiler(TEMPLATE.read_bytes(), font_paths=shipped_fonts())
    sheet = json.dumps(_data(content), ensure_ascii=False)
    inputs = {"sheet": sheet, "chart": chart or chart_svg(content)}
    return compiler.compile(format=kind, sys_inputs=inputs, **options)


def typeset(template: Path, inputs: dict[str, str], made_at: datetime) -> bytes:
    """Return a PDF (PDF/UA-1, PDF/A-2a) made from the Typst file ``template`` and its
    ``inputs``.
    """
    compiler = typst.Compiler(template.read_bytes(), font_paths=shipped_fonts())
    options: dict[str, Any] = {"pdf_standards": STANDARDS, "timestamp": int(made_at.timestamp())}
    made = compiler.compile(format="pdf", sys_inputs=inputs, **options)
    return bytes(cast(bytes, made))


@cache
def shipped_fonts() -> typst.Fonts:
    """Return the fonts shipped with the application, without the system's fonts.

    Every machine therefore gives the same PDF.
    """
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def _timestamp(content: LetterContent) -> int:
    """Return the time of signing for the PDF's metadata, in seconds since 1970.

    For a preview, return the beginning of the day ``as_of`` in Paris.
    """
    made = content.signed_at or datetime.combine(content.as_of, time(), tzinfo=PARIS)
    return int(made.timestamp())


def _data(content: LetterContent) -> Any:
    """Return the data for the Typst template. Characters that the fonts cannot draw are
    replaced.
    """
    sheet = sheet_of(content)
    held = asdict(sheet)
    # The title in the PDF's metadata does not name the patient, because metadata can be read
    # without opening the letter.
    held["document_title"] = f"{sheet.title}, {sheet.case}"
    return each_text(held, drawable) | {
        "answer_url": sheet.answer_url,
        "answer_url_shown": sheet.answer_url,
    }


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy of ``value`` in which ``change`` is applied to each text, at any depth."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: each_text(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(one, change) for one in value]
    return value

"""The agenda on paper: one page, tagged, with everything but names."""

import io
from datetime import datetime

import pytest
from pypdf import PdfReader

from dashboard.calendar import PARIS
from dashboard.letters.agenda_sheet import AgendaSheet, SheetLine, agenda_pdf


def sheet(lines, **values):
    return AgendaSheet(
        language="fr",
        title="Ordre du jour du jeudi 26 novembre 2026",
        people="Dr Moreau Alix · IDE Roux Dominique",
        summary=f"{len(lines)} patients, environ 1 h 15 · 5 min par cas",
        heads=("Patient", "Pourquoi", "Question, et ce qui a été essayé", "Durée"),
        minutes="5 min",
        lines=tuple(lines),
        footer="Établi le 24/11/2026 09:00.",
        made_at=datetime(2026, 11, 24, 9, tzinfo=PARIS),
        **values,
    )


def line(number, asked="Augmenter la dose ou changer ?"):
    return SheetLine(
        who=f"C. L., {30 + number} ans",
        case=f"n° {number}0007",
        why="PHQ-9 19 → 17 en 9 semaines, pas de revue depuis 38 jours",
        asked=asked,
        tried="Sertraline 100 mg depuis six semaines.",
        missing="À obtenir avant : Item 9 inconnu le 18/11",
    )


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def said(pdf):
    return " ".join("\n".join(page.extract_text() for page in read(pdf).pages).split())


def test_it_says_who_why_what_is_asked_and_how_long():
    text = said(agenda_pdf(sheet([line(1), line(2)])))
    for words in (
        "Ordre du jour du jeudi 26 novembre 2026",
        "Dr Moreau Alix · IDE Roux Dominique",
        "C. L., 31 ans",
        "n° 20007",
        "PHQ-9 19 → 17",
        "Augmenter la dose ou changer ?",
        "Sertraline 100 mg",
        "Item 9 inconnu",
        "5 min",
    ):
        assert words in text


def test_it_is_tagged_and_names_its_language_and_title():
    reader = read(agenda_pdf(sheet([line(1)])))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("fr")
    assert reader.metadata.title == "Ordre du jour du jeudi 26 novembre 2026"


@pytest.mark.parametrize("patients", [0, 1, 15, 25, 30])
def test_one_page_holds_a_meeting(patients):
    """Check patients each with a question of 1000 letters, the longest that can be typed."""
    pdf = agenda_pdf(
        sheet([line(number, "Que faire encore ? " * 52) for number in range(patients)])
    )
    (page,) = read(pdf).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    assert said(pdf).count("C. L.") == patients


def test_what_no_page_holds_goes_on_to_a_second_one():
    pdf = agenda_pdf(sheet([line(number) for number in range(80)]))
    assert len(read(pdf).pages) > 1
    assert said(pdf).count("C. L.") == 80


def test_a_short_question_is_whole_and_one_cut_short_says_so():
    few = said(agenda_pdf(sheet([line(1, "début " + "x" * 300 + " fin")])))
    assert "fin" in few
    many = said(agenda_pdf(sheet([line(n, "Que faire encore ? " * 52) for n in range(20)])))
    assert "…" in many


def test_what_was_typed_is_not_read_as_markup():
    typed = '#panic() *gras* $x$ <lien> // "guillemets" \\'
    assert typed in said(agenda_pdf(sheet([line(1, typed)])))


def test_the_same_sheet_gives_the_same_bytes():
    assert agenda_pdf(sheet([line(1)])) == agenda_pdf(sheet([line(1)]))

"""The letter on paper: read as text, as a structure, and as the bytes that are stored."""

import hashlib
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import BooleanObject

from dashboard.clinical.advice.lines import DraftLine
from dashboard.letters.chart import chart_svg
from dashboard.letters.content import to_json
from dashboard.letters.glyphs import drawable
from dashboard.letters.pdf import letter_pdf, letter_pictures
from tests.support import chart_cases
from tests.support.hostile_texts import TYPESETTING
from tests.support.letter_reading import figures, flat, pages, reader, squeezed, tags, words
from tests.support.letter_samples import REVIEW, case, letter, typed

STORIES = [
    chart_cases.improver,
    chart_cases.non_responder,
    chart_cases.relapse,
    chart_cases.crowded,
    chart_cases.odd,
    chart_cases.single,
]

FOOTER = re.compile(r"LEFÈVRECamille·\D+7\d/\d")


def test_it_reads_as_it_was_written():
    text = words(letter_pdf(letter(language="en")))
    for expected in (
        *("Tele-expertise advice", "LEFÈVRE Camille", "born 2 May 1983", "RPPS 10001234567"),
        *("Increase sertraline to 100 mg/day", "Steps: 50 mg de plus, palier unique"),
        *("If it does not work: venlafaxine LP 75 mg", "GP (you)", "by 8 Dec 2026"),
        *("Augmenter ou changer ?", "call 15", "3114", "19 (31 Mar 2026)", "mirtazapine"),
        "the decision to prescribe is the GP's",
        "Signed electronically by Dr Moreau Anne",
    ):
        assert expected in text, expected


@pytest.mark.parametrize("story", STORIES)
def test_a_realistic_review_takes_one_or_two_pages_and_begins_with_what_to_do(story):
    sheets = pages(letter_pdf(letter(case(story()), language="en")))
    assert len(sheets) <= 2
    first = flat(sheets[0])
    for line in ("Increase sertraline to 100 mg/day", "Plan de sécurité écrit", "Next review on"):
        assert line in first
    assert first.index("Recommendations") < first.index("Summary")


def test_thirty_lines_flow_over_as_many_pages_as_they_need():
    lines = tuple(
        DraftLine(f"l{n}", "other", detail=f"Consigne numéro {n} : {'à faire ' * 40}".strip())
        for n in range(30)
    )
    sheets = pages(letter_pdf(letter(review=replace(REVIEW, lines=lines))))
    text = squeezed(" ".join(sheets))
    assert 3 <= len(sheets) <= 8
    assert [n for n in range(30) if f"Consignenuméro{n}:" not in text] == []
    assert all("LEFÈVRE Camille" in sheet for sheet in sheets)


@pytest.mark.parametrize("long_ones", range(4))
def test_a_line_stands_on_one_page_with_who_does_it_and_by_when(long_ones):
    lines = tuple(
        DraftLine(f"l{n}", "other", detail=f"Consigne {n}.", due_on=date(2027, 1, 1 + n))
        for n in range(30)
    )
    told = replace(REVIEW, lines=(*REVIEW.lines[:long_ones], *lines))
    sheets = pages(letter_pdf(letter(review=told, language="en")))
    for n in range(30):
        (sheet,) = [one for one in sheets if f"Consigne {n}." in one]
        assert f"by {1 + n} Jan 2027" in flat(sheet)


def test_the_longest_texts_lose_nothing():
    for longest in (" ".join(f"mot{n}" for n in range(600)), "x" * 4000):
        drawn = letter_pdf(letter(review=replace(REVIEW, summary=longest)))
        assert squeezed(longest) in FOOTER.sub("", squeezed(words(drawn)))


# The content for a screen reader, an archive and a search engine.


def test_it_is_tagged_in_its_language():
    root = reader(letter_pdf(letter(language="fr"))).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == BooleanObject(True)
    assert str(root["/Lang"]).lower().startswith("fr")
    english = reader(letter_pdf(letter(language="en"))).trailer["/Root"]
    assert str(english["/Lang"]).lower().startswith("en")
    found = tags(letter_pdf(letter()))
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure", "/P"} <= set(found)


def test_it_declares_pdf_ua_and_pdf_a():
    xmp = reader(letter_pdf(letter())).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp


def test_the_chart_is_described_with_every_score():
    content = letter(language="en")
    (alternative,) = set(figures(letter_pdf(content)))
    for scores in content.scores:
        for point in scores.points:
            assert f" {point.score}" in alternative
    assert "31 Mar 19" in alternative


def test_its_metadata_name_nobody():
    document = reader(letter_pdf(letter()))
    told = json.dumps({str(name): str(value) for name, value in document.metadata.items()})
    xmp = document.trailer["/Root"]["/Metadata"].get_data().decode()
    for name in ("Lefèvre", "LEFÈVRE", "Camille", "Moreau", "Petit"):
        assert name not in told
        assert name not in xmp
    assert document.metadata["/Title"]


def test_all_fonts_are_in_the_file():
    for page in reader(letter_pdf(letter())).pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(below["/FontDescriptor"].get_object())


# Typed text is data.


@pytest.mark.parametrize("text", TYPESETTING)
def test_what_was_typed_stands_as_it_was_typed(text):
    drawn = squeezed(words(letter_pdf(typed(text))))
    assert drawn.count(squeezed(text)) >= 5


@pytest.mark.parametrize(
    "text",
    [
        "שלום עולם",
        "مريم الحسن",
        "Camille שלום Lefèvre",
        "🙂🏳️‍🌈",
        "山田",
        "0\u064b",
        "a\u05b0 \u064b",
    ],
)
def test_other_scripts_and_signs_do_not_keep_a_letter_from_being_made(text):
    assert words(letter_pdf(typed(text)))


@given(st.text(max_size=80))
@settings(max_examples=25)
def test_no_text_keeps_a_letter_from_being_made(text):
    assert letter_pdf(typed(text)).startswith(b"%PDF")


@given(st.text(alphabet="abcéÀ#$@*_\\\"'<>&{}[]~`= \t", min_size=1, max_size=60))
@settings(max_examples=25)
def test_no_sign_that_means_something_to_typst_means_something_here(text):
    content = letter(review=replace(REVIEW, summary=f"§{text}§"))
    drawn = squeezed(words(letter_pdf(content, _chart())))
    assert squeezed(drawable(f"§{text}§")) in drawn


@cache
def _chart():
    """Return the letter's chart, drawn once; it contains no summary."""
    return chart_svg(letter())


# The same content gives the same bytes.


@pytest.mark.programs
def test_the_same_letter_is_the_same_bytes_in_another_process():
    content = letter()
    program = (
        "import json, sys, hashlib\n"
        "from dashboard.letters.content import from_json\n"
        "from dashboard.letters.pdf import letter_pdf\n"
        "content = from_json(json.load(sys.stdin))\n"
        "print(hashlib.sha256(letter_pdf(content)).hexdigest())\n"
    )
    elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(to_json(content)),
        capture_output=True,
        text=True,
        check=True,
        env=elsewhere,
    )
    assert there.stdout.strip() == hashlib.sha256(letter_pdf(content)).hexdigest()


def test_the_same_letter_is_the_same_bytes_after_others_and_in_other_threads():
    content = letter()
    first = letter_pdf(content)
    others = [letter(case(story()), language="en") for story in STORIES]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(letter_pdf, [*others, content, *others, content]))
    assert made.count(first) == 2


def test_the_hour_of_signing_is_the_only_hour_in_it():
    document = reader(letter_pdf(letter()))
    assert document.metadata["/CreationDate"].startswith("D:20261124133205")


# The preview.


def test_the_preview_is_the_same_pages_as_pictures():
    content = letter(signed_at=None)
    pictures = letter_pictures(content)
    assert len(pictures) == len(pages(letter_pdf(content)))
    assert all(picture.startswith("<svg") for picture in pictures)
    assert not any("http" in picture.replace("http://www.w3.org", "") for picture in pictures)

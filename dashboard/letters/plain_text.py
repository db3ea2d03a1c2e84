"""The letter as plain text, for a GP's own software."""

from collections.abc import Iterator
from textwrap import wrap

from dashboard.letters.content import LetterContent
from dashboard.letters.sheet import Line, Section, Sheet, sheet_of
from dashboard.locale import _, speaking
from dashboard.locale.formats import labelled
from dashboard.locale.typography import NO_BREAK_SPACE
from dashboard.words.typed import visible

WIDTH = 88
"""Largest number of characters in a line of the plain text, because old software does not wrap
lines.
"""


def plain_text(content: LetterContent) -> str:
    """Return the text of the letter, without the chart, in lines of at most 88 characters.

    Only a link can be longer, because a wrapped link does not work.
    """
    with speaking(content.language):
        return "\n".join(_lines(sheet_of(content))).rstrip() + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from _head(sheet)
    if sheet.risk:
        yield ""
        yield from _wrapped(" ".join(sheet.risk))
    yield from _heading(sheet.advice_title)
    for line in sheet.advice:
        yield from _advice(line)
    yield from _wrapped(sheet.no_advice)
    if sheet.kept:
        yield from _heading(sheet.kept_title)
    for line in sheet.kept:
        yield from _advice(line)
    if sheet.ended.lines:
        yield from _section(sheet.ended)
    if sheet.kept or sheet.ended.lines:
        yield ""
    yield from _wrapped(sheet.next_review)
    if sheet.answer_url:
        # The address is not wrapped, because a link with a line break does not work.
        yield labelled(sheet.answer, sheet.answer_url)
    for section in (sheet.summary, sheet.safety, sheet.question, sheet.monitoring):
        yield from _section(section)
    yield ""
    yield from _wrapped(sheet.legal)
    yield from _wrapped(sheet.signature)
    yield from _heading(sheet.seen_title)
    for row in sheet.scores:
        said = (row.first, row.latest, row.change, row.severity, row.trend)
        yield from _wrapped(
            f"- {labelled(row.label, f'{NO_BREAK_SPACE}; '.join(filter(None, said)))}", hang=2
        )
    yield from _wrapped(sheet.score_note)
    for section in (*sheet.seen, sheet.missing):
        yield from _section(section)


def _head(sheet: Sheet) -> Iterator[str]:
    yield from _wrapped(sheet.title.upper())
    yield from _wrapped(sheet.notice)
    yield from _wrapped(sheet.written)
    yield ""
    yield from _wrapped(sheet.name)
    yield from _wrapped(" · ".join(sheet.traits))
    for label, named in (*sheet.people, *sheet.facts):
        yield from _wrapped(_("{label}: {value}", label=label, value=named))


def _advice(line: Line) -> Iterator[str]:
    number = "-" if line.number is None else f"{line.number}."
    yield from _wrapped(f"{number} {line.what}", hang=3)
    for how in line.how:
        yield from _wrapped(f"   {how}", hang=3)
    yield from _wrapped(f"   > {' · '.join(filter(None, (line.who, line.due)))}", hang=5)


def _section(section: Section) -> Iterator[str]:
    yield from _heading(section.title)
    for line in section.lines:
        listed = len(section.lines) > 1
        yield from _wrapped(f"- {line}" if listed else line, hang=2 if listed else 0)


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield from _wrapped(title.upper())


def _wrapped(text: str, hang: int = 0) -> Iterator[str]:
    for part in visible(text).splitlines():
        yield from wrap(part, WIDTH, subsequent_indent=" " * hang, break_on_hyphens=False)

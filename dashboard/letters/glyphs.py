"""Characters that the shipped fonts can draw, and replacements for the others."""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path

from dashboard.words.typed import visible

FONTS = Path(__file__).parent / "fonts"
CHART_FONT = "IBMPlexSans"
BREAK_AFTER = 36
"""Number of consecutive characters without a space after which a line break is allowed."""

_LONG_WORD = re.compile(rf"\S{{{BREAK_AFTER}}}(?=\S)")


def drawable(text: str) -> str:
    """Return the text with each character that the fonts cannot draw replaced by its name.

    The name is in brackets, so that nothing that was typed is lost: 🙂 becomes [slightly smiling
    face]. A combining mark is dropped if no font has both the mark and the character that it
    marks. In a long word, zero-width spaces allow line breaks.
    """
    drawn = _drawn(text, list(_families().values()))
    return _LONG_WORD.sub(lambda word: word[0] + "\u200b", drawn)


def drawable_in_chart(text: str) -> str:
    """Return the text with each character that the font of the charts cannot draw replaced by its
    name.

    A chart whose text needs several fonts can make the letter fail, for example a digit with an
    Arabic vowel sign.
    """
    return _drawn(text, [_families()[CHART_FONT]])


def _drawn(text: str, families: list[frozenset[int]]) -> str:
    drawn = ""
    for letter in visible(unicodedata.normalize("NFC", text)).replace("\t", " "):
        marked = {ord(one) for one in _last_cluster(drawn)} if _is_mark(letter) else set()
        fits = any(marked | {ord(letter)} <= family for family in families)
        drawn += letter if fits or letter == "\n" else _named(letter)
    return drawn


def _last_cluster(text: str) -> str:
    """Return the last character that is no combining mark, with the marks after it."""
    start = len(text)
    while start and _is_mark(text[start - 1]):
        start -= 1
    return text[max(start - 1, 0) :]


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


def _named(letter: str) -> str:
    category = unicodedata.category(letter)
    # Joiners, combining accents and variation selectors only modify the character before them, so
    # they are dropped without a name in brackets.
    if category in ("Cf", "Mc", "Mn", "Me"):
        return ""
    return f"[{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()}]"


@cache
def _families() -> dict[str, frozenset[int]]:
    """Return, for each family of shipped fonts, the characters that it can draw both in regular
    and in semi-bold.

    The families for right-to-left scripts are included. Private characters are not, because PDF/A
    does not allow them.
    """
    families: dict[str, list[frozenset[int]]] = {}
    for path in sorted(FONTS.glob("*.ttf")):
        mapped = {one for one in _mapped(path.read_bytes()) if not _is_private(one)}
        families.setdefault(path.stem.split("-")[0], []).append(frozenset(mapped))
    return {name: frozenset.intersection(*weights) for name, weights in families.items()}


def _is_private(code: int) -> bool:
    return unicodedata.category(chr(code)) == "Co"


def _mapped(font: bytes) -> list[int]:
    """Return the code points in the character map (cmap, format 4) of a TrueType font."""
    start = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    for place in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * place + 4)
        if struct.unpack_from(">H", font, start + offset) == (4,):
            return _segments(font, start + offset)
    raise ValueError("the font has no character map of format 4")


def _table(font: bytes, wanted: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for place in range(count):
        name, _sum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * place)
        if name == wanted:
            return int(offset)
    raise ValueError("the font has no such table")


def _segments(font: bytes, start: int) -> list[int]:
    (doubled,) = struct.unpack_from(">H", font, start + 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", font, start + 14)
    starts = struct.unpack_from(f">{count}H", font, start + 16 + doubled)
    return [
        code
        for first, last in zip(starts, ends, strict=True)
        for code in range(first, last + 1)
        if code != 0xFFFF
    ]

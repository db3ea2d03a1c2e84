"""Characters that the shipped fonts can draw, and replacements for the others."""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path

from dashboard.words.typed import visible

FONTS = Path(__file__).parent / "fonts"
BREAK_AFTER = 36
"""Number of consecutive characters without a space after which a line break is allowed."""

_LONG_WORD = re.compile(rf"\S{{{BREAK_AFTER}}}(?=\S)")


def drawable(text: str) -> str:
    """Return the text with each character that the fonts cannot draw replaced by its name.

    The name is in brackets, so that nothing that was typed is lost: 🙂 becomes [slightly smiling
    face]. In a long word, zero-width spaces allow line breaks.
    """
    seen = visible(unicodedata.normalize("NFC", text)).replace("\t", " ")
    drawn = "".join(one if ord(one) in _glyphs() or one == "\n" else _named(one) for one in seen)
    return _LONG_WORD.sub(lambda word: word[0] + "\u200b", drawn)


def _named(letter: str) -> str:
    category = unicodedata.category(letter)
    # Joiners, combining accents and variation selectors only modify the character before them, so
    # they are dropped without a name in brackets.
    if category in ("Cf", "Mn", "Me"):
        return ""
    return f"[{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()}]"


@cache
def _glyphs() -> frozenset[int]:
    """Return the characters that the shipped fonts can draw both in regular and in semi-bold.

    The fonts for right-to-left scripts are included.
    """
    families: dict[str, list[set[int]]] = {}
    for path in sorted(FONTS.glob("*.ttf")):
        families.setdefault(path.stem.split("-")[0], []).append(set(_mapped(path.read_bytes())))
    return frozenset().union(*(set.intersection(*weights) for weights in families.values()))


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

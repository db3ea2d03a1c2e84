"""Whether a password can be guessed from what everybody knows.

Whoever guesses tries names, the words of ``common_passwords.txt``, years and rows of keys, one
after the other and with 0 for o. So all that is taken out of the password; what is left must
have five different letters or signs. The file is our own: what French and English speakers
are known to choose, and the words of this programme.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

LEFT = 5
"""Different letters or signs, beside what everybody knows."""

_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
)
_SHORTEST_ROW = 4
_LIKE_LETTERS = str.maketrans("0134578@$!€", "oieastbasie")
_FILE = Path(__file__).parent / "common_passwords.txt"


def is_easy(password: str, names: Iterable[str]) -> bool:
    """Whether too little is left of the password without what everybody knows."""
    known = [*_personal(names), *_words()]
    return any(len(set(_without(known, text))) < LEFT for text in _readings(password))


def _readings(password: str) -> Iterator[str]:
    """The letters as they stand, and with the digits and signs that stand for letters read."""
    plain = _plain(password)
    yield re.sub(r"[\d\W_]", "", plain)
    yield re.sub(r"[\d\W_]", "", plain.translate(_LIKE_LETTERS))


def _without(known: Iterable[str], text: str) -> str:
    for row in _rows():
        text = text.replace(row, "")
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _personal(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (part for part in re.split(r"[\d\W_]+", _plain(name)) if len(part) > 2)


@cache
def _words() -> frozenset[str]:
    return frozenset(_plain(line) for line in _FILE.read_text().split() if len(line) > 2)


@cache
def _rows() -> tuple[str, ...]:
    """Every run of keys in either direction, the longest first."""
    runs = {
        way[start:end]
        for row in _ROWS
        for way in (row, row[::-1])
        for start in range(len(way))
        for end in range(start + _SHORTEST_ROW, len(way) + 1)
    }
    return tuple(sorted(runs, key=len, reverse=True))


def _plain(text: str) -> str:
    """Without accents and capitals."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))

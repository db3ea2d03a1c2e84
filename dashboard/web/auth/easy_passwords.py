"""Rejection of passwords that are easy to guess.

Many passwords combine names, common words, years and neighbouring keys, with 0 in place of o.
``is_easy`` removes all of these. The rest must have at least five different letters. The common
words are in ``common_passwords.txt``, which was written for this program: popular passwords in
French and English, and words of the program.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dashboard.clinical.people import folded

LEFT = 5
"""Minimum number of different letters in a password without the parts that ``is_easy`` removes."""

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
    """Return whether the password is easy to guess.

    Names, common words and runs of neighbouring keys are removed first. The password is easy if
    fewer than ``LEFT`` different letters remain. Digits and signs do not count.
    """
    known = [*_personal(names), *_words()]
    return any(len(set(_without(known, text))) < LEFT for text in _readings(password))


def _readings(password: str) -> Iterator[str]:
    """Yield the letters of the password as typed, then with letters in place of characters such as
    0.
    """
    plain = folded(password)
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
        yield from (part for part in re.split(r"[\d\W_]+", folded(name)) if len(part) > 2)


@cache
def _words() -> frozenset[str]:
    return frozenset(folded(line) for line in _FILE.read_text().split() if len(line) > 2)


@cache
def _rows() -> tuple[str, ...]:
    """Return every run of neighbouring keys, in both directions, the longest first."""
    runs = {
        way[start:end]
        for row in _ROWS
        for way in (row, row[::-1])
        for start in range(len(way))
        for end in range(start + _SHORTEST_ROW, len(way) + 1)
    }
    return tuple(sorted(runs, key=len, reverse=True))

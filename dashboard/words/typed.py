"""Removal of invisible characters from text that a person typed."""

import unicodedata

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u200b\u2060\ufeff\u2028\u2029") | _DIRECTIONS


def visible(text: str) -> str:
    """Return ``text`` without invisible characters and without direction marks.

    Direction marks can reverse the order in which text is shown. Line ends and tabs are kept.
    """
    if text.isprintable():
        return text
    return "".join(letter for letter in text if _is_seen(letter))


def _is_seen(letter: str) -> bool:
    if letter in _UNSEEN:
        return False
    return letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")

"""De-identification of the data shown on a shared screen.

The patient's name becomes initials. The birth date, the phone number and the INS (national health
identity) are left out. The same details are removed from texts about the patient. Each part of the
name is found as a whole word, whatever its accents, capitals and hyphens. A particle or a part of
one or two letters is found only within the whole name, unless the name is this part alone. A name
of one or two letters is found only with a capital. The birth date, the phone number and the INS are
found with any spacing. An ordinary word of three letters or more that is also the patient's name is
removed too. It is safer to remove too much than too little.

De-identified data is only for display. It must never be written to the database (see
``AsWritten``).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast
from unicodedata import category, combining, normalize
from uuid import UUID

from dashboard.clinical.people import Identity, NamesNoPatient

Mask = Callable[[str], str]
"""A function that removes the identity of a patient from a text."""

Data = TypeVar("Data")

TAKEN_OUT = "[…]"
"""The text that replaces what a mask removes. Names are an exception: they are replaced by
initials.
"""

CODES = frozenset(
    (
        *("action", "adherence", "atc_code", "channel", "chosen_by", "code", "diagnosis_code"),
        *("end", "instrument", "item9", "kind", "level", "origin", "outcome", "owner_role", "role"),
        *("settled_how", "sex", "site", "state", "status", "transport"),
    )
)
"""Names of fields that hold a code, such as a role or an ATC code, or the name of a site. These
fields are never masked, even if the text is also the name of a patient.
"""


def as_it_is(text: str) -> str:
    """Return ``text`` unchanged. This mask is used while the screen is not shared with other
    people.
    """
    return text


def withheld(text: str) -> str:
    """Return ``TAKEN_OUT`` in place of the whole ``text``. This mask is used for a text whose
    patient is unknown.
    """
    return TAKEN_OUT if text else text


@dataclass(frozen=True)
class AsWritten(Generic[Data]):
    """Data that a form will write back to the database. ``deidentified`` leaves the names in
    ``written``, because the database must keep them.

    The form must apply ``mask`` to the texts of ``written`` before it shows them.
    """

    identity: Identity
    written: Data
    mask: Mask = as_it_is


def deidentified(data: Data, today: date, mask: Mask = withheld) -> Data:
    """Return ``data`` as it may be shown on a shared screen.

    Each ``Identity`` in dataclasses, tuples, lists, sets and mappings becomes initials and the age
    on ``today``. The identity of a patient is removed from the texts about this patient. The
    patient of a text is the ``Identity`` in the innermost dataclass around the text. If that
    dataclass has several, all of them are removed. A text without such a dataclass is passed to
    ``mask``, which by default removes the whole text. Codes, numbers, days and the names of
    practitioners stay.

    Raise ``TypeError`` for data of any other kind, such as a file, because it may name a patient.
    """
    return cast(Data, _deidentified(data, today, mask))


def presented_identity(who: Identity, today: date) -> Identity:
    """Return ``who`` reduced to initials, sex and the age on ``today``."""
    return Identity(
        patient_id=who.patient_id,
        family_name=initials(who.family_name),
        given_name=initials(who.given_name),
        birth_date=None,
        sex=who.sex,
        ins=None,
        phone=None,
        age=who.age_on(today),
    )


def masked(data: Data, mask: Mask) -> Data:
    """Return ``data`` with ``mask`` applied to every text except codes. ``data`` must not contain
    an ``Identity``.
    """
    return cast(Data, _deidentified(data, None, mask))


def mask_of(who: Identity) -> Mask:
    """Return the mask that removes the identity of the patient ``who`` from a text."""
    return mask_for((who.family_name, who.given_name), who.birth_date, who.phone, who.ins)


def mask_for(
    names: Iterable[str],
    birth_date: date | None = None,
    phone: str | None = None,
    ins: str | None = None,
) -> Mask:
    """Return the mask that removes the names, the birth date, the phone number and the INS from a
    text.
    """
    names = tuple(names)

    def mask(text: str) -> str:
        # Patterns are compiled only at the first text, because a long list has many patients and
        # few texts.
        anything, known = _patterns(names, birth_date, phone, ins)
        if anything.search(_folded(text)[0]):
            for found, instead in known:
                text = _replaced(text, found, instead)
        return text

    return mask


@lru_cache(maxsize=512)
def _patterns(
    names: tuple[str, ...], birth_date: date | None, phone: str | None, ins: str | None
) -> tuple[re.Pattern[str], list[tuple["_Found", str]]]:
    """Return one pattern that finds any of the identifiers, and a list of pairs. Each pair has the
    pattern of one identifier and its replacement.
    """
    known = [(_number(one), TAKEN_OUT) for one in (*_days(birth_date), *_phones(phone), *_ins(ins))]
    for name in names:
        known += _names(name)
    anything = "|".join(found.pattern.pattern for found, _instead in known) or "(?!)"
    return re.compile(anything), known


def initials(name: str) -> str:
    """Return the initials of a name: D. for Dupont, L.-D. for Lefèvre-Dubois, T. for de La Tour."""
    return "-".join(map(_initial, _telling_words(normalize("NFC", name))))


def plain_letters(text: str) -> str:
    """Return ``text`` in small letters without accents, for comparison."""
    return _folded(text)[0]


_NO_TEXT = (NamesNoPatient, Enum, bool, int, float, Decimal, date, timedelta, UUID, type(None))


def _deidentified(data: Any, today: date | None, mask: Mask) -> Any:
    if isinstance(data, _NO_TEXT):
        return data
    if isinstance(data, str):
        return mask(data)
    if isinstance(data, Identity) and today is not None:
        return presented_identity(data, today)
    if isinstance(data, AsWritten) and today is not None:
        identity = presented_identity(data.identity, today)
        return replace(data, identity=identity, mask=mask_of(data.identity))
    if is_dataclass(data) and not isinstance(data, type):
        return _deidentified_fields(data, today, _mask_of_all(_identities_in(data)) or mask)
    if isinstance(data, Mapping):
        return {
            key: value if key in CODES else _deidentified(value, today, mask)
            for key, value in data.items()
        }
    if isinstance(data, tuple) and hasattr(data, "_asdict"):
        # The fields of a named tuple, such as ``DatedScore``, are searched by name, so that codes
        # are not masked.
        named: Any = data
        return named._replace(**_deidentified(named._asdict(), today, mask))
    if type(data) in (tuple, list, set, frozenset):
        return type(data)(_deidentified(one, today, mask) for one in data)
    raise TypeError(f"{type(data).__name__} cannot be de-identified")


def _deidentified_fields(data: Any, today: date | None, mask: Mask) -> Any:
    names = [one.name for one in fields(data) if one.init and one.name not in CODES]
    return replace(
        data, **{name: _deidentified(getattr(data, name), today, mask) for name in names}
    )


def _identities_in(data: Any) -> list[Identity]:
    """Return the identities that are fields or elements of ``data`` itself. If there are none,
    search the parts of ``data``.
    """
    if isinstance(data, Identity):
        return [data]
    if isinstance(data, (*_NO_TEXT, str)):
        return []
    if is_dataclass(data):
        parts = [getattr(data, field.name) for field in fields(data)]
        own = [part for part in parts if isinstance(part, Identity)]
        if own:
            return own
    elif isinstance(data, Mapping):
        parts = list(data.values())
    else:
        parts = list(data) if isinstance(data, tuple | list | set | frozenset) else []
    return [identity for part in parts for identity in _identities_in(part)]


def _mask_of_all(patients: Iterable[Identity]) -> Mask | None:
    """Return the mask that removes the identities of all ``patients`` from a text; None if
    ``patients`` is empty.
    """
    masks = [mask_of(who) for who in dict.fromkeys(patients)]

    def mask(text: str) -> str:
        for one in masks:
            text = one(text)
        return text

    return mask if masks else None


# Letters are compared without accents, capitals, invisible characters and ligatures.

_WRITTEN_AS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "þ": "th"}
_NOT_A_LETTER_BEFORE = r"(?<![^\W\d_])"
_NOT_A_LETTER_AFTER = r"(?![^\W\d_])"
_APART = r"[\W_]{0,3}"


@dataclass(frozen=True)
class _Found:
    """A pattern that is matched against a text without accents and capitals.

    If ``only_capitals`` is true, a match that begins with a small letter in the original text is
    ignored, because it is then an ordinary word and not a name.
    """

    pattern: re.Pattern[str]
    only_capitals: bool = False


def _folded(text: str) -> tuple[str, list[int]]:
    """Return ``text`` without accents and capitals. Return also the position in ``text`` of each
    returned letter.
    """
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        written = letter.lower() if " " <= letter <= "~" else _letters(letter)
        letters += written
        places += [place] * len(written)
    return "".join(letters), places


def _letters(letter: str) -> str:
    apart = normalize("NFKD", normalize("NFKD", letter).casefold())
    seen = (one for one in apart if not combining(one) and not _is_unseen(one))
    return "".join(_WRITTEN_AS.get(one, one) for one in seen)


def _is_unseen(letter: str) -> bool:
    return category(letter) == "Cf" or (category(letter) == "Cc" and letter not in "\n\t\r")


def _replaced(text: str, found: _Found, instead: str) -> str:
    folded, places = _folded(text)
    done, end = [], 0
    for match in found.pattern.finditer(folded):
        first, last = places[match.start()], places[match.end() - 1] + 1
        # Combining accents after the match belong to the last letter of the match.
        while last < len(text) and (combining(text[last]) or _is_unseen(text[last])):
            last += 1
        if first < end or (found.only_capitals and text[first].islower()):
            continue
        done += [text[end:first], _before_a_dot(instead, text[last:])]
        end = last
    return "".join([*done, text[end:]])


def _before_a_dot(instead: str, rest: str) -> str:
    """Return ``instead``. If ``rest`` begins with a dot, return ``instead`` without its final dot,
    to avoid two dots in a row.
    """
    return instead[:-1] if instead.endswith(".") and rest.startswith(".") else instead


# Patterns of names.

PARTICLES = frozenset(
    (
        *("abd", "abu", "ait", "ben", "bel", "bin", "bint", "ibn", "ould"),
        *("dal", "das", "dei", "del", "della", "des", "dos", "las", "les", "los"),
        *("den", "der", "ten", "ter", "van", "vom", "von"),
        *("mac", "san", "santa", "ste", "the"),
    )
)
"""Words of three letters or more that are part of many names and identify nobody, such as "del"."""

_WORD = re.compile(r"[^\W_]+")


def _words(name: str) -> list[str]:
    return [word for word in _WORD.findall(name) if not word.isdigit()]


def _is_weak(word: str) -> bool:
    """Return whether a word identifies nobody by itself. This is true of ``PARTICLES`` and of words
    of one or two letters.
    """
    folded = plain_letters(word)
    return len(folded) < 3 or folded in PARTICLES


def _telling_words(name: str) -> list[str]:
    """Return the words of a name that identify a person. If no word identifies a person, return all
    words.
    """
    words = _words(name)
    return [word for word in words if not _is_weak(word)] or words


def _names(name: str) -> Iterator[tuple[_Found, str]]:
    """Yield the patterns of a name, each with its replacement. One pattern finds the whole name,
    with or without spaces. The others each find one word that identifies a person.
    """
    words, telling = _words(name), _telling_words(name)
    if len(words) > 1:
        whole = _APART.join(re.escape(plain_letters(word)) for word in words)
        yield _Found(_whole_words(whole)), initials(name)
    for word in telling:
        folded = plain_letters(word)
        if len(telling) == 1 or not _is_weak(word):
            yield _Found(_whole_words(re.escape(folded)), len(folded) < 3), _initial(word)


def _initial(word: str) -> str:
    return f"{word[0].upper()}." if len(word) > 1 else "…"


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_NOT_A_LETTER_BEFORE}(?:{pattern}){_NOT_A_LETTER_AFTER}")


# Patterns of dates and numbers.

_MONTHS = (
    ("janvier", "janv", "january", "jan"),
    ("fevrier", "fevr", "fev", "february", "feb"),
    ("mars", "march", "mar"),
    ("avril", "avr", "april", "apr"),
    ("mai", "may"),
    ("juin", "june", "jun"),
    ("juillet", "juil", "july", "jul"),
    ("aout", "august", "aug"),
    ("septembre", "sept", "september", "sep"),
    ("octobre", "oct", "october"),
    ("novembre", "nov", "november"),
    ("decembre", "dec", "december"),
)


def _number(pattern: str) -> _Found:
    return _Found(re.compile(rf"(?<!\d)(?:{pattern})(?!\d)"))


def _days(birth: date | None) -> Iterator[str]:
    """Yield the patterns of a birth date with its day, month and year. Examples: 2/5/83,
    02.05.1983, 1983-05-02, 02051983, 2 mai 1983, 2nd of May 1983, May 2, 1983.
    """
    if birth is None:
        return
    year, month, day = f"{birth.year:04}", f"0?{birth.month}", f"0?{birth.day}"
    either = f"(?:{year}|{year[2:]})"
    named = f"(?:{'|'.join(_MONTHS[birth.month - 1])})"
    apart = r"[\W_]{1,3}"
    ordinal = r"(?:er|st|nd|rd|th|eme|e)?"
    yield apart.join((day, month, either))
    yield apart.join((year, month, day))
    yield f"{birth.day:02}{birth.month:02}{year}"
    yield f"{year}{birth.month:02}{birth.day:02}"
    yield rf"{day}{ordinal}[\W_]{{0,3}}(?:of\s+)?{named}[\W_]{{0,3}}{either}"
    yield rf"{named}[\W_]{{0,3}}{day}{ordinal}[\W_]{{1,3}}{either}"


def _phones(phone: str | None) -> Iterator[str]:
    """Yield the pattern of a phone number, with any spacing and with or without +33 or its first
    0.
    """
    figures = "".join(re.findall(r"\d", normalize("NFKC", phone or "")))
    national = re.sub(r"^(?:0033|33(?=0?\d{9}$)|0)0?", "", figures)
    if len(national) >= 6:
        country = rf"(?:(?:\+|0{_APART}0)[\W_]{{0,2}})?3{_APART}3{_APART}"
        yield f"(?:{country})?(?:0{_APART})?{_APART.join(national)}"


def _ins(ins: str | None) -> Iterator[str]:
    """Yield the pattern of the INS, with any spacing and with or without its two-digit key."""
    figures = re.findall(r"[^\W_]", plain_letters(ins or ""))
    number, key = figures[:13], figures[13:]
    if len(number) >= 6:
        yield _APART.join(number) + (f"(?:{_APART}{_APART.join(key)})?" if key else "")

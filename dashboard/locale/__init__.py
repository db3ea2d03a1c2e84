"""Translation into French and English.

Texts in the code are English. The function ``_`` translates them when they are shown, never at
import, because users with different languages share one process. The catalogues
(``fr/messages.po``, ``en/messages.po``) are read without compilation. ``make messages`` updates
them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from dashboard.locale.typography import french

LANGUAGES = ("fr", "en")

_forced: ContextVar[str | None] = ContextVar("language", default=None)
_source: Callable[[], str] = lambda: LANGUAGES[0]  # noqa: E731


def language() -> str:
    """Return the code of the current language, ``fr`` or ``en``."""
    return _forced.get() or _source()


def ask_language_of(source: Callable[[], str]) -> None:
    """Register ``source`` as the function with which ``language`` finds the reader's language."""
    global _source
    _source = source


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use the language ``code`` within the ``with`` block, whatever the reader's language is."""
    token = _forced.set(code)
    try:
        yield
    finally:
        _forced.reset(token)


def _(text: str, /, **values: object) -> str:
    """Return ``text`` in the reader's language, with ``values`` for its ``{placeholders}``."""
    return _filled(_catalogue(language()).get(text), text, values)


def pgettext(context: str, text: str, /, **values: object) -> str:
    """Return ``text`` in the reader's language.

    ``context`` distinguishes several meanings of the same English text.
    """
    return _filled(_catalogue(language()).get(text, context), text, values)


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """Return the text in the singular or the plural form that ``number`` requires.

    In the text, ``number`` replaces ``{n}``.
    """
    message = _catalogue(language()).get(singular)
    forms = message.string if message is not None else None
    values = {"n": number, **values}
    if not isinstance(forms, list | tuple) or not all(forms):
        return (singular if number == 1 else plural).format(**values)
    # French uses the singular for zero. English uses the plural.
    first = number < 2 if language() == "fr" else number == 1
    return str(forms[0 if first else 1]).format(**values)


def set_in_french_type(catalogue: Catalog) -> None:
    """Apply French typography to every translation of ``catalogue``, in place."""
    for message in catalogue:
        if isinstance(message.string, list | tuple):
            message.string = tuple(map(french, message.string))
        elif message.id and message.string:
            message.string = french(message.string)


def _filled(message: Message | None, text: str, values: dict[str, object]) -> str:
    found = text if message is None or not message.string else message.string
    return str(found).format(**values) if values else str(found)


@cache
def _catalogue(code: str) -> Catalog:
    path = Path(__file__).parent / code / "messages.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    if code == "fr":
        set_in_french_type(catalogue)
    return catalogue

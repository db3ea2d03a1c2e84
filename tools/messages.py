"""Collect the texts of the code into the catalogues of both languages.

The code is written in English, so the English catalogue is filled automatically. Missing French
translations are left empty, and ``tests/locale`` fails until they are added.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from dashboard.locale import LANGUAGES, set_in_french_type

ROOT = Path(__file__).parents[1] / "dashboard"


@cache
def texts() -> Catalog:
    """Return every text of the code, with its file.

    The texts are read from the syntax tree, because Babel's own reader misses texts inside
    f-strings.
    """
    found = Catalog(charset="utf-8")
    for path in sorted(ROOT.rglob("*.py")):
        for message, context in _texts_in(ast.parse(path.read_text())):
            found.add(message, locations=[(str(path.relative_to(ROOT)), None)], context=context)
    return found


def _texts_in(tree: ast.AST) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        said = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if node.func.id == "_" and said:
            yield said[0], None
        elif node.func.id == "ngettext" and len(said) >= 2:
            yield (said[0], said[1]), None
        elif node.func.id == "pgettext" and len(said) >= 2:
            yield said[1], said[0]


def catalogue(language: str) -> Catalog:
    """Return the existing translations into a language."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    """Return the path of a language's catalogue."""
    return ROOT / "locale" / language / "messages.po"


def main() -> None:
    """Bring both catalogues up to date, and print what is left to translate."""
    for language in LANGUAGES:
        updated = catalogue(language)
        updated.update(texts(), no_fuzzy_matching=True)
        updated.obsolete.clear()
        if language == "en":
            for message in updated:
                if message.id and not _whole(message):
                    message.string = _itself(message)
        if language == "fr":
            set_in_french_type(updated)
        path_of(language).parent.mkdir(exist_ok=True)
        with path_of(language).open("wb") as file:
            write_po(file, updated, omit_header=True, sort_output=True, ignore_obsolete=True)
        print(f"{language}: {len(untranslated(updated))} of {len(updated)} to translate")
        for message in untranslated(updated):
            print(f"  {message.id}")


def untranslated(of: Catalog) -> list[Message]:
    """Return the texts without a translation, or with an incomplete one."""
    return [message for message in of if message.id and not _whole(message)]


def _whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(strings) and not message.fuzzy


def _itself(message: Message) -> str | tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else message.id


if __name__ == "__main__":
    main()

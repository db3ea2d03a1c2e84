"""Reading a letter as a person or a screen reader does."""

import io
import re

from pypdf import PdfReader
from pypdf.generic import DictionaryObject


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, in its lines."""
    return [page.extract_text() for page in reader(pdf).pages]


def words(pdf: bytes) -> str:
    """Return the whole text without its line breaks, hyphenation of the page or not."""
    return flat(" ".join(pages(pdf)))


def flat(text: str) -> str:
    """Return the text with single spaces, to compare texts with different line breaks."""
    return re.sub(r"[\s\u200b]+", " ", text).strip()


def squeezed(text: str) -> str:
    """Return the text without any space, so that line breaks do not matter."""
    return re.sub(r"[\s\u200b]+", "", text)


def tags(pdf: bytes) -> list[str]:
    """Return the structure in the order of a screen reader."""
    found: list[str] = []
    _walk(reader(pdf).trailer["/Root"]["/StructTreeRoot"], found)
    return found


def figures(pdf: bytes) -> list[str]:
    """Return the alternative texts of the pictures."""
    found: list[DictionaryObject] = []
    _collect(reader(pdf).trailer["/Root"]["/StructTreeRoot"], found)
    return [str(one["/Alt"]) for one in found if one.get("/S") == "/Figure" and "/Alt" in one]


def _walk(node, found: list[str]) -> None:
    for one in _children(node):
        if "/S" in one:
            found.append(str(one["/S"]))
        _walk(one, found)


def _collect(node, found: list[DictionaryObject]) -> None:
    for one in _children(node):
        found.append(one)
        _collect(one, found)


def _children(node) -> list[DictionaryObject]:
    below = node.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    below = below if isinstance(below, list) else [below]
    objects = [one.get_object() for one in below]
    return [one for one in objects if isinstance(one, DictionaryObject)]

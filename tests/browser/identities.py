"""The identities of the patients of a registry, and a search for them in a server's output."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zlib import decompressobj

from playwright.sync_api import Page, WebSocket

from dashboard.clinical.deidentification import PARTICLES, plain_letters

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BEFORE_TAG = re.compile(r"(?=<)")
# One text comes from the browser far faster than ten thousand.
_APART = "\0"
_MONTHS = {
    5: ("mai", "may"),
    7: ("juillet", "juil", "july", "jul"),
    11: ("novembre", "nov", "november"),
}


@dataclass(frozen=True)
class Patient:
    """A patient as the registry has them."""

    family_name: str
    given_name: str
    birth_date: date
    phone: str
    ins: str

    def signs(self) -> dict[str, re.Pattern[str]]:
        """Return the patterns that identify the patient, by kind."""
        words = re.findall(r"[^\W_]+", plain_letters(f"{self.family_name} {self.given_name}"))
        names = [word for word in words if len(word) > 2 and word not in PARTICLES]
        born, months = self.birth_date, "|".join(_MONTHS[self.birth_date.month])
        dates = (
            rf"0?{born.day}\W+0?{born.month}\W+(?:19)?{born:%y}",
            rf"{born.year}\W+{born:%m}\W+{born:%d}|{born:%d%m%Y}",
            rf"0?{born.day}\W+(?:{months})\W+(?:19)?{born:%y}",
        )
        return {
            **{name: re.compile(rf"(?<![a-z]){name}(?![a-z])") for name in names},
            "birth date": re.compile(rf"(?<!\d)(?:{'|'.join(dates)})(?!\d)"),
            "phone": re.compile(r"\W{0,3}".join(self.phone[-9:])),
            "ins": re.compile(r"\W{0,3}".join(self.ins[:13])),
        }


def found_in(text: str, patients: Iterable[Patient]) -> set[str]:
    """Return the identifying facts of these patients in a text, however it is encoded."""
    read = plain_letters(readable(text))
    return {
        f"{patient.family_name}: {sign}"
        for patient in patients
        for sign, pattern in patient.signs().items()
        if pattern.search(read)
    }


def readable(text: str) -> str:
    """Return the text with the escapes of JSON, HTML and Markdown resolved."""
    unescaped = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return html.unescape(html.unescape(unescaped))


@dataclass
class Listener:
    """All that a server has sent to a page over its websockets."""

    frames: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> "Listener":
        """Hear everything from the page's next connection on."""
        page.on("websocket", self._hear)
        return self

    def _hear(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(as_text(frame)))

    def heard(self) -> str:
        """Return the frames, one per line."""
        return "\n".join(self.frames)


def shown(page: Page) -> str:
    """Return the document with the contents of fields and of the shadow trees of components."""
    return page.content() + "\n" + page.evaluate(_ALL_TEXTS).replace(_APART, "\n")


def pieces_shown(page: Page) -> set[str]:
    """Return the shown pieces, split by tag, each once: two looks at a page share most of them."""
    return {*_BEFORE_TAG.split(page.content()), *page.evaluate(_ALL_TEXTS).split(_APART)}


def as_text(frame: str | bytes) -> str:
    """Return the frame as text. The compressed rows of the list are unpacked."""
    if isinstance(frame, str):
        return frame
    plain, mark, packed = frame.partition(b"\0x\x9c")
    rows = decompressobj().decompress(mark[1:] + packed) if mark else b""
    return (plain + rows).decode(errors="replace")


_ALL_TEXTS = """() => {
  const found = [document.title, location.href]
  const read = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.value) found.push(String(one.value))
      for (const name of one.getAttributeNames()) found.push(one.getAttribute(name))
      if (one.shadowRoot) { found.push(one.shadowRoot.textContent); read(one.shadowRoot) }
    }
  }
  read(document)
  return found.join("\\0")
}"""

"""French typography, which uses non-breaking spaces and typographic apostrophes."""

import re

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

_BEFORE = re.compile(r" (?=:(?:\s|$)|[;!?%€»])")
_AFTER = re.compile(r"(?<=«) ")
_APOSTROPHE = re.compile(r"(?<=\w)'")


def french(text: str) -> str:
    """Return ``text`` with French typography: ’ and non-breaking spaces.

    Spaces before ; ! ? % € and inside « » become non-breaking. So does the space before a colon
    that is followed by a space or by nothing. Use this function only for texts of the program. A
    text that a person typed is shown as typed.
    """
    text = _BEFORE.sub(NO_BREAK_SPACE, text)
    return _APOSTROPHE.sub("’", _AFTER.sub(NO_BREAK_SPACE, text))

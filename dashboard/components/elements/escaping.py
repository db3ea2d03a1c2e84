"""Escaping of typed text. Escaped text is never read as Markdown, HTML, a link or an icon."""

import re
import unicodedata
from collections.abc import Callable

import pandas as pd

from dashboard.words.typed import visible

# The Unicode blocks of the right-to-left scripts. One regular expression for all blocks is fast
# enough for the thousands of texts of a list.
_MAY_RUN_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")

# Streamlit replaces some sequences after it has parsed Markdown, so HTML entities do not protect
# them. They are icons such as :smile: and :material_home:, addresses that become links, and arrows
# between spaces.
_REPLACED_LATER = re.compile(
    r"(?<=:)(?=[\w+-]+:)"
    r"|(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)"
    r"|(?<=(?<!\S)[-<>~])(?=[-=>]>?(?!\S))",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Return the text escaped for ``st.markdown`` and every other place that reads Markdown.

    Every ASCII punctuation mark becomes an HTML entity. An invisible joiner splits the sequences
    that Streamlit replaces even in escaped text. Line breaks are kept, but empty lines are not.
    """
    parted = _REPLACED_LATER.sub(_JOINER, legible(text))
    escaped = _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", parted)
    lines = [line.strip() for line in escaped.splitlines()]
    return "  \n".join(line for line in lines if line)


def choice(text: str) -> str:
    """Return the text escaped for a pill, a segment or a tab, with a fixed colour.

    Streamlit writes the chosen option in the accent colour. In the dark theme, that colour is
    illegible on the background of the option. The fixed colour is legible whether the option is
    chosen or not.
    """
    return f":gray[{plain(text)}]"


def legible(text: str) -> str:
    """Return the text for ``st.text``, without the characters that hide or reorder letters.

    Right-to-left text is isolated from the text around it.
    """
    kept = visible(text)
    if _MAY_RUN_LEFT.search(kept) and any(
        unicodedata.bidirectional(letter) in ("R", "AL") for letter in kept
    ):
        return f"\u2068{kept}\u2069"
    return kept


def legible_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` for ``st.dataframe``. Its texts and column headings are passed through
    ``legible``.
    """
    return _with_texts(table, legible)


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` for ``st.table``, which reads Markdown. Its texts and column headings are
    escaped.
    """
    return _with_texts(table, plain)


def _with_texts(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def changed(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    return table.map(changed).rename(columns=changed)

"""The escaping of typed text, so that it is never read as Markdown, HTML, a link or an icon."""

import re
import unicodedata

import pandas as pd

from dashboard.words.typed import visible

# The blocks of the right-to-left scripts: a list has thousands of texts to check.
_MAY_RUN_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")

# Streamlit replaces these after Markdown is parsed, so that entities do not protect them: :smile:
# and :material_home:, addresses that become links, arrows that stand alone.
_REPLACED_LATER = re.compile(
    r"(?<=:)(?=[\w+-]+:)"
    r"|(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)"
    r"|(?<=(?<!\S)[-<>~])(?=[-=>]>?(?!\S))",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Return the text for ``st.markdown`` and every other place that reads Markdown.

    Every punctuation mark becomes its entity. An invisible joiner splits sequences that would be
    replaced even then. Line breaks are kept.
    """
    parted = _REPLACED_LATER.sub(_JOINER, legible(text))
    escaped = _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", parted)
    lines = [line.strip() for line in escaped.splitlines()]
    return "  \n".join(line for line in lines if line)


def choice(text: str) -> str:
    """Return the text of a pill, a segment or a tab.

    Streamlit writes the chosen one in the accent colour, which is illegible on its tint in the dark
    theme. So the text has this colour, chosen or not.
    """
    return f":gray[{plain(text)}]"


def legible(text: str) -> str:
    """Return the text for ``st.text``, without characters that hide or reorder letters.

    Text that runs from right to left is isolated from its neighbours.
    """
    kept = visible(text)
    if _MAY_RUN_LEFT.search(kept) and any(
        unicodedata.bidirectional(letter) in ("R", "AL") for letter in kept
    ):
        return f"\u2068{kept}\u2069"
    return kept


def legible_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table for ``st.dataframe`` and ``st.table``, with legible texts and heads."""
    return table.map(_legible_cell).rename(columns=_legible_cell)


def _legible_cell(value: object) -> object:
    return legible(value) if isinstance(value, str) else value

"""What a person typed, shown as it was typed: never as Markdown, HTML, a link or an icon."""

import re
import unicodedata

import pandas as pd

from dashboard.words.typed import visible

# The blocks of the scripts that run from right to left: a list has thousands of texts to ask.
_MAY_RUN_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")

# Streamlit replaces these after Markdown is parsed, so that no entity keeps them from it:
# :smile: and :material_home:, addresses that become links, arrows that stand alone.
_REPLACED_LATER = re.compile(
    r"(?<=:)(?=[\w+-]+:)"
    r"|(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)"
    r"|(?<=(?<!\S)[-<>~])(?=[-=>]>?(?!\S))",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def plain(text: str) -> str:
    """The text for ``st.markdown`` and every other place that reads Markdown.

    Every mark becomes its entity; an unseen joiner parts what would be replaced even then.
    Line breaks stay.
    """
    parted = _REPLACED_LATER.sub(_JOINER, legible(text))
    escaped = _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", parted)
    lines = [line.strip() for line in escaped.splitlines()]
    return "  \n".join(line for line in lines if line)


def choice(text: str) -> str:
    """The text of a pill, a segment or a tab.

    Streamlit writes the chosen one in the accent colour, which cannot be read on its tint in
    the dark theme; so the text has this colour, chosen or not.
    """
    return f":gray[{plain(text)}]"


def legible(text: str) -> str:
    """The text for ``st.text``: without what hides letters or turns their order round.

    Text that runs from right to left is kept apart from its neighbours.
    """
    kept = visible(text)
    if _MAY_RUN_LEFT.search(kept) and any(
        unicodedata.bidirectional(letter) in ("R", "AL") for letter in kept
    ):
        return f"\u2068{kept}\u2069"
    return kept


def legible_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table for ``st.dataframe`` and ``st.table``: its texts and its heads are legible."""
    return table.map(_legible_cell).rename(columns=_legible_cell)


def _legible_cell(value: object) -> object:
    return legible(value) if isinstance(value, str) else value

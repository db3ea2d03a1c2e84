"""The items of the questionnaires of a case.

Each questionnaire is a table with a row for each item and a column for each of its latest
assessments (``LATEST_FORMS``). The background of a cell shows the severity of the answer.
"""

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.clinical.case.case_file import Assessment, CaseFile
from dashboard.clinical.case.item_answers import ItemAnswers, item_answers
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.charts.panel import value_in_words
from dashboard.components.elements.escaping import plain, plain_table
from dashboard.locale import _
from dashboard.locale.formats import day, short_day
from dashboard.words.case.items import item_name
from dashboard.words.case.screening import answers_in_words

ALPHAS = (0.0, 0.15, 0.3, 0.45)
"""The opacities of the background of a cell (0 to 1), from the mildest answer to the worst.

The cell also shows the answer as a number.
"""

SHADE, RISK_SHADE = (11, 107, 124), (143, 20, 80)
"""The colours of the background of a cell: red, green and blue, from 0 to 255.

``SHADE`` is for most items. ``RISK_SHADE`` is for the item on suicide.
"""


def item_tables(case: CaseFile, mark: Callable[[Assessment], str]) -> None:
    """Draw a table for each questionnaire whose items are known in one of its latest assessments.

    ``mark`` returns the word that marks a new or changed assessment, or an empty text for any
    other.
    """
    tables = list(item_answers(case))
    if not tables:
        st.caption(_("No form with its items in this episode."))
    for table in tables:
        _head(table.forms[-1], mark(table.forms[-1]))
        st.table(_shaded(plain_table(_texts(table)), table), hide_index=True)


def _head(form: Assessment, marked: str) -> None:
    if not form.has_severity:
        total = plain(answers_in_words(form.instrument, form.items))
    else:
        total = value_in_words(form)
    prorated = f" ({_('prorated')})" if form.score and form.score.origin == "prorated" else ""
    st.markdown(f"**{plain(form.label)}** · {day(form.taken_on)} · {total}{prorated}{marked}")
    unknown = unknown_risk_item(form)
    if unknown is not None:
        st.caption(
            _(
                "Total without items: item {number} is unknown, which is not an absence of risk.",
                number=unknown,
            )
        )


def unknown_risk_item(form: Assessment) -> int | None:
    """Return the number of the item on suicide if ``form`` was stored without items.

    Return None if ``form`` has items, or if its questionnaire has no item on suicide.
    """
    known = INSTRUMENTS.get(form.instrument)
    return None if known is None or form.items else known.risk_item


def _texts(table: ItemAnswers) -> pd.DataFrame:
    """Return the answers as texts, with a row for each item and a column for each assessment."""
    names = [item_name(table.instrument, place + 1) for place in range(len(table.answers))]
    heads = column_heads(table.days)
    texts = [["–" if one is None else str(one) for one in row] for row in table.answers]
    columns = {head: [row[place] for row in texts] for place, head in enumerate(heads)}
    return pd.DataFrame({_("Item"): names} | columns)


def _shaded(frame: pd.DataFrame, table: ItemAnswers) -> "pd.io.formats.style.Styler":
    shades = pd.DataFrame(
        [
            ["", *(shade_of(table.instrument, place + 1, answer) for answer in row)]
            for place, row in enumerate(table.answers)
        ],
        index=frame.index,
        columns=frame.columns,
    )
    return frame.style.apply(lambda _frame: shades, axis=None)


def shade_of(instrument: str, position: int, answer: int | None) -> str:
    """Return the CSS of a cell. The background is stronger for a worse answer."""
    known = INSTRUMENTS.get(instrument)
    if known is None or not answer or answer < 0:
        return ""
    share = min(answer / known.item_maximum, 1)
    alpha = ALPHAS[max(round(share * (len(ALPHAS) - 1)), 1)]
    red, green, blue = RISK_SHADE if known.risk_item == position else SHADE
    return f"background-color: rgba({red}, {green}, {blue}, {alpha})"


def column_heads(days: Sequence[date]) -> list[str]:
    """Return a column heading for each day. Equal headings are numbered: 18/11 (1), 18/11 (2).

    To save width, a heading has the year only if it differs from the year of the latest day.
    """
    year = max(days).year
    heads = [short_day(on) if on.year == year else day(on) for on in days]
    return [
        head if heads.count(head) == 1 else f"{head} ({heads[: place + 1].count(head)})"
        for place, head in enumerate(heads)
    ]

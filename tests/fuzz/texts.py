"""Inputs that a person or a program may send for a text, a number or a day."""

from datetime import date

from hypothesis import strategies as st

from tests.support.hostile_texts import LONG, SHORT

# Halves of a letter among them: Python has them, and so has JSON.
ANY_LETTER = st.characters(exclude_categories=[])

SHORT_TEXTS = st.one_of(
    st.sampled_from(SHORT),
    st.text(ANY_LETTER, max_size=40),
    st.builds("{}{}".format, st.sampled_from(SHORT), st.sampled_from(SHORT)),
    st.builds("{}\n{}".format, st.text(max_size=20), st.sampled_from(SHORT)),
)
"""Mostly a line: of tests/support/hostile_texts.py, mixed, and whatever Hypothesis makes."""

TEXTS = st.integers(0, 19).flatmap(lambda one: st.sampled_from(LONG) if not one else SHORT_TEXTS)
"""The same, and 100 kB one time in twenty."""

DAYS = st.dates(date.min, date.max) | st.sampled_from([date.min, date.max, date(1900, 2, 28)])

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.sampled_from(["NaN", "-NaN", "Infinity", "1e999", "0x10", "1_000", "١٢", "½", "-0", "1,5"]),
)
"""Texts as people type them."""

CELLS = st.one_of(TEXTS, NUMBERS, DAYS.map(str), st.sampled_from(["0001-01-01", "infinity", "\\N"]))

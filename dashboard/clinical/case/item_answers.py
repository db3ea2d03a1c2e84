"""The answers to each item of a questionnaire, by the day on which it was filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dashboard.clinical.case.case_file import Assessment, CaseFile

LATEST_FORMS = 8
"""The largest number of filled-in questionnaires that are shown side by side. They are the latest
ones.
"""


@dataclass(frozen=True)
class ItemAnswers:
    """The answers to one questionnaire, as a table. It has one row for each item and one column for
    each time that the questionnaire was filled in.

    ``forms`` are the latest filled-in questionnaires, the oldest first. An unknown answer is None.
    """

    instrument: str
    forms: tuple[Assessment, ...]
    answers: tuple[tuple[int | None, ...], ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which the questionnaires were filled in."""
        return tuple(form.taken_on for form in self.forms)


def item_answers(case: CaseFile) -> Iterator[ItemAnswers]:
    """Yield the table of answers of each questionnaire of ``case``. Leave out a questionnaire if
    none of its latest ``LATEST_FORMS`` forms has stored items.
    """
    for code in dict.fromkeys(form.instrument for form in case.assessments if form.items):
        same = [form for form in case.assessments if form.instrument == code]
        forms = tuple(same[-LATEST_FORMS:])
        length = max((len(form.items or ()) for form in forms), default=0)
        if length:
            rows = tuple(tuple(_answer(form, place) for form in forms) for place in range(length))
            yield ItemAnswers(code, forms, rows)


def _answer(form: Assessment, place: int) -> int | None:
    return form.items[place] if form.items and place < len(form.items) else None

"""Texts for questionnaires without a severity, such as the C-SSRS.

Such a questionnaire has no total and no trend. The texts list the questions that were answered yes,
and name each question as the questionnaire does.
"""

from collections.abc import Collection, Sequence

from dashboard.clinical.instruments import INSTRUMENTS, answered_yes, not_answered
from dashboard.locale import _
from dashboard.vocabulary import InstrumentCode

BEHAVIOUR = 6
"""The number of the question of the C-SSRS about suicidal behaviour, counted from 1."""


def answers_in_words(instrument: str, items: Sequence[int | None] | None) -> str:
    """Return the questions that were answered yes, and the questions without an answer.

    Questions answered yes have their number and name. Unanswered questions have only their number.
    """
    return _answers(instrument, items, answered_yes(items))


def answers_in_brief(instrument: str, items: Sequence[int | None] | None) -> str:
    """Return the same as ``answers_in_words``, but name only the gravest of the questions answered
    yes: the highest number and, if question 6 (behaviour) is one, the highest of the others too.
    """
    yes = answered_yes(items)
    return _answers(instrument, items, yes[-2:] if BEHAVIOUR in yes else yes[-1:])


def _answers(instrument: str, items: Sequence[int | None] | None, named: Collection[int]) -> str:
    unanswered = not_answered(instrument, items)
    if len(unanswered) == INSTRUMENTS[instrument].items:
        return _("no answer recorded")
    positive = _positive(instrument, answered_yes(items), named)
    if not unanswered:
        return positive
    return _(
        "{answers}; not answered: {questions}",
        answers=positive,
        questions=", ".join(map(str, unanswered)),
    )


def _positive(instrument: str, questions: Sequence[int], named: Collection[int]) -> str:
    if not questions:
        return _("no question answered yes")
    names = _cssrs_questions() if instrument == InstrumentCode.CSSRS else {}
    said = (
        f"{number} ({names[number]})" if number in names and number in named else str(number)
        for number in questions
    )
    return _("answered yes: {questions}", questions=", ".join(said))


def _cssrs_questions() -> dict[int, str]:
    """Return the names of the C-SSRS items by number. Source of the names: Posner 2011."""
    return {
        1: _("wish to be dead"),
        2: _("non-specific active suicidal thoughts"),
        3: _("suicidal ideation with methods but no plan, without intent to act"),
        4: _("suicidal ideation with some intent to act, without specific plan"),
        5: _("suicidal ideation with specific plan and intent"),
        6: _("suicidal behaviour"),
    }

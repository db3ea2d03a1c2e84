"""The key of the controls for an answer: when the choice begins empty."""

from dataclasses import replace

from dashboard.components.advice.answer_controls import answer_key
from tests.support.export_records import line


def test_the_choice_is_empty_after_an_answer_and_after_the_line_was_sent_again():
    unanswered = line(1, answers=(), read_since_sent=False)
    answered = line(1)
    sent_again = replace(answered, read_since_sent=False)
    assert len({answer_key(one) for one in (unanswered, answered, sent_again)}) == 3

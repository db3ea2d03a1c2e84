"""The controls for an answer: when the choice begins empty, and what is said of a refusal."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from dashboard.clinical.advice.drafts import NotYours
from dashboard.components.advice.answer_controls import answer_key
from tests.support.export_records import line


def test_the_choice_is_empty_after_an_answer_and_after_the_line_was_sent_again():
    unanswered = line(1, answers=(), read_since_sent=False)
    answered = line(1)
    sent_again = replace(answered, read_since_sent=False)
    assert len({answer_key(one) for one in (unanswered, answered, sent_again)}) == 3


def page(shown, give):
    from dashboard.components.advice.answer_controls import answer_controls

    answer_controls(shown, give)


def refuse(*_answer):
    raise NotYours


def test_an_answer_about_a_case_that_is_no_longer_ones_own_is_not_to_be_tried_again():
    shown = line(1, answers=())
    tab = AppTest.from_function(page, args=(shown, refuse)).run()
    tab.segmented_control(key=f"{answer_key(shown)}/outcome").set_value("done").run()
    assert [one.value for one in tab.error] == ["Ce cas n’est plus l’un des vôtres."]

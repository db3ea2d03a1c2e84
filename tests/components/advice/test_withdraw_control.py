"""The button that withdraws a line of advice."""

from streamlit.testing.v1 import AppTest

from dashboard.clinical.advice.drafts import NotYours
from dashboard.components.advice import withdraw_control
from tests.support.export_records import line


def page(shown, withdraw):
    from dashboard.components.advice.withdraw_control import withdraw_control

    withdraw_control(shown, withdraw)


def refuse(*_withdrawal):
    raise NotYours


def test_withdrawing_from_a_case_that_is_no_longer_ones_own_is_not_to_be_tried_again(monkeypatch):
    monkeypatch.setattr(withdraw_control, "held_text", lambda _key, _longest: "Plus voulu.")
    shown = line(1)
    tab = AppTest.from_function(page, args=(shown, refuse)).run()
    tab.button(key=f"withdraw/{shown.id}/withdraw").click().run()
    assert [one.value for one in tab.error] == ["Ce cas n’est plus l’un des vôtres."]

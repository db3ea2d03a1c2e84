"""The text field that keeps its content in the browser."""

from streamlit.testing.v1 import AppTest

from dashboard.components.elements import autosave_text


def page():
    from dashboard.components.elements.autosave_text import live_text

    live_text("Reason", "", key="withdraw/7/reason", longest=200, held=True)


def test_two_people_on_the_same_tab_do_not_share_the_copy_of_a_text(monkeypatch):
    stores = []

    def field(*, data, **_how):
        stores.append(data["store"])
        return {}

    monkeypatch.setattr(autosave_text, "_FIELD", field)
    for person in (1, 2, 1):
        tab = AppTest.from_function(page)
        tab.session_state[autosave_text.AUTHOR] = person
        assert not tab.run().exception
    first, second, first_again = stores
    assert first == first_again != second

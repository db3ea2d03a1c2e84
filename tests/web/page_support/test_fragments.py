"""The fragments of the pages: none lies within another.

Of two nested ones Streamlit can send the output of the inner one without that of the outer one, and
the browser then shows an empty page.
"""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest, local_script_runner

from dashboard.web.auth import sessions
from dashboard.web.shell.navigation import TABLE
from tests.pages.conftest import TODAY, team, visit
from tests.support.factories import at
from tests.web.conftest import ROLE_OF

__all__ = ["team", "visit"]

PAIRS = [
    (username, entry.address)
    for username, role in ROLE_OF.items()
    for entry in TABLE
    if role in entry.roles
]


@pytest.fixture
def messages(monkeypatch):
    """Return the messages that the last page has sent to its browser."""
    sent = []
    parse = local_script_runner.parse_tree_from_messages

    def listen(run):
        sent[:] = run
        return parse(run)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", listen)
    return sent


@pytest.fixture
def everything(team, database):
    """Return a case with a review that nurse and GP are to answer, and the parts to open."""
    case = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    review = database.case_review(case, at(TODAY - timedelta(weeks=2)))
    lines = [
        database.recommendation(case, review, position=position, owner_role=owner)
        for position, owner in enumerate(("nurse", "gp"), start=1)
    ]
    popovers = [f"record/{review}", f"letter/{review}", *(f"inbox/{line}/0" for line in lines)]
    return case, dict.fromkeys(popovers, True) | {f"answer/{lines[0]}/0/outcome": "declined"}


def fragments_by_place(messages):
    """Return the fragment that drew each path on the page."""
    deltas = [one for one in messages if one.WhichOneof("type") == "delta"]
    return {tuple(one.metadata.delta_path): one.delta.fragment_id for one in deltas}


@pytest.mark.parametrize(("username", "address"), PAIRS)
def test_no_fragment_lies_within_another(visit, everything, messages, username, address):
    case, opened = everything
    tab = visit(username, address, episode=case.episode, remembered=opened)
    assert not tab.exception
    drawn_by = fragments_by_place(messages)
    nested = {
        (drawn_by[path[:length]], fragment)
        for path, fragment in drawn_by.items()
        for length in range(1, len(path))
        if drawn_by.get(path[:length]) not in (None, "", fragment)
    }
    assert nested == set()


def test_the_case_of_a_nurse_is_drawn_by_several_fragments(visit, everything, messages):
    case, opened = everything
    visit("roux", "case", episode=case.episode, remembered=opened)
    assert len(set(filter(None, fragments_by_place(messages).values()))) > 1


ENDED_MEANWHILE = """
import streamlit as st
from dashboard.database.security.identity import NotSignedIn
from dashboard.web.auth import rights, sessions
from dashboard.web.page_support.fragments import PageGuard

if "begun" in st.session_state:
    st.write("the page has run again")
    st.stop()
st.session_state["begun"] = True
with PageGuard().still(rights.rights_of(sessions.presented_token(), seen=False), automatic=True):
    raise NotSignedIn
"""


def test_the_page_runs_again_if_the_sign_in_ends_while_a_fragment_is_drawn(people, monkeypatch):
    token = people.token("roux")
    monkeypatch.setattr(sessions, "presented_token", lambda: token)
    tab = AppTest.from_string(ENDED_MEANWHILE, default_timeout=60).run()
    assert not tab.exception
    assert [one.value for one in tab.markdown] == ["the page has run again"]

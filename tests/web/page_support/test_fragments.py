"""What the pages draw by fragments: none lies within another.

Of two that do, Streamlit can send what the inner one has drawn without that of the outer one,
which the browser answers with an empty page.
"""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import local_script_runner

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
    """What the last page has sent to its browser."""
    sent = []
    parse = local_script_runner.parse_tree_from_messages

    def listen(run):
        sent[:] = run
        return parse(run)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", listen)
    return sent


@pytest.fixture
def everything(team, database):
    """A case with a review that nurse and GP are to answer; what is opened on its pages."""
    case = team.case(TODAY - timedelta(weeks=10), family_name="Zwingelstein")
    review = database.case_review(case, at(TODAY - timedelta(weeks=2)))
    lines = [
        database.recommendation(case, review, position=position, owner_role=owner)
        for position, owner in enumerate(("nurse", "gp"), start=1)
    ]
    popovers = [f"record/{review}", f"letter/{review}", *(f"inbox/{line}/0" for line in lines)]
    return case, dict.fromkeys(popovers, True) | {f"answer/{lines[0]}/0/outcome": "declined"}


def fragments_by_place(messages):
    """By its path on the page, the fragment that has drawn it."""
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

"""The letter on the pages: its preview before signing, its opening, its language."""

from datetime import timedelta

import pytest

from dashboard.clinical.advice.drafts import Seen
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.database import acting_as
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.inbox import inbox
from dashboard.web.auth.sessions import start_presenting
from tests.pages.conftest import TODAY, words
from tests.support.factories import at
from tests.support.signing import sign

ENROLLED = TODAY - timedelta(weeks=10)
NEXT_MONTH = TODAY + timedelta(weeks=4)
CONTENT = DraftReview(
    "Réponse *partielle*",
    (DraftLine("a", "other", detail="Agenda du sommeil", owner_role="gp"),),
    next_review_on=NEXT_MONTH,
)


@pytest.fixture
def case(team):
    return team.case(ENROLLED, family_name="Zwingelstein")


@pytest.fixture
def signed(case, team):
    with acting_as(team.psychiatrist) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), CONTENT).draft
        return sign(connection, draft, Seen(), TODAY)


def opened(review_id):
    return {f"letter/{review_id}": True}


def opened_in_inbox(signed, team):
    """Return the state of an inbox in which the line of this review and its letter are open."""
    with acting_as(team.nurse) as connection:
        [received] = inbox(connection, TODAY)
    [line] = received.reviews[0].recommendations
    return {f"inbox/{line.id}/line": True, f"letter/{signed.id}/{line.id}": True}


def codes(tab):
    assert not tab.exception
    return [one.value for one in tab.code]


def downloads(tab):
    return [one.proto.label for one in tab.get("download_button")]


def log(database, action):
    with database.owner().connect() as connection:
        rows = connection.exec_driver_sql("SELECT action FROM review.access_log").scalars().all()
    return rows.count(action)


@pytest.mark.parametrize("username", ["roux", "petit"])
def test_a_letter_is_downloaded_and_copied_from_the_inbox(visit, signed, team, username):
    tab = visit(username, "inbox", remembered=opened_in_inbox(signed, team))
    (plain,) = codes(tab)
    assert "ZWINGELSTEIN Camille" in plain
    assert "Réponse *partielle*" in plain
    assert "1. Agenda du sommeil" in plain
    assert downloads(tab) == ["Download the PDF"]


@pytest.mark.parametrize(
    ("username", "reader"), [("moreau", "Dr Gp"), ("petit", "Dr Gp"), ("roux", "Nurse Claude, IDE")]
)
def test_each_reads_their_own_in_the_case(visit, signed, case, username, reader):
    tab = visit(username, "case", episode=case.episode, remembered=opened(signed.id))
    (plain,) = codes(tab)
    (to,) = [line for line in plain.splitlines() if line.startswith("À\N{NO-BREAK SPACE}: ")]
    assert reader in to


def test_nothing_is_opened_before_somebody_asks(visit, signed, case, database, team):
    for username, page in (("roux", "inbox"), ("petit", "inbox")):
        assert codes(visit(username, page)) == []
    assert codes(visit("moreau", "case", episode=case.episode)) == []
    assert log(database, "letter_opened") == 0
    visit("roux", "inbox", remembered=opened_in_inbox(signed, team))
    assert log(database, "letter_opened") == 1


def test_an_earlier_review_without_a_letter_says_so(visit, case, database):
    review = database.case_review(case, at(TODAY - timedelta(days=7)))
    tab = visit("moreau", "case", episode=case.episode, remembered=opened(review))
    assert "No letter was made with this review." in words(tab)
    assert downloads(tab) == []


def test_no_letter_is_on_a_shared_screen(visit, signed, case, people):
    tab = visit("moreau", "case", episode=case.episode, remembered=opened(signed.id))
    assert codes(tab) != []
    start_presenting()
    assert "No letters while presenting" not in words(tab)
    assert codes(tab.run()) == []
    assert "No letters while presenting" in words(tab)


def test_the_preview_offers_the_letter_and_draws_none_by_itself(visit, case, team, database):
    with acting_as(team.psychiatrist) as connection:
        save_draft(connection, open_draft(connection, case.episode), CONTENT)
    tab = visit("moreau", "case", episode=case.episode)
    [button] = [one for one in tab.button if one.label == "Preview and sign"]
    button.click().run()
    [show] = [one for one in tab.button if one.label == "Show the letter"]
    assert log(database, "letter_previewed") == 0
    show.click().run()
    assert not tab.exception
    assert log(database, "letter_previewed") == 1

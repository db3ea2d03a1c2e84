"""Files that are made at a click: for the connection that asks with the token of their button."""

import pytest

from dashboard.database.audit.client_origin import Origin
from dashboard.web.auth import authorization, rights, sessions
from dashboard.web.page_support import deferred
from dashboard.web.page_support.deferred import NotAllowed
from dashboard.web.server import sockets
from dashboard.web.server.sockets import Socket

HERE = Origin("192.0.2.7", "abc")


@pytest.fixture
def token(people, monkeypatch):
    """Return the token of the nurse for whom the button is drawn."""
    token = people.token("roux")
    monkeypatch.setattr(sessions, "presented_token", lambda: token)
    return token


def file_for(*roles, while_presenting=False):
    """Return a file for these roles, drawn now."""
    return deferred.at_the_click(lambda _one: b"file", roles, while_presenting=while_presenting)


def asked_with(file, *tokens):
    """Return the file, over a connection that presents these tokens."""
    with sockets.answering(Socket(tuple(map(sessions.hash_of, tokens)), HERE)):
        return file.make()


def test_it_is_made_for_the_browser_that_shows_its_button(token):
    assert asked_with(file_for("nurse"), token) == b"file"


def test_it_is_made_for_nobody_who_is_not_signed_in(token):
    with pytest.raises(NotAllowed):
        asked_with(file_for("nurse"))


@pytest.mark.parametrize("username", ["moreau", "petit", "lead", "roux"])
def test_it_is_made_for_no_other_sign_in_not_even_of_the_same_person(people, token, username):
    with pytest.raises(NotAllowed):
        asked_with(file_for("nurse"), people.token(username))


def test_it_is_made_outside_of_no_connection(token):
    with pytest.raises(NotAllowed):
        file_for("nurse").make()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review.sign_in SET ended_at = now()",
        "UPDATE review.account SET locked_at = now()",
        "UPDATE registry.practitioner SET role = 'lead'",
        "UPDATE review.sign_in SET last_seen_at = now() - interval '16 minutes'",
        "UPDATE review.sign_in SET presenting_since = now()",
    ],
)
def test_it_is_made_no_more_after(token, run_as_owner, change):
    file = file_for("nurse")
    run_as_owner(change)
    with pytest.raises(NotAllowed):
        asked_with(file, token)


def test_what_names_nobody_is_made_while_presenting(token, run_as_owner):
    run_as_owner("UPDATE review.sign_in SET presenting_since = now()")
    assert asked_with(file_for("nurse", while_presenting=True), token) == b"file"


def test_a_refusal_is_logged_with_the_address_of_who_asked(token, run_as_owner):
    with pytest.raises(NotAllowed):
        asked_with(file_for("nurse"))
    [row] = run_as_owner(
        "SELECT practitioner_id, address FROM review.access_log WHERE action = 'download_refused'"
    )
    assert (row.practitioner_id, row.address) == (None, HERE.address)


def test_what_a_page_shows_is_handed_over_as_long_as_it_may_show_it(token, run_as_owner):
    with authorization.established(rights.rights_of(token, seen=True)):
        file = deferred.while_shown(lambda: b"letter")
    assert asked_with(file, token) == b"letter"
    run_as_owner("UPDATE review.sign_in SET presenting_since = now()")
    with pytest.raises(NotAllowed):
        asked_with(file, token)

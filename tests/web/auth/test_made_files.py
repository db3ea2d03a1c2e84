"""Files that were made for a sign-in, as another process finds them."""

import pytest

from dashboard.web.auth import made_files, rights
from dashboard.web.auth.made_files import MadeFile

PATH = "/media/0123.pdf"
LETTER = MadeFile("Mme Zwingelstein\nÉpisode".encode(), "application/pdf", "lettre à signer.pdf")


@pytest.fixture
def token(people):
    """Return the token of a nurse for whom the file was made."""
    token = people.token("roux")
    made_files.keep(PATH, token, rights.rights_of(token, seen=True), LETTER)
    return token


def test_the_holder_of_the_token_gets_the_file(token):
    assert made_files.fetch(PATH, token) == LETTER


@pytest.mark.parametrize("username", ["moreau", "petit", "lead", "roux"])
def test_no_other_sign_in_gets_it_not_even_of_the_same_person(token, people, username):
    assert made_files.fetch(PATH, people.token(username)) is None


def test_a_file_of_another_address_is_not_found(token):
    assert made_files.fetch("/media/4567.pdf", token) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review.sign_in SET ended_at = now()",
        "UPDATE review.account SET locked_at = now()",
        "UPDATE registry.practitioner SET role = 'lead'",
        "UPDATE review.sign_in SET presenting_since = now()",
        "UPDATE review.made_file SET made_at = now() - interval '3 minutes'",
        # The ciphertext is bound to its address.
        "UPDATE review.made_file SET path = '/media/4567.pdf'",
    ],
)
def test_it_is_delivered_no_more_after(token, run_as_owner, change):
    run_as_owner(change)
    assert made_files.fetch(PATH, token) is None
    assert made_files.fetch("/media/4567.pdf", token) is None


def test_the_database_cannot_read_it(token, run_as_owner):
    [(sealed,)] = run_as_owner("SELECT sealed FROM review.made_file")
    assert b"Zwingelstein" not in sealed
    assert b"lettre" not in sealed


def test_making_it_again_keeps_one_row_and_the_latest_content(token, run_as_owner):
    latest = MadeFile(b"latest", "text/csv", "a.csv")
    made_files.keep(PATH, token, rights.rights_of(token, seen=True), latest)
    assert made_files.fetch(PATH, token) == latest
    assert run_as_owner("SELECT count(*) FROM review.made_file") == [(1,)]


def test_files_that_nobody_can_fetch_any_more_are_deleted_with_the_next_one(token, run_as_owner):
    run_as_owner("UPDATE review.made_file SET made_at = now() - interval '3 minutes'")
    made_files.keep("/media/4567.pdf", token, rights.rights_of(token, seen=True), LETTER)
    assert run_as_owner("SELECT path FROM review.made_file") == [("/media/4567.pdf",)]


def test_it_is_in_no_wal_and_so_on_no_standby(run_as_owner):
    persistence = run_as_owner(
        "SELECT relpersistence FROM pg_class WHERE oid = 'review.made_file'::regclass"
    )
    assert persistence == [("u",)]

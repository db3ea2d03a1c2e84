"""The report that a patient can ask for."""

from datetime import UTC, datetime

import pytest

from dashboard.clinical.access.accesses import Access
from dashboard.exports.access_report import access_report
from dashboard.locale import speaking

AT = datetime(2026, 11, 24, 14, 4, 5, 678, tzinfo=UTC)


def access(family_name="Roux", given_name="Nadia", role="nurse", why="care"):
    return Access(AT, 2, family_name, given_name, role, "case_opened", why, "192.0.2.1")


def rows(*accesses, language="en"):
    with speaking(language):
        written = access_report(accesses)
    assert written.startswith(b"\xef\xbb\xbf")
    return written.decode("utf-8-sig").split("\r\n")


def test_a_row_says_when_who_in_which_role_what_and_why():
    assert rows(access()) == [
        "When;Professional;Role;What;Why",
        "2026-11-24T15:04:05+01:00;Roux Nadia;nurse;opened the record;of the patient's team",
        "",
    ]


def test_its_heads_are_in_the_readers_language():
    assert rows(language="fr")[0].startswith("Quand;")


def test_an_access_of_no_person_is_the_dashboards_own():
    assert rows(access("", "", None, None))[1].split(";")[1:] == [
        "the dashboard itself",
        "",
        "opened the record",
        "",
    ]


def test_a_report_of_the_latest_accesses_says_so():
    with speaking("en"):
        written = access_report([access()], only_latest=True).decode("utf-8-sig")
    assert written.split("\r\n")[2:] == ["Only the latest accesses are in this file.", ""]


@pytest.mark.parametrize("name", ["=cmd()", "+33", "@sum"])
def test_no_name_is_a_formula(name):
    assert rows(access(name))[1].split(";")[1].startswith("'")

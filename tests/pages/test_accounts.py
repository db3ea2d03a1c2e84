"""The lead's page of accounts: who can sign in, for leads alone."""

import pytest

from dashboard.database.schema import registry
from tests.pages.conftest import TODAY, words


@pytest.fixture
def newcomer(database, team):
    """Return a nurse of the site without an account, beside a team that has patients."""
    team.case(TODAY)
    nurse = database.practitioner(
        "nurse", "Zola", given_name="Anne", secure_email="zola@mss.example"
    )
    database.add(registry.practitioner_site, practitioner_id=nurse, site_id=team.site)
    return nurse


def test_lead_reads_who_can_sign_in(visit, newcomer):
    said = words(visit("lead", "accounts"))
    assert "Zola Anne** · nurse · no account" in said
    assert "nurse · roux · active" in said


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_page_is_closed_to_the_care_team(visit, newcomer, username):
    assert "no account" not in words(visit(username, "accounts"))

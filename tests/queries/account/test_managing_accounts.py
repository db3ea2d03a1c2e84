"""A lead changes the accounts of the care teams of their own sites, and nobody else's."""

import pytest

from dashboard.calendar import today
from dashboard.clinical.accounts import ChangeNotPossible
from dashboard.database import acting_as, administering, serving
from dashboard.database.schema import registry
from dashboard.queries.account.managed_accounts import accounts_of_my_sites
from dashboard.queries.account.managing_accounts import (
    change_account,
    change_account_as_owner,
    people_to_invite,
)
from dashboard.vocabulary import AccountAction, AccountState
from dashboard.web.auth import sessions
from dashboard.web.auth.sign_in import admit
from tests.web.conftest import PASSWORD, people, quick_hashes, run_as_owner

__all__ = ["people", "quick_hashes", "run_as_owner"]

HERE = "192.0.2.1"


@pytest.fixture
def lead(database, people):
    """Return the lead of the team's site alone."""
    lead = database.practitioner("lead", "Mbaye")
    at_site(database, lead, people.team.site)
    for practitioner in (people.team.nurse, people.team.gp):
        at_site(database, practitioner, people.team.site)
    people.team.case(today())
    return lead


def at_site(database, practitioner, site):
    database.add(registry.practitioner_site, practitioner_id=practitioner, site_id=site)


def change(lead, practitioner, action):
    with acting_as(lead) as connection:
        change_account(connection, practitioner, AccountAction(action))


def states(lead):
    with acting_as(lead) as connection:
        return {one.person.id: one.state for one in accounts_of_my_sites(connection)}


def newcomer(database, people, **values):
    """Return a nurse of the site who has no account."""
    usual = {"given_name": "Anne-Sophie", "secure_email": "l@mss.example"}
    family_name = values.pop("family_name", "Lopez")
    nurse = database.practitioner("nurse", family_name, **usual | values)
    at_site(database, nurse, people.team.site)
    return nurse


def test_the_care_team_is_in_the_order_of_the_alphabet_whatever_the_accents(lead, database, people):
    for name in ("Arnaud", "Aït Ouali", "Étienne", "Zola"):
        newcomer(database, people, family_name=name)
    with acting_as(lead) as connection:
        names = [one.person.family_name for one in accounts_of_my_sites(connection)]
    assert [name for name in names if name[0] in "AÉZ"] == [
        "Aït Ouali",
        "Arnaud",
        "Étienne",
        "Zola",
    ]


def test_lead_sees_the_care_team_of_the_site_and_no_lead(lead, people):
    assert states(lead) == dict.fromkeys(
        (people.team.psychiatrist, people.team.nurse, people.team.gp), AccountState.ACTIVE
    )


@pytest.mark.parametrize("role", ["psychiatrist", "nurse", "gp"])
def test_nobody_but_a_lead_sees_or_changes_accounts(people, lead, role):
    reader = getattr(people.team, role)
    assert states(reader) == {}
    with pytest.raises(ChangeNotPossible):
        change(reader, people.team.gp, "lock")


@pytest.mark.parametrize("action", list(AccountAction))
def test_account_of_another_site_or_of_a_lead_cannot_be_changed(database, lead, people, action):
    elsewhere = database.practitioner("nurse", "Loin")
    at_site(database, elsewhere, database.site(name="CMS du Lac"))
    for practitioner in (elsewhere, people.lead, lead):
        with pytest.raises(ChangeNotPossible):
            change(lead, practitioner, action)


def test_invited_person_gets_an_account_without_a_password(database, people, lead, run_as_owner):
    nurse = newcomer(database, people)
    assert states(lead)[nurse] is AccountState.NONE
    change(lead, nurse, "invite")
    assert states(lead)[nurse] is AccountState.INVITED
    ((username, password_hash),) = run_as_owner(
        "SELECT username, password_hash FROM review.account WHERE practitioner_id = :id", id=nurse
    )
    assert (username, password_hash) == ("anne-sophie.lopez", None)
    assert admit("anne-sophie.lopez", "", HERE) is None


def test_second_person_of_a_name_gets_a_username_with_a_number(
    database, people, lead, run_as_owner
):
    for _ in range(2):
        change(lead, newcomer(database, people), "invite")
    usernames = run_as_owner("SELECT username FROM review.account WHERE username ~ 'lopez'")
    assert {row.username for row in usernames} == {"anne-sophie.lopez", "anne-sophie.lopez2"}


def test_inviting_again_makes_the_first_invitation_void(database, people, lead, run_as_owner):
    nurse = newcomer(database, people)
    change(lead, nurse, "invite")
    change(lead, nurse, "invite")
    voided = run_as_owner(
        "SELECT voided_at IS NULL AS open FROM review.account_notice ORDER BY made_at"
    )
    assert [row.open for row in voided] == [False, True]


def test_invitation_that_was_not_used_expires(database, people, lead, run_as_owner):
    nurse = newcomer(database, people)
    change(lead, nurse, "invite")
    run_as_owner("UPDATE review.account_notice SET expires_at = now() - interval '1 second'")
    assert states(lead)[nurse] is AccountState.EXPIRED


def test_person_with_a_password_cannot_be_invited(lead, people):
    with pytest.raises(ChangeNotPossible):
        change(lead, people.team.nurse, "invite")


def test_locking_ends_the_sign_ins_and_unlocking_keeps_the_password(lead, people):
    token = people.token("roux")
    change(lead, people.team.nurse, "lock")
    assert states(lead)[people.team.nurse] is AccountState.LOCKED
    with serving() as connection:
        assert sessions.holder(connection, token) is None
    change(lead, people.team.nurse, "unlock")
    assert admit("roux", PASSWORD, HERE)


@pytest.mark.parametrize("action", ["lock", "reset_password", "reset_second_factor", "invite"])
def test_locked_account_can_only_be_unlocked(lead, people, action):
    change(lead, people.team.nurse, "lock")
    with pytest.raises(ChangeNotPossible):
        change(lead, people.team.nurse, action)


def test_reset_password_is_void_at_once_and_cannot_be_chosen_again(lead, people, run_as_owner):
    token = people.token("roux")
    change(lead, people.team.nurse, "reset_password")
    assert admit("roux", PASSWORD, HERE) is None
    with serving() as connection:
        assert sessions.holder(connection, token) is None
    ((kept,),) = run_as_owner(
        "SELECT cardinality(old_password_hashes) FROM review.account WHERE username = 'roux'"
    )
    assert kept == 1


def test_removing_the_second_factor_keeps_the_password(database, lead, people, run_as_owner):
    run_as_owner(
        "INSERT INTO review.second_factor (practitioner_id, secret, last_step, recovery_hashes)"
        " VALUES (:id, 'x', 0, '{}')",
        id=people.team.nurse,
    )
    change(lead, people.team.nurse, "reset_second_factor")
    assert run_as_owner("SELECT 1 FROM review.second_factor") == []
    assert admit("roux", PASSWORD, HERE)


def test_each_change_is_on_the_access_log_with_who_made_it(lead, people, run_as_owner):
    change(lead, people.team.nurse, "lock")
    logged = run_as_owner(
        "SELECT practitioner_id, detail FROM review.access_log WHERE action = 'account_changed'"
    )
    assert [(row.practitioner_id, row.detail) for row in logged] == [
        (lead, {"account": people.team.nurse, "change": "lock"})
    ]


def test_role_and_rights_are_not_changed_by_any_change(database, people, lead, run_as_owner):
    roles = "SELECT id, role FROM registry.practitioner ORDER BY id"
    nurse = newcomer(database, people)
    before = run_as_owner(roles)
    for action in ("invite", "lock", "unlock"):
        change(lead, nurse, action)
    assert run_as_owner(roles) == before


def test_owner_invites_everybody_of_a_site_who_has_an_address_and_no_account(
    database, people, lead
):
    nurse = newcomer(database, people)
    newcomer(database, people, secure_email=None)
    newcomer(database, people, active=False)
    with administering(database.owner_url) as connection:
        assert people_to_invite(connection, people.team.site) == [nurse]
        change_account_as_owner(connection, nurse, AccountAction.INVITE)
        assert people_to_invite(connection, people.team.site) == []


def test_person_who_has_left_cannot_be_invited(database, people):
    gone = newcomer(database, people, active=False)
    with administering(database.owner_url) as connection, pytest.raises(ChangeNotPossible):
        change_account_as_owner(connection, gone, AccountAction.INVITE)

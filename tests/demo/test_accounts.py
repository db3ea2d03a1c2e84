"""The accounts of the demonstration."""

import pytest

from dashboard.demo.accounts import demonstration_accounts

pytestmark = pytest.mark.thorough


def test_there_is_one_account_for_each_role(synthetic):
    accounts = demonstration_accounts(synthetic)
    assert [account.role for account in accounts] == ["psychiatrist", "nurse", "gp", "lead"]


def test_usernames_are_plain_and_differ(synthetic):
    usernames = [account.username for account in demonstration_accounts(synthetic)]
    assert len(set(usernames)) == 4
    assert all(name.isascii() and name == name.lower() for name in usernames)


def test_psychiatrist_nurse_and_gp_share_open_episodes(synthetic):
    psychiatrist, nurse, gp, _ = demonstration_accounts(synthetic)
    shared = synthetic.exec_driver_sql(
        "SELECT count(*), count(*) FILTER (WHERE gp_id = %s) FROM registry.episode"
        " WHERE status <> 'closed' AND psychiatrist_id = %s AND nurse_id = %s",
        (gp.practitioner_id, psychiatrist.practitioner_id, nurse.practitioner_id),
    ).one()
    assert shared[0] >= 60
    assert shared[1] >= 8


def test_the_lead_watches_all_sites(synthetic):
    lead = demonstration_accounts(synthetic)[-1]
    assert not synthetic.exec_driver_sql(
        "SELECT 1 FROM registry.practitioner_site WHERE practitioner_id = %s",
        (lead.practitioner_id,),
    ).all()


def test_an_empty_registry_has_no_accounts(database):
    with database.owner().connect() as connection:
        assert demonstration_accounts(connection) == []

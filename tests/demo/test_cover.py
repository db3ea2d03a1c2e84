"""The demonstration's psychiatrist has a colleague's list to show beside their own."""

import pytest

from dashboard.database.schema.review import cover
from dashboard.demo.accounts import demonstration_accounts
from dashboard.demo.cover import add_demonstration_cover
from tests.demo.conftest import AS_OF

pytestmark = pytest.mark.thorough


def covers(connection):
    attempt = connection.begin_nested()
    add_demonstration_cover(connection, AS_OF)
    rows = connection.execute(cover.select()).mappings().all()
    attempt.rollback()
    return [{name: value for name, value in row.items() if name != "created_at"} for row in rows]


def test_its_psychiatrist_covers_another_one_today_and_for_a_while(synthetic):
    [psychiatrist, *_] = demonstration_accounts(synthetic)
    [one] = covers(synthetic)
    assert one["covering_id"] == psychiatrist.practitioner_id
    role = "SELECT role FROM registry.practitioner WHERE id = %s"
    assert synthetic.exec_driver_sql(role, (one["covered_id"],)).scalar() == "psychiatrist"
    assert one["covered_id"] != one["covering_id"]
    assert one["starts_on"] < AS_OF < one["ends_on"]
    patients = "SELECT count(*) FROM registry.episode WHERE psychiatrist_id = %s"
    assert synthetic.exec_driver_sql(patients, (one["covered_id"],)).scalar() > 100


def test_the_same_registry_and_day_give_the_same_cover(synthetic):
    assert covers(synthetic) == covers(synthetic)


def test_in_an_empty_registry_nobody_is_covered(database):
    with database.owner().begin() as connection:
        add_demonstration_cover(connection, AS_OF)
        assert connection.execute(cover.select()).all() == []

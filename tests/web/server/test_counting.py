"""The counts for medical leads beside the pages, and by the command for cron."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from datetime import date

import pytest

from dashboard import calendar
from dashboard.database import acting_as
from dashboard.queries.sites.counting import Done, count_a_nurse, count_all, count_some_sites
from dashboard.queries.sites.counts_age import Freshness, freshness
from dashboard.settings import settings
from dashboard.web.server import asgi
from dashboard.web.server.counting import Counter, start_counting

TODAY = calendar.today()


@pytest.fixture
def lead(database):
    """Return a lead of all sites: two have an open episode each, ten more have none."""
    for _ in range(2):
        database.team().case(date(2026, 1, 5))
    for number in range(10):
        database.site(name=f"MSP {number}")
    return database.practitioner("lead")


def seen_by(lead: int) -> Freshness:
    with acting_as(lead) as connection:
        return freshness(connection)


def until(reached, seconds=20):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def open_episodes(database) -> int:
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(
            "SELECT coalesce(sum(open_episodes), 0) FROM review.exact_work"
        ).scalar_one()


def test_every_site_is_counted_in_the_background_and_then_it_stops(lead, database):
    counter = start_counting(every=600)
    until(lambda: seen_by(lead).counted == 12)
    counter.stop()
    assert not counter.thread.is_alive()
    assert open_episodes(database) == 2
    assert seen_by(lead).as_of == TODAY


def test_what_is_counted_is_left_alone_until_it_is_an_hour_old(lead, run_as_owner):
    start_counting(every=600).stop()
    until(lambda: count_some_sites(TODAY) == 0)
    run_as_owner(
        "UPDATE review.site_counted SET counted_at = now() - interval '61 minutes'"
        " WHERE site_id = (SELECT min(site_id) FROM review.site_counted)"
    )
    assert count_some_sites(TODAY) == 1
    assert count_some_sites(TODAY) == 0


def test_it_looks_again(lead, database):
    counter = start_counting(every=0.1)
    until(lambda: seen_by(lead).counted == 12)
    database.site(name="MSP du Bois")
    until(lambda: seen_by(lead).counted == 13)
    counter.stop()


def test_a_database_that_is_away_does_not_end_it_and_is_not_told_about(lead, run_as_owner, caplog):
    count_sites = "review.count_sites(date, integer, interval)"
    run_as_owner(f"ALTER FUNCTION {count_sites} RENAME TO gone")
    counter = start_counting(every=0.05)
    until(lambda: caplog.records)
    run_as_owner(
        f"ALTER FUNCTION {count_sites.replace('count_sites', 'gone')} RENAME TO count_sites"
    )
    until(lambda: seen_by(lead).counted == 12)
    counter.stop()
    assert {record.getMessage() for record in caplog.records} == {"Counting: ProgrammingError"}


def test_what_another_server_has_in_hand_is_left_alone(lead, database):
    count_all(TODAY)
    with database.owner().begin() as other:
        other.exec_driver_sql(
            "SELECT FROM review.site_counted"
            " WHERE site_id = (SELECT min(site_id) FROM review.site_counted) FOR UPDATE"
        )
        other.exec_driver_sql(
            "SELECT FROM review.nurse_counted"
            " WHERE nurse_id = (SELECT min(nurse_id) FROM review.nurse_counted) FOR UPDATE"
        )
        assert count_all(TODAY) == Done(sites=11, nurses=1)
    assert count_all(TODAY) == Done(sites=12, nurses=2, protected=12)


def test_a_nurse_whose_counting_was_broken_off_is_taken_again_after_the_lease(
    lead, run_as_owner, monkeypatch
):
    monkeypatch.setattr("dashboard.queries.sites.counting.count_tiers", broken)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            count_a_nurse(TODAY)
    monkeypatch.undo()
    assert count_a_nurse(TODAY) == 0
    run_as_owner("UPDATE review.nurse_counted SET claimed_at = claimed_at - interval '11 minutes'")
    assert count_a_nurse(TODAY) == 1


def broken(*_arguments):
    raise RuntimeError


def test_a_site_that_is_not_in_the_registry_any_more_is_forgotten(lead, database, run_as_owner):
    count_all(TODAY)
    run_as_owner("UPDATE registry.episode SET site_id = (SELECT min(id) FROM registry.site)")
    run_as_owner(
        "DELETE FROM registry.site WHERE id = (SELECT id FROM registry.site"
        " WHERE name = 'MSP du Parc' ORDER BY id DESC LIMIT 1)"
    )
    count_all(TODAY)
    assert (seen_by(lead).counted, open_episodes(database)) == (11, 2)


@pytest.mark.parametrize("told", [True, False])
def test_a_server_that_is_told_not_to_count_does_not(monkeypatch, tmp_path, told):
    monkeypatch.setenv("CASE_REVIEW_BACKGROUND_COUNTING", str(told))
    monkeypatch.setattr(Counter, "_count_what_is_due", lambda self: None)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()

    async def counters():
        async with asgi._counting():
            return [thread for thread in threading.enumerate() if thread.name == "counting"]

    assert len(asyncio.run(counters())) == told
    assert all(thread.name != "counting" for thread in threading.enumerate())
    settings.cache_clear()


def test_the_command_for_cron_counts_whatever_its_age(lead, database, tmp_path):
    count_some_sites(TODAY)
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "summarise"],
        cwd=tmp_path,
        env=os.environ | {"CASE_REVIEW_DATABASE_URL": database.app_url, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Sites counted: 12. Nurses: 2.\n", "")
    assert seen_by(lead).waiting == 0
